package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrNotEmpty says that Restore was pointed at a database that holds something.
var ErrNotEmpty = errors.New("the database to restore into is not empty")

// Backup writes one consistent state of the database to a new file, readable by
// the owner alone, while everything goes on: an SQLite database by VACUUM INTO,
// a PostgreSQL schema by pg_dump in its custom format. The file appears under
// its name only when it is complete. It holds no key: neither the server's
// secret nor the day keys are in the database.
func (db *DB) Backup(ctx context.Context, path string) (err error) {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("backup: %s is already there", path)
	}
	partial := path + ".partial"
	f, err := os.OpenFile(partial, os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer f.Close()
	defer os.Remove(partial) // gone after the rename
	if db.engine == SQLite {
		err = db.vacuumInto(ctx, partial)
	} else {
		err = db.dump(ctx, f)
	}
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return publish(f, partial, path)
}

// Restore fills the empty database at url from a file that Backup wrote on the
// same engine, and does nothing when it fails. It returns ErrNotEmpty when the
// database is not empty. The schema is as old as the backup: Migrate comes next.
func Restore(ctx context.Context, url, path string) error {
	db, err := open(url)
	if err != nil {
		return err
	}
	defer db.Close()
	if db.engine == SQLite {
		err = restoreSQLite(ctx, db, path)
	} else {
		err = restorePostgres(ctx, db, path)
	}
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	return nil
}

// vacuumInto uses a connection of its own, which blocks no writer.
func (db *DB) vacuumInto(ctx context.Context, path string) error {
	pool, err := sql.Open("sqlite", sqliteDSN(db.path))
	if err != nil {
		return err
	}
	defer pool.Close()
	_, err = pool.ExecContext(ctx, "VACUUM INTO $1", path)
	return err
}

// restoreSQLite checks a copy of the backup beside the database and then puts
// it in place.
func restoreSQLite(ctx context.Context, db *DB, path string) error {
	if info, err := os.Stat(db.path); err == nil && info.Size() > 0 {
		return ErrNotEmpty
	}
	from, err := os.Open(path)
	if err != nil {
		return err
	}
	defer from.Close()
	partial := db.path + ".partial"
	f, err := os.OpenFile(partial, os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	defer os.Remove(partial)
	if _, err := io.Copy(f, from); err != nil {
		return err
	}
	if err := checkSQLite(ctx, partial); err != nil {
		return err
	}
	return publish(f, partial, db.path)
}

// checkSQLite reports whether the file is a sound database of this program.
func checkSQLite(ctx context.Context, path string) error {
	pool, err := sql.Open("sqlite", "file:"+filepathURL(path)+"?mode=ro")
	if err != nil {
		return err
	}
	defer pool.Close()
	var verdict string
	if err := pool.QueryRowContext(ctx, "PRAGMA integrity_check").Scan(&verdict); err != nil {
		return fmt.Errorf("no SQLite backup: %w", err)
	}
	if verdict != "ok" {
		return fmt.Errorf("the backup is damaged: %s", verdict)
	}
	var n int
	if err := pool.QueryRowContext(ctx, "SELECT count(*) FROM schema_migration").Scan(&n); err != nil {
		return errors.New("the file is a database of another program")
	}
	return nil
}

// publish gives a complete file its name and makes both durable.
func publish(f *os.File, partial, path string) error {
	if err := f.Sync(); err != nil {
		return err
	}
	if err := os.Rename(partial, path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}
