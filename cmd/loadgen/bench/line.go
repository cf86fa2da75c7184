package bench

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// line is one end of a room. Say sends a message to the other end with a stamp
// that the other end gives to heard; it does not wait.
type line interface {
	say(stamp int64) error
	cut()
}

// room is two ends.
type room [2]line

// ears is what lines call when a message has come. It may be changed while they
// run.
type ears struct {
	mu    sync.RWMutex
	heard func(room, end int, stamp int64)
	deaf  map[int]bool // rooms that are not listened to

	denied atomic.Int64 // messages the server has answered with an error
}

// ignore stops listening to a room, until the result is called.
func (e *ears) ignore(room int) (again func()) {
	set := func(deaf map[int]bool) {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.deaf = deaf
	}
	set(map[int]bool{room: true})
	return func() { set(nil) }
}

func (e *ears) set(f func(room, end int, stamp int64)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.heard = f
}

func (e *ears) hear(room, end int, stamp int64) {
	e.mu.RLock()
	f, deaf := e.heard, e.deaf[room]
	e.mu.RUnlock()
	if f != nil && !deaf {
		f(room, end, stamp)
	}
}

// stamp is the present instant, for messages that come back to this process.
func stamp() int64 { return time.Now().UnixNano() }

// delays gathers latencies.
type delays struct {
	mu  sync.Mutex
	all []time.Duration
}

func (d *delays) add(x time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all = append(d.all, x)
}

// quantile sorts and picks; 0 when there is nothing.
func (d *delays) quantile(q float64) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.all) == 0 {
		return 0
	}
	slices.Sort(d.all)
	return d.all[min(len(d.all)-1, int(q*float64(len(d.all))))]
}

func (d *delays) count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.all)
}
