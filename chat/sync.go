package chat

import (
	"context"
	"hash/maphash"
	"log/slog"
	"slices"
	"time"

	"lotse/internal/fault"
	"lotse/internal/staff"
)

// dirt is what a connection has to look at again.
type dirt struct {
	states  []ID
	desk    bool // staff: which conversations are mine
	session bool // staff: am I still signed in
}

func (d dirt) any() bool { return len(d.states) > 0 || d.desk || d.session }

// sentFrames remembers what was sent last, to send each change once.
type sentFrames struct{ queue, duties uint64 }

// spoil notes something to look at again and starts looking if nobody does.
func (c *conn) spoil(change func(*dirt)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gone {
		return
	}
	change(&c.dirt)
	c.startSyncLocked()
}

// startSyncLocked looks at what was spoiled, after welcome.
func (c *conn) startSyncLocked() {
	if !c.syncing && c.greeted.Load() && c.dirt.any() {
		c.syncing = c.s.errands.begin(c.sync)
	}
}

func (c *conn) spoilState(id ID) {
	c.spoil(func(d *dirt) {
		if !slices.Contains(d.states, id) {
			d.states = append(d.states, id)
		}
	})
}

// outdated looks at a conversation again if its revision is not the one shown.
func (c *conn) outdated(id ID, rev int64) {
	c.mu.Lock()
	st := c.streamLocked(id)
	old := st != nil && st.rev != rev
	c.mu.Unlock()
	if old {
		c.spoilState(id)
	}
}

// sync looks at everything that was spoiled and ends when nothing is.
func (c *conn) sync() {
	for {
		c.mu.Lock()
		d := c.dirt
		c.dirt = dirt{}
		if c.gone || !d.any() {
			c.syncing = false
			c.mu.Unlock()
			return
		}
		c.mu.Unlock()
		c.syncOnce(d)
	}
}

func (c *conn) syncOnce(d dirt) {
	ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
	defer cancel()
	if d.session && !c.stillSignedIn(ctx) {
		return
	}
	if d.desk {
		if err := c.syncDesk(ctx); err != nil {
			c.s.log.Error("show desk", slog.Any("err", err))
		}
	}
	for _, id := range d.states {
		if err := c.syncState(ctx, id); err != nil {
			c.s.log.Error("show state", slog.Any("err", err))
		}
	}
}

// stillSignedIn closes the socket of somebody whose session has ended, and of
// somebody who may take other conversations than at hello: the page comes back with
// the rights of now.
func (c *conn) stillSignedIn(ctx context.Context) bool {
	now, err := c.s.staff.Alive(ctx, c.actor.Session)
	switch {
	case fault.KindOf(err) == fault.Unauthenticated:
		c.shut(closeAuth)
		return false
	case err != nil:
		c.s.log.Error("check session", slog.Any("err", err))
	case !sameRights(now, *c.actor):
		c.shut(closeResync)
		return false
	}
	return true
}

// sameRights reports whether two actors take the same conversations and open them
// with the same key.
func sameRights(a, b staff.Actor) bool {
	return a.KID == b.KID && slices.Equal(a.TeamsAs(staff.Counsellor), b.TeamsAs(staff.Counsellor))
}

// syncState sends the state of a conversation if it is another one.
func (c *conn) syncState(ctx context.Context, id ID) error {
	conv, err := loadConversation(ctx, c.s.db, id)
	if fault.KindOf(err) == fault.NotFound {
		c.unfollow(id)
		return nil
	}
	if err != nil {
		return err
	}
	if err := c.show(ctx, conv, true); err != nil {
		return err
	}
	if c.who() == Counsellor && !conv.With(c.actor.ID) {
		c.unfollow(id) // the state was the last word
	}
	return nil
}

