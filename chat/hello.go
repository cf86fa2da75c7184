package chat

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"lotse/internal/fault"
	"lotse/internal/staff"
)

// hello takes the seat that the first frame proves. Whatever fails here ends the
// connection: without a seat it is of no use.
func (c *conn) hello(ctx context.Context, f helloFrame) error {
	if c.who() != "" {
		return fault.New(fault.Conflict, "not_now")
	}
	err := c.takeSeat(ctx, f)
	switch fault.KindOf(err) {
	case "":
		if err != nil {
			c.shut(closeResync)
		}
	case fault.Unauthenticated, fault.Gone, fault.Invalid:
		defer c.shut(closeAuth)
	case fault.Forbidden:
		defer c.shut(closeForbidden)
	default:
		defer c.shut(closeResync)
	}
	if err != nil {
		c.complain(err, "hello", true, ID{}, "")
	}
	return nil
}

func (c *conn) takeSeat(ctx context.Context, f helloFrame) error {
	if f.V != Protocol || (f.Token == "") == (f.Ticket == "") || len(f.Last) > maxLast {
		return fault.InvalidInput(map[string]string{"hello": "invalid"})
	}
	if f.Token != "" {
		return c.takeSeekerSeat(ctx, f)
	}
	return c.takeDesk(ctx, f)
}

func (c *conn) takeSeekerSeat(ctx context.Context, f helloFrame) error {
	seat, before, err := c.s.seatOf(ctx, f.Token)
	if err != nil {
		return err
	}
	c.id = c.s.hub.ids.after(c.id, before)
	c.side, c.conversation = Seeker, seat.Conversation
	c.s.hub.relay(c.conversation, relayed{Kind: relaySeat, From: c.id})
	last := max(0, f.Last[c.conversation])
	if err := c.followBehind(ctx, c.conversation, last); err != nil {
		return err
	}
	conv, err := loadConversation(ctx, c.s.db, c.conversation) // only now: every later change is hinted
	if err != nil {
		return err
	}
	view, err := c.s.view(ctx, conv, Seeker)
	if err != nil {
		return err
	}
	if !c.hold() {
		return fault.New(fault.Unavailable, "unavailable")
	}
	c.s.marks.here(conv.ID, c.id)
	c.s.marks.read(conv.ID, min(last, conv.Seq), 0)
	c.s.enqueue(outgoing{set: setSeat, member: conv.ID.String(), ttl: c.s.tune.PresenceTTL})
	c.welcome(&conv.ID, []View{view}, []Conversation{conv})
	if c.s.hub.olderThanAnother(c) {
		c.shut(closeReplaced)
		return nil
	}
	return c.showSeeker(ctx, conv)
}

// followBehind follows a conversation; nothing of it is sent before welcome.
func (c *conn) followBehind(ctx context.Context, id ID, last int64) error {
	if err := c.follow(ctx, id, last); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if st := c.streamLocked(id); st != nil {
		st.catching = true
	}
	return nil
}

// welcome queues the first frame and lets everything else follow it.
func (c *conn) welcome(id *ID, views []View, list []Conversation) {
	for i := range views {
		views[i].T = "state"
	}
	frame := encodeFrame(welcomeFrame{T: "welcome", Seat: c.seatName(), C: id, Now: Moment(c.s.now()),
		HeartbeatS: int(c.s.tune.Heartbeat / time.Second), States: views})
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pushLocked(frame)
	for _, conv := range list {
		st := c.streamLocked(conv.ID)
		if st == nil {
			continue
		}
		c.rememberLocked(st, conv)
		st.cursor = min(st.cursor, conv.Seq) // a client that holds more has seen another database
		st.catching = false
		if top := max(st.top, conv.Seq); top > st.cursor {
			c.catchLocked(st, top)
		}
	}
	c.greeted.Store(true)
	c.startSyncLocked()
}

func (c *conn) seatName() string {
	if c.side == Seeker {
		return "seeker"
	}
	return "staff"
}

// olderThanAnother reports whether a newer connection holds the same seat here:
// two that said hello at the same time.
func (h *hub) olderThanAnother(c *conn) bool {
	return slices.ContainsFunc(h.room(c.conversation), func(o *conn) bool { return o.who() == Seeker && o.id > c.id })
}

// leaveSeat notes that a seeker's connection is gone.
func (s *Service) leaveSeat(c *conn) {
	s.marks.left(c.conversation, c.id, s.now())
	if !c.replaced.Load() {
		s.enqueue(outgoing{set: setSeat, member: c.conversation.String()})
	}
}

func (c *conn) takeDesk(ctx context.Context, f helloFrame) error {
	actor, err := c.s.staff.RedeemTicket(ctx, f.Ticket)
	if err != nil {
		return err
	}
	if !actor.MayAny(staff.Counsellor) {
		return fault.New(fault.Forbidden, "forbidden")
	}
	b, err := c.s.boards.public(ctx)
	if err != nil {
		return err
	}
	c.id = c.s.hub.ids.after(c.id, b.presence[actor.ID].Conn)
	c.side, c.actor = Counsellor, &actor
	c.alive.Store(time.Now().UnixMilli())
	if err := c.s.hub.enterDesk(ctx, c); err != nil {
		return err
	}
	c.s.publish(topicDesk+actor.ID.String(), []byte(payloadSeat+c.id))
	mine, err := c.followHands(ctx, f.Last)
	if err != nil {
		return err
	}
	views := make([]View, len(mine))
	for i, conv := range mine {
		if views[i], err = c.s.view(ctx, conv, Counsellor); err != nil {
			return err
		}
	}
	c.welcome(nil, views, mine)
	return c.openDesk(ctx, mine)
}

