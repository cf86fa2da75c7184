package store_test

import (
	"errors"
	"io/fs"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"lotse/internal/store"
	"lotse/internal/testenv"
)

func files(pairs ...string) fstest.MapFS {
	all := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		all["migrations/"+pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return all
}

func TestMigrateStepByStep(t *testing.T) {
	testenv.EachURL(t, func(t *testing.T, url string) {
		db := testenv.Open(t, url)
		old := files("0001_a.sql", "CREATE TABLE a (id TEXT); CREATE TABLE thing (id TEXT);")
		grown := maps.Clone(old)
		maps.Copy(grown, files("0002_b.sql", "ALTER TABLE a ADD COLUMN at TIMESTAMPTZ;", "0011_c.sql", "CREATE TABLE c (id TEXT);"))
		for _, step := range []fs.FS{old, old, grown, grown} {
			if err := db.MigrateFrom(t.Context(), step); err != nil {
				t.Fatal(err)
			}
		}
		exec(t, db, "INSERT INTO a (id, at) VALUES ('1', $1)", db.Now())

		if err := db.MigrateFrom(t.Context(), old); !errors.Is(err, store.ErrNewerSchema) {
			t.Errorf("an old program on a new schema: %v", err)
		}
		late := maps.Clone(grown)
		maps.Copy(late, files("0003_late.sql", "CREATE TABLE d (id TEXT);"))
		if err := db.MigrateFrom(t.Context(), late); err != nil {
			t.Errorf("a step between others: %v", err)
		}
	})
}

func TestChangedMigrationIsDetected(t *testing.T) {
	testenv.EachURL(t, func(t *testing.T, url string) {
		db := testenv.Open(t, url)
		if err := db.MigrateFrom(t.Context(), files("0001_a.sql", "CREATE TABLE a (id TEXT);")); err != nil {
			t.Fatal(err)
		}
		err := db.MigrateFrom(t.Context(), files("0001_a.sql", "CREATE TABLE a (id TEXT );"))
		if err == nil || !strings.Contains(err.Error(), "0001_a") {
			t.Errorf("got %v", err)
		}
	})
}

func TestFailedMigrationLeavesNothing(t *testing.T) {
	testenv.EachURL(t, func(t *testing.T, url string) {
		db := testenv.Open(t, url)
		bad := files("0001_a.sql", "CREATE TABLE thing (id TEXT);", "0002_b.sql", "CREATE TABLE b (id TEXT); SELECT nonsense;")
		err := db.MigrateFrom(t.Context(), bad)
		if err == nil || !strings.Contains(err.Error(), "0002_b") {
			t.Errorf("got %v", err)
		}
		if err := db.MigrateFrom(t.Context(), files("0001_a.sql", thingDDL)); err != nil {
			t.Errorf("the failed attempt left something: %v", err)
		}
		if count(t, db) != 0 {
			t.Error("rows in a new table")
		}
	})
}

func TestOwnFileForAnEngine(t *testing.T) {
	testenv.EachURL(t, func(t *testing.T, url string) {
		db := testenv.Open(t, url)
		err := db.MigrateFrom(t.Context(), files(
			"0001_a.sqlite.sql", "CREATE TABLE only_sqlite (id TEXT);",
			"0001_a.postgres.sql", "CREATE TABLE only_postgres (id TEXT);"))
		if err != nil {
			t.Fatal(err)
		}
		mine, other := "only_sqlite", "only_postgres"
		if db.Engine() == store.Postgres {
			mine, other = other, mine
		}
		var n int
		if err := db.QueryRow(t.Context(), "SELECT count(*) FROM "+mine).Scan(&n); err != nil {
			t.Error(err)
		}
		if err := db.QueryRow(t.Context(), "SELECT count(*) FROM "+other).Scan(&n); err == nil {
			t.Error("the file of the other engine ran")
		}
	})
}

func TestNodesMigrateAtTheSameTime(t *testing.T) {
	testenv.EachURL(t, func(t *testing.T, url string) {
		plan := files("0001_a.sql", "CREATE TABLE a (id TEXT);", "0002_b.sql", "CREATE TABLE b (id TEXT);")
		var wg sync.WaitGroup
		for range 4 {
			db := testenv.Open(t, url)
			wg.Go(func() {
				if err := db.MigrateFrom(t.Context(), plan); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	})
}

// A node that works on goes through the tables in another order than the
// migration, which is the one PostgreSQL gives up.
func TestMigrationBeginsAnewAfterADeadlock(t *testing.T) {
	url := testenv.Postgres(t)
	node, next := testenv.Open(t, url), testenv.Open(t, url)
	before := []string{"0001_a.sql", "CREATE TABLE a (id TEXT); CREATE TABLE b (id TEXT);"}
	if err := node.MigrateFrom(t.Context(), files(before...)); err != nil {
		t.Fatal(err)
	}
	migrated := make(chan error, 1)
	err := node.Transact(t.Context(), func(tx *store.Tx) error {
		if _, err := tx.Exec(t.Context(), "INSERT INTO b (id) VALUES ('1')"); err != nil {
			return err
		}
		go func() {
			migrated <- next.MigrateFrom(t.Context(), files(append(before,
				"0002_b.sql", "ALTER TABLE a ADD COLUMN n INTEGER; ALTER TABLE b ADD COLUMN n INTEGER;")...))
		}()
		awaitLock(t, tx)
		_, err := tx.Exec(t.Context(), "INSERT INTO a (id) VALUES ('1')")
		return err
	})
	if err != nil {
		t.Error("the node:", err)
	}
	if err := <-migrated; err != nil {
		t.Error("the migration:", err)
	}
}

// awaitLock waits until somebody waits for a table of this schema.
func awaitLock(t *testing.T, tx *store.Tx) {
	t.Helper()
	const waiting = `SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
		WHERE NOT l.granted AND c.relname = 'b' AND c.relnamespace = current_schema()::regnamespace`
	for n := 0; n == 0; time.Sleep(time.Millisecond) {
		if err := tx.QueryRow(t.Context(), waiting).Scan(&n); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOnlyTypeNamesAreRewritten(t *testing.T) {
	const ddl = "CREATE TABLE a (at TIMESTAMPTZ, raw BYTEA, MY_BYTEAS TEXT, n BOOLEAN);"
	if got := store.ForEngine(store.Postgres, ddl); got != ddl {
		t.Errorf("postgres: %s", got)
	}
	const want = "CREATE TABLE a (at TIMESTAMP, raw BLOB, MY_BYTEAS TEXT, n BOOLEAN);"
	if got := store.ForEngine(store.SQLite, ddl); got != want {
		t.Errorf("sqlite: %s", got)
	}
}

// The embedded migrations run on both engines, once, and their numbers differ.
func TestEmbeddedMigrations(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		if err := db.Migrate(t.Context()); err != nil {
			t.Errorf("again: %v", err)
		}
		all, err := db.Migrations(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for i, m := range all {
			if m.Applied.IsZero() || (i > 0 && m.Name[:4] == all[i-1].Name[:4]) {
				t.Errorf("%s: applied %v, and numbers must differ", m.Name, m.Applied)
			}
		}
	})
}
