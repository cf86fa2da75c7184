package directory

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"lotse/directory/intake"
	"lotse/internal/fault"
	"lotse/internal/store"
	"lotse/internal/testenv"
)

// badPlaces knows the Kreise too, so that a point can lie outside its own.
const badPlaces = `plz,place,state,lat,lon,kreis,ags5
01067,Dresden,Sachsen,51.0547,13.7269,Dresden,14612
50667,Köln,Nordrhein-Westfalen,50.9387,6.9547,Köln,05315
50668,Köln,Nordrhein-Westfalen,50.95,6.96,Köln,05315
53111,Bonn,Nordrhein-Westfalen,50.7402,7.0985,Bonn,05314
`

func badService(t *testing.T, db *store.DB) *Service {
	t.Helper()
	s := testService(t, db)
	places, err := ReadPlaces(strings.NewReader(badPlaces))
	if err != nil {
		t.Fatal(err)
	}
	s.Places = places
	return s
}

// A file with one flaw in each row: each flaw has its code, and no row is lost.
func TestImportNamesEachFlaw(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		s := badService(t, db)
		report := importFile(t, s, "testdata/bad.csv")
		got := map[int]string{}
		for _, f := range report.Findings {
			codes := slices.DeleteFunc(slices.Clone(f.Codes), func(c string) bool {
				return c == "state_from_postcode" || c == "coordinates_from_postcode"
			})
			if len(codes) > 0 || f.Outcome == Rejected {
				got[f.Line] = fmt.Sprint(f.Outcome, " ", strings.Join(codes, ","))
			}
		}
		want := map[int]string{
			3: "repaired range_inverted", 4: "repaired range_dropped", 5: "imported postcode_unknown", 6: "repaired postcode_not_in_city",
			7: "repaired coordinates_zero", 8: "repaired coordinates_outside_district", 9: "repaired coordinates_abroad",
			10: "repaired coordinates_centroid", 11: "repaired coordinates_swapped", 12: "repaired coordinates_unreadable",
			13: "repaired url_scheme_added", 14: "repaired url_dropped", 15: "repaired url_dropped", 16: "repaired email_first_taken",
			17: "repaired email_dropped", 18: "repaired phone_dropped", 19: "repaired postcode_leading_zero", 20: "repaired topic_unknown",
			21: "rejected duplicate", 22: "repaired id_shared", 23: "rejected name_missing", 24: "rejected id_missing", 25: "rejected csv_syntax",
		}
		for line := range 26 {
			if got[line] != want[line] {
				t.Errorf("line %d: %q, want %q", line, got[line], want[line])
			}
		}
		if report.Rows != 24 || report.Rejected != 4 || report.Created != 20 {
			t.Errorf("%d rows, %d rejected, %d new", report.Rows, report.Rejected, report.Created)
		}
		if c, err := s.Centre(CentreID("bad", "half")); err != nil || len(c.Areas) != 1 || c.Areas[0].Low != "50668" {
			t.Errorf("half a range is taken: %+v, %v", c.Areas, err)
		}
		if again := importFile(t, s, "testdata/bad.csv"); again.Created+again.Changed > 0 {
			t.Errorf("once more: %d new, %d changed", again.Created, again.Changed)
		}
	})
}

// Names of contact persons stay out unless they are asked for.
func TestImportStripsPersons(t *testing.T) {
	const service = `[{"id":"7e9b5c6e-7d0c-4f5b-9a55-9c7c5f9f4b01","name":"Beratung","status":"active",
		"contacts":[{"id":"7e9b5c6e-7d0c-4f5b-9a55-9c7c5f9f4b02","name":"Erika Muster","email":"erika@b.example"}]}]`
	for keep, want := range map[bool]int{false: 1, true: 0} {
		s := testService(t, testenv.Migrated(t, testenv.SQLite(t)))
		report, err := s.Import(t.Context(), strings.NewReader(service), ImportOptions{KeepPersons: keep})
		if err != nil || report.Codes["persons_stripped"] != want {
			t.Errorf("%+v, %v", report, err)
		}
		e, err := s.Entry(t.Context(), "7e9b5c6e-7d0c-4f5b-9a55-9c7c5f9f4b01")
		if err != nil || strings.Contains(fmt.Sprint(e.Offer.Extra), "Erika") != keep {
			t.Errorf("keep %v: %v, %v", keep, e.Offer.Extra, err)
		}
	}
}

