package chat

import (
	"context"
	"time"

	"lotse/internal/fault"
	"lotse/internal/staff"
)

var errNotFound = fault.New(fault.NotFound, "not_found")

// mine checks that a frame is about a conversation this connection follows: the
// seeker's own, or one in the hands of, or offered to, the counsellor.
func (c *conn) mine(id ID) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.streamLocked(id) == nil {
		return errNotFound
	}
	return nil
}

// seatIn is the seat of this connection in a conversation.
func (c *conn) seatIn(id ID) Seat {
	if c.side == Seeker {
		return Seat{Conversation: id, Who: Seeker}
	}
	return Seat{Conversation: id, Who: Counsellor, Actor: *c.actor}
}

// sender is the label of this seat's messages.
func (c *conn) sender() string {
	if c.side == Seeker {
		return string(Seeker)
	}
	return c.actor.KID
}

// onSend appends a message. Somebody who no longer takes part may have written it
// before and not have heard what became of it; then the ack is still owed.
func (c *conn) onSend(_ context.Context, f sendFrame) error {
	unless := c.mine(f.C)
	if unless != nil && c.side == Seeker {
		return unless
	}
	return c.s.submit(&job{seat: c.seatIn(f.C), msg: f.Sealed, origin: c, unless: unless, done: func(_ Stored, err error) {
		if err != nil {
			c.complain(err, "send", true, f.C, f.ID)
		}
	}})
}

// talking reports whether both sides of a conversation are in it: an active one,
// for a counsellor the own.
func (c *conn) talking(id ID) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	st := c.streamLocked(id)
	switch {
	case st == nil:
		return errNotFound
	case st.state != Active || c.side == Counsellor && !st.active:
		return fault.New(fault.Conflict, "not_now")
	}
	return nil
}

func (c *conn) onTyping(_ context.Context, f typingFrame) error {
	if err := c.talking(f.C); err != nil {
		return err
	}
	c.mu.Lock()
	st := c.streamLocked(f.C)
	now := time.Now()
	throttled := st == nil || f.On && now.Sub(st.typed) < typingGap
	if !throttled {
		st.typed = now
		if !f.On {
			st.typed = time.Time{}
		}
	}
	c.mu.Unlock()
	if !throttled {
		c.s.hub.pass(f.C, c.otherSide(), showTypingFrame{"typing", f.C, c.sender(), f.On})
	}
	return nil
}

func (c *conn) otherSide() Who {
	if c.side == Seeker {
		return Counsellor
	}
	return Seeker
}

// onRead keeps the seeker's marks and shows them to the counsellor. Those of a
// counsellor are nobody's business.
func (c *conn) onRead(_ context.Context, f readFrame) error {
	if f.Seq < 0 || f.Delivered < 0 {
		return fault.InvalidInput(map[string]string{"seq": "invalid"})
	}
	if err := c.mine(f.C); err != nil {
		return err
	}
	if c.side != Seeker {
		return nil
	}
	c.mu.Lock()
	st := c.streamLocked(f.C)
	if st == nil {
		c.mu.Unlock()
		return errNotFound
	}
	seen := min(f.Seq, st.cursor)
	delivered := min(max(f.Delivered, f.Seq), st.cursor)
	c.mu.Unlock()
	c.s.marks.read(f.C, delivered, seen)
	c.s.hub.pass(f.C, Counsellor, showReadFrame{"read", f.C, string(Seeker), delivered, seen})
	return nil
}

func (c *conn) onClose(ctx context.Context, f takeFrame) error {
	if c.side == Counsellor {
		return c.s.act(ctx, *c.actor, f.C, ActClose)
	}
	if err := c.mine(f.C); err != nil {
		return err
	}
	return c.s.seekerAct(ctx, f.C, ActClose)
}

func (c *conn) onRelease(ctx context.Context, f releaseFrame) error {
	if c.side == Counsellor {
		if f.As != "" {
			return fault.InvalidInput(map[string]string{"as": "invalid"})
		}
		return c.s.act(ctx, *c.actor, f.C, ActHandBack)
	}
	if err := c.mine(f.C); err != nil {
		return err
	}
	switch f.As {
	case "", "leave":
		return c.s.seekerAct(ctx, f.C, ActQuit)
	case "message":
		return c.s.seekerAct(ctx, f.C, ActDefer)
	case "queue":
		return c.s.requeue(ctx, f.C)
	}
	return fault.InvalidInput(map[string]string{"as": "invalid"})
}

func (c *conn) onTransfer(ctx context.Context, f transferFrame) error {
	if c.side == Counsellor {
		return c.staffTransfer(ctx, f)
	}
	if err := c.mine(f.C); err != nil {
		return err
	}
	if f.Team != (staff.TeamID{}) || f.Person != (staff.ID{}) {
		return fault.InvalidInput(map[string]string{"team": "invalid"})
	}
	switch f.Step {
	case "consent":
		return c.s.consent(ctx, f.C)
	case "refuse":
		return c.s.seekerAct(ctx, f.C, ActRefuse)
	}
	return fault.InvalidInput(map[string]string{"step": "invalid"})
}

func (c *conn) staffTransfer(ctx context.Context, f transferFrame) error {
	switch f.Step {
	case "ask":
		return c.s.askTransfer(ctx, *c.actor, f.C, f.Team, f.Person)
	case "cancel":
		return c.s.act(ctx, *c.actor, f.C, ActCancel)
	}
	return fault.InvalidInput(map[string]string{"step": "invalid"})
}

func (c *conn) onSignal(_ context.Context, f signalFrame) error {
	if len(f.Body) == 0 || len(f.Body) > maxSignal {
		return fault.New(fault.Invalid, "bad_length")
	}
	if err := c.talking(f.C); err != nil {
		return err
	}
	c.s.hub.pass(f.C, c.otherSide(), showSignalFrame{"signal", f.C, c.sender(), f.Body})
	return nil
}

func (c *conn) onStatus(ctx context.Context, f statusFrame) error {
	if c.side == Counsellor {
		if !f.C.IsZero() || f.OnGone != nil || f.Urgent != nil {
			return fault.InvalidInput(map[string]string{"state": "invalid"})
		}
		return c.s.setDesk(ctx, c, Status{State: f.State, Limit: f.Limit})
	}
	if f.State != "" || f.Limit != 0 {
		return fault.InvalidInput(map[string]string{"state": "invalid"})
	}
	if err := c.mine(f.C); err != nil {
		return err
	}
	return c.s.tell(ctx, f.C, f.OnGone, f.Urgent)
}

func (c *conn) onAccept(ctx context.Context, f takeFrame) (err error) {
	if f.C.IsZero() {
		_, err = c.s.next(ctx, *c.actor)
		return err
	}
	_, err = c.s.accept(ctx, *c.actor, f.C)
	return err
}

func (c *conn) onDecline(ctx context.Context, f takeFrame) error {
	return c.s.act(ctx, *c.actor, f.C, ActDecline)
}
