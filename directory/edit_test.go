package directory

import (
	"errors"
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
