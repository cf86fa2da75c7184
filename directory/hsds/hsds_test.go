package hsds

import (
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lotse/directory"
	"lotse/directory/hsds/hsdstest"
	"lotse/internal/bus"
	"lotse/internal/fault"
	"lotse/internal/store"
	"lotse/internal/testenv"
)

func service(t testing.TB, db *store.DB) *directory.Service {
	t.Helper()
	topics, err := os.Open("../../configs/topics.toml")
	if err != nil {
		t.Fatal(err)
	}
	defer topics.Close()
	taxonomy, err := directory.ParseTaxonomy(topics)
	if err != nil {
		t.Fatal(err)
	}
	places, err := directory.ReadPlaces(strings.NewReader("plz,place,state,lat,lon,kreis,ags5\n50667,Köln,Nordrhein-Westfalen,50.94,6.95,Kreisfreie Stadt Köln,05315\n"))
	if err != nil {
		t.Fatal(err)
	}
	return directory.New(directory.Options{DB: db, Bus: bus.NewMemory(), Log: slog.New(slog.DiscardHandler), Taxonomy: taxonomy, Places: places})
}

func label(topic string) string { return "Thema " + topic }

func lists(s *directory.Service) Lists { return Lists{Directory: s, Label: label} }

const own = `source,source_id,name,operator,umbrella,kind,street,plz,city,state,lat,lon,coord_precision,phone,email,url,topics,target,opening_hours,opening_hint,catchment_plz,min_age,max_age,documents,next_steps,channels,languages,accessibility,walk_in,anonymous,free,assured,licence,location_type,description,alert
a,1,Beratung,Träger e.V.,Verband,Beratungsstelle,Weg 1,50667,Köln,Nordrhein-Westfalen,50.94,6.95,address,0221 100;0221 101,rat@example.org,example.org,schulden;sucht,Frauen,Mo-Fr 09:00-12:00; PH off,letzter Einlass 11 Uhr,50667-50670;ags:05315;nationwide,18,27,Ausweis,Anrufen;Kommen,on_site;chat,de;tr,step_free,1,1,1,2026-01-02,CC0-1.0,,Text,Umzug
a,2,Online,,,,,,,,,,,,,,schulden,,,,,,,,,,,,,,,,CC-BY-4.0,virtual,,
a,3,Frauenhaus Musterstadt,Träger e.V.,,,Geheimweg 77,50667,Köln,Nordrhein-Westfalen,50.9411,6.9522,address,0221 300,haus@example.org,,gewalt,,24/7,,,,,,,,,,,,,,CC0-1.0,,Kommen Sie nicht ohne Anruf in den Geheimweg 77,
a,4,Nach Absprache,Träger e.V.,,,Weg 4,50667,Köln,Nordrhein-Westfalen,,,,,,,schulden,,nach Vereinbarung,,,,,,,,,,,,,,ODbL-1.0,,,
`

func imported(t *testing.T, db *store.DB, text string, o directory.ImportOptions) *directory.Service {
	t.Helper()
	s := service(t, db)
	if _, err := s.Import(t.Context(), strings.NewReader(text), o); err != nil {
		t.Fatal(err)
	}
	return s
}

// Every object and every page that goes out validates, with formats.
func TestObjectsValidate(t *testing.T) {
	v := hsdstest.SchemasOf(filepath.Join(hsdstest.Pack(t), "hsds-3.0", "compiled"))
	parts := hsdstest.SchemasOf(filepath.Join(hsdstest.Pack(t), "hsds-3.0", "schema"))
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		s := imported(t, db, own, directory.ImportOptions{})
		check := func(schema *hsdstest.Schemas, name string, o any) {
			t.Helper()
			if wrong := schema.Problems(t, name, o); wrong != "" {
				text, _ := json.MarshalIndent(o, "", " ")
				t.Errorf("%s: wrong at\n%s\n%s", name, wrong, text)
			}
		}
		n := 0
		for o, err := range lists(s).Stream(t.Context(), Services, directory.Selection{}, Full) {
			if err != nil {
				t.Fatal(err)
			}
			check(v, "service.json", o)
			n++
		}
		for o, err := range lists(s).Stream(t.Context(), AtLocations, directory.Selection{}, Full) {
			if err != nil {
				t.Fatal(err)
			}
			check(v, "service_at_location.json", o)
			n++
		}
		for o, err := range lists(s).Stream(t.Context(), Organizations, directory.Selection{}, Full) {
			if err != nil {
				t.Fatal(err)
			}
			check(v, "organization.json", o)
			n++
		}
		if n != 4+4+1 {
			t.Errorf("%d objects", n)
		}
		page, err := lists(s).Page(t.Context(), Services, directory.Selection{}, Listing, 1, 2)
		if err != nil || page.TotalItems != 4 || page.TotalPages != 2 || page.Size != 2 || !page.FirstPage || page.LastPage || page.Empty {
			t.Errorf("%+v, %v", page, err)
		}
		for _, o := range page.Contents {
			check(v, "service_list.json", o)
		}
		places, err := lists(s).Page(t.Context(), AtLocations, directory.Selection{}, Listing, 2, 3)
		if err != nil || places.Size != 1 || !places.LastPage {
			t.Errorf("%+v, %v", places, err)
		}
		check(v, "service_at_location_list.json", places.Contents[0])
		providers, err := lists(s).Page(t.Context(), Organizations, directory.Selection{}, Listing, 1, 10)
		if err != nil || providers.TotalItems != 1 {
			t.Errorf("%+v, %v", providers, err)
		}
		check(v, "organization_list.json", providers.Contents[0])
		check(parts, "taxonomy.json", Taxonomy())
		check(parts, "taxonomy_term.json", Term("schulden", label))
	})
}

