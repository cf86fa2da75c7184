package main

import (
	"archive/zip"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const toExport = `source,source_id,name,operator,street,plz,city,state,lat,lon,coord_precision,phone,topics,catchment_plz,description,licence,location_type
x,1,Beratung Mitte,Träger,Offenweg 1,50667,Köln,Nordrhein-Westfalen,50.9412,6.9523,address,0221 100,schulden,50667-50670,Text,CC0-1.0,
x,2,Frauenhaus Musterstadt,Träger,Geheimweg 77,50668,Köln,Nordrhein-Westfalen,50.9487654,6.9687654,address,0221 200,gewalt,,Unser Haus im Geheimweg 77,CC0-1.0,
x,3,Wohnung,Träger,Stillegasse 5,50670,Köln,Nordrhein-Westfalen,50.9512345,6.9512345,address,0221 300,gewalt,,,ODbL-1.0,protected
`

// secrets are what leads to the door of the protected places above.
var secrets = []string{"Geheimweg", "50668", "50.9487", "6.9687", "Stillegasse", "50.9512", "6.9512"}

// Whatever is exported, by any format, and the database itself: nothing leads to
// the door of a protected place.
func TestProtectedPlacesNeverLeave(t *testing.T) {
	dir := t.TempDir()
	environ := []string{"LOTSE_DATA=" + dir}
	file := filepath.Join(t.TempDir(), "centres.csv")
	if err := os.WriteFile(file, []byte(toExport), 0o600); err != nil {
		t.Fatal(err)
	}
	// The places were not protected at first, under another name.
	open := strings.NewReplacer("Frauenhaus", "Haus", "ODbL-1.0,protected", "ODbL-1.0,").Replace(toExport)
	if err := os.WriteFile(file, []byte(open), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := lotse(t, environ, "import", "centres", file); got.code != 0 || strings.Contains(got.out, "address_concealed") {
		t.Fatalf("%+v", got)
	}
	if got := lotse(t, environ, "export", "centres"); !strings.Contains(got.out, "Geheimweg") {
		t.Fatalf("%+v", got)
	}
	if err := os.WriteFile(file, []byte(toExport), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got := lotse(t, environ, "import", "centres", "-v", "--dry-run", file); strings.Contains(got.out, "Geheimweg") {
			t.Errorf("%s", got.out)
		}
		if got := lotse(t, environ, "import", "centres", "-v", file); got.code != 0 || !strings.Contains(got.out, "address_concealed") {
			t.Fatalf("%+v", got)
		}
	}
	for _, format := range []string{"csv", "geojson", "hsds"} {
		got := lotse(t, environ, "export", "centres", "--format", format)
		if got.code != 0 || !strings.Contains(got.out, "Offenweg 1") || !strings.Contains(got.out, "0221 200") || !strings.Contains(got.out, "Köln, Stadt") {
			t.Errorf("%s: %+v", format, got)
		}
		grep(t, format, got.out)
		some := lotse(t, environ, "export", "centres", "--format", format, "--licence", "ODbL-1.0")
		if strings.Contains(some.out, "0221 100") || !strings.Contains(some.out, "0221 300") {
			t.Errorf("%s under one licence: %s", format, some.out)
		}
	}
	checkTabular(t, environ)
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		grep(t, name, string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := lotse(t, environ, "export", "centres", "--licence", "none"); got.code != 1 || !strings.Contains(got.err, `x: "CC0-1.0"`) {
		t.Errorf("a licence that nothing is under: %+v", got)
	}
	if got := lotse(t, environ, "export", "centres", "--format", "pdf"); got.code != 2 {
		t.Errorf("an unknown format: %+v", got)
	}
}

func grep(t *testing.T, where, text string) {
	t.Helper()
	for _, secret := range secrets {
		if i := strings.Index(text, secret); i >= 0 {
			t.Errorf("%s: %q in …%q…", where, secret, text[max(0, i-60):min(len(text), i+60)])
		}
	}
}

// What is exported as CSV comes in again as the same.
func TestExportComesInAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "centres.csv")
	text := toExport
	var before string
	for i := range 3 {
		environ := []string{"LOTSE_DATA=" + t.TempDir()}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := lotse(t, environ, "import", "centres", file); got.code != 0 {
			t.Fatalf("%+v", got)
		}
		before, text = text, lotse(t, environ, "export", "centres").out
		if i > 0 && sortedLines(before) != sortedLines(text) { // protected entries have another id the first time
			t.Errorf("after %d exports\n%s\nthe next\n%s", i, before, text)
		}
	}
}

func sortedLines(text string) string {
	return strings.Join(slices.Sorted(strings.Lines(text)), "")
}

// Flags may stand behind the files, and a dry run changes nothing.
func TestImportDryRun(t *testing.T) {
	environ := []string{"LOTSE_DATA=" + t.TempDir()}
	file := filepath.Join(t.TempDir(), "centres.csv")
	if err := os.WriteFile(file, []byte(toExport), 0o600); err != nil {
		t.Fatal(err)
	}
	got := lotse(t, environ, "import", "centres", file, "--dry-run")
	if got.code != 0 || !strings.Contains(got.out, "3 new") || !strings.Contains(got.out, "+ x/1  Beratung Mitte") {
		t.Errorf("%+v", got)
	}
	if got := lotse(t, environ, "export", "centres"); strings.Contains(got.out, "Beratung Mitte") {
		t.Errorf("a dry run imports: %s", got.out)
	}
	if got := lotse(t, environ, "import", "centres", file); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	changed := strings.Replace(toExport, "0221 100", "0221 111", 1)
	if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	got = lotse(t, environ, "import", "centres", "--dry-run", file)
	if !strings.Contains(got.out, "1 changed, 2 as before") || !strings.Contains(got.out, `centre.phones: [{"number":"0221 100"}] → [{"number":"0221 111"}]`) {
		t.Errorf("%s", got.out)
	}
}

// A dry run of a folder finds in one file what another one refers to.
func TestImportDryRunOfFolder(t *testing.T) {
	environ, dir := []string{"LOTSE_DATA=" + t.TempDir()}, t.TempDir()
	for name, text := range map[string]string{
		"a.csv": "agency_id,from,to\n7,50667,50670\n",
		"b.csv": "id,name,topic,plz,city,offline\n7,Beratung,schulden,50667,Köln,0\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got := lotse(t, environ, "import", "centres", dir, "--dry-run")
	if got.code != 0 || strings.Contains(got.out, "agency_unknown") || !strings.Contains(got.out, "a.csv: ranges, 1 rows = 1 imported") {
		t.Errorf("%+v", got)
	}
	if got := lotse(t, environ, "export", "centres"); strings.Contains(got.out, "Beratung") {
		t.Errorf("a dry run imports: %s", got.out)
	}
	if err := os.WriteFile(filepath.Join(dir, "c.csv"), []byte("source,source_id,name,plz,city\nx,1,\"Cut,50667,Köln\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := lotse(t, environ, "import", "centres", dir, "--dry-run"); got.code != 1 || !strings.Contains(got.err, "c.csv: the file ends in the middle") {
		t.Errorf("%+v", got)
	}
}

// checkTabular looks into the tabular package, which comes in again as the same, and
// under a licence is a part.
func checkTabular(t *testing.T, environ []string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "hsds.zip")
	unfold := func(args ...string) (all string) {
		got := lotse(t, environ, append([]string{"export", "centres", "--format", "tabular"}, args...)...)
		if got.code != 0 {
			t.Fatalf("%+v", got)
		}
		if err := os.WriteFile(file, []byte(got.out), 0o600); err != nil {
			t.Fatal(err)
		}
		archive, err := zip.NewReader(strings.NewReader(got.out), int64(len(got.out)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.File {
			text, err := fs.ReadFile(archive, f.Name)
			if err != nil {
				t.Fatal(err)
			}
			all += string(text)
		}
		return all
	}
	some := unfold("--licence", "ODbL-1.0")
	if strings.Contains(some, "0221 100") || !strings.Contains(some, "0221 300") {
		t.Errorf("the licence is not asked for: %s", some)
	}
	all := unfold()
	if !strings.Contains(all, "Offenweg 1") || !strings.Contains(all, "0221 200") || !strings.Contains(all, "protected") {
		t.Errorf("%s", all)
	}
	grep(t, "tabular", all)
	other := []string{"LOTSE_DATA=" + t.TempDir()}
	if got := lotse(t, other, "import", "centres", file); got.code != 0 || !strings.Contains(got.out, "hsds, 3 rows") || !strings.Contains(got.out, "3 new") {
		t.Errorf("%+v", got)
	}
	if got := lotse(t, other, "import", "centres", file); !strings.Contains(got.out, "0 new, 0 changed") {
		t.Errorf("%+v", got)
	}
	broken := filepath.Join(t.TempDir(), "cut.zip")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(broken, text[:len(text)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	if got := lotse(t, other, "import", "centres", broken); got.code != 1 || !strings.Contains(got.err, "no whole ZIP archive") {
		t.Errorf("%+v", got)
	}
}
