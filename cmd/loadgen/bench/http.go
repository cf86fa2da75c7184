package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

func postJSON(ctx context.Context, c *http.Client, url string, answer any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader("{}"))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := c.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("%s: %s", url, res.Status)
	}
	return json.NewDecoder(res.Body).Decode(answer)
}

// requests asks a url at a rate for a while, each time as another visitor, and
// measures the answers.
func requests(ctx context.Context, url string, as func(n int) *http.Client, rate int, during time.Duration) (*delays, int) {
	return atRate(ctx, rate, during, func(n int) error { return getOnce(ctx, as(n), url) })
}

// atRate asks at a rate for a while and measures the answers; it counts what
// failed.
func atRate(ctx context.Context, rate int, during time.Duration, ask func(n int) error) (*delays, int) {
	var d delays
	var wg sync.WaitGroup
	var mu sync.Mutex
	failed, sent := 0, 0
	lanes := make(chan struct{}, 64)
	start := time.Now()
	for tick := time.NewTicker(time.Millisecond); time.Since(start) < during && ctx.Err() == nil; <-tick.C {
		for due := int(time.Since(start).Seconds() * float64(rate)); sent < due; sent++ {
			asked := time.Now()
			lanes <- struct{}{}
			n := sent
			wg.Go(func() {
				defer func() { <-lanes }()
				if err := ask(n); err != nil {
					mu.Lock()
					failed++
					mu.Unlock()
					return
				}
				d.add(time.Since(asked))
			})
		}
	}
	wg.Wait()
	return &d, failed
}

func getOnce(ctx context.Context, c *http.Client, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	res, err := c.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	buf := make([]byte, 4096)
	for err == nil {
		_, err = res.Body.Read(buf)
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s", res.Status)
	}
	return nil
}
