package feedback

import (
	"errors"
	"strings"
	"testing"
	"time"

	"lotse/internal/fault"
	"lotse/internal/store"
	"lotse/internal/testenv"
)

func TestReportIsKeptListedAndSettled(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		s := New(db, testenv.Log(t))
		for _, text := range []string{"first", "  second\x00 \xff "} {
			if err := s.Leave(t.Context(), Report{Page: "chat?topic=debt", Language: "de", Text: text, Contact: "a@b.example"}); err != nil {
				t.Fatal(err)
			}
		}
		reports, err := s.List(t.Context(), 10)
		if err != nil || len(reports) != 2 {
			t.Fatalf("got %d reports, %v", len(reports), err)
		}
		newest := reports[0]
		if newest.Text != "second \uFFFD" && newest.Text != "first" || newest.Page != "chat" || newest.Contact != "a@b.example" {
			t.Errorf("got %+v", newest)
		}
		if err := s.Settle(t.Context(), newest.ID); err != nil {
			t.Fatal(err)
		}
		if err := s.Settle(t.Context(), newest.ID); !errors.Is(err, fault.NotFound) {
			t.Errorf("settled twice: %v", err)
		}
	})
}

func TestWrongReportNamesItsFields(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		s := New(db, testenv.Log(t))
		for _, c := range []struct {
			report      Report
			field, code string
		}{
			{Report{Text: " \n"}, "text", "feedback_empty"},
			{Report{Text: strings.Repeat("ä", MaxText+1)}, "text", "feedback_long"},
			{Report{Text: "x", Contact: strings.Repeat("x", MaxContact+1)}, "contact", "contact_long"},
		} {
			err := s.Leave(t.Context(), c.report)
			f, ok := errors.AsType[*fault.Error](err)
			if !ok || f.Kind != fault.Invalid || f.Fields[c.field] != c.code {
				t.Errorf("got %v, want %s=%s", err, c.field, c.code)
			}
		}
		if reports, _ := s.List(t.Context(), 10); len(reports) != 0 {
			t.Errorf("kept %d wrong reports", len(reports))
		}
	})
}

func TestOldReportsAreForgotten(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		s := New(db, testenv.Log(t))
		for i, age := range []time.Duration{Keep + time.Hour, Keep - time.Hour} {
			_, err := db.Exec(t.Context(), `INSERT INTO feedback (id, at, page, language, text, contact) VALUES ($1, $2, '', 'de', 'x', '')`,
				[]string{"old", "young"}[i], db.Now().Add(-age))
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Forget(t.Context()); err != nil {
			t.Fatal(err)
		}
		reports, err := s.List(t.Context(), 10)
		if err != nil || len(reports) != 1 || reports[0].ID != "young" {
			t.Errorf("got %+v, %v", reports, err)
		}
	})
}
