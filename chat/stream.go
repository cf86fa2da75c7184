package chat

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"lotse/internal/staff"
)

const (
	// catchPage is how many messages are read at once while catching up.
	catchPage = 64
	// readTimeout bounds one reading of the database for a socket.
	readTimeout = 10 * time.Second
)

// stream is one conversation as one connection follows it. Guarded by conn.mu.
type stream struct {
	id       ID
	cursor   int64   // everything up to here is in the outbox or confirmed
	top      int64   // there is at least so much
	catching bool    // a goroutine reads what is missing
	own      []int64 // own messages beyond cursor, confirmed by ack already
	rev      int64   // of the state that was sent last
	state    State
	active   bool      // staff: in the hands of this counsellor
	typed    time.Time // last typing frame passed on
	shown    uint64    // sum of the readers last asked for, to ask once
	readers  uint64    // seeker: sum of those of the present epoch
	told     *told     // seeker: what place and readers depend on, nil when it is over
}

// told is what a seeker's place in the queue and wanted readers depend on.
type told struct {
	kind     Kind
	team     staff.TeamID
	topic    string
	language string
	holder   string
}

func (c *conn) streamLocked(id ID) *stream {
	for _, st := range c.streams {
		if st.id == id {
			return st
		}
	}
	return nil
}

// follow makes the connection take part in a conversation from behind seq.
func (c *conn) follow(ctx context.Context, id ID, seq int64) error {
	c.mu.Lock()
	known := c.streamLocked(id) != nil
	c.mu.Unlock()
	if known {
		return nil
	}
	if err := c.s.hub.join(ctx, id, c); err != nil {
		return err
	}
	c.mu.Lock()
	gone := c.gone
	if !gone {
		c.streams = append(c.streams, &stream{id: id, cursor: seq, rev: -1})
	}
	c.mu.Unlock()
	if gone {
		c.s.hub.part(id, c)
	}
	return nil
}

// unfollow ends that.
func (c *conn) unfollow(id ID) {
	c.mu.Lock()
	before := len(c.streams)
	c.streams = slices.DeleteFunc(c.streams, func(st *stream) bool { return st.id == id })
	dropped := len(c.streams) < before
	c.mu.Unlock()
	if dropped {
		c.s.hub.part(id, c)
	}
}

// holds reports whether the conversation is in the hands of this counsellor, as
// far as this connection has been told.
func (c *conn) holds(id ID) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	st := c.streamLocked(id)
	return st != nil && st.active
}

// arrive sends a message that has just become durable, here or on another node,
// if it is the next one; otherwise the missing ones are read first.
func (c *conn) arrive(id ID, seq int64, frame []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	st := c.streamLocked(id)
	if st == nil || seq <= st.cursor {
		return
	}
	if !st.catching && seq == st.cursor+1 {
		c.passLocked(st, seq, frame)
		return
	}
	c.catchLocked(st, seq)
}

// confirm acknowledges an own message.
func (c *conn) confirm(id ID, m Stored) {
	ack := ackFrame{T: "ack", ID: m.ID, C: id, Seq: int64(m.Seq), At: m.At}.encode()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pushLocked(ack)
	st := c.streamLocked(id)
	if st == nil || int64(m.Seq) <= st.cursor {
		return
	}
	st.own = append(st.own, int64(m.Seq))
	c.skipOwnLocked(st)
}

// passLocked sends the next message and whatever own ones follow it.
func (c *conn) passLocked(st *stream, seq int64, frame []byte) {
	if !slices.Contains(st.own, seq) {
		c.pushLocked(frame)
	}
	st.cursor = seq
	c.skipOwnLocked(st)
}

// skipOwnLocked moves the cursor over own messages that were confirmed.
func (c *conn) skipOwnLocked(st *stream) {
	for slices.Contains(st.own, st.cursor+1) {
		st.cursor++
	}
	st.own = slices.DeleteFunc(st.own, func(seq int64) bool { return seq <= st.cursor })
	if len(st.own) == 0 {
		st.own = nil
	}
}

// advance says that a conversation has come to seq at least.
func (c *conn) advance(id ID, seq int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if st := c.streamLocked(id); st != nil && seq > st.cursor {
		c.catchLocked(st, seq)
	}
}

func (c *conn) catchLocked(st *stream, top int64) {
	st.top = max(st.top, top)
	if !st.catching && !c.gone {
		st.catching = c.s.errands.begin(func() { c.catchUp(st) })
	}
}

// catchUp reads and sends what is missing, a page at a time and each only when
// the client has taken the one before, so that a long history cannot make a
// healthy client look slow.
func (c *conn) catchUp(st *stream) {
	for {
		if !c.room() {
			return
		}
		c.mu.Lock()
		from := st.cursor
		c.mu.Unlock()
		ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
		page, err := loadMessages(ctx, c.s.db, st.id, from, catchPage)
		cancel()
		if err != nil {
			c.s.log.Error("catch up", slog.Any("err", err))
			c.shut(closeResync)
			return
		}
		if c.passPage(st, page) {
			return
		}
	}
}

// passPage sends a page and reports whether nothing is missing any more.
func (c *conn) passPage(st *stream, page []Stored) (done bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range page {
		if c.outBytes > c.s.tune.Outbox/2 {
			return c.gone // the rest when the client has taken this
		}
		if int64(m.Seq) == st.cursor+1 {
			c.passLocked(st, int64(m.Seq), m.frame(st.id))
		}
	}
	// A short page is the end: what top promised beyond it was purged.
	done = c.gone || len(page) < catchPage && (st.cursor >= st.top || len(page) == 0)
	if done {
		st.catching = false
		st.top = st.cursor
	}
	return done
}
