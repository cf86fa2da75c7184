package directory

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lotse/internal/bus"
	"lotse/internal/fault"
	"lotse/internal/store"
	"lotse/internal/testenv"
)

const someTopics = `
[[topic]]
id = "schulden"
[topic.labels]
de = "Schulden"
[[topic]]
id = "sucht"
[topic.labels]
de = "Sucht"
`

func testService(t *testing.T, db *store.DB) *Service {
	t.Helper()
	taxonomy, err := ParseTaxonomy(strings.NewReader(someTopics))
	if err != nil {
		t.Fatal(err)
	}
	return New(Options{DB: db, Bus: bus.NewMemory(), Log: slog.New(slog.DiscardHandler), Taxonomy: taxonomy, Places: testPlaces(t)})
}

func importFile(t *testing.T, s *Service, path string) Report {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	report, err := s.Import(t.Context(), file, ImportOptions{})
	if err != nil {
		t.Fatalf("import %s: %v", path, err)
	}
	if sum := report.Imported + report.Repaired + report.Rejected; sum != report.Rows {
		t.Errorf("%s: %d outcomes for %d rows", path, sum, report.Rows)
	}
	return report
}

func findings(r Report) string {
	var b strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%d %s %s\n", f.Line, f.Outcome, strings.Join(f.Codes, ","))
	}
	return b.String()
}

func TestImportNamesEveryRow(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		s := testService(t, db)
		tests := []struct{ file, want string }{
			{"centres.csv", `2 repaired postcode_leading_zero,state_from_postcode,url_scheme_added,range_inverted
3 repaired merged_with_same_id
4 repaired topic_unknown,coordinates_zero,coordinates_from_postcode,email_first_taken,url_dropped,id_shared
5 repaired text_cleaned,email_dropped,range_dropped
7 rejected name_missing
8 rejected id_missing
9 rejected csv_syntax
`},
			{"agencies.csv", "4 rejected duplicate\n5 rejected name_missing\n"},
			{"ranges.csv", `3 repaired range_inverted
4 rejected duplicate
5 rejected range_invalid
6 rejected agency_unknown
`},
		}
		for _, tt := range tests {
			if got := findings(importFile(t, s, "testdata/"+tt.file)); got != tt.want {
				t.Errorf("%s:\n%swant\n%s", tt.file, got, tt.want)
			}
		}
	})
}

// A list that names no operator does not take away the one that another file of
// the same source has named.
func TestImportKeepsTheProvider(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		s := testService(t, db)
		importText(t, s, "source,source_id,name,operator,plz,city\ncaritas_onlineberatung,7,Beispielagentur,Caritas,50667,K\u00f6ln\n")
		importFile(t, s, "testdata/agencies.csv")
		if c, err := s.Centre(CentreID("caritas_onlineberatung", "7")); err != nil || c.Operator != "Caritas" {
			t.Errorf("%+v, %v", c, err)
		}
	})
}

func TestImportTwiceChangesNothing(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		s := testService(t, db)
		files := []string{"testdata/centres.csv", "testdata/agencies.csv", "testdata/ranges.csv"}
		var first, second []Report
		for _, f := range files {
			first = append(first, importFile(t, s, f))
		}
		before := snapshot(t, s)
		for _, f := range files {
			second = append(second, importFile(t, s, f))
		}
		if after := snapshot(t, s); after != before {
			t.Errorf("second import changed\n%s", cmp.Diff(strings.Split(before, "\n"), strings.Split(after, "\n")))
		}
		for i := range first {
			if findings(first[i]) != findings(second[i]) {
				t.Errorf("%s: reports differ", files[i])
			}
		}
	})
}

func snapshot(t *testing.T, s *Service) string {
	t.Helper()
	centres, err := readCentres(t.Context(), s.DB, s.Places)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, c := range centres {
		fmt.Fprintf(&b, "%+v\n", *c)
	}
	return b.String()
}

func TestImportedCatchmentsRoute(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		s := testService(t, db)
		for _, f := range []string{"centres.csv", "agencies.csv", "ranges.csv"} {
			importFile(t, s, "testdata/"+f)
		}
		tests := []struct{ topic, postcode, want string }{
			{"schulden", "50667", "demo/2 caritas_onlineberatung/7"},
			{"schulden", "53111", "caritas_onlineberatung/7"},
			{"schulden", "04109", "demo/1"},
			{"schulden", "01067", "demo/1"},
			{"sucht", "01067", ""},
			{"schulden", "99999", ""},
		}
		for _, tt := range tests {
			got, err := s.Covering(t.Context(), tt.topic, tt.postcode)
			if err != nil {
				t.Fatal(err)
			}
			if want := idsOf(tt.want); !sameSet(got, want) {
				t.Errorf("Covering(%s, %s) = %v, want %v", tt.topic, tt.postcode, got, want)
			}
		}
	})
}

