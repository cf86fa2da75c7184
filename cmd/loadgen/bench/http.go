package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// ask sends a request, with a JSON body if there is one, and writes the whole answer
// to into. Any answer but a 2xx is an error.
func ask(ctx context.Context, c *http.Client, method, url string, body []byte, into io.Writer) error {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := c.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(into, res.Body); err != nil {
		return err
	}
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("%s: %s", url, res.Status)
	}
	return nil
}

// requests asks a url at a rate for a while, each time as another visitor, and
// measures the answers.
func requests(ctx context.Context, url string, as func(n int) *http.Client, rate int, during time.Duration) (*delays, int) {
	return atRate(ctx, rate, during, func(n int) error { return ask(ctx, as(n), http.MethodGet, url, nil, io.Discard) })
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