// followHands follows what is in a counsellor's hands, each from behind what the
// page holds, and lists it as it is once every later change is hinted.
func (c *conn) followHands(ctx context.Context, last map[ID]int64) ([]Conversation, error) {
	for {
		mine, err := c.s.inHands(ctx, c.actor.ID)
		if err != nil {
			return nil, err
		}
		news := false
		for _, conv := range mine {
			if c.mine(conv.ID) == nil {
				continue
			}
			news = true
			if err := c.followBehind(ctx, conv.ID, max(0, last[conv.ID])); err != nil {
				return nil, err
			}
		}
		if !news {
			return mine, nil
		}
	}
}

// openDesk shows a desk what belongs to it beside its conversations.
func (c *conn) openDesk(ctx context.Context, mine []Conversation) error {
	for _, conv := range mine {
		if conv.State == Offered {
			c.send(offerFrame{"offer", offerOf(conv)})
		}
	}
	b, err := c.s.boards.public(ctx)
	if err != nil {
		return err
	}
	p := b.presence[c.actor.ID]
	status := Status{State: deskPause, Limit: p.Limit}
	if p.State == deskReady || p.State == deskAway && p.Was == deskReady {
		status.State = deskReady // the page was loaded again
	}
	if err := c.s.setDesk(ctx, c, status); err != nil {
		return err
	}
	c.s.fanDesk(b, c)
	return nil
}

// maxLimit is the most places somebody can ask for; the account may allow fewer.
const maxLimit = 8

// setDesk makes a desk ready or pauses it. Only a person with keys can be ready.
func (s *Service) setDesk(ctx context.Context, c *conn, st Status) error {
	switch {
	case st.State != deskReady && st.State != deskPause, st.Limit < 0, st.Limit > maxLimit:
		return fault.InvalidInput(map[string]string{"state": "invalid"})
	case st.State == deskReady && c.actor.KID == "":
		return fault.New(fault.Conflict, "no_key")
	}
	was, err := s.changeDesk(ctx, c, st)
	if err != nil {
		return err
	}
	if st.State == deskReady || was.State == deskReady {
		s.hint(topicQueue, "") // first: whoever hears of the status may count on it
	}
	c.send(deskFrame{"status", st})
	return nil
}

// changeDesk tells the bus a new status and returns the one before.
func (s *Service) changeDesk(ctx context.Context, c *conn, st Status) (was Status, err error) {
	s.deskMu.Lock()
	defer s.deskMu.Unlock()
	was = c.setStatus(st)
	if err := s.touchDesk(ctx, c, st); err != nil {
		c.setStatus(was)
		return was, err
	}
	return was, nil
}

func (c *conn) setStatus(st Status) (was Status) {
	c.mu.Lock()
	defer c.mu.Unlock()
	was, c.status = c.status, st
	return was
}

// tellDesk tells the bus that a counsellor is still at the desk, or, when the last
// connection here is gone, away for the moment: the page may come back.
func (s *Service) tellDesk(ctx context.Context, c *conn) error {
	s.deskMu.Lock()
	defer s.deskMu.Unlock()
	c.mu.Lock()
	st := c.status
	c.mu.Unlock()
	switch at := s.hub.desk(c.actor.ID); {
	case c.replaced.Load() || at != nil && at != c:
		return nil // a newer connection speaks for the desk
	case at == c:
		return s.touchDesk(ctx, c, st)
	}
	away := c.deskValue(Status{State: deskAway, Limit: st.Limit}, st.State)
	return s.bus.Touch(ctx, setDesk, c.actor.ID.String(), away, s.tune.DeskGrace)
}

func (s *Service) touchDesk(ctx context.Context, c *conn, st Status) error {
	err := s.bus.Touch(ctx, setDesk, c.actor.ID.String(), c.deskValue(st, ""), s.tune.PresenceTTL)
	if err != nil {
		return fault.Wrap(fault.Unavailable, "unavailable", fmt.Errorf("touch desk: %w", err))
	}
	return nil
}

func (c *conn) deskValue(st Status, was string) []byte {
	value, err := json.Marshal(presence{State: st.State, Limit: st.Limit, Node: c.s.node, Conn: c.id, Was: was})
	if err != nil {
		panic(err) // strings and numbers
	}
	return value
}

// leaveDesk keeps the desk for a moment, in case the page comes back.
func (s *Service) leaveDesk(c *conn) {
	if !s.hub.leaveDesk(c) || c.replaced.Load() {
		return
	}
	s.enqueue(outgoing{set: setDesk, desk: c})
	s.hint(topicQueue, "")
}
