package main

import (
	"context"
	"fmt"

	"lotse/internal/store"
)

func backupCommand() command {
	return command{
		name: "backup", args: "FILE",
		summary: "write a backup of the database while the server runs",
		help: `
Writes one consistent state of the database to FILE, which must not exist yet,
while everything goes on: an SQLite file, or an archive of pg_dump, whose program
has to be installed.

The backup holds ciphertext, accounts, rosters and centres. It holds no key: keep
the server's secret (LOTSE_SECRET, or the file "secret" in the data directory)
apart from it, and never copy the directory of the day keys anywhere. Purged
conversations stay unreadable in old backups because those keys are destroyed.

"lotse backup restore FILE" restores it.`,
		run: backup,
	}
}

func backup(ctx context.Context, c *call) error {
	args, err := c.parse(1, 1)
	if err != nil {
		return err
	}
	cfg, err := c.settings()
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, cfg.Database())
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.Backup(ctx, args[0]); err != nil {
		return err
	}
	fmt.Fprintln(c.Out, args[0])
	return nil
}

func restoreCommand() command {
	return command{
		name: "backup restore", args: "FILE",
		summary: "restore a backup into an empty database",
		help: `
Fills the database that the settings name from FILE and brings its schema up to
date. The database must be empty, so nothing can be lost by mistake: give a new
path, or a new PostgreSQL database. The backup must come from the same engine.
When it fails, nothing is changed.`,
		run: restore,
	}
}

func restore(ctx context.Context, c *call) error {
	args, err := c.parse(1, 1)
	if err != nil {
		return err
	}
	cfg, err := c.settings()
	if err != nil {
		return err
	}
	if err := store.Restore(ctx, cfg.Database(), args[0]); err != nil {
		return err
	}
	db, err := store.Open(ctx, cfg.Database())
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.Migrate(ctx); err != nil {
		return err
	}
	fmt.Fprintln(c.Out, "restored")
	return nil
}
