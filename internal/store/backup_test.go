package store_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"lotse/internal/store"
	"lotse/internal/testenv"
)

const pairDDL = `CREATE TABLE thing (id TEXT PRIMARY KEY, raw BYTEA, at TIMESTAMPTZ, yes BOOLEAN);
	CREATE TABLE twin (id TEXT PRIMARY KEY REFERENCES thing (id));`

// A backup that is made while rows come in pairs holds only pairs, and what was
// there before.
func TestBackupWhileWriting(t *testing.T) {
	each(t, pairDDL, func(t *testing.T, db *store.DB) {
		now := db.Now()
		exec(t, db, "INSERT INTO thing (id, raw, at, yes) VALUES ($1, $2, $3, $4)", "first", []byte{0, 0xff}, now, true)
		exec(t, db, "INSERT INTO twin (id) VALUES ('first')")
		var wg sync.WaitGroup
		stop, begun := make(chan struct{}), make(chan struct{})
		wg.Go(func() { writePairs(t, db, stop, begun) })
		<-begun
		file := filepath.Join(t.TempDir(), "backup")
		if err := db.Backup(t.Context(), file); err != nil {
			t.Error(err)
		}
		close(stop)
		wg.Wait()

		copied := restoredCopy(t, db, file)
		var things, twins, pairs int
		err := copied.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM thing), (SELECT count(*) FROM twin),
			(SELECT count(*) FROM thing JOIN twin ON thing.id = twin.id)`).Scan(&things, &twins, &pairs)
		if err != nil || things < 2 || things != twins || pairs != things {
			t.Errorf("%d things, %d twins, %d pairs (%v)", things, twins, pairs, err)
		}
		var same int
		err = copied.QueryRow(t.Context(), "SELECT count(*) FROM thing WHERE id = $1 AND raw = $2 AND at = $3 AND yes",
			"first", []byte{0, 0xff}, now).Scan(&same)
		if err != nil || same != 1 {
			t.Errorf("the first row came back %d times (%v)", same, err)
		}
		if _, err := copied.Exec(t.Context(), "INSERT INTO twin (id) VALUES ('nobody')"); err == nil {
			t.Error("the foreign key is gone")
		}
	})
}

func writePairs(t *testing.T, db *store.DB, stop <-chan struct{}, begun chan<- struct{}) {
	for i := 0; ; i++ {
		select {
		case <-stop:
			return
		default:
		}
		err := db.Transact(t.Context(), func(tx *store.Tx) error {
			if _, err := tx.Exec(t.Context(), "INSERT INTO thing (id) VALUES ($1)", fmt.Sprint(i)); err != nil {
				return err
			}
			_, err := tx.Exec(t.Context(), "INSERT INTO twin (id) VALUES ($1)", fmt.Sprint(i))
			return err
		})
		if err != nil {
			t.Error(err)
		}
		if i == 10 {
			close(begun)
		}
	}
}

// restoredCopy restores file: on SQLite into a new database; on PostgreSQL,
// where a backup keeps the name of its schema, over the emptied old one.
func restoredCopy(t *testing.T, db *store.DB, file string) *store.DB {
	t.Helper()
	target := testenv.SQLite(t)
	if db.Engine() == store.Postgres {
		target = db.URL()
		if err := store.Restore(t.Context(), target, file); !errors.Is(err, store.ErrNotEmpty) {
			t.Errorf("restore over data: %v", err)
		}
		emptySchema(t, db)
	}
	if err := store.Restore(t.Context(), target, file); err != nil {
		t.Fatal(err)
	}
	if err := store.Restore(t.Context(), target, file); !errors.Is(err, store.ErrNotEmpty) {
		t.Errorf("restore again: %v", err)
	}
	return testenv.Open(t, target)
}

func emptySchema(t *testing.T, db *store.DB) {
	t.Helper()
	var schema string
	if err := db.QueryRow(t.Context(), "SELECT current_schema()").Scan(&schema); err != nil {
		t.Fatal(err)
	}
	exec(t, db, "DROP SCHEMA "+schema+" CASCADE")
	exec(t, db, "CREATE SCHEMA "+schema)
}

func TestBackupFile(t *testing.T) {
	each(t, thingDDL, func(t *testing.T, db *store.DB) {
		file := filepath.Join(t.TempDir(), "backup")
		if err := db.Backup(t.Context(), file); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(file)
		if err != nil || info.Mode().Perm() != 0o600 || info.Size() == 0 {
			t.Errorf("%v %v", info, err)
		}
		if err := db.Backup(t.Context(), file); err == nil {
			t.Error("an old backup is overwritten")
		}
		if left, _ := filepath.Glob(file + ".*"); len(left) > 0 {
			t.Errorf("left over: %v", left)
		}
		missing := filepath.Join(t.TempDir(), "no", "such", "directory")
		if err := db.Backup(t.Context(), missing); err == nil {
			t.Error("a backup into nowhere succeeds")
		}
	})
}

func TestRestoreRefusesWhatIsNoBackup(t *testing.T) {
	testenv.EachURL(t, func(t *testing.T, url string) {
		file := filepath.Join(t.TempDir(), "backup")
		if err := os.WriteFile(file, []byte(strings.Repeat("no backup ", 100)), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{file, file + ".missing"} {
			if err := store.Restore(t.Context(), url, path); err == nil {
				t.Errorf("%s is restored", filepath.Base(path))
			}
		}
		testenv.Migrated(t, url) // nothing is left that would be in the way
	})
}

func TestDamagedBackupIsRefused(t *testing.T) {
	db := testenv.Migrated(t, testenv.SQLite(t))
	file := filepath.Join(t.TempDir(), "backup")
	if err := db.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data[:len(data)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	if err := store.Restore(t.Context(), testenv.SQLite(t), file); err == nil {
		t.Error("half a backup is restored")
	}
}
