package store

import (
	"context"
	"database/sql"
	"sync"
)

// maxStatements bounds how many statements are kept prepared.
const maxStatements = 256

// statements keeps the statements of the only writer of SQLite prepared, since
// parsing one can cost as much as running it. What a transaction runs for the
// first time is noted and prepared after its end, when the connection is free. nil
// keeps nothing: pgx does the same for PostgreSQL by itself.
type statements struct {
	mu    sync.Mutex
	ready map[string]*sql.Stmt // nil value: cannot be prepared
	noted []string
}

func newStatements() *statements { return &statements{ready: map[string]*sql.Stmt{}} }

// of returns a statement for tx, or nil if it is not prepared.
func (s *statements) of(ctx context.Context, tx *sql.Tx, query string) *sql.Stmt {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	stmt, known := s.ready[query]
	if !known && len(s.ready)+len(s.noted) < maxStatements {
		s.noted = append(s.noted, query)
	}
	if stmt == nil {
		return nil
	}
	return tx.StmtContext(ctx, stmt)
}

// prepare prepares what was noted. The caller holds no connection of the pool.
func (s *statements) prepare(ctx context.Context, pool *sql.DB) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	noted := s.noted
	s.noted = nil
	for _, query := range noted {
		if _, known := s.ready[query]; known {
			continue
		}
		stmt, err := pool.PrepareContext(ctx, query)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			stmt = nil // several statements in one text, or one that is wrong
		}
		s.ready[query] = stmt
	}
}

// close gives the statements up; the pool closes next.
func (s *statements) close() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, stmt := range s.ready {
		if stmt != nil {
			_ = stmt.Close() // the connection goes with it
		}
	}
	clear(s.ready)
}
