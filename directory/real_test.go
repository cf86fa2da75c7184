//go:build !race

package directory

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"lotse/directory/duplicate"
	"lotse/directory/intake"
	"lotse/internal/fault"
	"lotse/internal/store"
	"lotse/internal/testenv"
)

// caritasCoverage is how much of all postcodes the online agencies of each topic
// cover, in percent, as it was measured on the same data by another program.
var caritasCoverage = map[string]float64{"sucht": 73.4, "behinderung-psychische-gesundheit": 54.4, "kuren": 51.1, "schulden": 47.9,
	"eltern-familie": 43.3, "kinder-jugendliche": 43.3, "schwangerschaft": 43.2, "rechtliche-betreuung": 36.9,
	"uebergang-schule-beruf": 36.1, "allgemeine-soziale-beratung": 21.7, "leben-im-alter-pflege": 5.1}

// Every file of the real data that holds centres is imported, every row has an
// outcome, and the facts known about the data come out.
func TestImportEverything(t *testing.T) {
	dir := sharedData(t)
	s := realService(t, testenv.Migrated(t, testenv.SQLite(t)), dir)
	rows := map[string]int{}
	for _, name := range realFiles(t, dir) {
		report := importFile(t, s, name)
		rows[filepath.Base(name)] = report.Rows
		t.Logf("%s (%s): %d rows = %d imported + %d repaired + %d rejected; %d new, %d changed; %v", filepath.Base(name), report.Kind,
			report.Rows, report.Imported, report.Repaired, report.Rejected, report.Created, report.Changed, report.Codes)
		expectCodes(t, filepath.Base(name), report.Codes)
	}
	want := map[string]int{"facilities.json": 195, "beratungsstellen.xml": 2, "Jugendberufshilfen.geojson": 10, "Schulsozialarbeit.geojson": 51,
		"TransmittingSiteSearchText.xml": 413, "contact-points.json": 19, "addresses.json": 361, "centres.csv": 2383,
		"caritas_agencies.csv": 1127, "caritas_postcode_ranges.csv": 13605}
	if fmt.Sprint(rows) != fmt.Sprint(want) {
		t.Errorf("rows %v, want %v", rows, want)
	}
	for _, name := range realFiles(t, dir) {
		if again := importFile(t, s, name); again.Created+again.Changed > 0 {
			t.Errorf("%s once more: %d new, %d changed", name, again.Created, again.Changed)
		}
	}
	checkCoverage(t, s)
	checkOffices(t, s, dir)
	checkDuplicates(t, s)
}

// realFiles lists the files of known formats, those that others refer to first.
func realFiles(t *testing.T, dir string) []string {
	t.Helper()
	var raw, lists []string
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !known(t, name) {
			return err
		}
		if filepath.Dir(name) == dir {
			lists = append(lists, name)
		} else {
			raw = append(raw, name)
		}
		return nil
	})
	if err != nil || len(lists) != 3 {
		t.Fatalf("%v, %v", lists, err)
	}
	slices.SortFunc(lists, func(a, b string) int { return len(filepath.Base(a)) - len(filepath.Base(b)) })
	return append(raw, lists...)
}

func known(t *testing.T, name string) bool {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	_, err = intake.Open(file, intake.Options{})
	if err != nil && !errors.Is(err, fault.Invalid) {
		t.Fatal(err)
	}
	return err == nil
}

func expectCodes(t *testing.T, name string, codes map[string]int) {
	t.Helper()
	want := map[string]map[string]int{
		"caritas_postcode_ranges.csv": {"range_inverted": 6},
		"centres.csv":                 {"range_inverted": 6, "url_scheme_added": 117},
		"addresses.json":              {"coordinates_zero": 360},
	}
	for code, n := range want[name] {
		if codes[code] != n {
			t.Errorf("%s: %d %s, want %d", name, codes[code], code, n)
		}
	}
}

func checkCoverage(t *testing.T, s *Service) {
	t.Helper()
	byTopic := map[string]map[string]bool{}
	for _, c := range s.Listed(Selection{}) {
		if c.Source != "caritas_onlineberatung" {
			continue
		}
		for _, topic := range c.Topics {
			if byTopic[topic] == nil {
				byTopic[topic] = map[string]bool{}
			}
			for _, postcode := range s.Places.Postcodes() {
				if covers(c.Catchment, postcode) {
					byTopic[topic][postcode] = true
				}
			}
		}
	}
	all := float64(len(s.Places.Postcodes()))
	for topic, percent := range caritasCoverage {
		got := 100 * float64(len(byTopic[topic])) / all
		t.Logf("%s: %.1f %% of %.0f postcodes", topic, got, all)
		if math.Abs(got-percent) > 0.15 {
			t.Errorf("%s: %.2f %%, want %.1f", topic, got, percent)
		}
	}
}

