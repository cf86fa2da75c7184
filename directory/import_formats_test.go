package directory

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/unicode"

	"lotse/directory/intake"
	"lotse/internal/fault"
	"lotse/internal/store"
	"lotse/internal/testenv"
)

// Each format brings what it says; each row is accounted for.
func TestImportFormats(t *testing.T) {
	tests := []struct{ file, findings, centre string }{
		{"rki.xml", "2 repaired topic_unknown,state_from_postcode,coordinates_from_postcode,range_dropped\n3 repaired topic_unknown,state_from_postcode,coordinates_from_postcode,merged_with_same_id\n4 rejected id_missing\n",
			"Gesundheitsamt Kreis Beispiel|Kreis Beispiel|Amtsweg 1|50667|Köln|0221 100,0221 101 fax,0221 102 hotline|amt@example.org||||50667-50667 50668-50668 50669-50669"},
		{"bzga.xml", "8 repaired topic_unknown,state_from_postcode,url_scheme_added,text_cleaned\n9 rejected name_missing\n",
			"Fachstelle für Sucht|Träger e.V.|Straße der Übung 1|50667|Köln|0221 200,0800 200,0221 201 fax|rat@example.org|https://www.example.org|sucht|on_site,mail|"},
		{"xzufi.xml", "11 repaired persons_stripped,topic_unknown,state_from_postcode,coordinates_from_postcode,range_dropped\n",
			"Sozialamt Beispiel||Rathausplatz 1|50667|Köln|0221 300|amt@example.org||||"},
		{"geo.json", "1 repaired persons_stripped,topic_unknown,state_from_postcode,phone_split\n2 repaired state_from_postcode,coordinates_swapped\n3 rejected feature_empty\n",
			"Schuldnerberatung – Träger e. V.|Träger e. V.|Weg 1|50667|Köln|0221 400,0221 401|||||"},
		{"berlin.json", "1 repaired topic_unknown,state_not_of_postcode,url_scheme_added\n", ""},
		{"sachsen.json", "1 repaired topic_unknown,state_from_postcode,coordinates_from_postcode,phone_dropped\n", ""},
		{"selbsthilfe.json", "", ""},
		{"hsds.json", "1 repaired persons_stripped\n", "Debt advice|Example e.V.|Weg 6|50667|Köln||||schulden||"},
	}
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		s := testService(t, db)
		for _, tt := range tests {
			report := importFile(t, s, "testdata/intake/"+tt.file)
			if got := findings(report); tt.findings != "" && got != tt.findings {
				t.Errorf("%s: findings\n%s", tt.file, cmp.Diff(tt.findings, got))
			}
			if got := firstImported(t, s, report); tt.centre != "" && got != tt.centre {
				t.Errorf("%s:\n%s\nwant\n%s", tt.file, got, tt.centre)
			}
			if again := importFile(t, s, "testdata/intake/"+tt.file); again.Created+again.Changed > 0 {
				t.Errorf("%s: a second import makes %d and changes %d: %+v", tt.file, again.Created, again.Changed, again.Diff)
			}
		}
	})
}

// firstImported writes the first entry that the report names in one line.
func firstImported(t *testing.T, s *Service, r Report) string {
	t.Helper()
	for e, err := range Entries(t.Context(), s.DB, "") {
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Diff) > 0 && e.Venue.Source+"/"+e.Venue.SourceID == r.Diff[0].Subject {
			return oneLine(e.Centre())
		}
	}
	return ""
}

func oneLine(c *Centre) string {
	var phones, channels, areas []string
	for _, p := range c.Phones {
		phones = append(phones, strings.TrimSpace(p.Number+" "+p.Type))
	}
	for _, ch := range c.Channels {
		channels = append(channels, string(ch))
	}
	for _, a := range c.Areas {
		if a.Kind == AreaPostcodes {
			areas = append(areas, a.Low+"-"+a.High)
		} else {
			areas = append(areas, a.Low)
		}
	}
	return strings.Join([]string{c.Name, c.Operator, c.Street, c.Postcode, c.City, strings.Join(phones, ","), c.Email, c.URL,
		strings.Join(c.Topics, ","), strings.Join(channels, ","), strings.Join(areas, " ")}, "|")
}