// What goes out comes in again as the same.
func TestRoundTripOfOwnEntries(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		s := imported(t, db, own, directory.ImportOptions{})
		var lines strings.Builder
		for o, err := range lists(s).Stream(t.Context(), Services, directory.Selection{Topic: "sucht"}, Full) {
			if err != nil {
				t.Fatal(err)
			}
			text, err := json.Marshal(o)
			if err != nil {
				t.Fatal(err)
			}
			lines.Write(append(text, '\n'))
		}
		other := service(t, testenv.Migrated(t, testenv.SQLite(t)))
		if _, err := other.Import(t.Context(), strings.NewReader(lines.String()), directory.ImportOptions{}); err != nil {
			t.Fatal(err)
		}
		want, got := s.Listed(directory.Selection{Topic: "sucht"}), other.Listed(directory.Selection{Topic: "sucht"})
		if len(want) != 1 || len(got) != 1 {
			t.Fatalf("%d and %d centres", len(want), len(got))
		}
		a, b := *want[0], *got[0]
		a.Source, a.SourceID, a.Updated, b.Source, b.SourceID = "", "", b.Updated, "", ""
		a.Kind = ""
		for i := range b.Phones {
			b.Phones[i].ID = ""
		}
		if diff := cmp.Diff(a, b); diff != "" {
			t.Error(diff)
		}
	})
}

// The examples of the specification come in and go out equal. Without leave to
// keep the names of persons only those are missing.
func TestExamplesRoundTrip(t *testing.T) {
	dir := filepath.Join(hsdstest.Pack(t), "hsds-3.0", "examples")
	tests := []struct {
		file string
		out  func(*testing.T, *directory.Service) Object
	}{
		{"service_full.json", func(t *testing.T, s *directory.Service) Object {
			return one(t, lists(s).Stream(t.Context(), Services, directory.Selection{}, Full))
		}},
		{"service_at_location_full.json", func(t *testing.T, s *directory.Service) Object {
			return one(t, lists(s).Stream(t.Context(), AtLocations, directory.Selection{}, Full))
		}},
		{"organization_full.json", func(t *testing.T, s *directory.Service) Object {
			return one(t, lists(s).Stream(t.Context(), Organizations, directory.Selection{}, Full))
		}},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(dir, tt.file))
			if err != nil {
				t.Fatal(err)
			}
			want := hsdstest.ReadJSON(t, filepath.Join(dir, tt.file))
			s := imported(t, testenv.Migrated(t, testenv.SQLite(t)), string(text), directory.ImportOptions{KeepPersons: true})
			if diff := cmp.Diff(want, hsdstest.Decoded(t, tt.out(t, s))); diff != "" {
				t.Error(diff)
			}
			stripped := imported(t, testenv.Migrated(t, testenv.SQLite(t)), string(text), directory.ImportOptions{})
			out, err := json.Marshal(tt.out(t, stripped))
			if err != nil || strings.Contains(string(out), "Persona") || !strings.Contains(string(out), "Reception Manager") {
				t.Errorf("%s, %v", out, err)
			}
		})
	}
}

func one(t *testing.T, all func(func(Object, error) bool)) Object {
	t.Helper()
	var found []Object
	for o, err := range all {
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, o)
	}
	if len(found) != 1 {
		t.Fatalf("%d objects", len(found))
	}
	return found[0]
}

