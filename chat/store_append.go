package chat

import (
	"context"
	"database/sql"
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
// it is open and in the hands of the counsellor who writes. Otherwise the group is
// marked as moved and none of its messages stays, or the result is errMoved: then
// the transaction must not be committed.
func (a *appender) insertMessages(ctx context.Context, tx *store.Tx, groups []*talk, now time.Time) error {
	all := make([]row, 0, len(groups))
	for _, g := range groups {
		for _, j := range g.rows {
			j.fresh = false
			all = append(all, row{g, j})
		}
	}
	for len(all) > 0 {
		n := 1 << (bits.Len(uint(min(a.rows, len(all)))) - 1) // few texts, so that each stays prepared
		if err := a.insertChunk(ctx, tx, all[:n], now); err != nil {
			return err
		}
		all = all[n:]
	}
	for _, g := range groups {
		if err := g.withdraw(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// withdraw takes back what was written of a group that has moved: a message must
// not stand behind one that is missing. What its row was told as well cannot be taken
// back alone.
func (g *talk) withdraw(ctx context.Context, tx *store.Tx) error {
	if !g.moved {
		return nil
	}
	if g.eased {
		return errMoved
	}
	for _, j := range g.rows {
		if !j.fresh {
			continue
		}
		if _, err := tx.Exec(ctx, `DELETE FROM message WHERE conversation = $1 AND seq = $2`, g.id, int64(j.result.Seq)); err != nil {
			return fmt.Errorf("withdraw message: %w", err)
		}
	}
	return nil
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
	if err := insert(ctx, tx, a.texts[bits.Len(uint(len(chunk)))-1], args, chunk); err != nil {
		return fmt.Errorf("insert messages: %w", err)
	}
	for _, r := range chunk {
		if !r.j.fresh {
			r.g.doubted, r.g.moved = true, true
		}
	}
	return nil
}

// insert runs the statement for a chunk and notes which messages it has written.
func insert(ctx context.Context, tx *store.Tx, text string, args []any, chunk []row) error {
	if len(chunk) == 1 {
		res, err := tx.Exec(ctx, text, args...)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		chunk[0].j.fresh = n == 1
		return err
	}
	rows, err := tx.Query(ctx, text, args...)
	_, err = store.Collect(rows, err, func(r *sql.Rows) (struct{}, error) {
		var id ID
		var seq int64
		err := r.Scan(&id, &seq)
		for _, x := range chunk {
			if x.g.id == id && int64(x.j.result.Seq) == seq {
				x.j.fresh = true
			}
		}
		return struct{}{}, err
	})
	return err
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
	if n > 1 {
		b.WriteString(` RETURNING conversation, seq`)
	}
	return b.String()
}
