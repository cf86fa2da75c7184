package check

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"lotse/internal/store"
	"lotse/internal/testenv"
)

// told answers what the test says, and remembers what it was asked.
type told struct {
	says  map[string]Reason
	asked []string
}

func (a *told) Try(_ context.Context, link string) Reason {
	a.asked = append(a.asked, link)
	return a.says[link]
}

func testService(t *testing.T, db *store.DB, links []string, says map[string]Reason) (*Service, *told) {
	t.Helper()
	s := New(Options{DB: db, Log: testenv.Log(t), Links: func() []string { return links }})
	a := &told{says: says}
	s.prober = func() asker { return a }
	return s, a
}

// age moves all results into the past, as if days went by.
func age(t *testing.T, s *Service, days int) {
	t.Helper()
	known, err := s.all(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for link, state := range known {
		day, _ := time.Parse(time.DateOnly, state.Struck)
		struck := ""
		if !day.IsZero() {
			struck = day.AddDate(0, 0, -days).Format(time.DateOnly)
		}
		if _, err := s.DB.Exec(t.Context(), `UPDATE directory_link SET tried_at = $1, struck = $2 WHERE link = $3`,
			state.Tried.AddDate(0, 0, -days), struck, link); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRoundsOverDays(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		s, a := testService(t, db, []string{"good", "bad", "bad", ""}, map[string]Reason{"bad": Missing})
		for day := range 3 {
			age(t, s, 1)
			for range 2 { // the second round of a day has nothing to do
				if err := s.round(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			state := results(t, s, "bad")["bad"]
			if state.Strikes != day+1 || state.Broken(db.Now()) != (day == 2) {
				t.Errorf("day %d: %+v", day, state)
			}
		}
		if want := []string{"bad", "good", "bad", "bad"}; !slices.Equal(a.asked, want) {
			t.Errorf("asked for %v", a.asked)
		}
		age(t, s, 1)
		a.says = nil
		if err := s.round(t.Context()); err != nil {
			t.Fatal(err)
		}
		if state := results(t, s, "bad")["bad"]; state.Strikes != 0 || state.Good.IsZero() {
			t.Errorf("recovered: %+v", state)
		}
	})
}

func results(t *testing.T, s *Service, links ...string) map[string]State {
	t.Helper()
	found, err := s.Results(t.Context(), links)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestADeadLineBlamesNobody(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		s, a := testService(t, db, []string{"a", "b"}, nil)
		if err := s.round(t.Context()); err != nil {
			t.Fatal(err)
		}
		age(t, s, 8)
		a.says = map[string]Reason{"a": NoName, "b": NoAnswer}
		if err := s.round(t.Context()); err != nil {
			t.Fatal(err)
		}
		for link, state := range results(t, s, "a", "b") {
			if state.Strikes != 0 {
				t.Errorf("%s: %+v", link, state)
			}
		}
		a.says = map[string]Reason{"a": NoName}
		if err := s.round(t.Context()); err != nil {
			t.Fatal(err)
		}
		if found := results(t, s, "a", "b"); found["a"].Strikes != 1 || found["b"].Strikes != 0 {
			t.Errorf("got %+v", found)
		}
	})
}

func TestOneNodeHasTheTurn(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		first, _ := testService(t, db, []string{"a"}, nil)
		second, asked := testService(t, db, []string{"a"}, nil)
		if mine, err := first.takeTurn(t.Context()); err != nil || !mine {
			t.Fatal(mine, err)
		}
		if mine, err := first.takeTurn(t.Context()); err != nil || !mine {
			t.Fatal("a turn is renewed:", mine, err)
		}
		if err := second.round(t.Context()); err != nil || len(asked.asked) != 0 {
			t.Fatalf("two nodes ask: %v, %v", asked.asked, err)
		}
		if _, err := db.Exec(t.Context(), `UPDATE directory_turn SET ends_at = $1`, db.Now().Add(-time.Second)); err != nil {
			t.Fatal(err)
		}
		if err := second.round(t.Context()); err != nil || len(asked.asked) != 1 {
			t.Fatalf("a lost node keeps the turn: %v, %v", asked.asked, err)
		}
		if mine, err := first.takeTurn(t.Context()); err != nil || !mine {
			t.Error("the turn was not given back:", mine, err)
		}
	})
}

func TestResultsGoWithTheirLinks(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		var links []string
		for i := range 450 {
			links = append(links, fmt.Sprint("link", i))
		}
		s, a := testService(t, db, links, nil)
		for range 3 {
			if err := s.round(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if len(a.asked) != 450 || len(results(t, s, links...)) != 450 {
			t.Errorf("%d asked, %d known", len(a.asked), len(results(t, s, links...)))
		}
		s.Links = func() []string { return links[:1] }
		if err := s.round(t.Context()); err != nil {
			t.Fatal(err)
		}
		if found := results(t, s, links...); len(found) != 1 {
			t.Errorf("%d results for one link", len(found))
		}
	})
}
