package chat

import (
	"context"
	"math/rand/v2"
	"time"
)

// pulses is how many times per heartbeat the sockets are looked at.
const pulses = 25

// pulse sends each socket a heartbeat every Heartbeat, the first at a random time
// so that they spread, keeps presence alive, and gives up those that say nothing.
func (h *hub) pulse(ctx context.Context) error {
	tick := time.NewTicker(max(h.s.tune.Heartbeat/pulses, time.Millisecond))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		now := time.Now()
		for _, c := range h.all() {
			c.beat(now)
		}
	}
}

// beat does what is due for one connection. The time of its next heartbeat is
// known to the pulse alone.
func (c *conn) beat(now time.Time) {
	every, ms := c.s.tune.Heartbeat.Milliseconds(), now.UnixMilli()
	if c.nextBeat == 0 {
		c.nextBeat = c.born + every/2 + rand.N(every/2+1)
	}
	if c.who() == "" && ms-c.born > c.s.tune.HelloWithin.Milliseconds() {
		c.shut(closeResync) // the hello may be on a slow way: nothing is said about its token
		return
	}
	if ms < c.nextBeat {
		return
	}
	c.nextBeat = ms + every
	if ms-c.heard.Load() > 2*every+every/2 {
		_ = c.ws.CloseNow()
		return
	}
	c.push(heartbeat)
	c.stayPresent()
}

// stayPresent renews what the bus knows of the seat.
func (c *conn) stayPresent() {
	switch c.who() {
	case Seeker:
		c.s.enqueue(outgoing{set: setSeat, member: c.conversation.String(), ttl: c.s.tune.PresenceTTL})
	case Counsellor:
		c.mu.Lock()
		st, leaving := c.status, c.closing
		c.mu.Unlock()
		if st.State != "" && !leaving {
			c.s.enqueue(outgoing{set: setDesk, desk: c})
		}
	}
}
