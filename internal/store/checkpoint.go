package store

import (
	"context"
	"time"
)

const (
	// checkpointEvery is the time between two looks at SQLite's log.
	checkpointEvery = time.Second
	// calmLooks is after how many looks without a write the writer gives its cache
	// back.
	calmLooks = 5
)

// Run moves what SQLite has logged into the file of the database until ctx ends,
// beside the commits instead of within one of them: a commit that meets the limit
// of the log (wal_autocheckpoint) waits for all of it. Without Run, as in commands
// that end soon, that limit is what bounds the log. It also gives the cache of the
// writer back when nothing is written for a while. On PostgreSQL there is nothing to
// do.
func (db *DB) Run(ctx context.Context) error {
	if db.engine != SQLite {
		return nil
	}
	tick := time.NewTicker(checkpointEvery)
	defer tick.Stop()
	var rest calm
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		db.checkpoint(ctx)
		if rest.begins(db.writes.Load()) {
			db.shrink(ctx)
		}
	}
}

// checkpoint moves what no reader needs any more; the rest, and whatever fails,
// is for the next time.
func (db *DB) checkpoint(ctx context.Context) {
	var busy, logged, moved int
	_ = db.read.QueryRowContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &logged, &moved)
}

// calm notices when writing has come to rest.
type calm struct {
	writes int64
	looks  int // without a write
}

// begins reports, once for each rest, that nothing was written for calmLooks looks.
func (c *calm) begins(writes int64) bool {
	if writes != c.writes {
		*c = calm{writes: writes}
		return false
	}
	c.looks++
	return c.looks == calmLooks
}

// shrink gives the cache of the writer back to the system, which holds the file in
// its own cache. If it fails there is more memory in use, nothing else.
func (db *DB) shrink(ctx context.Context) {
	if db.takeTurn(ctx) != nil {
		return
	}
	defer func() { <-db.turn }()
	_, _ = db.write.ExecContext(ctx, "PRAGMA shrink_memory")
}