// The mock sets of the British validator get the verdicts they are made for: the
// set Fail is refused for a mail address without @ and a relative address.
func TestMockSets(t *testing.T) {
	dir := hsdstest.Pack(t)
	v := hsdstest.SchemasOf(filepath.Join(dir, "hsds-uk-3.0", "compiled"))
	for set, want := range map[string]string{"Default": "", "Test": "", "Warn": "", "Fail": "/email\n/url"} {
		name := filepath.Join(dir, "oruk-mocks", "V3.0-UK-"+set, "service_full.json")
		if got := v.Problems(t, "service.json", hsdstest.ReadJSON(t, name)); sorted(got) != want {
			t.Errorf("%s: wrong at %q, want %q", set, got, want)
		}
		s := service(t, testenv.Migrated(t, testenv.SQLite(t)))
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		report, err := s.Import(t.Context(), strings.NewReader(string(text)), directory.ImportOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if bad := report.Codes["email_dropped"] + report.Codes["url_dropped"] + report.Codes["url_scheme_added"]; (bad > 0) != (want != "") {
			t.Errorf("%s: the import reports %v", set, report.Codes)
		}
	}
}

func sorted(lines string) string {
	list := strings.Split(lines, "\n")
	if len(list) > 1 && list[0] > list[1] {
		list[0], list[1] = list[1], list[0]
	}
	return strings.Join(list, "\n")
}

// The foreign data of a mock server and a tabular package come in.
func TestForeignData(t *testing.T) {
	dir := hsdstest.Pack(t)
	s := service(t, testenv.Migrated(t, testenv.SQLite(t)))
	report, err := s.ImportPackage(t.Context(), os.DirFS(filepath.Join(dir, "hsds-3.0", "examples", "csv")), directory.ImportOptions{})
	if err != nil || report.Created != 1 || report.Rejected != 0 {
		t.Errorf("package: %+v, %v", report, err)
	}
	names, err := filepath.Glob(filepath.Join(dir, "mock-api", "service*", "*.json"))
	if err != nil || len(names) == 0 {
		t.Fatalf("%v, %v", names, err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if report, err := s.Import(t.Context(), strings.NewReader(string(text)), directory.ImportOptions{}); err != nil || report.Rejected != 0 {
			t.Errorf("%s: %+v, %v", name, report, err)
		}
	}
}

// Pages cut the list without gaps, also beyond its end, and the selection says
// what is in it.
func TestPagesAndSelections(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		s := imported(t, db, own, directory.ImportOptions{})
		var whole, cut []string
		for o, err := range lists(s).Stream(t.Context(), Services, directory.Selection{}, Minimal) {
			if err != nil || len(o) != 2 || o["last_modified"] == nil {
				t.Fatalf("%v, %v", o, err)
			}
			whole = append(whole, o["id"].(string))
		}
		for n := 1; ; n++ {
			page, err := lists(s).Page(t.Context(), Services, directory.Selection{}, Minimal, n, 3)
			if err != nil {
				t.Fatal(err)
			}
			if page.Empty {
				break
			}
			for _, o := range page.Contents {
				cut = append(cut, o["id"].(string))
			}
		}
		if diff := cmp.Diff(whole, cut); diff != "" || len(whole) != 4 {
			t.Error(diff)
		}
		now := db.Now()
		for _, tt := range []struct {
			chosen directory.Selection
			want   int
		}{
			{directory.Selection{Topic: "schulden"}, 3}, {directory.Selection{Postcode: "50668"}, 1}, {directory.Selection{Text: "beratung köln"}, 1},
			{directory.Selection{Licences: []string{"ODbL-1.0"}}, 1}, {directory.Selection{ModifiedAfter: now.Add(time.Minute)}, 0},
			{directory.Selection{ModifiedAfter: now.Add(-time.Hour)}, 4}, {directory.Selection{Near: &directory.Circle{Lat: 50.94, Lon: 6.95, Metres: 5}}, 2},
			{directory.Selection{Near: &directory.Circle{Lat: 50.9411, Lon: 6.9522, Metres: 150}}, 0},
		} {
			page, err := lists(s).Page(t.Context(), AtLocations, tt.chosen, Minimal, 1, 100)
			if err != nil || page.TotalItems != tt.want {
				t.Errorf("%+v: %d, %v, want %d", tt.chosen, page.TotalItems, err, tt.want)
			}
		}
		if o, err := lists(s).One(t.Context(), Services, whole[0]); err != nil || o["id"] != whole[0] || o["service_at_locations"] == nil {
			t.Errorf("%v, %v", o, err)
		}
		if _, err := lists(s).One(t.Context(), Organizations, "nobody"); !errors.Is(err, fault.NotFound) {
			t.Error(err)
		}
	})
}