// A file that is cut anywhere is refused whole, or says of every line that it has
// what became of it. Nothing is half imported.
func TestImportOfCutFiles(t *testing.T) {
	whole, err := os.ReadFile("testdata/bad.csv")
	if err != nil {
		t.Fatal(err)
	}
	quoted := `source,source_id,name,plz,city
x,1,"Eine, Stelle",50667,"Köln"
x,2,"Zwei
Zeilen",50667,"Köln"
x,3,"Drei ""und"" vier",50667,"Köln"
`
	s := badService(t, testenv.Migrated(t, testenv.SQLite(t)))
	for name, file := range map[string]string{"plain": string(whole), "quoted": quoted} {
		head := strings.IndexByte(file, '\n') + 1
		for at := head; at < len(file); at += 1 + len(file)/400 {
			cut := file[:at]
			report, err := s.Import(t.Context(), strings.NewReader(cut), ImportOptions{DryRun: true})
			if refusedAs(err) == "file_cut" && name == "quoted" {
				continue
			}
			if err != nil {
				t.Fatalf("%s cut at %d: %v", name, at, err)
			}
			lines := strings.Count(strings.TrimSuffix(cut[head:], "\n"), "\n") + 1
			if at == head {
				lines = 0
			}
			if name == "quoted" && strings.Contains(cut, "Zeilen\"") {
				lines--
			}
			if report.Rows != lines || report.Imported+report.Repaired+report.Rejected != lines {
				t.Errorf("%s cut at %d: %d rows for %d lines", name, at, report.Rows, lines)
			}
		}
	}
}

func refusedAs(err error) string {
	if e, ok := errors.AsType[*fault.Error](err); ok {
		return e.Fields["file"]
	}
	return ""
}

// A quotation mark that nobody closes does not swallow the rest of the file
// without a word.
func TestImportOfLostQuotes(t *testing.T) {
	const head = "source,source_id,name,plz,city\n"
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		s := badService(t, db)
		_, err := s.Import(t.Context(), strings.NewReader(head+"x,1,Eins,50667,Köln\nx,2,\"Zwei,50667,Köln\nx,3,Drei,50667,Köln\n"), ImportOptions{})
		if refusedAs(err) != "file_cut" || snapshot(t, s) != "" {
			t.Errorf("never closed: %v", err)
		}
		report, err := s.Import(t.Context(), strings.NewReader(head+
			"x,1,\"Eins,50667,Köln\nx,2,\"Zwei\",50667,Köln\nx,3,Drei,50667,Köln\nx,4,Vi\"er,50667,Köln\nx,5,Fünf,50667,Köln\n"), ImportOptions{})
		const want = "2 rejected csv_syntax\n3 rejected csv_syntax\n4 repaired\n5 rejected csv_syntax\n6 repaired\n"
		var got strings.Builder
		for _, f := range report.Findings {
			fmt.Fprintf(&got, "%d %s", f.Line, f.Outcome)
			if f.Outcome == Rejected {
				got.WriteString(" " + strings.Join(f.Codes, ","))
			}
			got.WriteString("\n")
		}
		if err != nil || got.String() != want {
			t.Errorf("%v\n%swant\n%s", err, got.String(), want)
		}
	})
}

