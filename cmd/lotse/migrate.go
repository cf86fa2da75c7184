package main

import (
	"context"
	"fmt"

	"lotse/internal/store"
)

func migrateCommand() command {
	return command{
		name:    "migrate",
		summary: "bring the database up to date",
		help: `
Brings the schema of the database up to date and lists its migrations. "serve"
does the same when it starts; a command of its own lets many nodes start after
one migration. Several may run at the same time. A database that a newer version
has migrated is left alone, and the command fails.`,
		run: migrate,
	}
}

func migrate(ctx context.Context, c *call) error {
	if _, err := c.parse(0, 0); err != nil {
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
	if err := db.Migrate(ctx); err != nil {
		return err
	}
	all, err := db.Migrations(ctx)
	if err != nil {
		return err
	}
	for _, m := range all {
		fmt.Fprintf(c.Out, "%s  %s\n", m.Applied.Format("2006-01-02 15:04:05 UTC"), m.Name)
	}
	return nil
}
