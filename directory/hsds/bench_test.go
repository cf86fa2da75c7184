package hsds

import (
	"fmt"
	"strings"
	"testing"

	"lotse/directory"
	"lotse/internal/testenv"
)

// BenchmarkStream20000 is the whole list of 20,000 services in full, and how long
// its first object takes.
func BenchmarkStream20000(b *testing.B) {
	var text strings.Builder
	text.WriteString("source,source_id,name,operator,street,plz,city,phone,topics,opening_hours,catchment_plz\n")
	for i := range 20000 {
		fmt.Fprintf(&text, "bench,%d,Beratung %d,Träger %d,Weg %d,50667,Köln,0221 %06d,schulden,Mo-Fr 09:00-12:00,50667-50670\n", i, i, i%500, i, i)
	}
	s := service(b, testenv.Migrated(b, testenv.SQLite(b)))
	if _, err := s.Import(b.Context(), strings.NewReader(text.String()), directory.ImportOptions{}); err != nil {
		b.Fatal(err)
	}
	for name, most := range map[string]int{"first": 1, "all": 20000} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				n := 0
				for _, err := range lists(s).Stream(b.Context(), Services, directory.Selection{}, Full) {
					if err != nil {
						b.Fatal(err)
					}
					if n++; n == most {
						break
					}
				}
				if n != most {
					b.Fatalf("%d services", n)
				}
			}
		})
	}
}
