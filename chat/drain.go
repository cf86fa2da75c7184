package chat

import (
	"context"
	"math/rand/v2"
	"time"

	"golang.org/x/sync/semaphore"

	"lotse/internal/fault"
)

// add lets a new connection in, unless the node drains.
func (h *hub) add(c *conn) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.draining {
		return false
	}
	h.conns[c] = struct{}{}
	h.s.metrics.sockets.Set(float64(len(h.conns)))
	return true
}

func (h *hub) remove(c *conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.conns, c)
	h.s.metrics.sockets.Set(float64(len(h.conns)))
	h.tellEmpty()
}

// empty is closed once the last connection of a draining hub has cleaned up.
func (h *hub) empty() <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.emptied == nil {
		h.emptied = make(chan struct{})
		h.tellEmpty()
	}
	return h.emptied
}

func (h *hub) tellEmpty() {
	if h.emptied != nil && len(h.conns) == 0 {
		close(h.emptied)
	}
}

func (h *hub) isDraining() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.draining
}

// Sockets is how many sockets are open on this node.
func (s *Service) Sockets() int { return len(s.hub.all()) }

// drainParallel bounds how many sockets are being closed at once.
const drainParallel = 128

// Drain takes no more sockets and closes those that are open, spread over
// Tuning.DrainSpread so that they do not all come back at once; each is told when
// to. It returns when all are gone and cleaned up after, or cuts the rest when ctx
// ends. Run must go on until Drain has returned.
func (s *Service) Drain(ctx context.Context) error {
	s.hub.mu.Lock()
	if !s.hub.draining {
		s.hub.draining = true
		close(s.hub.leaving)
	}
	s.hub.mu.Unlock()
	open := s.hub.all()
	rand.Shuffle(len(open), func(i, j int) { open[i], open[j] = open[j], open[i] })
	sem := semaphore.NewWeighted(drainParallel)
	for i, c := range open {
		if err := s.drainPause(ctx, i, len(open)); err != nil {
			break
		}
		if sem.Acquire(ctx, 1) != nil {
			break
		}
		go func() {
			defer sem.Release(1)
			c.drain(rand.N(s.tune.DrainSpread + 1))
		}()
	}
	select {
	case <-s.hub.empty(): // every farewell ends in the clean-up of its connection
		return nil
	case <-ctx.Done():
		for _, c := range s.hub.all() {
			_ = c.ws.CloseNow()
		}
		return fault.Wrap(fault.Unavailable, "unavailable", ctx.Err())
	}
}

// drainPause spaces n closings over the spread, at most a second apart.
func (s *Service) drainPause(ctx context.Context, i, n int) error {
	if i == 0 {
		return ctx.Err()
	}
	gap := time.NewTimer(min(s.tune.DrainSpread/time.Duration(n), time.Second))
	defer gap.Stop()
	select {
	case <-gap.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// drain closes one connection and waits for it.
func (c *conn) drain(retry time.Duration) {
	c.mu.Lock()
	closing := c.closing
	c.closing = true
	c.mu.Unlock()
	if !closing {
		c.farewell(closeDraining, retry)
	}
}