// show remembers a state and sends it, and what belongs to it.
func (c *conn) show(ctx context.Context, conv Conversation, frame bool) error {
	view, err := c.s.view(ctx, conv, c.who())
	if err != nil {
		return err
	}
	view.T = "state"
	if !c.note(conv) {
		return nil
	}
	if frame {
		c.send(view)
	}
	if c.who() == Seeker {
		return c.showSeeker(ctx, conv)
	}
	if conv.State == Offered && conv.Counsellor == c.actor.ID {
		c.send(offerFrame{"offer", offerOf(conv)})
	}
	return nil
}

// note keeps what is sent; false when it has been sent already or is no longer
// followed.
func (c *conn) note(conv Conversation) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	st := c.streamLocked(conv.ID)
	if st == nil || st.rev >= conv.Rev {
		return false
	}
	c.rememberLocked(st, conv)
	if conv.Seq > st.cursor {
		c.catchLocked(st, conv.Seq)
	}
	return true
}

// rememberLocked keeps what this connection has been told.
func (c *conn) rememberLocked(st *stream, conv Conversation) {
	st.rev, st.state = conv.Rev, conv.State
	st.active = conv.State == Active && c.side == Counsellor && conv.Counsellor == c.actor.ID
	st.told = nil
	if c.side == Seeker && conv.Open() {
		st.told = &told{kind: conv.Kind, team: conv.Team, topic: conv.Topic, language: conv.Language, holder: holder(conv)}
	}
}

// showSeeker follows a state with what a seeker needs beside it: whom to encrypt
// to, and the place in the queue. A seat that is noted as empty although this
// connection holds it is noted anew.
func (c *conn) showSeeker(ctx context.Context, conv Conversation) error {
	if !conv.GoneAt.IsZero() {
		c.s.marks.here(conv.ID, c.id)
	}
	if !conv.Open() {
		return nil
	}
	kids, err := loadReadersOf(ctx, c.s.db, conv.ID, conv.Epoch)
	if err != nil {
		return err
	}
	c.mu.Lock()
	if st := c.streamLocked(conv.ID); st != nil {
		st.readers = sumOf(kids)
	}
	c.mu.Unlock()
	b, err := c.s.boards.public(ctx)
	if err != nil {
		return err
	}
	return c.s.fanSeeker(ctx, b, c)
}

func offerOf(c Conversation) Offer {
	return Offer{C: c.ID, Team: c.Team, Topic: c.Topic, Language: c.Language, Kind: c.Kind, Deadline: Moment(c.OfferUntil),
		Since: Moment(c.QueuedAt), Urgent: c.Urgent}
}

// syncDesk follows what is in this counsellor's hands or held out to them.
func (c *conn) syncDesk(ctx context.Context) error {
	mine, err := c.s.inHands(ctx, c.actor.ID)
	if err != nil {
		return err
	}
	for _, conv := range mine {
		c.mu.Lock()
		known := c.streamLocked(conv.ID) != nil
		c.mu.Unlock()
		if !known {
			if err := c.follow(ctx, conv.ID, 0); err != nil {
				return err
			}
		}
		if err := c.show(ctx, conv, true); err != nil {
			return err
		}
	}
	c.mu.Lock()
	var left []ID
	for _, st := range c.streams {
		if !slices.ContainsFunc(mine, func(m Conversation) bool { return m.ID == st.id }) {
			left = append(left, st.id)
		}
	}
	c.mu.Unlock()
	for _, id := range left {
		if err := c.syncState(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// inHands lists what a counsellor holds or is offered, oldest first.
func (s *Service) inHands(ctx context.Context, id staff.ID) ([]Conversation, error) {
	list, err := manyConversations(ctx, s.db, `counsellor = $1 AND state IN ('offered', 'active')`, id)
	slices.SortFunc(list, func(a, b Conversation) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return list, err
}

// hashSeed is for hashes that live in the memory of this process only.
var hashSeed = maphash.MakeSeed()

// sumOf is a text as a number that stays short; 0 for none.
func sumOf(text string) uint64 {
	if text == "" {
		return 0
	}
	return maphash.String(hashSeed, text)
}

// typingGap is how often typing is passed on.
const typingGap = 2 * time.Second
