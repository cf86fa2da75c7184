package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"lotse/internal/fault"
	"lotse/internal/store"
	"lotse/internal/testenv"
)

// each runs the test on both engines, in a database that holds only ddl.
func each(t *testing.T, ddl string, test func(t *testing.T, db *store.DB)) {
	t.Helper()
	testenv.EachURL(t, func(t *testing.T, url string) {
		db := testenv.Open(t, url)
		files := fstest.MapFS{"migrations/0001_test.sql": {Data: []byte(ddl)}}
		if err := db.MigrateFrom(t.Context(), files); err != nil {
			t.Fatal(err)
		}
		test(t, db)
	})
}

const thingDDL = `CREATE TABLE thing (
	id TEXT PRIMARY KEY, name TEXT UNIQUE, raw BYTEA, at TIMESTAMPTZ, yes BOOLEAN NOT NULL DEFAULT FALSE);`

func exec(t testing.TB, q store.Queryer, query string, args ...any) {
	t.Helper()
	if _, err := q.Exec(t.Context(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func count(t testing.TB, q store.Queryer) (n int) {
	t.Helper()
	if err := q.QueryRow(t.Context(), "SELECT count(*) FROM thing").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTimesComeBackAsUTCMilliseconds(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	given := time.Date(2026, 10, 25, 2, 30, 0, 123_456_789, berlin)
	want := given.UTC().Truncate(time.Millisecond)
	each(t, thingDDL, func(t *testing.T, db *store.DB) {
		for id, arg := range map[string]any{
			"value": given, "pointer": &given,
			"nulltime": sql.NullTime{Time: given, Valid: true},
			"null":     sql.Null[time.Time]{V: given, Valid: true},
		} {
			exec(t, db, "INSERT INTO thing (id, at) VALUES ($1, $2)", id, arg)
			var got, most, coalesced time.Time
			row := db.QueryRow(t.Context(), `SELECT at, (SELECT max(at) FROM thing), coalesce(at, $2)
				FROM thing WHERE id = $1 AND at = $3`, id, time.Now(), given.In(time.FixedZone("", -7*3600)))
			if err := row.Scan(&got, &most, &coalesced); err != nil {
				t.Fatalf("%s: %v", id, err)
			}
			for _, at := range []time.Time{got, most, coalesced} {
				if !at.Equal(want) || at.Location() != time.UTC {
					t.Errorf("%s: got %v, want %v", id, at, want)
				}
			}
		}
	})
}

func TestTimesSortAndCompare(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	zones := []*time.Location{time.UTC, time.FixedZone("", 2*3600), time.FixedZone("", -11*3600)}
	steps := []time.Duration{0, time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond, 999 * time.Millisecond, time.Second, time.Minute}
	each(t, thingDDL, func(t *testing.T, db *store.DB) {
		var want []time.Time
		for i, step := range steps {
			at := start.Add(step).In(zones[i%len(zones)])
			want = append(want, at.UTC())
			exec(t, db, "INSERT INTO thing (id, at) VALUES ($1, $2)", at.String(), at)
		}
		rows, err := db.Query(t.Context(), "SELECT at FROM thing WHERE at >= $1 AND at < $2 ORDER BY at", start, start.Add(time.Hour))
		got, err := store.Collect(rows, err, store.Value[time.Time])
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("got %v, want %v (%v)", got, want, err)
		}
	})
}

func TestValuesComeBack(t *testing.T) {
	each(t, thingDDL, func(t *testing.T, db *store.DB) {
		raw := []byte{0, 1, 0xff, '\''}
		exec(t, db, "INSERT INTO thing (id, name, raw, yes) VALUES ($1, $2, $3, $4)", "1", "Übergröße 😀 2024-01-01", raw, true)
		exec(t, db, "INSERT INTO thing (id, name, at) VALUES ($2, $1, $3)", "2024-01-01", "2", (*time.Time)(nil))
		var name, date string
		var got []byte
		var yes bool
		var at sql.NullTime
		err := db.QueryRow(t.Context(), "SELECT name, raw, yes FROM thing WHERE id = $1", "1").Scan(&name, &got, &yes)
		if err != nil || name != "Übergröße 😀 2024-01-01" || !bytes.Equal(got, raw) || !yes {
			t.Errorf("got %q %x %v (%v)", name, got, yes, err)
		}
		err = db.QueryRow(t.Context(), "SELECT name, at FROM thing WHERE id = $1", "2").Scan(&date, &at)
		if err != nil || date != "2024-01-01" || at.Valid {
			t.Errorf("got %q %v (%v)", date, at, err)
		}
	})
}

func TestErrorsAreTold(t *testing.T) {
	each(t, thingDDL, func(t *testing.T, db *store.DB) {
		exec(t, db, "INSERT INTO thing (id, name) VALUES ($1, $2)", "1", "a")
		for _, args := range [][]any{{"1", "b"}, {"2", "a"}} {
			if _, err := db.Exec(t.Context(), "INSERT INTO thing (id, name) VALUES ($1, $2)", args...); !store.IsUnique(err) {
				t.Errorf("%v: not a unique violation: %v", args, err)
			}
		}
		if _, err := db.Exec(t.Context(), "INSERT INTO thing (id, yes) VALUES ('3', NULL)"); err == nil || store.IsUnique(err) {
			t.Errorf("NULL: %v", err)
		}
		err := db.QueryRow(t.Context(), "SELECT id FROM thing WHERE id = $1", "9").Scan(new(string))
		if err := store.NotFound(err, "thing"); fault.CodeOf(err) != "thing" || !errors.Is(err, fault.NotFound) {
			t.Errorf("no row: %v", err)
		}
		if err := store.NotFound(context.Canceled, "thing"); err != context.Canceled {
			t.Errorf("another error: %v", err)
		}
		if store.IsUnique(nil) || store.IsUnique(context.Canceled) {
			t.Error("IsUnique of another error")
		}
	})
}

func TestCollectReportsErrors(t *testing.T) {
	each(t, thingDDL, func(t *testing.T, db *store.DB) {
		exec(t, db, "INSERT INTO thing (id) VALUES ('1')")
		broken := errors.New("scan")
		rows, err := db.Query(t.Context(), "SELECT id FROM thing")
		if _, err = store.Collect(rows, err, func(*sql.Rows) (int, error) { return 0, broken }); err != broken {
			t.Errorf("got %v", err)
		}
		rows, err = db.Query(t.Context(), "SELECT nothing FROM thing")
		if _, err = store.Collect(rows, err, func(*sql.Rows) (int, error) { return 0, nil }); err == nil {
			t.Error("a bad query succeeds")
		}
	})
}

func TestViewSeesOneState(t *testing.T) {
	each(t, thingDDL, func(t *testing.T, db *store.DB) {
		err := db.View(t.Context(), func(tx *store.Tx) error {
			before := count(t, tx)
			exec(t, db, "INSERT INTO thing (id) VALUES ('1')")
			if after := count(t, tx); after != before {
				t.Errorf("a view changed from %d to %d rows", before, after)
			}
			return nil
		})
		if err != nil || count(t, db) != 1 {
			t.Errorf("%d rows, %v", count(t, db), err)
		}
		err = db.View(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), "DELETE FROM thing")
			return err
		})
		if err == nil {
			t.Error("a view writes")
		}
	})
}

