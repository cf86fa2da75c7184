package bench

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"lotse/cmd/loadgen/crowd"
	"lotse/cmd/loadgen/world"
	"lotse/configs"
	"lotse/directory"
	"lotse/directory/lexicon"
	"lotse/internal/bus"
	"lotse/internal/store"
	"lotse/internal/testenv/staffed"
)

// What the search is measured with.
const (
	manyCentres = 20_000
	searchRate  = 200 // requests a second
	firstBytes  = 20  // streams that are begun
	takeOver    = 30 * time.Second
)

// search imports many centres into a server and asks it, and asks the same index
// and SQLite's full text in this process.
func (o Options) search(ctx context.Context) ([]Figure, error) {
	l, err := newLotse(ctx, world.Shape{Nodes: 1, Program: o.Lotse, Staff: staffed.Plan{Teams: 1, People: 1, Places: 1, QueueMax: 1}, Cores: o.ServerCores})
	if err != nil {
		return nil, err
	}
	defer l.Close()
	atlas, err := newAtlas()
	if err != nil {
		return nil, err
	}
	queries, err := readAsked(atlas.Taxonomy, atlas.Places)
	if err != nil {
		return nil, err
	}
	imported, err := o.importMany(ctx, l, atlas)
	if err != nil {
		return nil, err
	}
	online, err := o.searchOnline(ctx, l, queries)
	if err != nil {
		return nil, err
	}
	inside, err := o.searchInside(ctx, l.Database(), atlas, queries)
	return append(append([]Figure{imported}, online...), inside...), err
}

// newAtlas is the directory's knowledge without centres, as the server has it.
func newAtlas() (directory.Options, error) {
	taxonomy, err := directory.ParseTaxonomy(bytes.NewReader(configs.Topics))
	if err != nil {
		return directory.Options{}, err
	}
	table, err := gzip.NewReader(bytes.NewReader(configs.Postcodes))
	if err != nil {
		return directory.Options{}, err
	}
	places, err := directory.ReadPlaces(table)
	if err != nil {
		return directory.Options{}, err
	}
	return directory.Options{Bus: bus.NewMemory(), Log: slog.New(slog.DiscardHandler), Taxonomy: taxonomy, Places: places}, nil
}

// importMany writes the centres to a file and lets the program import it, beside the
// running server, which takes them over by itself.
func (o Options) importMany(ctx context.Context, l *lotse, atlas directory.Options) (Figure, error) {
	database := strings.TrimPrefix(l.Database(), "sqlite:")
	file := filepath.Join(filepath.Dir(database), "centres.csv")
	if err := writeCentres(file, atlas, manyCentres); err != nil {
		return Figure{}, err
	}
	cmd := exec.CommandContext(ctx, o.Lotse, "import", "centres", file)
	cmd.Env = append(os.Environ(), "LOTSE_DATA="+filepath.Dir(database))
	start := time.Now()
	out, err := cmd.CombinedOutput()
	took := time.Since(start)
	if err != nil {
		return Figure{}, fmt.Errorf("import: %w\n%s", err, out)
	}
	cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return Figure{fmt.Sprintf("import of %d centres into SQLite", manyCentres), "≤ 30 s", seconds(took), took <= 30*time.Second,
		fmt.Sprintf("%s of CPU, beside the running server", seconds(cpu))}, taken(ctx, l)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

// taken waits until the server has the centres.
func taken(ctx context.Context, l *lotse) error {
	address := l.Nodes[0].Direct() + "/api/v1/centres?topic=schulden&postcode=50667"
	for until := time.Now().Add(takeOver); time.Now().Before(until); pause(ctx, 200*time.Millisecond) {
		var found struct{ Total int }
		res, err := http.Get(address)
		if err != nil {
			return err
		}
		err = json.NewDecoder(res.Body).Decode(&found)
		if err := res.Body.Close(); err != nil {
			return err
		}
		if err == nil && found.Total > 0 {
			return nil
		}
	}
	return fmt.Errorf("the server did not take over the centres in %v", takeOver)
}

// searchOnline asks the server over HTTP.
func (o Options) searchOnline(ctx context.Context, l *lotse, queries []asked) ([]Figure, error) {
	node := l.Nodes[0]
	ask := func(path string, text func(n int) string) (*answers, time.Duration, error) {
		before, err := l.cpu()
		if err != nil {
			return nil, 0, err
		}
		a := requests(ctx, node.Direct()+path, func(n int) *http.Client {
			return &http.Client{Transport: crowd.Visitor{Number: 3_000_000 + n%20_000, Base: asking{l.base, text(n)}}}
		}, searchRate, o.During)
		after, err := l.cpu()
		return a, (after - before) / time.Duration(max(1, a.count())), err
	}
	found, cost, err := ask("/api/v1/centres", func(n int) string { return queries[n%len(queries)].text })
	if err != nil {
		return nil, err
	}
	words, costWords, err := ask("/api/v1/suggest", func(n int) string { return beginnings[n%len(beginnings)] })
	if err != nil {
		return nil, err
	}
	first, err := firstByte(ctx, node.Direct()+"/hsds/services?format=ndjson")
	beside := func(a *answers, cost time.Duration) string {
		return fmt.Sprintf("%s; %s of CPU of the server each", a.came(), us(cost))
	}
	p99, p99Words, late := found.quantile(.99), words.quantile(.99), first.quantile(.99)
	return []Figure{
		{fmt.Sprintf("search among them at %d requests/s over HTTP, p99", searchRate), "≤ 15 ms", ms(p99), found.failed == 0 && p99 <= 15*time.Millisecond, beside(found, cost)},
		{"autocomplete at the same rate over HTTP, p99", "≤ 5 ms", ms(p99Words), words.failed == 0 && p99Words <= 5*time.Millisecond, beside(words, costWords)},
		{"first byte of all services as NDJSON", "≤ 50 ms", ms(late), late <= 50*time.Millisecond, fmt.Sprintf("slowest of %d; p50 %s", first.count(), ms(first.quantile(.5)))},
	}, err
}

// beginnings are what people have typed when they look at suggestions.
var beginnings = []string{"s", "sch", "schuld", "schulden", "kö", "köl", "berl", "5", "506", "50667", "stadtm", "fam", "dep", "wohn", "mün", "hilf", "дол", "دي", "borc", "deb"}

// asking puts the text into the query of a request.
type asking struct {
	base http.RoundTripper
	text string
}

// RoundTrip implements http.RoundTripper.
func (a asking) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.RawQuery = url.Values{"q": {a.text}}.Encode()
	return a.base.RoundTrip(r)
}

