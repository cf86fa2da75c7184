package directory

import (
	"os"
	"strings"
	"testing"

	"lotse/internal/store"
	"lotse/internal/testenv"
)

// Centres from before the model keep their ids, topics, catchments and texts,
// and the next import of their source finds them.
func TestCentresFromBeforeTheModel(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		exec := func(query string, args ...any) {
			t.Helper()
			if _, err := db.Exec(t.Context(), query, args...); err != nil {
				t.Fatal(err)
			}
		}
		exec(oldTables(t, "centre"))
		exec(oldTables(t, "centre_topic"))
		exec(oldTables(t, "catchment"))
		id := CentreID("demo", "2")
		exec(`INSERT INTO centre VALUES ($1, 'demo', '2', 'Beispielstelle "Mitte"', 'Träger', 'Beratungsstelle', 'Weg 1', '50667', 'Köln',
			'Nordrhein-Westfalen', 50.94, 6.95, 'address', '0221 1', 'a@example.org', 'https://example.org', 'alle', 'Mo 09:00-10:00', 'Text', 'CC0-1.0',
			TRUE, $2)`, id, db.Now())
		exec(`INSERT INTO centre_topic VALUES ($1, 'schulden')`, id)
		exec(`INSERT INTO catchment VALUES ($1, '50441', '51149')`, id)
		move(t, db)
		c := onlyCentre(t, db)
		if c.ID != id || c.Name != `Beispielstelle "Mitte"` || c.Operator != "Träger" || c.Phone != "0221 1" || !c.Active || !c.Serves("schulden") ||
			c.OpeningHours != "Mo 09:00-10:00" || c.Lat != 50.94 || len(c.Catchment) != 1 || c.Target != "alle" || c.Licence != "CC0-1.0" {
			t.Errorf("%+v", c)
		}
		s := testService(t, db)
		importFile(t, s, "testdata/centres.csv")
		if again, err := s.Centre(id); err != nil || again.Name != "Beispielstelle Mitte" || again.OfferID == id {
			t.Errorf("after the import: %+v, %v", again, err)
		}
	})
}

// oldTables returns the statement of migration 4 that makes a table.
func oldTables(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../internal/store/migrations/0004_directory.sql")
	if err != nil {
		t.Fatal(err)
	}
	for statement := range strings.SplitSeq(string(text), ";") {
		if strings.Contains(statement, "CREATE TABLE "+name+" (") {
			return strings.ReplaceAll(statement, "TIMESTAMPTZ", "TIMESTAMP")
		}
	}
	t.Fatalf("no table %s", name)
	return ""
}

func move(t *testing.T, db *store.DB) {
	t.Helper()
	text, err := os.ReadFile("../internal/store/migrations/0011_directory_move." + string(db.Engine()) + ".sql")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(t.Context(), string(text)); err != nil {
		t.Fatal(err)
	}
}

func onlyCentre(t *testing.T, db *store.DB) *Centre {
	t.Helper()
	centres, err := readCentres(t.Context(), db, testPlaces(t))
	if err != nil || len(centres) != 1 {
		t.Fatalf("%d centres, %v", len(centres), err)
	}
	return centres[0]
}
