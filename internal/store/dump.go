package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"strings"
)

// dump writes the schema in use to out. The program is pg_dump, at least as new
// as the server; it reads one snapshot.
func (db *DB) dump(ctx context.Context, out io.Writer) error {
	var schema string
	if err := db.QueryRow(ctx, "SELECT current_schema()").Scan(&schema); err != nil {
		return err
	}
	return db.client(ctx, nil, out, "pg_dump", "--format=custom", "--no-owner", "--no-privileges",
		"--schema="+quotePattern(schema))
}

// restorePostgres runs pg_restore in one transaction on an empty schema.
func restorePostgres(ctx context.Context, db *DB, path string) error {
	var schema string
	var tables int
	err := db.QueryRow(ctx, `SELECT current_schema(),
		(SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema())`).Scan(&schema, &tables)
	if err != nil {
		return err
	}
	if tables > 0 {
		return ErrNotEmpty
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := db.client(ctx, f, nil, "pg_restore", "--no-owner", "--no-privileges", "--exit-on-error",
		"--single-transaction", "--schema="+schema); err != nil {
		return err
	}
	var n int
	if err := db.QueryRow(ctx, "SELECT count(*) FROM schema_migration").Scan(&n); err != nil {
		return fmt.Errorf("the backup holds nothing for the schema %s", schema)
	}
	return nil
}

// client runs a program of PostgreSQL against the database. The password goes
// through the environment, where other users of the machine do not see it.
func (db *DB) client(ctx context.Context, in io.Reader, out io.Writer, name string, args ...string) error {
	target, password, err := libpq(db.url)
	if err != nil {
		return err
	}
	file, err := exec.LookPath(name)
	if err != nil {
		return fmt.Errorf("%s is needed; it is part of the PostgreSQL client programs", name)
	}
	var complaint bytes.Buffer
	cmd := exec.CommandContext(ctx, file, append(args, "--dbname="+target)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, out, &complaint
	cmd.Env = os.Environ()
	if password != "" {
		cmd.Env = append(cmd.Env, "PGPASSWORD="+password)
	}
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(complaint.String()))
	}
	return nil
}

// libpq returns the url without its password and without the parameters that
// only pgx knows.
func libpq(from string) (target, password string, err error) {
	u, err := url.Parse(from)
	if err != nil {
		return "", "", errors.New("the PostgreSQL url is malformed")
	}
	if u.User != nil {
		password, _ = u.User.Password()
		u.User = url.User(u.User.Username())
	}
	query := u.Query()
	for key := range query {
		if !strings.HasPrefix(key, "ssl") && key != "host" && key != "port" && key != "connect_timeout" {
			query.Del(key)
		}
	}
	u.RawQuery = query.Encode()
	return u.String(), password, nil
}

// quotePattern quotes a name for pg_dump, which takes patterns.
func quotePattern(name string) string {
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}
