package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
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

// answers is what became of requests at a rate.
type answers struct {
	delays // from when each was due
	failed int
	lag    time.Duration // the generator's largest
}

// came says what became of the requests.
func (a *answers) came() string {
	return fmt.Sprintf("p50 %s, %d answers, %d failed, the generator at most %s late", ms(a.quantile(.5)), a.count(), a.failed, ms(a.lag))
}

// requests asks a url at a rate for a while, each time as another visitor, and
// measures the answers.
func requests(ctx context.Context, url string, as func(n int) *http.Client, rate int, during time.Duration) *answers {
	return atRate(ctx, rate, during, func(n int) error { return ask(ctx, as(n), http.MethodGet, url, nil, io.Discard) })
}

// atRate asks at a rate for a while and measures the answers. A request that has to
// wait for one of the lanes is late, and counts as that.
func atRate(ctx context.Context, rate int, during time.Duration, ask func(n int) error) *answers {
	var a answers
	var failed atomic.Int64
	var wg sync.WaitGroup
	lanes := make(chan struct{}, 64)
	_, a.lag = pace(ctx, rate, during, func(n int, due time.Time) {
		lanes <- struct{}{}
		wg.Go(func() {
			defer func() { <-lanes }()
			if ask(n) != nil {
				failed.Add(1)
				return
			}
			a.add(time.Since(due))
		})
	})
	wg.Wait()
	a.failed = int(failed.Load())
	return &a
}