func TestReadersOfSQLiteCannotWrite(t *testing.T) {
	db := testenv.Migrated(t, testenv.SQLite(t))
	var name string
	if err := db.QueryRow(t.Context(), "DELETE FROM schema_migration RETURNING name").Scan(&name); err == nil {
		t.Error("QueryRow writes")
	}
}

func TestSQLiteFileIsPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new dir", "a%20b?c#d.db")
	db := testenv.Migrated(t, "sqlite:"+path)
	if db.Engine() != store.SQLite {
		t.Errorf("engine %q", db.Engine())
	}
	for _, file := range []string{path, path + "-wal", filepath.Dir(path)} {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", filepath.Base(file), info.Mode())
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, url := range []string{
		"", "x.db", "mysql://x", "sqlite:", "sqlite::memory:", "postgres://u:geheim@h:port/db",
		"postgres://u:geheim@127.0.0.1:1/db?pool_max_conns=none",
		"postgres://u:geheim@127.0.0.1:1/db?sslmode=disable",
		"sqlite:" + filepath.Join(os.DevNull, "x.db"),
	} {
		db, err := store.Open(t.Context(), url)
		if err == nil {
			db.Close()
			t.Errorf("%q opens", url)
		} else if strings.Contains(err.Error(), "geheim") {
			t.Errorf("the error tells the password: %v", err)
		}
	}
}