// A package with a broken table is refused whole; ids that stand twice are one
// entry, and the report says so.
func TestImportOfBrokenPackages(t *testing.T) {
	good := map[string]string{}
	for _, name := range must(filepath.Glob("testdata/intake/package/*.csv")) {
		good[filepath.Base(name)] = string(must(os.ReadFile(name)))
	}
	packageWith := func(name, text string) fstest.MapFS {
		folder := fstest.MapFS{}
		for file, content := range maps.All(good) {
			folder[file] = &fstest.MapFile{Data: []byte(content)}
		}
		folder[name] = &fstest.MapFile{Data: []byte(text)}
		return folder
	}
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		s := testService(t, db)
		for what, folder := range map[string]fstest.MapFS{
			"csv_unreadable": packageWith("phones.csv", good["phones.csv"]+"\"cut in the midd"),
			"row_too_long":   packageWith("phones.csv", "id,number\n1,"+strings.Repeat("1", intake.MaxRow+(1<<20))+"\n"),
		} {
			if _, err := s.ImportPackage(t.Context(), folder, ImportOptions{}); refusedAs(err) != what {
				t.Errorf("%v, want %s", err, what)
			}
		}
		if got := snapshot(t, s); got != "" {
			t.Errorf("left behind: %s", got)
		}
		_, row, _ := strings.Cut(good["services.csv"], "\n")
		report, err := s.ImportPackage(t.Context(), packageWith("services.csv", good["services.csv"]+row), ImportOptions{})
		if err != nil || report.Rows != 2 || report.Created != 1 || report.Codes["duplicate"]+report.Codes["merged_with_same_id"] != 1 {
			t.Errorf("%+v, %v", report, err)
		}
	})
}

// Rows of a package that lead to no entry are told, each with what is wrong.
func TestImportOfLoosePackages(t *testing.T) {
	folder := fstest.MapFS{}
	for name, more := range map[string]string{
		"organizations.csv":       "a1,Other,\nd9d5e0f5-d3ce-4f73-9a2f-4dd0ecc6c611,Twice,\n",
		"locations.csv":           "3a19ff88-4620-4d17-9830-ac1d859eb5d6,virtual\n",
		"service_at_location.csv": "b1,nobody,3a19ff88-4620-4d17-9830-ac1d859eb5d6\nb2,s2,nowhere\n",
		"services.csv":            "s2,d9d5e0f5-d3ce-4f73-9a2f-4dd0ecc6c611,Lost,active\n",
		"addresses.csv":           "", "phones.csv": "",
	} {
		folder[name] = &fstest.MapFile{Data: []byte(fixture(t, "package/"+name) + more)}
	}
	const want = `2 repaired hsds/e94c9f38-1e8f-4564-91d4-d53501ab1766 coordinates_from_postcode
3 rejected hsds/3a19ff88-4620-4d17-9830-ac1d859eb5d6 duplicate
4 rejected hsds/d9d5e0f5-d3ce-4f73-9a2f-4dd0ecc6c611 duplicate
3 rejected hsds/a1 provider_without_offer
3 rejected hsds/b1 service_unknown
4 rejected hsds/b2 location_unknown
`
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		s := testService(t, db)
		report, err := s.ImportPackage(t.Context(), folder, ImportOptions{})
		var got strings.Builder
		for _, f := range report.Findings {
			fmt.Fprintf(&got, "%d %s %s %s\n", f.Line, f.Outcome, f.Subject, strings.Join(f.Codes, ","))
		}
		if err != nil || got.String() != want || report.Rows != 6 || report.Created != 1 {
			t.Errorf("%v, %d rows, %d new\n%s", err, report.Rows, report.Created, got.String())
		}
		const first = "Addiction advice|Example e.V.|Weg 7|50667|Köln|0221 900|||||"
		if got := firstImported(t, s, report); got != first {
			t.Errorf("%s\nwant\n%s", got, first)
		}
	})
}

