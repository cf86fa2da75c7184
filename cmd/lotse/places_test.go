package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"lotse/configs"
	"lotse/internal/store"
	"lotse/internal/testenv"
)

// places is everything a node writes to: files, database, bus.
type places struct {
	environ  []string
	data     string // LOTSE_DATA
	temp     string // TMPDIR of the node
	db       *store.DB
	from     string // PostgreSQL: where its log stood at the beginning
	redis    *testenv.RedisServer
	commands func() []byte // what the bus was told
}

func newPlaces(t *testing.T, environ []string, redis *testenv.RedisServer) *places {
	t.Helper()
	cfg, err := configs.Load("", environ)
	if err != nil {
		t.Fatal(err)
	}
	p := &places{environ: environ, data: cfg.Data, temp: t.TempDir(), redis: redis, db: testenv.Open(t, cfg.Database())}
	if redis != nil {
		p.commands = redis.Monitor(t)
	}
	if p.db.Engine() == store.Postgres {
		if err := p.db.QueryRow(t.Context(), "SELECT pg_current_wal_lsn()::text").Scan(&p.from); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// lookInside looks into database, bus and backup while the node runs.
func (p *places) lookInside(t *testing.T, v *visit, node *process) {
	t.Helper()
	p.lookAtFiles(t, v, "files of "+node.url)
	file := filepath.Join(t.TempDir(), "backup")
	if got := lotse(t, p.environ, "backup", file); got.code != 0 {
		t.Fatalf("backup: %+v", got)
	}
	backup, err := os.ReadFile(file)
	if p.db.Engine() == store.Postgres {
		backup, err = exec.Command("pg_restore", "--file=-", file).Output()
	}
	if err != nil {
		t.Fatalf("read backup: %v", err)
	}
	p.check(t, v, "backup", backup, v.known)
	if p.db.Engine() == store.Postgres {
		p.check(t, v, "tables and indexes", p.relations(t), v.known)
		p.check(t, v, "write-ahead log", p.writeAhead(t), v.known)
	}
	if p.redis != nil {
		p.check(t, v, "commands to Redis", p.commands(), v.known)
		p.check(t, v, "keys of Redis", p.redis.Dump(t), "lotse")
	}
}

// lookAtFiles looks at every file of the data directory and the directory for
// temporary files. SQLite's log is one of them.
func (p *places) lookAtFiles(t *testing.T, v *visit, name string) {
	t.Helper()
	var all bytes.Buffer
	for _, dir := range []string{p.data, p.temp} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			all.WriteString(path + "\n")
			all.Write(data)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	known := v.known
	if p.db.Engine() == store.Postgres {
		known = filepath.Join("keys", "20") // nothing but the day keys and the secret
	}
	p.check(t, v, name, all.Bytes(), known)
}

// relations reads the files of all tables, indexes and long values.
func (p *places) relations(t *testing.T) []byte {
	t.Helper()
	if _, err := p.db.Exec(t.Context(), "CHECKPOINT"); err != nil {
		t.Fatal(err)
	}
	return p.read(t, `WITH own AS (SELECT oid, reltoastrelid FROM pg_class
			WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'i'))
		SELECT pg_read_binary_file(pg_relation_filepath(oid)) FROM (
			SELECT oid FROM own UNION SELECT reltoastrelid FROM own WHERE reltoastrelid <> 0) AS every (oid)`)
}

// writeAhead reads PostgreSQL's log since the beginning of the test.
func (p *places) writeAhead(t *testing.T) []byte {
	t.Helper()
	return p.read(t, `SELECT pg_read_binary_file('pg_wal/' || name) FROM pg_ls_waldir()
		WHERE name ~ '^[0-9A-F]{24}$' AND name >= pg_walfile_name($1::pg_lsn)`, p.from)
}

func (p *places) read(t *testing.T, query string, args ...any) []byte {
	t.Helper()
	rows, err := p.db.Query(t.Context(), query, args...)
	parts, err := store.Collect(rows, err, store.Value[[]byte])
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Join(parts, nil)
}

// check reports marks in data, and data that lacks what is known to be there.
func (p *places) check(t *testing.T, v *visit, place string, data []byte, known string) {
	t.Helper()
	if !bytes.Contains(data, []byte(known)) {
		t.Errorf("%s: %q is not there, so the look is worth nothing (%d bytes)", place, known, len(data))
	}
	lower := bytes.ToLower(data)
	for what, text := range v.marks {
		for _, form := range plainForms(text) {
			if bytes.Contains(lower, form) {
				t.Errorf("%s: holds %s", place, what)
			}
		}
		for _, form := range base64Forms(text) {
			if bytes.Contains(data, form) {
				t.Errorf("%s: holds %s in base64", place, what)
			}
		}
	}
}

// plainForms are the ways a text is written down, in lower case.
func plainForms(text string) [][]byte {
	lower := strings.ToLower(text)
	return [][]byte{[]byte(lower), []byte(hex.EncodeToString([]byte(text))), []byte(strings.ToLower(url.QueryEscape(text)))}
}

// base64Forms are what stays the same of a text in base64 whatever stands before
// and behind it: one form for each of the three offsets.
func base64Forms(text string) (all [][]byte) {
	for skip := range 3 {
		padded := append(make([]byte, skip), text...)
		padded = padded[:len(padded)/3*3]
		for _, alphabet := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			all = append(all, []byte(alphabet.EncodeToString(padded))[4*((skip+2)/3):])
		}
	}
	return all
}

func TestMarksAreFoundInEveryForm(t *testing.T) {
	const mark = "MarkNameABC"
	for _, hidden := range []string{
		"..MarkNameABC..", "..marknameabc", hex.EncodeToString([]byte("MarkNameABC")), base64.StdEncoding.EncodeToString([]byte("aMarkNameABC")),
		base64.StdEncoding.EncodeToString([]byte("abMarkNameABCd")), base64.URLEncoding.EncodeToString([]byte("abcMarkNameABCde")),
	} {
		found := false
		for _, form := range plainForms(mark) {
			found = found || bytes.Contains(bytes.ToLower([]byte(hidden)), form)
		}
		for _, form := range base64Forms(mark) {
			found = found || bytes.Contains([]byte(hidden), form)
		}
		if !found {
			t.Errorf("%q is not found", hidden)
		}
	}
}
