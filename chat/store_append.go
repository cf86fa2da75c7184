package chat

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"strings"
	"time"

	"lotse/internal/store"
)

// errMoved says that a conversation is not as a remembered head believed.
var errMoved = errors.New("chat: a conversation has moved on")

// insertMessages writes the accepted messages of all groups, up to rows with one
// statement. A message is written only if its conversation is as the group
// believes: the seq is free, the epoch the same, nobody was warned of silence, and
// it is open and in the hands of the counsellor who writes. Otherwise the groups
// that may be concerned are marked as doubted and the result is errMoved: the
// transaction must not be committed.
func (a *appender) insertMessages(ctx context.Context, tx *store.Tx, groups []*talk, now time.Time) error {
	all := make([]row, 0, len(groups))
	for _, g := range groups {
		for _, j := range g.rows {
			all = append(all, row{g, j})
		}
	}
	var moved error
	for len(all) > 0 {
		n := 1 << (bits.Len(uint(min(a.rows, len(all)))) - 1) // few texts, so that each stays prepared
		switch err := a.insertChunk(ctx, tx, all[:n], now); {
		case errors.Is(err, errMoved):
			moved = err // the rest may be in doubt as well
		case err != nil:
			return err
		}
		all = all[n:]
	}
	return moved
}

// row is one message and the group it belongs to.
type row struct {
	g *talk
	j *job
}

func (a *appender) insertChunk(ctx context.Context, tx *store.Tx, chunk []row, now time.Time) error {
	args := make([]any, 0, 1+insertArgs*len(chunk))
	args = append(args, now)
	for _, r := range chunk {
		m := r.j.result
		args = append(args, r.g.name, int64(m.Seq), m.ID, m.Sender, int64(m.Epoch), int64(m.N), int64(m.After), []byte(m.Body), r.g.staff)
	}
	res, err := tx.Exec(ctx, a.texts[bits.Len(uint(len(chunk)))-1], args...)
	if err != nil {
		return fmt.Errorf("insert messages: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == int64(len(chunk)) {
		return err
	}
	for _, r := range chunk {
		r.g.doubted = true
	}
	return errMoved
}

// insertArgs are the arguments of one message: conversation, seq, id, sender, epoch,
// n, after, body, and the counsellor who must have it or nothing.
const insertArgs = 9

// insertTexts are the statements for 1, 2, 4 … up to rows messages.
func insertTexts(rows int, e store.Engine) (texts []string) {
	for n := 1; n <= rows; n *= 2 {
		texts = append(texts, insertOf(n, e))
	}
	return texts
}

// insertOf writes the statement for n messages. Where several are joined, an
// empty selection before them gives the columns their types. The row of each
// conversation stays as it was found until the commit, so that no step comes between.
func insertOf(n int, e store.Engine) string {
	const columns = `conversation, seq, id, sender, epoch, n, after_seq, body, at`
	var b strings.Builder
	b.WriteString(`INSERT INTO message (` + columns + `) `)
	if n > 1 {
		b.WriteString(`SELECT ` + columns + ` FROM message WHERE FALSE UNION ALL `)
	}
	for i := range n {
		if i > 0 {
			b.WriteString(` UNION ALL `)
		}
		p := 2 + insertArgs*i
		fmt.Fprintf(&b, `SELECT %s, $1 WHERE EXISTS (SELECT 1 FROM conversation c WHERE c.id = $%d AND c.epoch = $%d AND c.warn_at IS NULL
			AND c.state NOT IN ('closed', 'purged') AND ($%d = '' OR (c.state = 'active' AND c.counsellor = $%d))%s)`,
			list(p, insertArgs-1), p, p+4, p+8, p+8, e.ForShare())
	}
	b.WriteString(` ON CONFLICT (conversation, seq) DO NOTHING`)
	return b.String()
}
