package directory

import (
	"encoding/csv"
	"maps"
	"slices"
	"strings"
	"testing"

	"lotse/directory/intake"
	"lotse/internal/testenv"
)

// fullRow has a value for every column of Lotse's own format.
var fullRow = map[string]string{
	"source": "x", "source_id": "1", "name": "Beratung", "operator": "Träger", "umbrella": "Verband", "kind": "Beratungsstelle",
	"location_type": "physical", "street": "Weg 1", "plz": "50667", "city": "Köln", "district": "Kreisfreie Stadt Köln", "ags": "05315",
	"state": "Nordrhein-Westfalen", "lat": "50.94", "lon": "6.95", "coord_precision": "plz", "phone": "0221 1;0221 2",
	"email": "rat@example.org", "url": "https://example.org", "topics": "schulden;sucht", "target": "Frauen;Männer", "min_age": "14", "max_age": "27",
	"fees": "nichts", "free": "1", "application": "anrufen", "documents": "Ausweis;Bescheid", "next_steps": "kommen;reden", "alert": "Umzug",
	"status": "temporarily closed", "opening_hours": "Mo 10:00-11:00", "opening_hint": "klingeln", "channels": "on_site;phone",
	"languages": "de;tr", "accessibility": "step_free;Rampe im Hof", "walk_in": "1", "anonymous": "1", "capacity": "2/16",
	"booking": "https://example.org/termin", "catchment_plz": "ags:05315;nationwide;50667-50670", "assured": "2026-01-02", "description": "Text",
	"licence": "CC0-1.0", "fax": "0221 9", "eligibility": "wohnt hier", "interpreter": "auf Anfrage", "transport": "Bus 5", "waiting": "zwei Wochen",
}

// table writes a header and one row.
func table(t *testing.T, head []string, value func(column string) string) string {
	t.Helper()
	row := make([]string, len(head))
	for i, name := range head {
		row[i] = value(name)
	}
	var b strings.Builder
	w := csv.NewWriter(&b)
	if err := w.WriteAll([][]string{head, row}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// asCSV imports a text into an empty directory and writes it as CSV.
func asCSV(t *testing.T, text string, o intake.Options) string {
	t.Helper()
	s := testService(t, testenv.Migrated(t, testenv.SQLite(t)))
	s.Places = must(ReadPlaces(strings.NewReader("plz,place,state,lat,lon,kreis,ags5\n50667,Köln,Nordrhein-Westfalen,50.94,6.95,Kreisfreie Stadt Köln,05315\n")))
	if _, err := s.Import(t.Context(), strings.NewReader(text), ImportOptions{Options: o}); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := WriteCSV(&b, s.Public(t.Context(), s.Listed(Selection{}))); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What goes out comes in again as the same, a fax as a fax, and no column of a
// full entry is empty.
func TestCSVComesInAgain(t *testing.T) {
	full := table(t, CSVColumns(), func(name string) string {
		if fullRow[name] == "" {
			t.Errorf("nothing in %s", name)
		}
		return fullRow[name]
	})
	if got := asCSV(t, full, intake.Options{}); got != full {
		t.Errorf("%s\nwant\n%s", got, full)
	}
	s := testService(t, testenv.Migrated(t, testenv.SQLite(t)))
	importText(t, s, full)
	if c, err := s.Centre(CentreID("x", "1")); err != nil || len(c.Phones) != 3 || c.Phones[2].Type != "fax" || c.Phones[0].Type != "" {
		t.Errorf("%+v, %v", c, err)
	}
}

// A file whose columns have names of its own brings all that they hold.
func TestMapReachesEveryColumn(t *testing.T) {
	own := table(t, CSVColumns(), func(name string) string { return fullRow[name] })
	columns := map[string]string{}
	for _, name := range CSVColumns()[1:] {
		columns[name] = "Spalte " + name
	}
	theirs := table(t, slices.Sorted(maps.Values(columns)), func(name string) string { return fullRow[strings.TrimPrefix(name, "Spalte ")] })
	want := asCSV(t, own, intake.Options{})
	if got := asCSV(t, theirs, intake.Options{Source: "x", Map: columns}); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// A map that names a column which is not there refuses the file.
func TestMapOfUnknownColumns(t *testing.T) {
	s := testService(t, testenv.Migrated(t, testenv.SQLite(t)))
	for _, name := range []string{"mapped.csv", "geo.json"} {
		for _, columns := range []map[string]string{{"telefon": "ORT"}, {"city": "ORTE"}, {"source": "ORT"}} {
			o := ImportOptions{Options: intake.Options{Source: "liste", Map: columns}}
			if _, err := s.Import(t.Context(), strings.NewReader(fixture(t, name)), o); refusedAs(err) != "map_unknown_column" {
				t.Errorf("%s, %v: %v", name, columns, err)
			}
		}
	}
	fits := ImportOptions{Options: intake.Options{Map: map[string]string{"hidden": "LEISTUNGEN", "contact": "ANSPRECHPARTNER"}}, DryRun: true}
	if _, err := s.Import(t.Context(), strings.NewReader(fixture(t, "geo.json")), fits); err != nil {
		t.Error(err)
	}
}