func TestImportMappedColumns(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		s := testService(t, db)
		data, err := os.ReadFile("testdata/intake/mapped.csv")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Import(t.Context(), strings.NewReader(string(data)), ImportOptions{}); !errors.Is(err, fault.Invalid) {
			t.Fatalf("columns nobody has named: %v", err)
		}
		columns, err := intake.Preview(strings.NewReader(string(data)), intake.Options{Map: map[string]string{"phone": "Tel."}})
		if got, want := fmt.Sprint(columns), "[{Nr source_id [1]} {Einrichtung name [Beratung]} {Träger operator [Träger e.V.]} {Straße street [Weg 5]} {PLZ plz [50667]} {Ort city [Köln]} {Tel. phone [0221 800]} {Ansprechpartner contact [Erika Muster]}]"; err != nil || got != want {
			t.Errorf("preview %s, %v", got, err)
		}
		o := ImportOptions{Options: intake.Options{Source: "liste", Map: map[string]string{"phone": "Tel."}}}
		dry := o
		dry.DryRun = true
		for i, options := range []ImportOptions{dry, o, o} {
			report, err := s.Import(t.Context(), strings.NewReader(string(data)), options)
			if err != nil || report.Rows != 1 || report.Created != []int{1, 1, 0}[i] {
				t.Errorf("import %d: %+v, %v", i, report, err)
			}
			if i == 0 && snapshot(t, s) != "" {
				t.Error("a dry run leaves something")
			}
		}
		if got, want := snapshot(t, s), "Erika"; strings.Contains(got, want) || !strings.Contains(got, "0221 800") {
			t.Errorf("%s", got)
		}
	})
}

func TestImportPackage(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		s := testService(t, db)
		report, err := s.ImportPackage(t.Context(), os.DirFS("testdata/intake/package"), ImportOptions{})
		if err != nil || report.Created != 1 {
			t.Fatalf("%+v, %v", report, err)
		}
		const want = "Addiction advice|Example e.V.|Weg 7|50667|Köln|0221 900|||||"
		if got := firstImported(t, s, report); got != want {
			t.Errorf("%s\nwant\n%s", got, want)
		}
	})
}

// What cannot be read to the end is refused whole, with a reason, and leaves
// nothing.
func TestImportRefusesBadFiles(t *testing.T) {
	rki, bzga, geo := fixture(t, "rki.xml"), fixture(t, "bzga.xml"), fixture(t, "geo.json")
	tests := []struct{ name, content, code string }{
		{"cut xml", rki[:len(rki)-200], "file_cut"},
		{"cut in the tables that stand at the end", bzga[:len(bzga)-60], "file_cut"},
		{"cut json", geo[:len(geo)-40], "file_cut"},
		{"entities that blow up", `<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><beratungsstellen>&b;</beratungsstellen>`, "xml_doctype"},
		{"entities later on", `<beratungsstellen><!DOCTYPE l [<!ENTITY a "x">]></beratungsstellen>`, "xml_doctype"},
		{"deep elements", "<TransmittingSites><TransmittingSite>" + strings.Repeat("<a>", 5000), "xml_too_deep"},
		{"deep json", `{"type":"FeatureCollection","features":[` + strings.Repeat("[", 20000), "json_invalid"},
		{"a wrong promise of UTF-8", strings.Replace(bzga, "ISO-8859-1", "UTF-8", 1), "xml_invalid"},
		{"an encoding nobody knows", strings.Replace(bzga, "ISO-8859-1", "KOI-7", 1), "xml_invalid"},
		{"other xml", "<html><body/></html>", "xml_format_unknown"},
		{"other json", `{"a": 1}`, "json_format_unknown"},
	}
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		s := testService(t, db)
		for _, tt := range tests {
			_, err := s.Import(t.Context(), strings.NewReader(tt.content), ImportOptions{})
			if e, ok := errors.AsType[*fault.Error](err); !ok || e.Fields["file"] != tt.code {
				t.Errorf("%s: %v, want %s", tt.name, err, tt.code)
			}
		}
		if got := snapshot(t, s); got != "" {
			t.Errorf("left behind: %s", got)
		}
	})
}

