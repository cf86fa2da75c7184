package store

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"modernc.org/sqlite" // registers the driver "sqlite"
)

// SQLite result codes (sqlite.org/rescode.html).
const (
	sqliteBusy             = 5
	sqliteLocked           = 6
	sqliteConstraintKey    = 1555
	sqliteConstraintUnique = 2067
	sqlitePrimaryMask      = 0xff
)

// writerSettings are those of the writing connection. A commit that meets the limit
// of the log, 16 MB, moves all of it and takes as long; where [DB.Run] runs it moves
// the log before that. The cache, 8 MB, holds what is appended to.
var writerSettings = []string{"_txlock=immediate", "_pragma=wal_autocheckpoint(4000)", "_pragma=cache_size(-8000)"}

// readerRest is after how long a reader that nobody needs is closed: each holds a
// cache of its own, up to 4 MB with what allocating rounds up.
const readerRest = 10 * time.Second

func openSQLite(path string) (*DB, error) {
	if path == "" || strings.Contains(path, ":memory:") {
		return nil, errors.New("open database: sqlite needs the path of a file")
	}
	if err := makePrivateFile(path); err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	write, err := sql.Open("sqlite", sqliteDSN(path, writerSettings...))
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	read, err := sql.Open("sqlite", sqliteDSN(path, "_pragma=query_only(1)"))
	if err != nil {
		write.Close()
		return nil, fmt.Errorf("open database: %w", err)
	}
	write.SetMaxOpenConns(1)
	readers := max(4, 2*runtime.GOMAXPROCS(0))
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	read.SetConnMaxIdleTime(readerRest)
	return &DB{
		engine: SQLite, url: "sqlite:" + path, path: path,
		read: read, write: write, turn: make(chan struct{}, 1), prepared: newStatements(),
	}, nil
}

// makePrivateFile creates the file with mode 0600; SQLite gives its journal
// the mode of the database.
func makePrivateFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// sqliteDSN names the file with the settings every connection needs:
// synchronous(FULL) makes a commit durable, secure_delete overwrites what is
// purged, texttotime makes max(t) and coalesce(t, …) scan as times.
func sqliteDSN(path string, extra ...string) string {
	settings := append([]string{
		"_pragma=busy_timeout(5000)",
		"_pragma=journal_mode(WAL)",
		"_pragma=synchronous(FULL)",
		"_pragma=foreign_keys(1)",
		"_pragma=secure_delete(1)",
		"_pragma=temp_store(MEMORY)",
		"_pragma=trusted_schema(0)",
		"_time_format=sqlite",
		"_timezone=UTC",
		"_texttotime=1",
	}, extra...)
	return "file:" + filepathURL(path) + "?" + strings.Join(settings, "&")
}

// filepathURL escapes what has a meaning in a url.
func filepathURL(path string) string { return (&url.URL{Path: path}).EscapedPath() }

// sqliteCode returns the extended result code in err, or 0.
func sqliteCode(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code()
	}
	return 0
}
