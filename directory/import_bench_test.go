package directory

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"lotse/internal/bus"
	"lotse/internal/store"
	"lotse/internal/testenv"
)

// many is a CSV file of invented centres, written while it is read.
type many struct {
	rows, at int
	left     string
}

func (m *many) Read(p []byte) (int, error) {
	if m.left == "" {
		if m.at > m.rows {
			return 0, io.EOF
		}
		m.left = m.row()
		m.at++
	}
	n := copy(p, m.left)
	m.left = m.left[n:]
	return n, nil
}

func (m *many) row() string {
	if m.at == 0 {
		return "source,source_id,name,operator,street,plz,city,state,phone,email,url,topics,opening_hours,catchment_plz,description,licence\n"
	}
	town := []string{"50667,Köln,Nordrhein-Westfalen", "01067,Dresden,Sachsen", "04109,Leipzig,Sachsen"}[m.at%3]
	return fmt.Sprintf("bench,%d,Beratungsstelle %d,Träger %d e.V.,Weg %d,%s,0221 %06d,rat%d@example.org,https://example.org/%d,schulden;sucht,Mo-Fr 09:00-12:00,%05d-%05d,Beratung bei vielen Fragen.,CC0-1.0\n",
		m.at, m.at, m.at%500, m.at%90, town, m.at, m.at, m.at, 50000+m.at%900, 50000+m.at%900+20)
}

func (m *many) Seek(int64, int) (int64, error) { m.at, m.left = 0, ""; return 0, nil }

// BenchmarkImport20000 is the import of 20,000 centres into SQLite: new, and once
// more without a change.
func BenchmarkImport20000(b *testing.B) {
	taxonomy, err := ParseTaxonomy(strings.NewReader(someTopics))
	if err != nil {
		b.Fatal(err)
	}
	places, err := ReadPlaces(strings.NewReader(somePlaces))
	if err != nil {
		b.Fatal(err)
	}
	for _, what := range []string{"new", "again"} {
		b.Run(what, func(b *testing.B) {
			for range b.N {
				b.StopTimer()
				s := importBench(b, testenv.Migrated(b, testenv.SQLite(b)), taxonomy, places)
				if what == "again" {
					importMany(b, s)
				}
				b.StartTimer()
				importMany(b, s)
			}
		})
	}
}

func importMany(b *testing.B, s *Service) {
	b.Helper()
	report, err := s.Import(b.Context(), &many{rows: 20000}, ImportOptions{})
	if err != nil || report.Rows != 20000 || report.Rejected > 0 {
		b.Fatalf("%d rows, %d rejected, %v", report.Rows, report.Rejected, err)
	}
}

// BenchmarkRead20000 is how long the centres take from the database into memory.
func BenchmarkRead20000(b *testing.B) {
	taxonomy, err := ParseTaxonomy(strings.NewReader(someTopics))
	if err != nil {
		b.Fatal(err)
	}
	places, err := ReadPlaces(strings.NewReader(somePlaces))
	if err != nil {
		b.Fatal(err)
	}
	s := importBench(b, testenv.Migrated(b, testenv.SQLite(b)), taxonomy, places)
	importMany(b, s)
	for b.Loop() {
		if _, err := readCentres(b.Context(), s.DB, places); err != nil {
			b.Fatal(err)
		}
	}
}

func importBench(b *testing.B, db *store.DB, taxonomy *Taxonomy, places *Places) *Service {
	b.Helper()
	return New(Options{DB: db, Bus: bus.NewMemory(), Log: slog.New(slog.DiscardHandler), Taxonomy: taxonomy, Places: places})
}
