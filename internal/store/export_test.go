package store

import (
	"context"
	"io/fs"
)

// MigrateFrom migrates with other files than the embedded ones.
func (db *DB) MigrateFrom(ctx context.Context, files fs.FS) error { return db.migrate(ctx, files) }

// ForEngine exposes the rewriting of DDL.
func ForEngine(engine Engine, ddl string) string { return forEngine(engine, ddl) }

// Raw runs one statement outside every transaction, as another program might.
func (db *DB) Raw(ctx context.Context, query string, args ...any) error {
	_, err := db.write.ExecContext(ctx, query, args...)
	return err
}

// URL returns what was given to Open.
func (db *DB) URL() string { return db.url }
