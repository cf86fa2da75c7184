package chat

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"lotse/internal/fault"
)

const (
	// frameTimeout bounds the handling of one frame.
	frameTimeout = 20 * time.Second
	// aliveEvery is how often work at a desk renews the session.
	aliveEvery = time.Minute
	// patience is how many frames beyond their rate close the socket.
	patience = 200
)

// handler is one line of the table: who may send the frame, how often, and what
// it does.
type handler struct {
	from      []Who
	burst     float32
	perSecond float32
	run       func(ctx context.Context, c *conn, data []byte) (ID, string, error)
}

// framed is a parsed frame.
type framed interface{ ref() (ID, string) }

// on makes a handler out of a function of a parsed frame.
func on[F framed](burst, perSecond float32, run func(*conn, context.Context, F) error, from ...Who) handler {
	return handler{from: from, burst: burst, perSecond: perSecond,
		run: func(ctx context.Context, c *conn, data []byte) (ID, string, error) {
			f, err := parseFrame[F](data)
			if err != nil {
				return ID{}, "", err
			}
			id, message := f.ref()
			return id, message, run(c, ctx, f)
		}}
}

// frameTypes are the frames of a client in the order of their rate buckets.
var frameTypes = [...]string{"hello", "send", "typing", "read", "accept", "decline", "release", "transfer", "close", "status", "signal"}

// handlers is every frame a client may send.
func handlers() map[string]handler {
	return map[string]handler{
		"hello":    on(3, 0.1, (*conn).hello),
		"send":     on(60, 30, (*conn).onSend, Seeker, Counsellor),
		"typing":   on(10, 4, (*conn).onTyping, Seeker, Counsellor),
		"read":     on(60, 20, (*conn).onRead, Seeker, Counsellor),
		"accept":   on(10, 1, (*conn).onAccept, Counsellor),
		"decline":  on(10, 1, (*conn).onDecline, Counsellor),
		"release":  on(10, 1, (*conn).onRelease, Seeker, Counsellor),
		"transfer": on(10, 1, (*conn).onTransfer, Seeker, Counsellor),
		"close":    on(10, 1, (*conn).onClose, Seeker, Counsellor),
		"status":   on(20, 1, (*conn).onStatus, Seeker, Counsellor),
		"signal":   on(200, 20, (*conn).onSignal, Seeker, Counsellor),
	}
}

// rates are token buckets, one per frame type and one for everything unknown.
type rates struct {
	began   int64 // unix milliseconds; 0 until the first frame
	buckets [len(frameTypes) + 1]struct {
		spent float32 // tokens missing from a full bucket
		at    uint32  // milliseconds since began
	}
	over int // frames refused
}

// take draws a token and returns how long to wait when there is none.
func (r *rates) take(t string, burst, perSecond float32, now time.Time) time.Duration {
	i := slices.Index(frameTypes[:], t)
	if i < 0 {
		i = len(frameTypes)
	}
	if r.began == 0 {
		r.began = now.UnixMilli()
	}
	b := &r.buckets[i]
	ms := uint32(now.UnixMilli() - r.began)
	b.spent = max(0, b.spent-float32(ms-b.at)/1000*perSecond)
	b.at = ms
	if b.spent+1 > burst {
		r.over++
		return time.Duration((b.spent + 1 - burst) / perSecond * float32(time.Second))
	}
	b.spent++
	return 0
}

// handle does what one frame asks for and answers a refusal with an error frame.
func (c *conn) handle(data []byte) {
	t, ok := frameType(data)
	if ok && t == "" {
		return // a heartbeat with spaces
	}
	h, known := c.s.handlers[t]
	if known && t != "hello" && c.who() == "" {
		c.send(errorOf(fault.New(fault.Unauthenticated, "hello_first"), t, "", ""))
		c.shut(closeAuth)
		return
	}
	id, message, err := c.attempt(t, ok, known, h, data)
	if err == nil {
		c.s.metrics.framesIn.WithLabelValues(t).Inc()
		return
	}
	c.complain(err, t, known, id, message)
}

func (c *conn) attempt(t string, ok, known bool, h handler, data []byte) (ID, string, error) {
	if !known {
		h.burst, h.perSecond = 20, 1
	}
	if wait := c.rates.take(t, h.burst, h.perSecond, time.Now()); wait > 0 {
		if c.rates.over > patience {
			c.shut(closeRate)
		}
		return ID{}, "", fault.RetryAfter(fault.TooMany, "too_many", wait)
	}
	switch {
	case !ok:
		return ID{}, "", fault.New(fault.Invalid, "malformed")
	case !known:
		return ID{}, "", fault.New(fault.Invalid, "unknown_type")
	case len(h.from) > 0 && !slices.Contains(h.from, c.who()):
		return ID{}, "", fault.New(fault.Forbidden, "forbidden")
	}
	ctx, cancel := context.WithTimeout(context.Background(), frameTimeout)
	defer cancel()
	if c.who() == Counsellor {
		c.keepAlive(ctx)
	}
	return h.run(ctx, c, data)
}

// keepAlive renews the session of somebody who works at the desk.
func (c *conn) keepAlive(ctx context.Context) {
	now := time.Now().UnixMilli()
	last := c.alive.Load()
	if now-last < aliveEvery.Milliseconds() || !c.alive.CompareAndSwap(last, now) {
		return
	}
	c.stillSignedIn(ctx)
}

func (c *conn) complain(err error, t string, known bool, id ID, message string) {
	if !known {
		t = "" // not ours to repeat
	}
	kind := fault.KindOf(err)
	if kind == "" && !errors.Is(err, context.Canceled) {
		c.s.log.Error("handle frame", slog.String("type", t), slog.Any("err", err))
	}
	if _, err := ParseID(message); err != nil {
		message = ""
	}
	where := ""
	if !id.IsZero() {
		where = id.String()
	}
	f := errorOf(err, t, where, message)
	c.s.metrics.errors.WithLabelValues(f.Code).Inc()
	c.send(f)
}
