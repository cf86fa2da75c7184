package chat

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"

	"lotse/internal/staff"
	"lotse/internal/store"
)

// positioned is a conversation that is to be read onto the board.
type positioned struct {
	id   ID
	mute bool
}

// takeQueues reads who waits, is offered or has left a message that says something. With many of them
// most are as they were in the last board, and only the others are read.
func (s *Service) takeQueues(ctx context.Context, b, last *board) error {
	same, news, err := last.compare(ctx, s.db)
	if err != nil {
		return err
	}
	if len(news) == 0 && len(same) == len(last.held) && last.queues != nil {
		b.held, b.queue, b.offered, b.deferred, b.queues = last.held, last.queue, last.offered, last.deferred, last.queues
		return nil
	}
	b.held = make(map[ID]*held, len(same)+len(news))
	for _, h := range same {
		b.held[h.ID] = h
	}
	if err := s.readHeld(ctx, b, news); err != nil {
		return err
	}
	b.sortQueues()
	return nil
}

// compare tells what is on a board of now and as it was on this one from what is to
// be read.
func (b *board) compare(ctx context.Context, q store.Queryer) (same []*held, news []positioned, err error) {
	rows, err := q.Query(ctx, `SELECT id, rev, epoch, NOT `+hasWords+` FROM conversation WHERE state IN ('waiting', 'offered', 'deferred')
		AND (state <> 'deferred' OR `+hasWords+`)`)
	same = make([]*held, 0, len(b.held))
	_, err = store.Collect(rows, err, func(r *sql.Rows) (struct{}, error) {
		var p positioned
		var rev int64
		var epoch uint32
		if err := r.Scan(&p.id, &rev, &epoch, &p.mute); err != nil {
			return struct{}{}, err
		}
		if h := b.held[p.id]; h != nil && h.Rev == rev && h.Epoch == epoch && h.mute == p.mute {
			same = append(same, h)
		} else {
			news = append(news, p)
		}
		return struct{}{}, nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("board: positions: %w", err)
	}
	return same, news, nil
}

// readHeld reads conversations onto the board, unless they have left it meanwhile.
func (s *Service) readHeld(ctx context.Context, b *board, news []positioned) error {
	texts := map[string]string{}
	for chunk := range slices.Chunk(news, 200) {
		args := make([]any, len(chunk))
		mute := map[ID]bool{}
		for i, p := range chunk {
			args[i], mute[p.id] = p.id, p.mute
		}
		these := `id IN (` + list(1, len(chunk)) + `) AND state IN ('waiting', 'offered', 'deferred')`
		all, err := manyConversations(ctx, s.db, these, args...)
		if err != nil {
			return err
		}
		readers, err := loadReaders(ctx, s.db, args)
		if err != nil {
			return fmt.Errorf("board: readers: %w", err)
		}
		for _, c := range all {
			c.Topic, c.Language = once(texts, c.Topic), once(texts, c.Language)
			b.held[c.ID] = &held{c, readers[c.ID], mute[c.ID]}
		}
	}
	return nil
}

// once returns the first of several equal texts, so that the others are not kept.
func once(known map[string]string, text string) string {
	if first, ok := known[text]; ok {
		return first
	}
	known[text] = text
	return text
}

func (b *board) sortQueues() {
	b.queue, b.deferred, b.queues = map[staff.TeamID][]*held{}, map[staff.TeamID][]*held{}, &memo[string, sharedFrame]{}
	for _, h := range b.held {
		switch h.State {
		case Waiting:
			b.queue[h.Team] = append(b.queue[h.Team], h)
		case Offered:
			b.offered = append(b.offered, h)
		default:
			b.deferred[h.Team] = append(b.deferred[h.Team], h)
		}
	}
	for _, q := range b.queue {
		slices.SortFunc(q, func(x, y *held) int { return byTurn(&x.Conversation, &y.Conversation) })
	}
	for _, q := range b.deferred {
		slices.SortFunc(q, func(x, y *held) int {
			return cmp.Or(x.Since.Compare(y.Since), bytes.Compare(x.ID.UUID[:], y.ID.UUID[:]))
		})
	}
}