func fixture(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata/intake", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Bytes of Windows-1252 and UTF-16 become the letters they mean.
func TestImportEncodings(t *testing.T) {
	const text = "source,source_id,name,plz,city\nx,1,B\u00fcro f\u00fcr \u201eGeld\u201c,50667,K\u00f6ln\n"
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	windows := strings.NewReplacer("\u00fc", "\xfc", "\u00f6", "\xf6", "\u201e", "\x84", "\u201c", "\x93").Replace(text)
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		for _, content := range []string{text, "\ufeff" + text, utf16, windows} {
			s := testService(t, db)
			if _, err := s.Import(t.Context(), strings.NewReader(content), ImportOptions{}); err != nil {
				t.Fatalf("%q: %v", content[:20], err)
			}
			if c, err := s.Centre(CentreID("x", "1")); err != nil || c.Name != "B\u00fcro f\u00fcr \u201eGeld\u201c" || c.City != "K\u00f6ln" {
				t.Errorf("%q: %+v %v", content[:20], c, err)
			}
		}
	})
}

// A row of 200 MB is refused long before it is in memory, in every format.
func TestImportHugeRow(t *testing.T) {
	s := testService(t, testenv.Migrated(t, testenv.SQLite(t)))
	for _, head := range []string{
		"source,source_id,name,plz,city\nx,1,\"", "agency_id,from,to\n7,", `[{"id":"a","name":"b","status":"`,
		`{"type":"FeatureCollection","features":[{"a":"`, "<TransmittingSites><TransmittingSite Name=\"", "<TransmittingSites>",
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := s.Import(t.Context(), &endless{head: head, size: 200 << 20}, ImportOptions{})
		runtime.ReadMemStats(&after)
		if e, ok := errors.AsType[*fault.Error](err); !ok || e.Fields["file"] != "row_too_long" {
			t.Errorf("%q: %v", head, err)
		}
		if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 100 {
			t.Errorf("%q: %d MB were allocated", head, used)
		}
	}
}

// endless is a head and then the letter a up to a size.
type endless struct {
	head     string
	size, at int64
}

func (e *endless) Read(p []byte) (int, error) {
	if e.at >= e.size {
		return 0, io.EOF
	}
	n := 0
	if e.at < int64(len(e.head)) {
		n = copy(p, e.head[e.at:])
	}
	for ; n < len(p); n++ {
		p[n] = 'a'
	}
	e.at += int64(n)
	return n, nil
}

func (e *endless) Seek(offset int64, whence int) (int64, error) {
	if offset != 0 || whence != io.SeekStart {
		return 0, errors.New("only to the start")
	}
	e.at = 0
	return 0, nil
}

// An id that a source brings along does not give it another source's record, nor
// any part of it.
func TestImportForeignID(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		s := testService(t, db)
		importFile(t, s, "testdata/intake/hsds.json")
		before := snapshot(t, s)
		theirs := strings.Replace(fixture(t, "hsds.json"), "Debt advice", "Taken over", 1)
		theirs = strings.Replace(theirs, "ac148810", "ac148811", 1) // another offer at the same location
		report, err := s.Import(t.Context(), strings.NewReader(theirs), ImportOptions{Options: intake.Options{Source: "others"}})
		if err != nil || report.Rejected != 1 || report.Codes["id_of_other_source"] != 1 {
			t.Errorf("%+v, %v", report, err)
		}
		if after := snapshot(t, s); after != before {
			t.Error(cmp.Diff(before, after))
		}
	})
}
