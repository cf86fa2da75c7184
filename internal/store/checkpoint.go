package store

import (
	"context"
	"time"
)

// checkpointEvery is the time between two looks at SQLite's log.
const checkpointEvery = time.Second

// Run moves what SQLite has logged into the file of the database until ctx ends,
// beside the commits instead of within one of them: a commit that meets the limit
// of the log (wal_autocheckpoint) waits for all of it. Without Run, as in commands
// that end soon, that limit is what bounds the log. On PostgreSQL there is nothing
// to do.
func (db *DB) Run(ctx context.Context) error {
	if db.engine != SQLite {
		return nil
	}
	tick := time.NewTicker(checkpointEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		db.checkpoint(ctx)
	}
}

// checkpoint moves what no reader needs any more; the rest, and whatever fails,
// is for the next time.
func (db *DB) checkpoint(ctx context.Context) {
	var busy, logged, moved int
	_ = db.read.QueryRowContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &logged, &moved)
}
