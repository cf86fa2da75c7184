package bench

import (
	"bufio"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"lotse/directory"
	"lotse/directory/lexicon"
	"lotse/internal/store"
)

// queryLists are read from the directory that make runs in. The first is the one
// that the lexicon is not developed with.
var queryLists = []string{"directory/testdata/queries.tsv", "directory/testdata/queries_own.tsv"}

// asked is a query, and the topics of which one is right.
type asked struct {
	text   string
	topics []string
}

// readAsked reads the queries about a topic, every second one with a postcode.
func readAsked(taxonomy *directory.Taxonomy, places *directory.Places) (all []asked, err error) {
	postcodes := places.Postcodes()
	for _, name := range queryLists {
		f, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("run it where the queries are: %w", err)
		}
		for lines := bufio.NewScanner(f); lines.Scan(); {
			columns := append(strings.Split(lines.Text(), "\t"), "", "", "")
			topics, _ := taxonomy.Resolve(strings.FieldsFunc(columns[2], func(r rune) bool { return strings.ContainsRune(" ,;|", r) }))
			if len(topics) == 0 || strings.HasPrefix(columns[0], "#") {
				continue
			}
			text := columns[1]
			if len(all)%2 == 0 {
				text += " " + postcodes[len(all)*17%len(postcodes)]
			}
			all = append(all, asked{text, topics})
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// verdict is how well and how fast queries were answered.
type verdict struct {
	hits, empty, n int
	p50, p99       time.Duration
}

func (v verdict) String() string {
	share := func(part int) float64 { return 100 * float64(part) / float64(max(1, v.n)) }
	return fmt.Sprintf("p50 %s; of %d queries %.1f %% have a right centre among the first three, %.1f %% find nothing", ms(v.p50), v.n, share(v.hits), share(v.empty))
}

// judged asks all queries. first returns the first three centres.
func judged(queries []asked, byID map[string]*directory.Centre, first func(text string) ([]string, error)) (v verdict, err error) {
	var d delays
	for _, q := range queries {
		start := time.Now()
		ids, failed := first(q.text)
		d.add(time.Since(start))
		err = cmp.Or(err, failed)
		v.n++
		if len(ids) == 0 {
			v.empty++
		}
		if slices.ContainsFunc(ids, func(id string) bool { return byID[id] != nil && slices.ContainsFunc(q.topics, byID[id].Serves) }) {
			v.hits++
		}
	}
	v.p50, v.p99 = d.quantile(.5), d.quantile(.99)
	return v, err
}

func listed(s *directory.Service) map[string]*directory.Centre {
	all := map[string]*directory.Centre{}
	for _, c := range s.Listed(directory.Selection{}) {
		all[c.ID] = c
	}
	return all
}

// judgeIndex asks the index in this process.
func judgeIndex(ctx context.Context, s *directory.Service, queries []asked) (verdict, error) {
	return judged(queries, listed(s), func(text string) (ids []string, err error) {
		a, err := s.Find(ctx, directory.Query{Text: text, Limit: 3, Seed: 7})
		for _, h := range a.Results {
			ids = append(ids, h.ID)
		}
		return ids, err
	})
}

// judgeFullText asks SQLite's full text search the same queries about the same
// centres.
func judgeFullText(ctx context.Context, s *directory.Service, queries []asked) (all []Figure, err error) {
	dir, err := os.MkdirTemp("", "lotse-fulltext-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	db, err := store.Open(ctx, "sqlite:"+filepath.Join(dir, "fulltext.db"))
	if err != nil {
		return nil, err
	}
	defer db.Close()
	centres := listed(s)
	for _, tokenizer := range []string{"unicode61", "trigram"} {
		if err := fillFullText(ctx, db, tokenizer, centres); err != nil {
			return all, err
		}
		v, err := judged(queries, centres, func(text string) ([]string, error) { return askFullText(ctx, db, tokenizer, text) })
		if err != nil {
			return all, err
		}
		all = append(all, Figure{"for comparison: SQLite FTS5 " + tokenizer + ", p99", "none", ms(v.p99), true, v.String()})
	}
	return all, nil
}

func fillFullText(ctx context.Context, db *store.DB, tokenizer string, centres map[string]*directory.Centre) error {
	return db.Transact(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `CREATE VIRTUAL TABLE fts_`+tokenizer+` USING fts5(id UNINDEXED, name, description, city, postcode, tokenize = '`+tokenizer+`')`)
		for _, c := range centres {
			_, failed := tx.Exec(ctx, `INSERT INTO fts_`+tokenizer+` (id, name, description, city, postcode) VALUES ($1, $2, $3, $4, $5)`, c.ID, c.Name, c.Description, c.City, c.Postcode)
			err = errors.Join(err, failed)
		}
		return err
	})
}

// askFullText asks for any of the words, the best match first.
func askFullText(ctx context.Context, db *store.DB, tokenizer, text string) ([]string, error) {
	var words []string
	for _, w := range lexicon.Words(text) {
		if len(w) > 2 {
			words = append(words, `"`+w+`"`)
		}
	}
	if len(words) == 0 {
		return nil, nil
	}
	rows, err := db.Query(ctx, `SELECT id FROM fts_`+tokenizer+` WHERE fts_`+tokenizer+` MATCH $1 ORDER BY rank LIMIT 3`, strings.Join(words, " OR "))
	return store.Collect(rows, err, func(rows *sql.Rows) (id string, err error) { return id, rows.Scan(&id) })
}
