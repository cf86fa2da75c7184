package chat

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"lotse/internal/staff"
	"lotse/internal/store"
)

// gapRest is how long after a gap everything is read again; gaps within it are one.
const gapRest = 200 * time.Millisecond

// owe says that hints were lost.
func (h *hub) owe() {
	select {
	case h.gap <- struct{}{}:
	default:
	}
}

// check compares what the sockets show with the database now and then, because
// hints may be lost, and at once when some were.
func (h *hub) check(ctx context.Context) error {
	tick := time.NewTicker(h.s.tune.CheckEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			h.compareAll(ctx)
			h.wake() // a board that has come of age finds what was not hinted
		case <-h.gap:
			if !rest(ctx, gapRest) {
				return nil
			}
			h.settleGap()
			h.recover(ctx)
		}
	}
}

// rest waits; false when ctx has ended.
func rest(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// settleGap makes one of the gaps up to now: what comes later is owed again.
func (h *hub) settleGap() {
	select {
	case <-h.gap:
	default:
	}
}

// recover re-reads everything after a gap.
func (h *hub) recover(ctx context.Context) {
	h.s.readers.forget(staff.TeamID{})
	h.renewPresence(ctx)
	h.stir()
	h.spoilDesks(func(d *dirt) { d.desk, d.session = true, true })
	h.compareRooms(ctx)
}

// compareAll makes those sockets look again that show something else than the
// database holds.
func (h *hub) compareAll(ctx context.Context) {
	h.compareRooms(ctx)
	if err := h.compareDesks(ctx); err != nil && ctx.Err() == nil {
		h.s.log.Error("compare desks", slog.Any("err", err))
	}
}

// compareRooms reads the positions of all conversations looked at here and makes
// those look again that have moved.
func (h *hub) compareRooms(ctx context.Context) {
	for chunk := range slices.Chunk(h.allRooms(), 200) {
		list, err := loadPositions(ctx, h.s.db, chunk)
		if err != nil {
			if ctx.Err() == nil {
				h.s.log.Error("compare positions", slog.Any("err", err))
			}
			return
		}
		for _, p := range list {
			for _, c := range h.room(p.id) {
				c.advance(p.id, p.seq)
				c.outdated(p.id, p.rev)
			}
		}
	}
}

func (h *hub) allRooms() (ids []ID) {
	for i := range h.shards {
		h.shards[i].mu.Lock()
		for id := range h.shards[i].rooms {
			ids = append(ids, id)
		}
		h.shards[i].mu.Unlock()
	}
	return ids
}

// compareDesks makes those desks look again that follow other conversations than
// are in the hands of their counsellors. compareRooms sees to their revisions.
func (h *hub) compareDesks(ctx context.Context) error {
	hands, err := loadHands(ctx, h.s.db)
	if err != nil {
		return err
	}
	for id, c := range h.allDesks() {
		if !c.followsOnly(hands[id]) {
			c.spoil(func(d *dirt) { d.desk = true })
		}
	}
	return nil
}

// loadHands lists what each counsellor holds or is offered.
func loadHands(ctx context.Context, q store.Queryer) (map[staff.ID][]ID, error) {
	rows, err := q.Query(ctx, `SELECT counsellor, id FROM conversation WHERE state IN ('offered', 'active')`)
	hands := map[staff.ID][]ID{}
	_, err = store.Collect(rows, err, func(r *sql.Rows) (struct{}, error) {
		var who staff.ID
		var id ID
		err := r.Scan(&who, &id)
		hands[who] = append(hands[who], id)
		return struct{}{}, err
	})
	if err != nil {
		return nil, fmt.Errorf("hands: %w", err)
	}
	return hands, nil
}

// followsOnly reports whether the connection follows these conversations and no
// others.
func (c *conn) followsOnly(ids []ID) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.streams) == len(ids) && !slices.ContainsFunc(ids, func(id ID) bool { return c.streamLocked(id) == nil })
}
