package staff

import (
	"context"
	"crypto/hmac"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"lotse/internal/fault"
	"lotse/internal/store"
)

const auditBatch = 1000

// Verify reads the whole log and returns the number of the first row that is not as it was written, or 0 when all
// is well. A deleted row is named by the number that is missing, a cut-off end by the first number that is gone.
func (a *Audit) Verify(ctx context.Context) (firstBad int64, err error) {
	err = a.db.View(ctx, func(tx *store.Tx) error {
		firstBad, err = a.verify(ctx, tx)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("verify audit log: %w", err)
	}
	return firstBad, nil
}

func (a *Audit) verify(ctx context.Context, tx *store.Tx) (int64, error) {
	head, err := readHead(ctx, tx)
	if errors.Is(err, sql.ErrNoRows) {
		return 1, nil
	}
	if err != nil {
		return 0, err
	}
	sound, err := a.headSound(ctx, tx, head)
	if err != nil {
		return 0, err
	}
	start := auditRow{}
	if sound {
		start = auditRow{n: head.baseN, hash: head.baseHash}
	}
	last, bad, err := a.walk(ctx, tx, start)
	switch {
	case err != nil || bad != 0:
		return bad, err
	case !sound || last.n != head.n || !hmac.Equal(last.hash, head.hash):
		return last.n + 1, nil
	}
	return 0, nil
}

// headSound reports whether the record of the ends is genuine. A log that was never written to has no mac; once a
// provider exists it was written to, because making one is an entry.
func (a *Audit) headSound(ctx context.Context, tx *store.Tx, h auditHead) (bool, error) {
	if h.n > 0 || len(h.mac) > 0 {
		return hmac.Equal(h.mac, a.headMAC(h)), nil
	}
	var providers int
	err := tx.QueryRow(ctx, `SELECT count(*) FROM provider`).Scan(&providers)
	return providers == 0, err
}

// walk follows the chain from start to the last sound row and names the first bad one, if any.
func (a *Audit) walk(ctx context.Context, tx *store.Tx, start auditRow) (last auditRow, bad int64, err error) {
	last = start
	for {
		rows, err := readRows(ctx, tx, `SELECT n, at, provider, actor, action, object, meta, hash FROM audit WHERE n > $1 ORDER BY n LIMIT $2`, last.n, auditBatch)
		if err != nil {
			return last, 0, err
		}
		for _, row := range rows {
			if row.n != last.n+1 || !hmac.Equal(row.hash, a.chain(last.hash, row)) {
				return last, last.n + 1, nil
			}
			last = row
		}
		if len(rows) < auditBatch {
			return last, 0, nil
		}
	}
}

func readRows(ctx context.Context, q store.Queryer, query string, args ...any) ([]auditRow, error) {
	rows, err := q.Query(ctx, query, args...)
	return store.Collect(rows, err, func(rows *sql.Rows) (r auditRow, err error) {
		err = rows.Scan(&r.n, &r.at, &r.provider, &r.actor, &r.action, &r.object, &r.meta, &r.hash)
		return r, err
	})
}

// Checkpoint returns the number and hash of the last row in one line, to be kept outside the database.
func (a *Audit) Checkpoint(ctx context.Context) (string, error) {
	head, err := readHead(ctx, a.db)
	if err != nil {
		return "", fmt.Errorf("audit checkpoint: %w", err)
	}
	return fmt.Sprintf("%d:%s", head.n, hex.EncodeToString(head.hash)), nil
}

// Includes reports whether the log still holds the row a checkpoint names. A false answer means that the log was
// replaced or cut back since. A row that has been pruned is not checked. A malformed checkpoint is fault.Invalid.
func (a *Audit) Includes(ctx context.Context, checkpoint string) (bool, error) {
	number, sum, _ := strings.Cut(checkpoint, ":")
	n, err := strconv.ParseInt(number, 10, 64)
	want, herr := hex.DecodeString(sum)
	if err != nil || herr != nil || n < 0 || (n > 0 && len(want) != 32) {
		return false, fault.New(fault.Invalid, "invalid_checkpoint")
	}
	head, err := readHead(ctx, a.db)
	if err != nil {
		return false, fmt.Errorf("audit checkpoint: %w", err)
	}
	if n == 0 || n < head.baseN {
		return true, nil
	}
	var have []byte
	err = a.db.QueryRow(ctx, `SELECT hash FROM audit WHERE n = $1`, n).Scan(&have)
	if errors.Is(err, sql.ErrNoRows) {
		return n == head.baseN && hmac.Equal(head.baseHash, want), nil
	}
	return err == nil && hmac.Equal(have, want), err
}

// Prune forgets the rows written before the given instant and moves the beginning of the log behind them.
func (a *Audit) Prune(ctx context.Context, before time.Time) error {
	return a.db.Transact(ctx, func(tx *store.Tx) error {
		rows, err := readRows(ctx, tx, `SELECT n, at, provider, actor, action, object, meta, hash FROM audit
			WHERE n < (SELECT coalesce(min(n), (SELECT n + 1 FROM audit_head)) FROM audit WHERE at >= $1) ORDER BY n DESC LIMIT 1`, before)
		if err != nil || len(rows) == 0 {
			return err
		}
		head, err := readHead(ctx, tx)
		if err != nil {
			return err
		}
		if !hmac.Equal(head.mac, a.headMAC(head)) {
			return errors.New("prune audit log: its end record is not genuine; run audit verify")
		}
		head.baseN, head.baseHash = rows[0].n, rows[0].hash
		if _, err := tx.Exec(ctx, `DELETE FROM audit WHERE n <= $1`, head.baseN); err != nil {
			return err
		}
		return a.writeHead(ctx, tx, head)
	})
}
