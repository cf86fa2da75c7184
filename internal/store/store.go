package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"lotse/internal/fault"
)

// Engine is the database behind a DB.
type Engine string

// The engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// ForShare is the end of a selection whose rows nobody may change until the
// transaction ends. It is empty on SQLite, which has one writer.
func (e Engine) ForShare() string {
	if e == Postgres {
		return " FOR SHARE"
	}
	return ""
}

// Queryer is what DB and Tx have in common.
type Queryer interface {
	Query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRow(ctx context.Context, query string, args ...any) *sql.Row
	Exec(ctx context.Context, query string, args ...any) (sql.Result, error)
}

var (
	_ Queryer = (*DB)(nil)
	_ Queryer = (*Tx)(nil)
)

// DB is an open database. It is safe for concurrent use.
type DB struct {
	engine Engine
	url    string        // as given to Open; may hold a password, never logged
	path   string        // SQLite: the file
	read   *sql.DB       // SQLite: read-only pool; PostgreSQL: same as write
	write  *sql.DB       // SQLite: one connection
	turn   chan struct{} // SQLite: holds a token while a writer is at work; nil on PostgreSQL

	prepared *statements  // SQLite: of the writer
	writes   atomic.Int64 // SQLite: attempts so far
}

// Open connects to the database named by url: "sqlite:PATH" (the file and its
// directory are made if need be, readable by the owner alone) or
// "postgres://…". It does not migrate. PostgreSQL takes the extra parameter
// pool_max_conns (default 20).
func Open(ctx context.Context, url string) (*DB, error) {
	db, err := open(url)
	if err != nil {
		return nil, err
	}
	if err := db.Ping(ctx); err != nil {
		db.Close()
		return nil, fmt.Errorf("open database: %w", err)
	}
	return db, nil
}

func open(url string) (*DB, error) {
	switch scheme, rest, _ := strings.Cut(url, ":"); scheme {
	case "sqlite":
		return openSQLite(rest)
	case "postgres", "postgresql":
		return openPostgres(url)
	default:
		return nil, errors.New(`open database: the url must begin with "sqlite:" or "postgres:"`)
	}
}

// Engine returns the engine. Queries do not depend on it; backups do.
func (db *DB) Engine() Engine { return db.engine }

// Ping reports whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	if err := db.write.PingContext(ctx); err != nil {
		return err
	}
	return db.read.PingContext(ctx)
}

// ReadStats returns the numbers of the pool that reads.
func (db *DB) ReadStats() sql.DBStats { return db.read.Stats() }

// WriteStats returns the numbers of the pool that writes; on PostgreSQL it is
// the same one.
func (db *DB) WriteStats() sql.DBStats { return db.write.Stats() }

// Close closes all connections and waits for queries that run.
func (db *DB) Close() error {
	if db.read == db.write {
		return db.write.Close()
	}
	db.prepared.close()
	return errors.Join(db.read.Close(), db.write.Close())
}

// Now returns the present instant as the database keeps instants: UTC, cut to
// milliseconds.
func (db *DB) Now() time.Time { return now() }

func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

// Query runs a query that only reads. The caller closes the rows (Collect does).
func (db *DB) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return db.read.QueryContext(ctx, query, canonical(args)...)
}

// QueryRow runs a query that only reads and returns at most one row.
func (db *DB) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	return db.read.QueryRowContext(ctx, query, canonical(args)...)
}

// Exec runs one statement in a transaction of its own.
func (db *DB) Exec(ctx context.Context, query string, args ...any) (res sql.Result, err error) {
	err = db.Transact(ctx, func(tx *Tx) error {
		res, err = tx.Exec(ctx, query, args...)
		return err
	})
	return res, err
}

// Collect reads all rows through scan and closes them. It takes the result of
// Query as it is:
//
//	rows, err := q.Query(ctx, "SELECT …")
//	return store.Collect(rows, err, scanShift)
func Collect[T any](rows *sql.Rows, err error, scan func(*sql.Rows) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// Value scans the only column of a row, for Collect.
func Value[T any](rows *sql.Rows) (value T, err error) {
	err = rows.Scan(&value)
	return value, err
}

// NotFound turns sql.ErrNoRows into a NotFound fault with the code given and
// passes every other error on.
func NotFound(err error, code string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New(fault.NotFound, code)
	}
	return err
}

// canonical brings instants to UTC and milliseconds, so that both engines
// store, compare and return the same value.
func canonical(args []any) []any {
	for i, arg := range args {
		switch v := arg.(type) {
		case time.Time:
			args[i] = instant(v)
		case *time.Time:
			if v != nil {
				args[i] = instant(*v)
			}
		case sql.NullTime:
			v.Time = instant(v.Time)
			args[i] = v
		case sql.Null[time.Time]:
			v.V = instant(v.V)
			args[i] = v
		}
	}
	return args
}

func instant(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