// firstByte begins to read a stream some times and measures how long the first byte
// takes.
func firstByte(ctx context.Context, address string) (*delays, error) {
	var d delays
	for range firstBytes {
		ctx, stop := context.WithCancel(ctx)
		start := time.Now()
		err := func() error {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
			if err != nil {
				return err
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				return err
			}
			defer res.Body.Close()
			if res.StatusCode != http.StatusOK {
				return fmt.Errorf("%s: %s", address, res.Status)
			}
			_, err = res.Body.Read(make([]byte, 1))
			return err
		}()
		stop()
		if err != nil {
			return &d, err
		}
		d.add(time.Since(start))
	}
	return &d, nil
}

// searchInside loads the server's database into an index of this process, measures
// it, and asks full text the same.
func (o Options) searchInside(ctx context.Context, database string, atlas directory.Options, queries []asked) ([]Figure, error) {
	db, err := store.Open(ctx, database)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	before := live()
	files, err := fs.Sub(configs.Lexicon, "lexicon")
	if err != nil {
		return nil, err
	}
	known := func(id string) bool { _, ok := atlas.Taxonomy.Topic(id); return ok }
	words, err := lexicon.Load(files, known, atlas.Places.Names())
	if err != nil {
		return nil, err
	}
	atlas.Lexicon = func() (*lexicon.Lexicon, error) { return words, nil }
	if atlas.Around, err = directory.Germany(time.UTC); err != nil {
		return nil, err
	}
	atlas.DB = db
	s := directory.New(atlas)
	start := time.Now()
	if err := s.Load(ctx); err != nil {
		return nil, err
	}
	loaded, rebuilt := time.Since(start), s.Rebuilt()
	heap := live() - before
	ours, err := judgeIndex(ctx, s, queries)
	if err != nil {
		return nil, err
	}
	rivals, err := judgeFullText(ctx, s, queries)
	return append([]Figure{
		{"index of them rebuilt", "≤ 1 s", seconds(rebuilt), rebuilt <= time.Second, seconds(loaded) + " with reading them from SQLite"},
		{"live heap of centres, index, places and lexicon", "≤ 100 MB", fmt.Sprintf("%.0f MB", float64(heap)/megabyte), heap <= 100*megabyte, ""},
		{"search in the index, p99", "≤ 2 ms", ms(ours.p99), ours.p99 <= 2*time.Millisecond, ours.String()},
	}, rivals...), err
}

// live is the heap in use after a collection.
func live() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// chance is the same in each run.
func chance() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }
