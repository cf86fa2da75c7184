package chat

import (
	"context"
	"fmt"
	"hash/maphash"
	"log/slog"
	"time"

	"lotse/internal/roster"
	"lotse/internal/staff"
)

// fan tells every socket what a change of queue, roster or teams means for it:
// seekers their place and whom to encrypt to, counsellors the queue and their
// duties. Changes within Coalesce are told together.
func (h *hub) fan(ctx context.Context) error {
	wait := time.NewTimer(0)
	defer wait.Stop()
	<-wait.C
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-h.dirty:
		}
		h.announceChange()
		if err := h.fanOnce(ctx); err != nil && ctx.Err() == nil {
			h.s.log.Error("tell the queue", slog.Any("err", err))
		}
		wait.Reset(h.s.tune.Coalesce)
		select {
		case <-ctx.Done():
			return nil
		case <-wait.C:
		}
	}
}

func (h *hub) fanOnce(ctx context.Context) error {
	b, err := h.s.boards.fresh(ctx)
	if err != nil {
		return err
	}
	if err := h.followTeams(ctx, b.list); err != nil {
		return err
	}
	for _, c := range h.all() {
		switch c.who() {
		case Seeker:
			err = h.s.fanSeeker(ctx, b, c)
		case Counsellor:
			h.s.fanDesk(b, c)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// followTeams listens to the hints of teams that are new to this node. What was
// known of them before is dropped, for its hint may have been missed.
func (h *hub) followTeams(ctx context.Context, teams []staff.Team) error {
	for _, t := range teams {
		if h.teams[t.ID] {
			continue
		}
		if err := h.sub.Add(ctx, topicTeam+t.ID.String()); err != nil {
			return fmt.Errorf("listen to team %s: %w", t.ID, err)
		}
		h.teams[t.ID] = true
		h.s.readers.forget(t.ID)
	}
	return nil
}

// fanSeeker sends a seeker the place in the queue and the wanted readers, each if
// it changed.
func (s *Service) fanSeeker(ctx context.Context, b *board, c *conn) error {
	c.mu.Lock()
	st := c.streamLocked(c.conversation)
	if st == nil || st.told == nil {
		c.mu.Unlock()
		return nil
	}
	state, t, readers := st.state, *st.told, st.readers
	c.mu.Unlock()
	if state != Waiting {
		c.forgetPlace()
	} else if position, w, ok := b.wait(c.conversation, t); ok {
		c.sendPlace(queueFrame{"queue", c.conversation, position, w.Low, w.High})
	}
	return s.fanReaders(ctx, b, c, t, readers)
}

// wanted is who must be able to read, worked out once for all seekers of a team
// in the same position.
type wanted struct {
	kids []string
	sum  uint64 // of the joined kids
}

// wantedKey is what wanted readers depend on, within a board.
type wantedKey struct {
	chain   *teamChain
	message bool
	holder  string
}

// fanReaders asks the seeker's page for a new epoch when others than those of the
// present one must be able to read.
func (s *Service) fanReaders(ctx context.Context, b *board, c *conn, seen told, readers uint64) error {
	t, known := b.teams[seen.team]
	if !known {
		return nil
	}
	chain, err := s.readers.chain(ctx, t.ID)
	if err != nil {
		return fmt.Errorf("wanted readers: %w", err)
	}
	w := b.wanted.get(wantedKey{chain, seen.kind == Message, seen.holder}, func() wanted {
		kids := chain.wanted(b, t, seen.kind, seen.holder)
		return wanted{kids: kids, sum: sumOf(joinReaders(kids))}
	})
	key := w.sum
	if len(w.kids) == 0 || key == readers {
		key = 0
	}
	c.mu.Lock()
	st := c.streamLocked(c.conversation)
	again := st == nil || st.shown == key
	if !again {
		st.shown = key
	}
	c.mu.Unlock()
	if !again && key != 0 {
		c.send(readersFrame{"roster", c.conversation, seen.team.String(), chain.hash, w.kids})
	}
	return nil
}

// sendPlace sends a place in the queue unless it was the last one sent.
func (c *conn) sendPlace(f queueFrame) {
	sum := maphash.Comparable(hashSeed, [3]int{f.Position, f.Low, f.High})
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sent.queue != sum {
		c.sent.queue = sum
		c.pushLocked(encodeFrame(f))
	}
}

// forgetPlace lets the next place be sent, be it the same as the last one: the page
// forgets its place when somebody takes over.
func (c *conn) forgetPlace() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent.queue = 0
}

// sharedFrame is an encoded frame that goes to many; nobody changes it.
type sharedFrame struct {
	data []byte
	sum  uint64
}

func share(frame any) sharedFrame {
	data := encodeFrame(frame)
	return sharedFrame{data, maphash.Bytes(hashSeed, data)}
}

// sendIfNew sends a frame unless the last one of its kind was the same.
func (c *conn) sendIfNew(last *uint64, f sharedFrame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if *last != f.sum {
		*last = f.sum
		c.pushLocked(f.data)
	}
}

// fanDesk sends a counsellor the queue and the own duties, each if it changed.
func (s *Service) fanDesk(b *board, c *conn) {
	c.sendIfNew(&c.sent.queue, b.itemsFrame(*c.actor))
	c.sendIfNew(&c.sent.duties, share(dutiesFrame{"roster", b.spans(c.actor.ID)}))
}

// itemsFrame is the queue of a counsellor, encoded once for all who work in the
// same teams.
func (b *board) itemsFrame(actor staff.Actor) sharedFrame {
	var teams []byte
	for _, t := range b.list {
		if actor.May(staff.Counsellor, t.ID) {
			teams = append(teams, t.ID.UUID[:]...)
		}
	}
	return b.queues.get(string(teams), func() sharedFrame { return share(itemsFrame{"queue", b.items(actor)}) })
}

// items is the queue of all teams of a counsellor: who waits, and the messages
// nobody has answered.
func (b *board) items(actor staff.Actor) []Item {
	items := []Item{}
	for _, t := range b.list {
		if !actor.May(staff.Counsellor, t.ID) {
			continue
		}
		for _, q := range [][]*held{b.queue[t.ID], b.deferred[t.ID]} {
			for i, c := range q {
				items = append(items, Item{C: c.ID, Team: c.Team, Topic: c.Topic, Language: c.Language, Kind: c.Kind,
					Since: Moment(c.QueuedAt), Urgent: c.Urgent, Position: i + 1, SeekerHere: c.GoneAt.IsZero(), Writing: c.mute})
			}
		}
	}
	return items
}

// spans lists the own duties, now and in the next day.
func (b *board) spans(id staff.ID) []DutySpan {
	spans := []DutySpan{}
	for _, d := range b.duties {
		if d.Person == id && d.End.After(b.at) && d.Start.Before(b.at.Add(24*time.Hour)) {
			spans = append(spans, DutySpan{Team: d.Team, Start: Moment(d.Start), End: Moment(d.End), Channels: append([]roster.Channel{}, d.Channels...)})
		}
	}
	return spans
}
