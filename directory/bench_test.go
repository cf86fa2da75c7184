package directory

import (
	"compress/gzip"
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"lotse/directory/lexicon"
	"lotse/internal/store"
	"lotse/internal/testenv"
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
		measure(b, func(i int) { s.read(queries[i%len(queries)].text, "de") })
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

// The same queries and centres in SQLite's full text search: how often one of the
// first three centres works on a wanted topic, how often nothing is found, and
// time. The queries know only the topics that were there when they were written,
// so a centre for a finer one does not count.
func BenchmarkAgainstFullText(b *testing.B) {
	s, centres := benchService(b)
	queries := asks(b, s)
	db := testenv.Migrated(b, testenv.SQLite(b))
	byID := map[string]*Centre{}
	for _, c := range centres {
		byID[c.ID] = c
	}
	table := "\n| engine | hit@3 % | nothing found % | p50 ms | p99 ms |\n|---|---|---|---|---|\n"
	row := func(name string, first func(text string) []string) {
		var hits, empty, n int
		var took []time.Duration
		for _, q := range queries {
			if len(q.topics) == 0 {
				continue
			}
			start := time.Now()
			ids := first(q.text)
			took = append(took, time.Since(start))
			n++
			empty += count(len(ids) == 0)
			hits += count(slices.ContainsFunc(ids, func(id string) bool { return slices.ContainsFunc(q.topics, byID[id].Serves) }))
		}
		slices.Sort(took)
		ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
		table += fmt.Sprintf("| %s | %.1f | %.1f | %.2f | %.2f |\n", name, share(hits, n), share(empty, n), ms(took[n/2]), ms(took[n*99/100]))
	}
	row("this index", func(text string) (ids []string) {
		a, err := s.Find(b.Context(), Query{Text: text, Limit: 3})
		if err != nil {
			b.Fatal(err)
		}
		for _, h := range a.Results {
			ids = append(ids, h.ID)
		}
		return ids
	})
	for _, tokenizer := range []string{"unicode61", "trigram"} {
		loadFullText(b, db, tokenizer, centres)
		row("FTS5 "+tokenizer, func(text string) []string { return fullText(b, db, tokenizer, text) })
	}
	for b.Loop() {
	}
	b.Log(table)
}

func loadFullText(b *testing.B, db *store.DB, tokenizer string, centres []*Centre) {
	b.Helper()
	err := db.Transact(b.Context(), func(tx *store.Tx) error {
		if _, err := tx.Exec(b.Context(), `CREATE VIRTUAL TABLE fts_`+tokenizer+` USING fts5(id UNINDEXED, name, description, city, tokenize = '`+tokenizer+`')`); err != nil {
			return err
		}
		for _, c := range centres {
			_, err := tx.Exec(b.Context(), `INSERT INTO fts_`+tokenizer+` (id, name, description, city) VALUES ($1, $2, $3, $4)`, c.ID, c.Name, c.Description, c.City)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

// fullText asks for any of the words, the best match first.
func fullText(b *testing.B, db *store.DB, tokenizer, text string) []string {
	b.Helper()
	var words []string
	for _, w := range lexicon.Words(text) {
		if len(w) > 2 {
			words = append(words, `"`+w+`"`)
		}
	}
	if len(words) == 0 {
		return nil
	}
	rows, err := db.Query(context.Background(), `SELECT id FROM fts_`+tokenizer+` WHERE fts_`+tokenizer+` MATCH $1 ORDER BY rank LIMIT 3`, strings.Join(words, " OR "))
	ids, err := store.Collect(rows, err, func(rows *sql.Rows) (id string, err error) { return id, rows.Scan(&id) })
	if err != nil {
		b.Fatal(err)
	}
	return ids
}
