package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"lotse/internal/fault"
	"lotse/internal/store"
	"lotse/internal/testenv"
)

func TestTransactCommitsOrLeavesNothing(t *testing.T) {
	each(t, thingDDL, func(t *testing.T, db *store.DB) {
		broken := errors.New("broken")
		err := db.Transact(t.Context(), func(tx *store.Tx) error {
			exec(t, tx, "INSERT INTO thing (id, at) VALUES ('1', $1)", tx.Now)
			return broken
		})
		if err != broken || count(t, db) != 0 {
			t.Errorf("after an error: %d rows, %v", count(t, db), err)
		}
		func() {
			defer func() {
				if recover() != "panic" {
					t.Error("the panic is lost")
				}
			}()
			_ = db.Transact(t.Context(), func(tx *store.Tx) error {
				exec(t, tx, "INSERT INTO thing (id) VALUES ('1')")
				panic("panic")
			})
		}()
		if count(t, db) != 0 {
			t.Error("after a panic something is left")
		}
		exec(t, db, "INSERT INTO thing (id) VALUES ('1')")
		if count(t, db) != 1 {
			t.Error("the database is blocked after a panic")
		}
	})
}

func TestNowIsUTCMilliseconds(t *testing.T) {
	each(t, thingDDL, func(t *testing.T, db *store.DB) {
		before := db.Now()
		err := db.Transact(t.Context(), func(tx *store.Tx) error {
			if tx.Now.Before(before) || tx.Now.Location() != time.UTC || tx.Now.Nanosecond()%1e6 != 0 {
				t.Errorf("now is %v", tx.Now)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestTransactEndsWithContext(t *testing.T) {
	each(t, thingDDL, func(t *testing.T, db *store.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		err := db.Transact(ctx, func(tx *store.Tx) error {
			cancel()
			_, err := tx.Exec(ctx, "INSERT INTO thing (id) VALUES ('1')")
			return err
		})
		if !errors.Is(err, context.Canceled) || count(t, db) != 0 {
			t.Errorf("%d rows, %v", count(t, db), err)
		}
	})
}

// Two transactions read what the other writes. One of them has to be repeated,
// and the sum of both is then right.
func TestCollisionIsRepeated(t *testing.T) {
	each(t, "CREATE TABLE account (id TEXT PRIMARY KEY, amount INTEGER NOT NULL);", func(t *testing.T, db *store.DB) {
		exec(t, db, "INSERT INTO account (id, amount) VALUES ('a', 0), ('b', 0)")
		var attempts atomic.Int32
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 10 {
					if err := db.Transact(t.Context(), func(tx *store.Tx) error {
						attempts.Add(1)
						return addOne(t.Context(), tx)
					}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		var a, b int
		err := db.QueryRow(t.Context(), `SELECT (SELECT amount FROM account WHERE id = 'a'),
			(SELECT amount FROM account WHERE id = 'b')`).Scan(&a, &b)
		if err != nil || a != 80 || b != 80 {
			t.Errorf("a %d, b %d, want 80 each (%v)", a, b, err)
		}
		t.Logf("80 transactions took %d attempts", attempts.Load())
	})
}

// addOne reads both accounts and then writes both, in Go rather than in SQL.
func addOne(ctx context.Context, tx *store.Tx) error {
	for _, id := range []string{"a", "b"} {
		var amount int
		if err := tx.QueryRow(ctx, "SELECT amount FROM account WHERE id = $1", id).Scan(&amount); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "UPDATE account SET amount = $1 WHERE id = $2", amount+1, id); err != nil {
			return err
		}
	}
	return nil
}

// Sixteen workers look whether a span is free and then take it. No two spans
// may overlap.
func TestLookThenWriteNeverDoubles(t *testing.T) {
	const ddl = `CREATE TABLE slot (id TEXT PRIMARY KEY, start_at TIMESTAMPTZ NOT NULL, end_at TIMESTAMPTZ NOT NULL);`
	day := time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC)
	each(t, ddl, func(t *testing.T, db *store.DB) {
		var wg sync.WaitGroup
		var taken atomic.Int32
		for worker := range 16 {
			wg.Go(func() {
				for try := range 20 {
					start := day.Add(time.Duration((worker*7+try*13)%40) * 10 * time.Minute)
					err := take(t.Context(), db, fmt.Sprintf("%d-%d", worker, try), start, start.Add(25*time.Minute))
					switch {
					case err == nil:
						taken.Add(1)
					case !errors.Is(err, fault.Conflict):
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		var overlaps int
		err := db.QueryRow(t.Context(), `SELECT count(*) FROM slot a JOIN slot b ON a.id < b.id
			AND a.start_at < b.end_at AND b.start_at < a.end_at`).Scan(&overlaps)
		if err != nil || overlaps != 0 || taken.Load() == 0 {
			t.Errorf("%d slots, %d overlaps (%v)", taken.Load(), overlaps, err)
		}
	})
}

func take(ctx context.Context, db *store.DB, id string, start, end time.Time) error {
	return db.Transact(ctx, func(tx *store.Tx) error {
		var others int
		err := tx.QueryRow(ctx, "SELECT count(*) FROM slot WHERE start_at < $1 AND end_at > $2", end, start).Scan(&others)
		if err != nil {
			return err
		}
		if others > 0 {
			return fault.New(fault.Conflict, "slot_taken")
		}
		_, err = tx.Exec(ctx, "INSERT INTO slot (id, start_at, end_at) VALUES ($1, $2, $3)", id, start, end)
		return err
	})
}

// A claim by compare-and-swap has exactly one winner, round after round.
func TestOneWinner(t *testing.T) {
	each(t, "CREATE TABLE prize (id TEXT PRIMARY KEY, winner TEXT);", func(t *testing.T, db *store.DB) {
		for round := range 20 {
			id := fmt.Sprint(round)
			exec(t, db, "INSERT INTO prize (id) VALUES ($1)", id)
			var winners atomic.Int32
			var wg sync.WaitGroup
			for worker := range 16 {
				wg.Go(func() {
					res, err := db.Exec(t.Context(), "UPDATE prize SET winner = $1 WHERE id = $2 AND winner IS NULL", fmt.Sprint(worker), id)
					if err != nil {
						t.Error(err)
						return
					}
					if n, _ := res.RowsAffected(); n == 1 {
						winners.Add(1)
					}
				})
			}
			wg.Wait()
			if winners.Load() != 1 {
				t.Fatalf("round %d has %d winners", round, winners.Load())
			}
		}
	})
}

// Two handles on one SQLite file stand for the server and a command beside it.
func TestTwoProcessesOnOneFile(t *testing.T) {
	url := testenv.SQLite(t)
	one, two := testenv.Open(t, url), testenv.Open(t, url)
	if err := one.Raw(t.Context(), "CREATE TABLE thing (id TEXT PRIMARY KEY)"); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for worker, db := range []*store.DB{one, two, one, two} {
		wg.Go(func() {
			for i := range 25 {
				if _, err := db.Exec(t.Context(), "INSERT INTO thing (id) VALUES ($1)", fmt.Sprint(worker, i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := count(t, one); n != 100 {
		t.Errorf("%d rows", n)
	}
}

func TestNestedWriteIsReported(t *testing.T) {
	url := testenv.SQLite(t)
	synctest.Test(t, func(t *testing.T) {
		db, err := store.Open(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		err = db.Transact(t.Context(), func(*store.Tx) error {
			return db.Transact(t.Context(), func(*store.Tx) error { return nil })
		})
		if !errors.Is(err, fault.Unavailable) {
			t.Errorf("got %v", err)
		}
	})
}

// A statement that is run again and again is prepared once and gives what it gave
// before, also after the schema has changed.
func TestRepeatedStatements(t *testing.T) {
	each(t, thingDDL, func(t *testing.T, db *store.DB) {
		count := func() (n int) {
			err := db.Transact(t.Context(), func(tx *store.Tx) error {
				if _, err := tx.Exec(t.Context(), "INSERT INTO thing (id) VALUES ($1)", fmt.Sprintf("again-%d", time.Now().UnixNano())); err != nil {
					return err
				}
				return tx.QueryRow(t.Context(), "SELECT count(*) FROM thing").Scan(&n)
			})
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		first := count()
		for i := range 5 {
			if i == 3 {
				if err := db.Raw(t.Context(), "ALTER TABLE thing ADD COLUMN later TEXT"); err != nil {
					t.Fatal(err)
				}
			}
			if n := count(); n != first+i+1 {
				t.Errorf("round %d: %d things, want %d", i, n, first+i+1)
			}
		}
	})
}