// Several files one behind the other are read to the end, and whatever else
// follows refuses all of them.
func TestImportOfJoinedFiles(t *testing.T) {
	list, geo := fixture(t, "selbsthilfe.json"), fixture(t, "geo.json")
	page := `{"contents": [` + fixture(t, "hsds.json") + `]}`
	for name, file := range map[string]string{"list": list, "geo": geo, "page": page} {
		s := badService(t, testenv.Migrated(t, testenv.SQLite(t)))
		one, err := s.Import(t.Context(), strings.NewReader(file), ImportOptions{DryRun: true})
		two, err2 := s.Import(t.Context(), strings.NewReader(file+"\n"+file), ImportOptions{DryRun: true})
		if err != nil || err2 != nil || one.Rows == 0 || two.Rows != 2*one.Rows {
			t.Errorf("%s: %d rows, twice %d, %v, %v", name, one.Rows, two.Rows, err, err2)
		}
		for _, rest := range []string{" <html>", " ]", " {}", " 7"} {
			if _, err := s.Import(t.Context(), strings.NewReader(file+rest), ImportOptions{}); refusedAs(err) != "json_invalid" {
				t.Errorf("%s followed by%s: %v", name, rest, err)
			}
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Words of a list become what the filters look for; what is no such word stays.
func TestImportOfWords(t *testing.T) {
	const head = "source,source_id,name,plz,city,state,languages,accessibility,catchment_plz\n"
	for _, c := range []struct{ row, languages, marks, state, codes string }{
		{`NRW,"Deutsch, Türkisch / Farsi und Englisch","barrierefrei, Behinderten-WC",land:NRW`, "[de tr fa en]", "[step_free toilet]", "Nordrhein-Westfalen", "words_coded,land_named"},
		{`de-nw,de;gsg;DGS,"rollstuhlgerecht;Rampe, rechts",`, "[de gsg]", "[step_free Rampe, rechts]", "Nordrhein-Westfalen", "words_coded,land_named"},
		{`nordrhein westfalen,pt-BR;klingonisch!,step_free,`, "[pt-BR klingonisch!]", "[step_free]", "Nordrhein-Westfalen", "language_unknown,land_named"},
		{`Nordrhein-Westfalen,de;eng,toilet;nein,`, "[de eng]", "[toilet nein]", "Nordrhein-Westfalen", ""},
		{`Freistaat Sachsen,,ja,`, "[]", "[step_free]", "Sachsen", "words_coded,land_named"},
	} {
		s := badService(t, testenv.Migrated(t, testenv.SQLite(t)))
		report := importText(t, s, head+"x,1,Rat,50667,Köln,"+c.row+"\n")
		got, err := s.Centre(CentreID("x", "1"))
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range strings.FieldsFunc(c.codes, func(r rune) bool { return r == ',' }) {
			if report.Codes[code] != 1 {
				t.Errorf("%s: lacks %s: %v", c.row, code, report.Codes)
			}
		}
		if c.codes == "" && report.Codes["words_coded"]+report.Codes["land_named"]+report.Codes["language_unknown"] > 0 {
			t.Errorf("%s: %v", c.row, report.Codes)
		}
		if fmt.Sprint(got.Languages) != c.languages || fmt.Sprint(got.Accessibility) != c.marks || got.State != c.state {
			t.Errorf("%s: %v %v %s", c.row, got.Languages, got.Accessibility, got.State)
		}
		if strings.Contains(c.row, "land:NRW") && (len(got.Areas) != 1 || got.Areas[0].Low != "Nordrhein-Westfalen") {
			t.Errorf("catchment %v", got.Areas)
		}
	}
}

// A list names topics as people write them.
func TestTopicsByTheirNames(t *testing.T) {
	taxonomy, err := ParseTaxonomy(strings.NewReader(someTopics))
	if err != nil {
		t.Fatal(err)
	}
	topics, unknown := taxonomy.Resolve([]string{"Schulden", "SUCHT", "schulden", "Unsinn", ""})
	if fmt.Sprint(topics, unknown) != "[schulden sucht] [Unsinn]" {
		t.Errorf("%v, unknown %v", topics, unknown)
	}
}
