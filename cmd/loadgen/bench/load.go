package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// steady is what an even load has shown.
type steady struct {
	sent, heard int
	late        int           // of heard: after the load had ended
	refused     int           // could not even be written
	denied      int           // answered with an error
	lost        int           // not heard within drainTime after the load had ended
	p50, p99    time.Duration // from when each was due
	lag         time.Duration // the generator's largest
	cpu         time.Duration // of the server, per message
}

// drainTime is how long after a load what is still on its way may come. Latencies
// count whatever comes in it.
const drainTime = 30 * time.Second

// came says what became of the messages.
func (r steady) came() string {
	words := fmt.Sprintf("%d of %d delivered", r.heard, r.sent)
	if r.late > 0 {
		words += fmt.Sprintf(", %d of them after the load had ended", r.late)
	}
	if r.refused > 0 {
		words += fmt.Sprintf(", %d not written", r.refused)
	}
	if r.denied > 0 {
		words += fmt.Sprintf(", %d refused with an error", r.denied)
	}
	if r.lost > 0 {
		words += fmt.Sprintf(", %d not within %v", r.lost, drainTime)
	}
	return words + fmt.Sprintf(", the generator at most %s late", ms(r.lag))
}

// even lets random ends of rooms speak at a rate for a while, whatever comes
// back, and measures how long each message takes to the other end.
func even(ctx context.Context, s subject, rooms []room, e *ears, rate int, during time.Duration) (steady, error) {
	var d delays
	e.set(func(_, _ int, at int64) { d.add(time.Duration(stamp() - at)) })
	defer e.set(nil)
	before, err := s.cpu()
	if err != nil {
		return steady{}, err
	}
	deniedBefore := e.denied.Load()
	var r steady
	r.sent, r.lag = pace(ctx, rate, during, func(_ int, due time.Time) {
		if rooms[rand.IntN(len(rooms))][rand.IntN(2)].say(due.UnixNano()) != nil {
			r.refused++
		}
	})
	inTime := d.count()
	left := func() int { return r.sent - r.refused - int(e.denied.Load()-deniedBefore) - d.count() }
	for wait := time.Now(); left() > 0 && time.Since(wait) < drainTime && ctx.Err() == nil; {
		pause(ctx, 10*time.Millisecond)
	}
	after, err := s.cpu()
	r.heard = d.count()
	r.late = r.heard - inTime
	r.denied = int(e.denied.Load() - deniedBefore)
	r.lost = left()
	r.p50, r.p99 = d.quantile(.5), d.quantile(.99)
	r.cpu = (after - before) / time.Duration(max(1, r.heard))
	return r, err
}

// pingpong lets each room exchange one message after the other, as fast as the
// server can, and returns the messages heard per second.
func pingpong(ctx context.Context, s subject, rooms []room, e *ears, during time.Duration) (perSecond float64, cpu time.Duration, err error) {
	var heard atomic.Int64
	var over atomic.Bool
	e.set(func(room, end int, _ int64) {
		heard.Add(1)
		if !over.Load() {
			_ = rooms[room][end].say(stamp()) // a line that is gone says no more
		}
	})
	defer e.set(nil)
	for _, r := range rooms {
		if err := r[0].say(stamp()); err != nil {
			return 0, 0, err
		}
	}
	pause(ctx, during/5) // to get going
	before, err := s.cpu()
	if err != nil {
		return 0, 0, err
	}
	from, start := heard.Load(), time.Now()
	pause(ctx, during)
	n, took := heard.Load()-from, time.Since(start)
	after, err := s.cpu()
	over.Store(true)
	pause(ctx, 500*time.Millisecond)
	return float64(n) / took.Seconds(), (after - before) / time.Duration(max(1, n)), err
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
