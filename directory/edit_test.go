package directory

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"lotse/internal/fault"
	"lotse/internal/store"
	"lotse/internal/testenv"
)

// What a person changes stands above the imports that follow; what they leave as
// it was goes on following its source.
func TestEditStandsAboveImports(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		s := testService(t, db)
		importText(t, s, twins)
		id, before := CentreID("b", "9"), s.Revision()
		err := s.Edit(t.Context(), "account", id, func(e *Entry) error {
			e.Venue.Phones, e.Venue.Email = []Phone{{Number: "0221 777777"}}, ""
			e.Venue.Areas = []Area{{Kind: AreaNationwide}}
			e.Location.Postcode, e.Location.City = "04109", "Leipzig"
			return nil
		})
		if err != nil || s.Revision() <= before {
			t.Fatal(err)
		}
		importText(t, s, twins)
		importText(t, s, "source,source_id,name,operator,street,plz,city,state,phone,email,topics,catchment_plz,fees\n"+
			"b,9,Neuer Name,Träger e. V.,Hauptstr. 12,50667,Köln,Nordrhein-Westfalen,0221 1,rat@example.org,schulden,50668,\n")
		c, err := s.Centre(id)
		if err != nil || c.Phone != "0221 777777" || c.Email != "" || !c.Nationwide || c.Name != "Neuer Name" || c.Fees != "" ||
			c.Postcode != "04109" || c.State != "Sachsen" || c.Lat < 51.2 {
			t.Errorf("%+v, %v", c, err)
		}
		e, err := s.Entry(t.Context(), id)
		if err != nil || e.Venue.Origins.Of("phones").By != ByHand || e.Offer.Origins.Of("name").By != "csv" {
			t.Errorf("%+v, %v", e, err)
		}
	})
}

func TestEditKeepsStatesAndSecrets(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		s := testService(t, db)
		importText(t, s, twins)
		id := CentreID("a", "1")
		refused := errors.New("refused")
		if err := s.Edit(t.Context(), "account", id, func(e *Entry) error { e.Offer.Name = "x"; return refused }); !errors.Is(err, refused) {
			t.Error(err)
		}
		if err := s.Edit(t.Context(), "account", "nobody", func(*Entry) error { return nil }); !errors.Is(err, fault.NotFound) {
			t.Error(err)
		}
		err := s.Edit(t.Context(), "account", id, func(e *Entry) error {
			e.Venue.State, e.Location.Type = Review, Protected
			return nil
		})
		if _, gone := s.Centre(id); err != nil || !errors.Is(gone, fault.NotFound) {
			t.Errorf("an entry in review is shown: %v, %v", err, gone)
		}
		importText(t, s, twins)
		e, err := s.Entry(t.Context(), id)
		if err != nil || e.Venue.State != Review || e.Location.Type != Protected || e.Location.Street+e.Location.Postcode+e.Location.City != "" {
			t.Errorf("%+v, %v", e, err)
		}
		var n int
		if err := db.QueryRow(t.Context(), `SELECT count(*) FROM directory_change WHERE before LIKE '%Haupt%'`).Scan(&n); err != nil || n > 0 {
			t.Errorf("%d rows of history, %v", n, err)
		}
	})
}

// A catchment has a history like every fact: who changed it is told, and what a
// person did to it can be taken back. Then it follows its source again.
func TestCatchmentIsTakenBack(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		s, id := testService(t, db), CentreID("a", "1")
		importText(t, s, twins)
		importText(t, s, strings.Replace(twins, "50667,\n", "50672,\n", 1))
		edit := func(e *Entry) error { e.Venue.Areas = []Area{Postcodes("50674", "50679")}; return nil }
		if err := s.Edit(t.Context(), "account", id, edit); err != nil {
			t.Fatal(err)
		}
		steps, err := s.History(t.Context(), id)
		steps = slices.DeleteFunc(steps, func(step Step) bool { return step.Fact != areasFact })
		if err != nil || len(steps) != 2 || steps[0].Author != "account" || steps[1].Author != "csv" || !strings.Contains(steps[1].Before, "50667") {
			t.Fatalf("%+v, %v", steps, err)
		}
		back := func(change string) error {
			return db.Transact(t.Context(), func(tx *store.Tx) error { return s.TakeBackIn(t.Context(), tx, "lead", id, change) })
		}
		if err := back(steps[1].ID); !errors.Is(err, fault.Conflict) {
			t.Errorf("overtaken: %v", err)
		}
		if err := back(steps[0].ID); err != nil {
			t.Fatal(err)
		}
		if e, err := s.Entry(t.Context(), id); err != nil || strings.Join(Stated(e.Venue.Areas), ";") != "50672" || e.Venue.Origins[areasFact].By != "" {
			t.Errorf("%v, %v", e.Venue.Areas, err)
		}
		again := importText(t, s, strings.Replace(twins, "50667,\n", "50670,\n", 1))
		if again.Changed != 1 || !strings.Contains(again.Diff[0].Changes[0].After, "50670") {
			t.Errorf("the file does not count again: %+v", again.Diff)
		}
	})
}

// Once a person protects a place, its address is nowhere: not in the entry's texts
// and history, not in what shares the place or was merged into it, and no import
// brings it back.
func TestProtectingForgetsTheAddressEverywhere(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		s, id := testService(t, db), CentreID("a", "1")
		const rows = "source,source_id,name,operator,street,plz,city,state,description,topics\n" +
			"a,1,Haus,Träger e.V.,Geheimweg 12,50667,Köln,Nordrhein-Westfalen,Im Hof von Geheimweg 12,schulden\n" +
			"b,9,Haus zwei,Träger e.V.,Geheimweg 12,50667,Köln,Nordrhein-Westfalen,Neben Geheimweg 12,schulden\n"
		importText(t, s, rows)
		if _, err := s.Merge(t.Context(), "account", id, CentreID("b", "9")); err != nil {
			t.Fatal(err)
		}
		if err := s.Edit(t.Context(), "account", id, func(e *Entry) error { e.Offer.Alert = "Geheimweg 12 wird umgebaut"; return nil }); err != nil {
			t.Fatal(err)
		}
		if err := s.Edit(t.Context(), "account", id, func(e *Entry) error { e.Protect(); return nil }); err != nil {
			t.Fatal(err)
		}
		nowhere := func() {
			t.Helper()
			for _, table := range []string{"directory_provider", "directory_offer", "directory_location", "directory_centre"} {
				var n int
				if err := db.QueryRow(t.Context(), `SELECT count(*) FROM `+table+` WHERE facts LIKE '%Geheim%' OR facts LIKE '%50667%' OR source_id LIKE '%Geheim%'`).Scan(&n); err != nil || n > 0 {
					t.Errorf("%d rows of %s, %v", n, table, err)
				}
			}
			var n int
			if err := db.QueryRow(t.Context(), `SELECT count(*) FROM directory_change WHERE before LIKE '%Geheim%' OR after LIKE '%Geheim%'`).Scan(&n); err != nil || n > 0 {
				t.Errorf("%d rows of history, %v", n, err)
			}
		}
		nowhere()
		importText(t, s, strings.Replace(rows, "Im Hof", "Wieder im Hof", 1))
		importText(t, s, strings.Replace(rows, "description", "waiting", 1))
		nowhere()
		e, err := s.Entry(t.Context(), id)
		if err != nil || e.Location.Type != Protected || e.Offer.Description != "Im Hof von …" || !strings.HasPrefix(e.Offer.Waiting, "Im Hof von …") {
			t.Errorf("%+v, %v", e, err)
		}
	})
}
