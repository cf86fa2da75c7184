package check

import (
	"context"
	"time"
)

// hostPause lies between two requests to the same host.
const hostPause = 5 * time.Second

// pace makes requests to one host wait for each other.
type pace struct {
	pause time.Duration
	next  map[string]time.Time // host → when it may be asked again
}

func newPace(pause time.Duration) pace { return pace{pause, map[string]time.Time{}} }

// wait returns when the host may be asked, or when ctx ends.
func (p pace) wait(ctx context.Context, host string) error {
	now := time.Now()
	at := p.next[host]
	if at.Before(now) {
		at = now
	}
	p.next[host] = at.Add(p.pause)
	if at.After(now) {
		timer := time.NewTimer(at.Sub(now))
		defer timer.Stop()
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
	}
	return ctx.Err()
}
