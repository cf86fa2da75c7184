package chat

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"lotse/internal/store"
)

// flushEvery is how long marks wait to be written together.
const flushEvery = 250 * time.Millisecond

// mark is what changes about a conversation without being a step: whether the
// seeker is connected, and how far their page has read. Losing one is harmless.
type mark struct {
	here            string // connection that now holds the seeker's seat
	left            string // connection that gave it up
	at              time.Time
	delivered, seen int64
}

// marks gathers marks and writes them in one transaction now and then.
type marks struct {
	s     *Service
	mu    sync.Mutex
	dirty map[ID]mark
}

func newMarks(s *Service) *marks { return &marks{s: s, dirty: map[ID]mark{}} }

func (m *marks) note(id ID, change func(*mark)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k := m.dirty[id]
	change(&k)
	m.dirty[id] = k
}

// here notes that a connection took the seeker's seat.
func (m *marks) here(id ID, conn string) {
	m.note(id, func(k *mark) { k.here, k.left = conn, "" })
}

// left notes that a connection gave it up.
func (m *marks) left(id ID, conn string, at time.Time) {
	m.note(id, func(k *mark) {
		if k.here == conn {
			k.here = ""
		}
		k.left, k.at = conn, at
	})
}

// read notes how far the seeker's page has come.
func (m *marks) read(id ID, delivered, seen int64) {
	m.note(id, func(k *mark) { k.delivered, k.seen = max(k.delivered, delivered, seen), max(k.seen, seen) })
}

func (m *marks) run(ctx context.Context) error {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := m.flush(ctx); err != nil && ctx.Err() == nil {
			m.s.log.Error("write marks", slog.Any("err", err))
		}
	}
}

// flush writes what was noted. Marks that cannot be written are dropped: each is
// noted again at the next change.
func (m *marks) flush(ctx context.Context) error {
	m.mu.Lock()
	dirty := m.dirty
	m.dirty = map[ID]mark{}
	m.mu.Unlock()
	if len(dirty) == 0 {
		return nil
	}
	var moved []ID
	err := m.s.db.Transact(ctx, func(tx *store.Tx) error {
		moved = moved[:0]
		for id, k := range dirty {
			changed, err := k.write(ctx, tx, id)
			if err != nil {
				return fmt.Errorf("mark %s: %w", id, err)
			}
			if changed {
				moved = append(moved, id)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, id := range moved {
		m.s.hint(topicConversation+id.String(), payloadState)
	}
	if len(moved) > 0 {
		m.s.hint(topicQueue, "")
	}
	return nil
}

// write stores one mark; changed tells that the seeker came or went. A seat that
// was taken over by a newer connection is not given up by the older one.
func (k mark) write(ctx context.Context, tx *store.Tx, id ID) (changed bool, err error) {
	var n int64
	switch {
	case k.here != "":
		n, err = k.sit(ctx, tx, id)
	case k.left == absentConn:
		n, err = affected(ctx, tx, `UPDATE conversation SET gone_at = $2, rev = rev + 1 WHERE id = $1 AND gone_at IS NULL AND state <> 'purged'`, id, k.at)
	case k.left != "":
		n, err = affected(ctx, tx, `UPDATE conversation SET gone_at = $3, rev = rev + 1 WHERE id = $1 AND (seat = $2 OR seat IS NULL) AND gone_at IS NULL
			AND state <> 'purged'`, id, k.left, k.at)
	}
	if err != nil {
		return false, err
	}
	if k.delivered > 0 || k.seen > 0 {
		_, err = tx.Exec(ctx, `INSERT INTO conversation_mark (conversation, delivered, seen)
			SELECT id, CAST($2 AS BIGINT), CAST($3 AS BIGINT) FROM conversation WHERE id = $1 AND state <> 'purged'
			ON CONFLICT (conversation) DO UPDATE SET
			delivered = CASE WHEN conversation_mark.delivered < excluded.delivered THEN excluded.delivered ELSE conversation_mark.delivered END,
			seen = CASE WHEN conversation_mark.seen < excluded.seen THEN excluded.seen ELSE conversation_mark.seen END`, id, k.delivered, k.seen)
	}
	return n > 0, err
}

// sit notes who holds the seat; it counts as a change only if nobody did.
func (k mark) sit(ctx context.Context, tx *store.Tx, id ID) (changed int64, err error) {
	n, err := affected(ctx, tx, `UPDATE conversation SET seat = $2 WHERE id = $1 AND gone_at IS NULL AND state <> 'purged'`, id, k.here)
	if err != nil || n > 0 {
		return 0, err
	}
	return affected(ctx, tx, `UPDATE conversation SET seat = $2, rev = rev + 1, gone_at = NULL WHERE id = $1 AND state <> 'purged'`, id, k.here)
}

func affected(ctx context.Context, tx *store.Tx, query string, args ...any) (int64, error) {
	res, err := tx.Exec(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// markAbsent notes seekers as gone whose node died with them: their seat is
// neither given up nor kept present.
func (s *Service) markAbsent(ctx context.Context) error {
	present, err := s.bus.Present(ctx, setSeat)
	if err != nil {
		return fmt.Errorf("presence of seekers: %w", err)
	}
	rows, err := s.db.Query(ctx, `SELECT id FROM conversation WHERE state IN ('waiting', 'offered', 'active') AND gone_at IS NULL`)
	open, err := store.Collect(rows, err, store.Value[ID])
	if err != nil {
		return fmt.Errorf("seekers who are here: %w", err)
	}
	for _, id := range open {
		if s.hub.holds(id) {
			continue
		}
		if _, here := present[id.String()]; here {
			continue
		}
		s.marks.note(id, func(k *mark) {
			if k.here == "" {
				k.left, k.at = absentConn, s.now()
			}
		})
	}
	return nil
}

// absentConn stands for a connection that died without a word.
const absentConn = "-"
