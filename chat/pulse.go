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
	if o, ok := c.presence(); ok {
		c.s.enqueue(o)
	}
}

// presence is what the bus should know of the seat, if there is one.
func (c *conn) presence() (o outgoing, ok bool) {
	switch c.who() {
	case Seeker:
		return outgoing{set: setSeat, member: c.conversation.String(), ttl: c.s.tune.PresenceTTL}, true
	case Counsellor:
		c.mu.Lock()
		set, leaving := c.status.State != "", c.closing
		c.mu.Unlock()
		return outgoing{set: setDesk, member: c.actor.ID.String(), desk: c}, set && !leaving
	}
	return outgoing{}, false
}

const (
	// doubtFor is how long after a gap nobody counts as gone for not being present:
	// the bus may have begun anew, and other nodes come back to it when they can.
	doubtFor = 10 * time.Second
	// renewWithin bounds the renewal after a gap.
	renewWithin = 2 * time.Second
)

func (h *hub) doubtPresence() { h.doubt.Store(h.s.now().Add(doubtFor).UnixMilli()) }

// presenceInDoubt reports whether somebody may be there who is not present.
func (h *hub) presenceInDoubt() bool { return h.s.now().UnixMilli() < h.doubt.Load() }

// renewPresence makes those present again who sit here and whom the bus has
// forgotten, and tells the other nodes. If it has forgotten nobody there is no doubt.
func (h *hub) renewPresence(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, renewWithin)
	defer cancel()
	known := map[string]map[string][]byte{}
	for _, set := range []string{setDesk, setSeat} {
		var err error
		if known[set], err = h.s.bus.Present(ctx, set); err != nil {
			return // a gap follows when the bus is back
		}
	}
	switch lost := h.renewMissing(ctx, known); {
	case lost > 0:
		h.doubtPresence()
		h.s.publish(topicQueue, nil)
	case len(known[setDesk])+len(known[setSeat]) > 0:
		h.doubt.Store(0)
	}
}

// renewMissing touches desks at once, for the next board is built from them. Seats
// are many and have time.
func (h *hub) renewMissing(ctx context.Context, known map[string]map[string][]byte) (lost int) {
	for _, c := range h.all() {
		o, ok := c.presence()
		if _, here := known[o.set][o.member]; here || !ok {
			continue
		}
		lost++
		if o.set == setSeat {
			h.s.enqueue(o)
			continue
		}
		h.s.noteLoss(ctx, 1, h.s.present(ctx, o))
	}
	return lost
}
