package chat

import (
	"context"
	"fmt"
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
	if state == Waiting {
		if position, w := b.wait(c.conversation, t); position > 0 {
			c.sendIfNew(&c.sent.queue, queueFrame{"queue", c.conversation, position, w.Low, w.High})
		}
	}
	return s.fanReaders(ctx, b, c, t, readers)
}

// fanReaders asks the seeker's page for a new epoch when others than those of the
// present one must be able to read.
func (s *Service) fanReaders(ctx context.Context, b *board, c *conn, seen told, readers string) error {
	t, known := b.teams[seen.team]
	if !known {
		return nil
	}
	kids, chain, err := s.readers.wanted(ctx, b, t, seen.kind, seen.holder)
	if err != nil {
		return fmt.Errorf("wanted readers: %w", err)
	}
	key := joinReaders(kids)
	if len(kids) == 0 || key == readers {
		key = ""
	}
	c.mu.Lock()
	st := c.streamLocked(c.conversation)
	again := st == nil || st.shown == key
	if !again {
		st.shown = key
	}
	c.mu.Unlock()
	if !again && key != "" {
		c.send(readersFrame{"roster", c.conversation, seen.team.String(), chain.hash, kids})
	}
	return nil
}

// sendIfNew sends a frame unless the last one of its kind was the same.
func (c *conn) sendIfNew(last *uint64, frame any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if data, changed := changedFrame(last, frame); changed {
		c.pushLocked(data)
	}
}

// fanDesk sends a counsellor the queue and the own duties, each if it changed.
func (s *Service) fanDesk(b *board, c *conn) {
	c.sendIfNew(&c.sent.queue, itemsFrame{"queue", b.items(*c.actor)})
	c.sendIfNew(&c.sent.duties, dutiesFrame{"roster", b.spans(c.actor.ID)})
}

// items is the queue of all teams of a counsellor: who waits, and the messages
// nobody has answered.
func (b *board) items(actor staff.Actor) []Item {
	items := []Item{}
	for _, t := range b.list {
		if !actor.May(staff.Counsellor, t.ID) {
			continue
		}
		for _, q := range [][]Conversation{b.queue[t.ID], b.deferred[t.ID]} {
			for i, c := range q {
				items = append(items, Item{C: c.ID, Team: c.Team, Topic: c.Topic, Language: c.Language, Kind: c.Kind,
					Since: Moment(c.QueuedAt), Urgent: c.Urgent, Position: i + 1, SeekerHere: c.GoneAt.IsZero()})
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
