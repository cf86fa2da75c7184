package chat

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"lotse/internal/store"
)

// loadMessages reads up to limit messages behind after, in order.
func loadMessages(ctx context.Context, q store.Queryer, id ID, after int64, limit int) ([]Stored, error) {
	rows, err := q.Query(ctx, `SELECT seq, id, sender, epoch, n, after_seq, body, at FROM message
		WHERE conversation = $1 AND seq > $2 ORDER BY seq LIMIT $3`, id, after, limit)
	out, err := store.Collect(rows, err, func(r *sql.Rows) (m Stored, err error) {
		err = r.Scan(&m.Seq, &m.ID, &m.Sender, &m.Epoch, &m.N, &m.After, (*[]byte)(&m.Body), instant{(*time.Time)(&m.At)})
		return m, err
	})
	if err != nil {
		return nil, fmt.Errorf("load messages of %s: %w", id, err)
	}
	return out, nil
}

// messageByID finds a message by its client id; ok is false when there is none.
func messageByID(ctx context.Context, q store.Queryer, c ID, id string) (m Stored, ok bool, err error) {
	err = q.QueryRow(ctx, `SELECT seq, id, sender, epoch, n, after_seq, body, at FROM message WHERE conversation = $1 AND id = $2`, c, id).
		Scan(&m.Seq, &m.ID, &m.Sender, &m.Epoch, &m.N, &m.After, (*[]byte)(&m.Body), instant{(*time.Time)(&m.At)})
	if err == sql.ErrNoRows {
		return m, false, nil
	}
	return m, err == nil, err
}

// counter is what is known of one sender in one conversation.
type counter struct{ n, after uint32 }

// readCounters fills in how far each sender has counted, and every id.
func readCounters(ctx context.Context, q store.Queryer, heads map[ID]head, in string, ids []any) error {
	rows, err := q.Query(ctx, `SELECT conversation, sender, n, after_seq, id FROM message WHERE conversation IN (`+in+`) ORDER BY conversation, seq`, ids...)
	_, err = store.Collect(rows, err, func(r *sql.Rows) (struct{}, error) {
		var id ID
		var sender, message string
		var c counter
		err := r.Scan(&id, &sender, &c.n, &c.after, &message)
		if h, open := heads[id]; open && err == nil {
			h.counters[sender] = c
			h.ids[hashID(message)] = struct{}{}
		}
		return struct{}{}, err
	})
	return err
}

// position is how far a conversation has come.
type position struct {
	id       ID
	seq, rev int64
}

// loadPositions reads the positions of up to a few hundred conversations.
func loadPositions(ctx context.Context, q store.Queryer, ids []ID) ([]position, error) {
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	rows, err := q.Query(ctx, `SELECT id, `+seqOf+`, rev FROM conversation WHERE id IN (`+list(1, len(ids))+`)`, args...)
	return store.Collect(rows, err, func(r *sql.Rows) (p position, err error) {
		err = r.Scan(&p.id, number{&p.seq}, &p.rev)
		return p, err
	})
}
