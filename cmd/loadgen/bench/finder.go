package bench

import (
	"bytes"
	"compress/gzip"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"syscall"
	"time"

	"lotse/cmd/loadgen/crowd"
	"lotse/cmd/loadgen/world"
	"lotse/configs"
	"lotse/finder"
	"lotse/internal/testenv/staffed"
)

// households are those that the finder is measured with.
//
//go:embed households.json
var households []byte

// finderDate is the day of the law that is measured.
const finderDate = "2026-11-23"

// The goals of the finder.
const (
	evaluationRate = 2000
	pageBytes      = 60_000
)

// finder measures the benefits finder: in this process on its one core, and over
// HTTP with server and client on both.
func (o Options) finder(ctx context.Context) ([]Figure, error) {
	rules, err := finder.Load(configs.Finder())
	if err != nil {
		return nil, err
	}
	var requests []finder.Request
	if err := json.Unmarshal(households, &requests); err != nil {
		return nil, err
	}
	for i := range requests {
		requests[i].Date = finderDate
	}
	rate, err := evaluations(rules, requests, o.During)
	if err != nil {
		return nil, err
	}
	next, err := nextQuestions(rules, requests, o.During)
	if err != nil {
		return nil, err
	}
	over, err := o.finderHTTP(ctx, requests)
	return append([]Figure{
		{"finder: households evaluated with reasons, one core", "≥ 5,000/s", fmt.Sprintf("%.0f/s", rate), rate >= 5000, "16 benefits, four households in turn, per second of processor time"},
		{"finder: next question, p99", "≤ 5 ms", ms(next.quantile(.99)), next.quantile(.99) <= 5*time.Millisecond, "p50 " + ms(next.quantile(.5))},
	}, over...), err
}

// evaluations is how many households are evaluated in a second of processor
// time.
func evaluations(rules *finder.Rules, requests []finder.Request, during time.Duration) (float64, error) {
	n, before := 0, used()
	for start := time.Now(); time.Since(start) < during; n++ {
		if _, err := rules.Evaluate(requests[n%len(requests)]); err != nil {
			return 0, err
		}
	}
	return float64(n) / (used() - before).Seconds(), nil
}

func nextQuestions(rules *finder.Rules, requests []finder.Request, during time.Duration) (*delays, error) {
	var d delays
	start := time.Now()
	for n := 0; time.Since(start) < during; n++ {
		from := time.Now()
		if _, _, err := rules.Next(requests[n%len(requests)]); err != nil {
			return nil, err
		}
		d.add(time.Since(from))
	}
	return &d, nil
}

// used is the processor time of this process.
func used() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// finderHTTP measures the interface at the rate of the goal, and what a page
// loads.
func (o Options) finderHTTP(ctx context.Context, requests []finder.Request) ([]Figure, error) {
	l, err := newLotse(ctx, world.Shape{Nodes: 1, Program: o.Lotse, Staff: staffed.Plan{Teams: 1, People: 1, Places: 1, QueueMax: 1}, Cores: "0,1"})
	if err != nil {
		return nil, err
	}
	defer l.Close()
	base := l.Nodes[0].Direct()
	var bodies [][]byte
	for _, r := range requests {
		body, err := json.Marshal(r)
		if err != nil {
			return nil, err
		}
		bodies = append(bodies, body)
	}
	start := time.Now()
	d := atRate(ctx, evaluationRate, o.During, func(n int) error {
		c := &http.Client{Transport: crowd.Visitor{Number: 3_000_000 + n%2000, Base: l.base}}
		return ask(ctx, c, http.MethodPost, base+"/api/v1/finder/evaluate", bodies[n%len(bodies)], io.Discard)
	})
	rate, p95 := float64(d.count())/time.Since(start).Seconds(), d.quantile(.95)
	script, rules, err := finderWeight(base)
	return []Figure{
		{"finder: evaluations over HTTP, server and client on two cores", "≥ 2,000/s, p95 ≤ 20 ms", fmt.Sprintf("%.0f/s, p95 %s", rate, ms(p95)),
			rate >= .99*evaluationRate && p95 <= 20*time.Millisecond && d.failed == 0, d.came()},
		{"finder: interpreter and rules of the page, gzip", "≤ 60 kB", fmt.Sprintf("%.1f kB", float64(script+rules)/1000), script+rules <= pageBytes,
			fmt.Sprintf("script %.1f kB; rules, postcodes and all texts of the rules in German %.1f kB", float64(script)/1000, float64(rules)/1000)},
	}, err
}

var finderScript = regexp.MustCompile(`/static/finder\.[0-9a-f]+\.js`)

// finderWeight is what the page of the finder loads to ask and judge by itself,
// in bytes as they travel.
func finderWeight(base string) (script, rules int, err error) {
	page, err := fetch(base + "/de/leistungen")
	if err != nil {
		return 0, 0, err
	}
	if page, err = unzip(page); err != nil {
		return 0, 0, err
	}
	name := finderScript.Find(page)
	if name == nil {
		return 0, 0, errors.New("the page of the finder has no script")
	}
	code, err := fetch(base + string(name))
	if err != nil {
		return 0, 0, err
	}
	data, err := fetch(base + "/de/leistungen/regeln.json")
	return len(code), len(data), err
}

// fetch returns a body as it travels, compressed.
func fetch(url string) ([]byte, error) {
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept-Encoding", "gzip")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", url, res.Status)
	}
	return io.ReadAll(res.Body)
}

func unzip(body []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
