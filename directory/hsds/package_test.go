package hsds

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lotse/directory"
	"lotse/directory/hsds/hsdstest"
	"lotse/internal/store"
	"lotse/internal/testenv"
)

// packageOf writes the package of a directory and opens it.
func packageOf(t *testing.T, s *directory.Service, chosen directory.Selection) *zip.Reader {
	t.Helper()
	var b bytes.Buffer
	if err := WritePackage(&b, lists(s).Stream(t.Context(), Services, chosen, Full)); err != nil {
		t.Fatal(err)
	}
	r, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// full lists the services of a directory in full, without what only says when they
// were stored.
func full(t *testing.T, s *directory.Service) []any {
	t.Helper()
	var all []Object
	for o, err := range lists(s).Stream(t.Context(), Services, directory.Selection{}, Full) {
		if err != nil {
			t.Fatal(err)
		}
		delete(o, "last_modified")
		all = append(all, o)
	}
	var plain []any
	if err := json.Unmarshal(mustJSON(all), &plain); err != nil {
		t.Fatal(err)
	}
	return plain
}

// again imports objects as JSON into a directory of its own.
func again(t *testing.T, objects []any) *directory.Service {
	t.Helper()
	text, err := json.Marshal(map[string]any{"contents": objects})
	if err != nil {
		t.Fatal(err)
	}
	return imported(t, testenv.Migrated(t, testenv.SQLite(t)), string(text), directory.ImportOptions{})
}

// A package says the same as the objects that it is made of: the two, imported,
// give the same directory, and so does a package of that.
func TestPackageRoundTrip(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		s := imported(t, db, own, directory.ImportOptions{})
		byJSON := full(t, again(t, full(t, s)))
		from := packageOf(t, s, directory.Selection{})
		back := service(t, testenv.Migrated(t, testenv.SQLite(t)))
		report, err := back.ImportPackage(t.Context(), from, directory.ImportOptions{})
		if err != nil || report.Rejected > 0 || report.Created != len(byJSON) {
			t.Fatalf("%+v, %v", report, err)
		}
		if diff := cmp.Diff(byJSON, full(t, back)); diff != "" {
			t.Errorf("the package says something else than the objects:\n%s", diff)
		}
		if report, err = back.ImportPackage(t.Context(), packageOf(t, back, directory.Selection{}), directory.ImportOptions{}); err != nil || report.Created+report.Changed > 0 {
			t.Errorf("once more: %+v, %v", report, err)
		}
	})
}

func TestPackageOfTheExamples(t *testing.T) {
	dir := hsdstest.Pack(t)
	folder := os.DirFS(filepath.Join(dir, "hsds-3.0", "examples", "csv"))
	s := service(t, testenv.Migrated(t, testenv.SQLite(t)))
	if _, err := s.ImportPackage(t.Context(), folder, directory.ImportOptions{KeepPersons: true}); err != nil {
		t.Fatal(err)
	}
	back := service(t, testenv.Migrated(t, testenv.SQLite(t)))
	if _, err := back.ImportPackage(t.Context(), packageOf(t, s, directory.Selection{}), directory.ImportOptions{KeepPersons: true}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(full(t, s), full(t, back)); diff != "" {
		t.Error(diff)
	}
}

func TestPackageIsWellMadeAndKeepsSecrets(t *testing.T) {
	s := imported(t, testenv.Migrated(t, testenv.SQLite(t)), own, directory.ImportOptions{})
	files := map[string]string{}
	for _, f := range packageOf(t, s, directory.Selection{}).File {
		files[f.Name] = read(t, f)
		for _, secret := range []string{"Geheimweg", "50.9411", "6.9522", "haus@example.org"} {
			if strings.Contains(files[f.Name], secret) {
				t.Errorf("%s tells %s", f.Name, secret)
			}
		}
	}
	var d struct {
		Profile   string
		Resources []struct {
			Path   string
			Schema struct{ Fields []struct{ Name string } }
		}
	}
	if err := json.Unmarshal([]byte(files["datapackage.json"]), &d); err != nil || d.Profile != "tabular-data-package" {
		t.Fatalf("%+v, %v", d, err)
	}
	if len(d.Resources) != len(files)-1 {
		t.Errorf("%d files, %d described", len(files), len(d.Resources))
	}
	for _, r := range d.Resources {
		var names []string
		for _, f := range r.Schema.Fields {
			names = append(names, f.Name)
		}
		if head, _, _ := strings.Cut(files[r.Path], "\n"); head != strings.Join(names, ",") {
			t.Errorf("%s: %s", r.Path, head)
		}
	}
	some := packageOf(t, s, directory.Selection{Licences: []string{"ODbL-1.0"}})
	for _, f := range some.File {
		if f.Name == "services.csv" && strings.Count(read(t, f), "\n") != 2 {
			t.Error("the licence is not asked for")
		}
	}
	none := packageOf(t, s, directory.Selection{Licences: []string{"none"}})
	if report, err := s.ImportPackage(t.Context(), none, directory.ImportOptions{}); err != nil || report.Rows != 0 {
		t.Errorf("an empty package: %+v, %v", report, err)
	}
}

func read(t *testing.T, f *zip.File) string {
	t.Helper()
	r, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