func idsOf(sources string) (ids []string) {
	for source := range strings.FieldsSeq(sources) {
		name, id, _ := strings.Cut(source, "/")
		ids = append(ids, CentreID(name, id))
	}
	return ids
}

func sameSet(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}

func TestImportRefusesOtherFilesWhole(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		s := testService(t, db)
		for _, content := range []string{"", "\x00\xff", "name,age\nx,1\n", "{}"} {
			_, err := s.Import(t.Context(), strings.NewReader(content), ImportOptions{})
			if !errors.Is(err, fault.Invalid) {
				t.Errorf("import of %q: %v", content, err)
			}
		}
		if revision, _ := readRevision(t.Context(), db); revision != 0 {
			t.Errorf("revision %d after refused files", revision)
		}
	})
}

func TestImportCanceledLeavesNothing(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		s := testService(t, db)
		data, err := os.ReadFile("testdata/centres.csv")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		file := &cancelAt{Reader: bytes.NewReader(data), after: 2, cancel: cancel}
		if _, err := s.Import(ctx, file, ImportOptions{}); err == nil {
			t.Fatal("a canceled import succeeds")
		}
		if got := snapshot(t, s); got != "" {
			t.Errorf("a canceled import left\n%s", got)
		}
	})
}

// cancelAt cancels after some reads and hands out small pieces.
type cancelAt struct {
	*bytes.Reader
	after  int
	cancel context.CancelFunc
}

func (c *cancelAt) Read(p []byte) (int, error) {
	if c.after--; c.after == 0 {
		c.cancel()
	}
	return c.Reader.Read(p[:min(len(p), 700)])
}

func TestSearchRefusesBadInput(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		s := testService(t, db)
		for _, q := range []Query{{Topic: "nope"}, {Postcode: "1067"}, {Postcode: "abcde"}, {Text: strings.Repeat("x", MaxText+1)}} {
			if _, err := s.Find(t.Context(), q); !errors.Is(err, fault.Invalid) {
				t.Errorf("Find(%+v) = %v", q, err)
			}
		}
		if _, err := s.Centre("no-such-id"); !errors.Is(err, fault.NotFound) {
			t.Errorf("Centre = %v", err)
		}
	})
}

// sharedData finds the large real data set beside the project. It is not part
// of the project; in CI it must be there.
func sharedData(t *testing.T) string {
	t.Helper()
	root := os.Getenv("LOTSE_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "shared")
	}
	dir := filepath.Join(root, "data", "directory")
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("real data is missing: %s", dir)
	}
	t.Skipf("real data not checked: %s is not there", dir)
	return ""
}

func realService(t *testing.T, db *store.DB, dir string) *Service {
	t.Helper()
	topics, err := os.Open("../configs/topics.toml")
	if err != nil {
		t.Fatal(err)
	}
	defer topics.Close()
	taxonomy, err := ParseTaxonomy(topics)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(filepath.Join(dir, "plz.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	places, err := ReadPlaces(file)
	if err != nil {
		t.Fatal(err)
	}
	return New(Options{DB: db, Bus: bus.NewMemory(), Log: slog.New(slog.DiscardHandler), Taxonomy: taxonomy, Places: places})
}

func FuzzImport(f *testing.F) {
	for _, name := range []string{"centres.csv", "agencies.csv", "ranges.csv"} {
		data, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("\ufeffagency_id,from,to\n\"7,1,2\n"))
	db := testenv.Migrated(f, testenv.SQLite(f))
	f.Fuzz(func(t *testing.T, data []byte) {
		s := testService(t, db)
		report, err := s.Import(t.Context(), bytes.NewReader(data), ImportOptions{})
		if err != nil && !errors.Is(err, fault.Invalid) {
			t.Fatalf("import: %v", err)
		}
		if sum := report.Imported + report.Repaired + report.Rejected; sum != report.Rows {
			t.Fatalf("%d outcomes for %d rows", sum, report.Rows)
		}
	})
}
