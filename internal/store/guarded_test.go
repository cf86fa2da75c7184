package store_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"lotse/internal/store"
	"lotse/internal/testenv"
)

// twoNodes opens one PostgreSQL twice, with two rows of thing in it.
func twoNodes(t *testing.T) (one, other *store.DB) {
	t.Helper()
	url := testenv.Postgres(t)
	one, other = testenv.Open(t, url), testenv.Open(t, url)
	exec(t, one, thingDDL)
	exec(t, one, "INSERT INTO thing (id) VALUES ('a'), ('b')")
	return one, other
}

func look(t *testing.T, tx *store.Tx) {
	t.Helper()
	var id string
	if err := tx.QueryRow(t.Context(), "SELECT id FROM thing WHERE id = 'a'"+store.Postgres.ForShare()).Scan(&id); err != nil {
		t.Error(err)
	}
}

// Two nodes that decide by the same row and write at the same time need one
// attempt each.
func TestGuardedWritesDoNotCollide(t *testing.T) {
	one, other := twoNodes(t)
	attempts := 0
	write := func(db *store.DB, id string, between func()) error {
		return db.TransactGuarded(t.Context(), func(tx *store.Tx) error {
			attempts++
			look(t, tx)
			between()
			exec(t, tx, "INSERT INTO thing (id) VALUES ($1)", id)
			return nil
		})
	}
	err := write(one, "c", func() {
		if err := write(other, "d", func() {}); err != nil {
			t.Error(err)
		}
	})
	if err != nil || attempts != 2 || count(t, one) != 4 {
		t.Errorf("%d attempts, %d rows, %v", attempts, count(t, one), err)
	}
}

// A change of the row by which a guarded write decides waits for it.
func TestGuardedRowsStayAsTheyWere(t *testing.T) {
	one, other := twoNodes(t)
	changed := make(chan error, 1)
	err := one.TransactGuarded(t.Context(), func(tx *store.Tx) error {
		look(t, tx)
		go func() {
			changed <- other.Transact(t.Context(), func(tx *store.Tx) error {
				_, err := tx.Exec(t.Context(), "UPDATE thing SET id = 'z' WHERE id = 'a'")
				return err
			})
		}()
		awaitBlocked(t, tx)
		look(t, tx)
		exec(t, tx, "INSERT INTO thing (id) VALUES ('c')")
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if err := <-changed; err != nil || count(t, one) != 3 {
		t.Errorf("%d rows, %v", count(t, one), err)
	}
}

// awaitBlocked waits until somebody waits for this transaction.
func awaitBlocked(t *testing.T, tx *store.Tx) {
	t.Helper()
	for n := 0; n == 0; time.Sleep(time.Millisecond) {
		err := tx.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))").Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
	}
}

// What is logged comes into the file of the database without a commit that would.
func TestRunMovesTheLog(t *testing.T) {
	url := testenv.SQLite(t)
	db := testenv.Open(t, url)
	exec(t, db, thingDDL)
	exec(t, db, "INSERT INTO thing (id) VALUES ($1)", strings.Repeat("x", 100<<10))
	size := func() int64 {
		info, err := os.Stat(strings.TrimPrefix(url, "sqlite:"))
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	if size() > 100<<10 {
		t.Fatalf("the file has %d bytes before", size())
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- db.Run(ctx) }()
	for size() < 100<<10 {
		time.Sleep(10 * time.Millisecond)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
