// Package store runs one SQL text on two engines: SQLite in a file and
// PostgreSQL. It knows connections, transactions and migrations, and no word
// of the domain; the SQL itself lies beside the types it serves.
//
// Rules for the SQL, kept so that one text fits both engines:
//
//   - $1 placeholders; ids TEXT; TIMESTAMPTZ, BYTEA and BOOLEAN in DDL (the
//     migrator writes TIMESTAMP and BLOB for SQLite, and changes nothing else);
//   - the time is always passed in (Tx.Now), never now(); no ILIKE, FOR UPDATE,
//     = ANY(…), JSON operator or lower(): what needs folding is folded in Go;
//   - "$1 IS NULL" is written CAST($1 AS TEXT) IS NULL, or the WHERE list is
//     built in Go;
//   - an expression over a text column (coalesce, max) that happens to look
//     like a date comes back from SQLite reformatted; select such columns bare.
//
// Every write runs in Transact: BEGIN IMMEDIATE on SQLite, SERIALIZABLE on
// PostgreSQL, repeated when the engine asks for it. Rules may therefore be
// written as "look, then write", with the same meaning on both engines. Query
// and QueryRow of DB only read; on SQLite a write through them fails.
//
// Instants go in and come out as UTC, cut to milliseconds, whatever the zone
// and precision of the argument.
//
// SQLite has one writing connection, handed from writer to writer in order of
// arrival, and a pool of reading ones that never wait for it. The package owns
// no goroutine beyond those of database/sql.
package store
