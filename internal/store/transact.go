package store

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"time"

	"lotse/internal/fault"
)

const (
	maxAttempts  = 60
	firstBackoff = 2 * time.Millisecond
	lastBackoff  = 100 * time.Millisecond
	writerWait   = 30 * time.Second
)

// Tx is a transaction. It belongs to the function that Transact or View calls
// and ends with it.
type Tx struct {
	tx       *sql.Tx
	prepared *statements
	bound    map[string]*sql.Stmt // of prepared, for this transaction
	Now      time.Time            // start of this attempt: UTC, cut to milliseconds
}

// Query runs a query. The caller closes the rows (Collect does) before the next
// statement: PostgreSQL has one conversation per transaction.
func (tx *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if stmt := tx.statement(ctx, query); stmt != nil {
		return stmt.QueryContext(unwatched(ctx), canonical(args)...)
	}
	return tx.tx.QueryContext(ctx, query, canonical(args)...)
}

// QueryRow runs a query, RETURNING included, and returns at most one row.
func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	if stmt := tx.statement(ctx, query); stmt != nil {
		return stmt.QueryRowContext(unwatched(ctx), canonical(args)...)
	}
	return tx.tx.QueryRowContext(ctx, query, canonical(args)...)
}

// Exec runs a statement.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if stmt := tx.statement(ctx, query); stmt != nil {
		return stmt.ExecContext(unwatched(ctx), canonical(args)...)
	}
	return tx.tx.ExecContext(ctx, query, canonical(args)...)
}

// statement returns the prepared statement for a query, bound to this transaction
// once; nil when it is not prepared.
func (tx *Tx) statement(ctx context.Context, query string) *sql.Stmt {
	if stmt := tx.bound[query]; stmt != nil {
		return stmt
	}
	stmt := tx.prepared.of(ctx, tx.tx, query)
	if stmt != nil {
		if tx.bound == nil {
			tx.bound = map[string]*sql.Stmt{}
		}
		tx.bound[query] = stmt
	}
	return stmt
}

// unwatched keeps the driver of SQLite from starting a goroutine for each prepared
// statement that waits for ctx to end. Such a statement takes microseconds, and
// database/sql still ends the transaction with the context it was begun with.
func unwatched(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }

// Transact runs do in a transaction as if it were alone in the database, and
// commits unless do returns an error or panics. It runs do again from the start
// when the engine reports a collision; so do has no effect outside the database
// and sets every variable it writes. What is to be published is published after
// Transact has returned. Inside do only tx is used: a call of db waits for do
// itself on SQLite and fails after 30 s.
//
// Transact returns what do returned, or an Unavailable fault "busy" when the
// collisions do not end.
func (db *DB) Transact(ctx context.Context, do func(*Tx) error) error {
	options := &sql.TxOptions{}
	if db.engine == Postgres {
		options.Isolation = sql.LevelSerializable
	}
	return again(ctx, func() error { return db.writeOnce(ctx, options, do) })
}

// TransactGuarded is Transact for a write that guards itself instead of being alone:
// what it decides by are rows that it locks with [Engine.ForShare] in the statement
// that writes, and unique keys. On PostgreSQL such writes do not collide with each
// other; each statement sees what was committed before it. Statements that touch
// several rows touch them in one order, or two of them block each other.
func (db *DB) TransactGuarded(ctx context.Context, do func(*Tx) error) error {
	return again(ctx, func() error { return db.writeOnce(ctx, &sql.TxOptions{}, do) })
}

// again repeats an attempt for as long as the engine reports collisions, up to
// maxAttempts times.
func again(ctx context.Context, attempt func() error) error {
	wait := firstBackoff
	for n := 1; ; n++ {
		err := attempt()
		if !mayRetry(err) {
			return err
		}
		if n == maxAttempts {
			return fault.Wrap(fault.Unavailable, "busy", err)
		}
		if err := pause(ctx, wait); err != nil {
			return err
		}
		wait = min(2*wait, lastBackoff)
	}
}

// View runs do on one unchanging state of the database. do only reads.
func (db *DB) View(ctx context.Context, do func(*Tx) error) error {
	options := &sql.TxOptions{ReadOnly: true}
	if db.engine == Postgres {
		options.Isolation = sql.LevelRepeatableRead
	}
	return runTx(ctx, db.read, nil, options, do)
}

// writeOnce waits for the writer's turn and makes one attempt.
func (db *DB) writeOnce(ctx context.Context, options *sql.TxOptions, do func(*Tx) error) error {
	if db.turn != nil {
		if err := db.takeTurn(ctx); err != nil {
			return err
		}
		defer func() { <-db.turn }()
		db.writes.Add(1)
		defer db.prepared.prepare(ctx, db.write)
	}
	return runTx(ctx, db.write, db.prepared, options, do)
}

// takeTurn queues for the only writer. A channel serves in order of arrival,
// which the connection pool of database/sql does not.
func (db *DB) takeTurn(ctx context.Context) error {
	select {
	case db.turn <- struct{}{}:
		return nil
	default:
	}
	timer := time.NewTimer(writerWait)
	defer timer.Stop()
	select {
	case db.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return fault.Wrap(fault.Unavailable, "busy",
			fmt.Errorf("the writer was not free for %v; is a write nested in Transact?", writerWait))
	}
}

func runTx(ctx context.Context, pool *sql.DB, prepared *statements, options *sql.TxOptions, do func(*Tx) error) error {
	tx, err := pool.BeginTx(ctx, options)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback() // no effect after Commit; covers errors and panics
	if err := do(&Tx{tx: tx, prepared: prepared, Now: now()}); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// mayRetry reports whether the engine undid the transaction only because of
// another one.
func mayRetry(err error) bool {
	if err == nil {
		return false
	}
	switch pgCode(err) {
	case pgSerializationFailure, pgDeadlockDetected:
		return true
	}
	primary := sqliteCode(err) & sqlitePrimaryMask
	return primary == sqliteBusy || primary == sqliteLocked
}

// IsUnique reports whether err says that a unique index or a primary key
// forbids a row.
func IsUnique(err error) bool {
	if pgCode(err) == pgUniqueViolation {
		return true
	}
	code := sqliteCode(err)
	return code == sqliteConstraintUnique || code == sqliteConstraintKey
}

// pause waits between half of d and d, so that colliding transactions drift
// apart.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d/2 + rand.N(d/2+1))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
