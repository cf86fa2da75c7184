package directory

import (
	"compress/gzip"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"
)

const manyCentres = 20_000

func realPlaces(b testing.TB) *Places {
	b.Helper()
	file, err := os.Open("../configs/plz.csv.gz")
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	table, err := gzip.NewReader(file)
	if err != nil {
		b.Fatal(err)
	}
	places, err := ReadPlaces(table)
	if err != nil {
		b.Fatal(err)
	}
	return places
}

// synthetic makes centres at real places: one to three topics each, a fifth of
// them with a catchment.
func synthetic(places *Places, taxonomy *Taxonomy, n int) []*Centre {
	random := rand.New(rand.NewPCG(1, 2))
	postcodes, topics := places.Postcodes(), taxonomy.Topics()
	providers := []string{"Nordlicht e. V.", "Brücke gGmbH", "Haus am Markt", "Verein Zuflucht", "Stadtmission", "Kreisverband Mitte", "Landratsamt", "Ankerplatz"}
	centres := make([]*Centre, n)
	for i := range centres {
		place, _ := places.Lookup(postcodes[random.IntN(len(postcodes))])
		main := topics[random.IntN(len(topics))]
		c := &Centre{ID: fmt.Sprintf("centre-%05d", i), Active: true, Topics: []string{main.ID}, Postcode: place.Postcode, City: place.Name,
			State: place.State, Lat: place.Lat + random.Float64()/50, Lon: place.Lon + random.Float64()/50, Precision: AtAddress,
			Operator: providers[random.IntN(len(providers))], OpeningHours: "Mo-Fr 09:00-12:00; Tu,Th 14:00-17:00; PH off"}
		for range random.IntN(3) {
			if t := topics[random.IntN(len(topics))].ID; !c.Serves(t) {
				c.Topics = append(c.Topics, t)
			}
		}
		c.Name = main.Label("de") + " " + c.Operator + " " + place.Name
		for _, id := range c.Topics {
			t, _ := taxonomy.Topic(id)
			c.Description += t.Label("de") + ". "
		}
		if random.IntN(5) == 0 {
			c.Catchment = []Range{{place.Postcode[:3] + "00", place.Postcode[:3] + "99"}}
		}
		centres[i] = c
	}
	return centres
}

// benchService answers from many synthetic centres.
func benchService(b *testing.B) (*Service, []*Centre) {
	b.Helper()
	places, taxonomy := realPlaces(b), realTaxonomy(b)
	centres := synthetic(places, taxonomy, manyCentres)
	around, err := Germany(time.UTC)
	if err != nil {
		b.Fatal(err)
	}
	s := New(Options{Log: slog.New(slog.DiscardHandler), Taxonomy: taxonomy, Places: places, Lexicon: have(realLexicon(b, places.Names()...)), Around: around})
	s.index.Store(newIndex(1, centres, places))
	return s, centres
}

// asks are the bench's queries: the held-out list, every second one with a
// postcode.
func asks(b *testing.B, s *Service) []asked {
	b.Helper()
	queries, postcodes := readQueries(b, "testdata/queries.tsv", s.Taxonomy), s.Places.Postcodes()
	for i := range queries {
		if i%2 == 0 {
			queries[i].text += " " + postcodes[i*17%len(postcodes)]
		}
	}
	return queries
}

// percentiles reports the middle and the slowest hundredth of the durations.
func percentiles(b *testing.B, took []time.Duration) {
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}

func measure(b *testing.B, do func(i int)) {
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		start := time.Now()
		do(i)
		took = append(took, time.Since(start))
	}
	percentiles(b, took)
}

func BenchmarkFind20000(b *testing.B) {
	s, _ := benchService(b)
	queries := asks(b, s)
	b.Run("words", func(b *testing.B) {
		measure(b, func(i int) {
			if _, err := s.Find(b.Context(), Query{Text: queries[i%len(queries)].text, Seed: 7}); err != nil {
				b.Fatal(err)
			}
		})
	})
	b.Run("topic", func(b *testing.B) {
		postcodes := s.Places.Postcodes()
		measure(b, func(i int) {
			q := Query{Topic: s.Taxonomy.topics[i%len(s.Taxonomy.topics)].ID, Postcode: postcodes[i*31%len(postcodes)]}
			if _, err := s.Find(b.Context(), q); err != nil {
				b.Fatal(err)
			}
		})
	})
	b.Run("topic-open-now", func(b *testing.B) {
		measure(b, func(i int) {
			q := Query{Topic: s.Taxonomy.topics[i%len(s.Taxonomy.topics)].ID, Postcode: "50667", Filter: Filter{OpenNow: true}}
			if _, err := s.Find(b.Context(), q); err != nil {
				b.Fatal(err)
			}
		})
	})
	b.Run("understand", func(b *testing.B) {
		measure(b, func(i int) { s.read(queries[i%len(queries)].text, "de", false) })
	})
	b.Run("suggest", func(b *testing.B) {
		beginnings := []string{"s", "sch", "schuld", "kö", "berl", "5", "506", "stadtm", "fam", "дол", "دي"}
		measure(b, func(i int) { s.Suggest(b.Context(), beginnings[i%len(beginnings)], "de", 8) })
	})
}

func BenchmarkIndex20000(b *testing.B) {
	s, centres := benchService(b)
	for b.Loop() {
		newIndex(1, centres, s.Places)
	}
	b.ReportMetric(float64(heap())/1e6, "heap-MB") // centres, one index, places and lexicon
	runtime.KeepAlive(s)
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