// checkOffices asks for each postcode that the list of health offices names.
func checkOffices(t *testing.T, s *Service, dir string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "raw/rki/TransmittingSiteSearchText.xml"))
	if err != nil {
		t.Fatal(err)
	}
	var list struct {
		Site []struct {
			Code string `xml:",attr"`
			Text []struct {
				Value string `xml:",attr"`
			} `xml:"SearchText"`
		} `xml:"TransmittingSite"`
	}
	if err := xml.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	asked := 0
	for _, site := range list.Site {
		id := CentreID("rki_gesundheitsamt", site.Code)
		for _, p := range site.Text {
			if _, listed := s.Places.Lookup(p.Value); !listed {
				continue
			}
			asked++
			if found, _ := s.Covering(t.Context(), "", p.Value); !slices.Contains(found, id) {
				t.Errorf("%s does not find %s", p.Value, site.Code)
			}
		}
	}
	t.Logf("%d postcodes find their health office", asked)
	if asked < 8000 {
		t.Errorf("only %d postcodes", asked)
	}
}

// checkDuplicates looks at what is proposed for the places that two lists have.
func checkDuplicates(t *testing.T, s *Service) {
	t.Helper()
	pairs, err := s.Duplicates(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	source := map[string]string{}
	for _, c := range s.Listed(Selection{}) {
		source[c.ID] = c.Source
	}
	saxony := slices.DeleteFunc(slices.Clone(pairs), func(p duplicate.Pair) bool {
		both := source[p.A] + " " + source[p.B]
		return both != "selbsthilfe selbsthilfe_sachsen" && both != "selbsthilfe_sachsen selbsthilfe"
	})
	t.Logf("%d pairs are proposed, %d of them between the Saxon and the nationwide list", len(pairs), len(saxony))
	if len(saxony) < 15 || len(saxony) > 16 {
		t.Errorf("%d Saxon pairs, 15 were labelled by hand", len(saxony))
	}
}

func TestImportRealData(t *testing.T) {
	dir := sharedData(t)
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		s := realService(t, db, dir)
		want := []struct {
			file string
			rows int
		}{{"centres.csv", 2383}, {"caritas_agencies.csv", 1127}, {"caritas_postcode_ranges.csv", 13605}}
		for _, w := range want {
			report := importFile(t, s, filepath.Join(dir, w.file))
			t.Logf("%s: %d rows, %d imported, %d repaired, %d rejected %v", w.file, report.Rows,
				report.Imported, report.Repaired, report.Rejected, report.Codes)
			if report.Rows != w.rows {
				t.Errorf("%s: %d rows, want %d", w.file, report.Rows, w.rows)
			}
			for code := range maps.Keys(report.Codes) {
				if w.file == "caritas_postcode_ranges.csv" && code != "duplicate" && code != "range_inverted" {
					t.Errorf("%s: unexpected %s", w.file, code)
				}
			}
		}
		compareWithScan(t, s)
	})
}

// compareWithScan checks the index against plain containment over all known
// postcodes and all topics.
func compareWithScan(t *testing.T, s *Service) {
	t.Helper()
	centres, err := readCentres(t.Context(), s.DB, s.Places)
	if err != nil {
		t.Fatal(err)
	}
	for _, postcode := range s.Places.Postcodes() {
		byTopic := map[string][]string{}
		for _, c := range centres {
			if c.Active && slices.ContainsFunc(c.Catchment, func(r Range) bool { return r.Contains(postcode) }) {
				for _, topic := range c.Topics {
					byTopic[topic] = append(byTopic[topic], c.ID)
				}
			}
		}
		for _, topic := range s.Topics() {
			got, _ := s.Covering(t.Context(), topic.ID, postcode)
			if !sameSet(got, byTopic[topic.ID]) {
				t.Fatalf("%s %s: index %v, scan %v", topic.ID, postcode, got, byTopic[topic.ID])
			}
		}
	}
}
