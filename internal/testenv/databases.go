package testenv

import (
	"context"
	"crypto/rand"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lotse/internal/store"
)

// startLimit bounds how long a server may take until it answers.
const startLimit = 90 * time.Second

// Each runs the test as two subtests, "sqlite" on a new file and "postgres" on
// a new schema, each migrated and empty.
func Each(t *testing.T, test func(t *testing.T, db *store.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, Migrated(t, SQLite(t))) })
	t.Run("postgres", func(t *testing.T) { test(t, Migrated(t, Postgres(t))) })
}

// EachURL is Each for tests that open the database themselves. Nothing is
// migrated.
func EachURL(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t)) })
}

// Migrated opens and migrates the database at url and closes it when the test
// ends.
func Migrated(t testing.TB, url string) *store.DB {
	t.Helper()
	db := Open(t, url)
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatalf("migrate: %v", err)
	}
	return db
}

// Open opens the database at url and closes it when the test ends.
func Open(t testing.TB, url string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close database: %v", err)
		}
	})
	return db
}

// SQLite returns the url of a database file that does not exist yet. It is
// deleted when the test ends.
func SQLite(t testing.TB) string {
	t.Helper()
	return "sqlite:" + filepath.Join(t.TempDir(), "test.db")
}

// Postgres returns the url of an empty schema, which is dropped when the test
// ends.
func Postgres(t testing.TB) string {
	t.Helper()
	server := postgresServer(t)
	admin := Open(t, server)
	schema := "t_" + strings.ToLower(rand.Text())
	if _, err := admin.Exec(t.Context(), "CREATE SCHEMA "+schema); err != nil {
		t.Fatalf("create schema: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), startLimit)
		defer cancel()
		if _, err := admin.Exec(ctx, "DROP SCHEMA "+schema+" CASCADE"); err != nil {
			t.Errorf("drop schema: %v", err)
		}
	})
	return withParam(server, "search_path", schema)
}

// withParam adds a query parameter to a url.
func withParam(url, key, value string) string {
	joint := "?"
	if strings.Contains(url, "?") {
		joint = "&"
	}
	return url + joint + key + "=" + value
}
