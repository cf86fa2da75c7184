package chat

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"lotse/internal/store"
)

// moveHeads advances the rows of all groups that have messages to write, each
// only if it is as the group believes: same seq and epoch, open, and in the hands
// of the counsellor who writes. It returns which did.
func moveHeads(ctx context.Context, tx *store.Tx, groups []*talk, now time.Time, rows int) (map[ID]bool, error) {
	moving := make([]*talk, 0, len(groups))
	for _, g := range groups {
		if len(g.rows) > 0 {
			moving = append(moving, g)
		}
	}
	moved := make(map[ID]bool, len(moving))
	for chunk := range slices.Chunk(moving, rows) {
		found, err := tx.Query(ctx, moveText(len(chunk)), moveArgs(chunk, now)...)
		ids, err := store.Collect(found, err, store.Value[ID])
		if err != nil {
			return nil, fmt.Errorf("move heads: %w", err)
		}
		for _, id := range ids {
			moved[id] = true
		}
	}
	return moved, nil
}

// moveText is the update for n conversations. The columns of VALUES are id, old
// seq, new seq, epoch, counsellor or empty, 1 if the seeker wrote last. State is
// compared so that SQLite does not look through all open conversations for it
// instead of looking these up by id.
func moveText(n int) string {
	var b strings.Builder
	b.WriteString(`UPDATE conversation SET seq = v.column3, last_at = $1, last_by_seeker = (v.column6 = 1), warn_at = NULL FROM (VALUES `)
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		p := 2 + 6*i
		row := "($%d, $%d, $%d, $%d, $%d, $%d)"
		if i == 0 { // the first row gives the columns their types
			row = "(CAST($%d AS TEXT), CAST($%d AS BIGINT), CAST($%d AS BIGINT), CAST($%d AS BIGINT), CAST($%d AS TEXT), CAST($%d AS BIGINT))"
		}
		fmt.Fprintf(&b, row, p, p+1, p+2, p+3, p+4, p+5)
	}
	b.WriteString(`) AS v WHERE conversation.id = v.column1 AND conversation.seq = v.column2 AND conversation.epoch = v.column4
		AND conversation.state NOT IN ('closed', 'purged')
		AND (v.column5 = '' OR (conversation.state = 'active' AND conversation.counsellor = v.column5)) RETURNING conversation.id`)
	return b.String()
}

func moveArgs(groups []*talk, now time.Time) []any {
	args := make([]any, 0, 1+6*len(groups))
	args = append(args, now)
	for _, g := range groups {
		bySeeker := 0
		if g.rows[len(g.rows)-1].seat.Who == Seeker {
			bySeeker = 1
		}
		args = append(args, g.id, g.from, g.head.seq, g.head.epoch, g.staff, bySeeker)
	}
	return args
}

// insertMessages writes the accepted messages of all groups.
func insertMessages(ctx context.Context, tx *store.Tx, groups []*talk, now time.Time, rows int) error {
	var all []*job
	for _, g := range groups {
		all = append(all, g.rows...)
	}
	for chunk := range slices.Chunk(all, rows) {
		args := make([]any, 0, 1+8*len(chunk))
		args = append(args, now)
		for _, j := range chunk {
			m := j.result
			args = append(args, j.seat.Conversation, m.Seq, m.ID, m.Sender, m.Epoch, m.N, m.After, []byte(m.Body))
		}
		if _, err := tx.Exec(ctx, insertText(len(chunk)), args...); err != nil {
			return fmt.Errorf("insert messages: %w", err)
		}
	}
	return nil
}

func insertText(n int) string {
	var b strings.Builder
	b.WriteString(`INSERT INTO message (at, conversation, seq, id, sender, epoch, n, after_seq, body) VALUES `)
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "($1, %s)", list(2+8*i, 8))
	}
	return b.String()
}
