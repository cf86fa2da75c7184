package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
)

// PostgreSQL error codes (postgresql.org/docs/15/errcodes-appendix.html).
const (
	pgUniqueViolation      = "23505"
	pgSerializationFailure = "40001"
	pgDeadlockDetected     = "40P01"
)

const defaultPoolSize = 20

func openPostgres(url string) (*DB, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, errors.New("open database: the PostgreSQL url is malformed") // err quotes the password
	}
	size, err := poolSize(config)
	if err != nil {
		return nil, err
	}
	setDefault(config.RuntimeParams, "application_name", "lotse")
	setDefault(config.RuntimeParams, "timezone", "UTC")
	setDefault(config.RuntimeParams, "idle_in_transaction_session_timeout", "60000")
	pool := stdlib.OpenDB(*config, stdlib.OptionAfterConnect(scanUTC))
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(size)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	return &DB{engine: Postgres, url: url, read: pool, write: pool}, nil
}

// poolSize takes pool_max_conns out of the parameters, which would otherwise
// reach the server, where nobody knows it.
func poolSize(config *pgx.ConnConfig) (int, error) {
	given, ok := config.RuntimeParams["pool_max_conns"]
	if !ok {
		return defaultPoolSize, nil
	}
	delete(config.RuntimeParams, "pool_max_conns")
	size, err := strconv.Atoi(given)
	if err != nil || size < 1 {
		return 0, fmt.Errorf("open database: pool_max_conns must be a number above 0")
	}
	return size, nil
}

func setDefault(params map[string]string, key, value string) {
	if _, ok := params[key]; !ok {
		params[key] = value
	}
}

// scanUTC makes instants come back in UTC instead of the zone of the machine.
func scanUTC(_ context.Context, conn *pgx.Conn) error {
	conn.TypeMap().RegisterType(&pgtype.Type{
		Name: "timestamptz", OID: pgtype.TimestamptzOID,
		Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
	})
	return nil
}

// pgCode returns the SQLSTATE in err, or "".
func pgCode(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	return ""
}
