package store

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// ErrNewerSchema says that the database was migrated by a newer program than
// this one, which therefore must not touch it.
var ErrNewerSchema = errors.New("the database belongs to a newer version of the program")

// Migration is one numbered step of the schema.
type Migration struct {
	Name    string    // file name without suffix, "0003_roster"
	Applied time.Time // zero when it is still to come
	sum     string    // SHA-256 of the file
	text    string
}

// Migrate brings the schema up to date: all missing migrations in order of
// their names, in one transaction. It refuses with ErrNewerSchema when the
// database holds a migration this program does not know, and with an error
// naming the file when an applied file was changed. Several nodes may call it
// at the same time.
func (db *DB) Migrate(ctx context.Context) error {
	return db.migrate(ctx, migrationFiles)
}

// Migrations lists all migrations with the time each was applied.
func (db *DB) Migrations(ctx context.Context) ([]Migration, error) {
	known, err := readMigrations(migrationFiles, db.engine)
	if err != nil {
		return nil, err
	}
	err = db.inMigration(ctx, func(tx *Tx) error {
		known, err = compare(ctx, tx, known)
		return err
	})
	return known, err
}

func (db *DB) migrate(ctx context.Context, files fs.FS) error {
	known, err := readMigrations(files, db.engine)
	if err != nil {
		return err
	}
	return db.inMigration(ctx, func(tx *Tx) error {
		all, err := compare(ctx, tx, known)
		if err != nil {
			return err
		}
		for _, m := range all {
			if err := apply(ctx, tx, m); err != nil {
				return fmt.Errorf("migration %s: %w", m.Name, err)
			}
		}
		return nil
	})
}

// inMigration runs do with the schema locked against other migrators and the
// table of migrations in place. It begins anew when it collides with the nodes
// that go on working meanwhile: a change of a table may deadlock with them.
func (db *DB) inMigration(ctx context.Context, do func(*Tx) error) error {
	return again(ctx, func() error { return db.migrateOnce(ctx, do) })
}

func (db *DB) migrateOnce(ctx context.Context, do func(*Tx) error) error {
	return db.writeOnce(ctx, nil, func(tx *Tx) error {
		if db.engine == Postgres { // read committed: what follows sees what the holder before us did
			const lock = "SELECT pg_advisory_xact_lock(hashtext('lotse migrate ' || current_schema()))"
			if _, err := tx.Exec(ctx, lock); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, forEngine(db.engine, `CREATE TABLE IF NOT EXISTS schema_migration (
			name TEXT PRIMARY KEY, sum TEXT NOT NULL, applied_at TIMESTAMPTZ NOT NULL)`))
		if err != nil {
			return err
		}
		return do(tx)
	})
}

// compare fills in when each known migration was applied and fails when the
// database and the program do not agree about the past.
func compare(ctx context.Context, tx *Tx, known []Migration) ([]Migration, error) {
	rows, err := tx.Query(ctx, "SELECT name, sum, applied_at FROM schema_migration ORDER BY name")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := slices.Clone(known)
	for rows.Next() {
		var done Migration
		if err := rows.Scan(&done.Name, &done.sum, &done.Applied); err != nil {
			return nil, err
		}
		i := slices.IndexFunc(all, func(m Migration) bool { return m.Name == done.Name })
		if i < 0 {
			return nil, fmt.Errorf("migration %s: %w", done.Name, ErrNewerSchema)
		}
		if all[i].sum != done.sum {
			return nil, fmt.Errorf("migration %s was changed after it was applied", done.Name)
		}
		all[i].Applied = done.Applied
	}
	return all, rows.Err()
}

func apply(ctx context.Context, tx *Tx, m Migration) error {
	if !m.Applied.IsZero() {
		return nil
	}
	if _, err := tx.Exec(ctx, m.text); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "INSERT INTO schema_migration (name, sum, applied_at) VALUES ($1, $2, $3)",
		m.Name, m.sum, tx.Now)
	return err
}

// readMigrations returns the migrations meant for the engine, in order.
func readMigrations(files fs.FS, engine Engine) ([]Migration, error) {
	names, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	var all []Migration
	for _, file := range names {
		name := strings.TrimSuffix(path.Base(file), ".sql")
		base, only, _ := strings.Cut(name, ".")
		if only != "" && Engine(only) != engine {
			continue
		}
		text, err := fs.ReadFile(files, file)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(text)
		all = append(all, Migration{
			Name: base, sum: hex.EncodeToString(sum[:]), text: forEngine(engine, string(text)),
		})
	}
	slices.SortFunc(all, func(a, b Migration) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

var engineWords = regexp.MustCompile(`\b(TIMESTAMPTZ|BYTEA)\b`)

// forEngine writes DDL with the type names of the engine. SQLite decodes
// instants only from columns declared TIMESTAMP.
func forEngine(engine Engine, ddl string) string {
	if engine != SQLite {
		return ddl
	}
	return engineWords.ReplaceAllStringFunc(ddl, func(word string) string {
		if word == "BYTEA" {
			return "BLOB"
		}
		return "TIMESTAMP"
	})
}
