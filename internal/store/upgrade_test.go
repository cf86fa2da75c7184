package store_test

import (
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"lotse/internal/store"
	"lotse/internal/testenv"
)

// carried is what a server that had come as far as a migration may hold: rows
// in the tables that it made. A migration that is missing here fails the test.
// A released migration never changes, so these rows do not either.
var carried = map[string]string{
	"0001_staff": `
		INSERT INTO provider (id, name, created_at) VALUES ('p', 'Träger', '2026-01-01 10:00:00+00:00');
		INSERT INTO team (id, provider, name, reach, policy, queue_max, last_chat_s, formal, created_at)
			VALUES ('t', 'p', 'Team', 'pool', 'team', 5, 600, TRUE, '2026-01-01 10:00:00+00:00');
		INSERT INTO team_tag (team, kind, value) VALUES ('t', 'topic', 'schulden');
		INSERT INTO account (id, provider, email, name, language, handle, places, trainee, created_at)
			VALUES ('a', 'p', 'a@x.example', 'A', 'de', 'handle', 2, FALSE, '2026-01-01 10:00:00+00:00');
		INSERT INTO account_grant (account, role, provider, team) VALUES ('a', 'counsellor', 'p', 't');
		INSERT INTO account_password (account, salt, iterations, hash, changed_at) VALUES ('a', 'salt', 600000, 'x', '2026-01-01 10:00:00+00:00');
		INSERT INTO staff_session (id, account, hash, method, limited, created_at, seen_at, ends_at, step_up_at) VALUES ('s', 'a', 'h', 'password', FALSE,
			'2026-01-01 10:00:00+00:00', '2026-01-01 10:00:00+00:00', '2026-01-01 10:00:00+00:00', '2026-01-01 10:00:00+00:00');`,
	"0002_audit": `
		INSERT INTO audit (n, at, provider, actor, action, object, meta, hash) VALUES (1, '2026-01-01 10:00:00+00:00', 'p', 'a', 'login', 'a', '', 'h');`,
	"0003_roster": `
		INSERT INTO shift (id, team, start_at, end_at, channels, topics, languages, min_staff, opt_staff, note, revision)
			VALUES ('sh', 't', '2026-01-01 10:00:00+00:00', '2026-01-01 12:00:00+00:00', 'chat', '', '', 1, 2, '', 1);
		INSERT INTO assignment (shift, person) VALUES ('sh', 'a');
		INSERT INTO absence (id, person, start_at, end_at, class, created_by, created_at)
			VALUES ('ab', 'a', '2026-01-02 10:00:00+00:00', '2026-01-03 10:00:00+00:00', 'leave', 'a', '2026-01-01 10:00:00+00:00');`,
	"0004_directory": `
		INSERT INTO centre (id, source, source_id, name, operator, kind, street, postcode, city, state, lat, lon, coordinates, phone, email, url,
				target, opening_hours, description, licence, active, updated_at)
			VALUES ('c', 'x', '1', 'Stelle', '', '', '', '01067', 'Dresden', 'Sachsen', 51.0, 13.7, 'exact', '', '', '', '', '', '', '', TRUE,
				'2026-01-01 10:00:00+00:00');
		INSERT INTO catchment (centre_id, low, high) VALUES ('c', '01067', '01069');`,
	"0005_chat": `
		INSERT INTO conversation (id, room, token_hash, kind, state, rev, provider, team, topic, language, on_gone, urgent, epoch, seq, delivered, seen,
				head, created_at, since, queued_at, last_at, last_by_seeker)
			VALUES ('v', 'r', 'h', 'live', 'waiting', 1, 'p', 't', 'schulden', 'de', 'keep', FALSE, 0, 1, 0, 0, FALSE,
				'2026-01-01 10:00:00+00:00', '2026-01-01 10:00:00+00:00', '2026-01-01 10:00:00+00:00', '2026-01-01 10:00:00+00:00', TRUE);
		INSERT INTO conversation_epoch (conversation, epoch, record, digest, readers, day, wraps, made_by, made_at)
			VALUES ('v', 0, 'record', 'digest', '', '2026-01-03', 'wraps', 'seeker', '2026-01-01 10:00:00+00:00');
		INSERT INTO message (conversation, seq, id, sender, epoch, n, after_seq, body, at)
			VALUES ('v', 1, 'm', 'seeker', 0, 1, 0, 'body', '2026-01-01 10:00:00+00:00');`,
	"0006_feedback": `
		INSERT INTO feedback (id, at, page, language, text, contact) VALUES ('f', '2026-01-01 10:00:00+00:00', '', 'de', 'Text', '');`,
	"0010_directory_model": `
		INSERT INTO directory_change (id, kind, record_id, field, before, after, author, made_at) VALUES ('ch', 'centre', 'c', 'hours', '', '24/7', 'a',
			'2026-01-01 10:00:00+00:00');`,
	"0011_directory_move": "", // makes no table, moves the rows of 0004
	"0016_directory_quality": `
		INSERT INTO directory_link (link, strikes, struck, reason, tried_at) VALUES ('https://a.example/', 1, '2026-01-01', 'missing', '2026-01-01 10:00:00+00:00');
		INSERT INTO directory_finding (centre_id, feed, outcome, codes, made_at) VALUES ('c', 'csv', 'repaired', 'url_scheme_added', '2026-01-01 10:00:00+00:00');`,
	"0012_directory_merge": `
		INSERT INTO directory_distinct (a, b, author, made_at) VALUES ('c', 'd', 'a', '2026-01-01 10:00:00+00:00');`,
	"0013_chat_marks": `
		INSERT INTO conversation_mark (conversation, delivered, seen) VALUES ('v', 1, 1);`,
	"0019_retention": "", // makes no table, adds to those of 0001
	"0014_upkeep": `
		INSERT INTO upkeep_centre (centre_id, keeper, mailed_at) VALUES ('c', 'p', '2026-01-01 10:00:00+00:00');
		INSERT INTO upkeep_provider (provider, four_eyes) VALUES ('p', TRUE);
		INSERT INTO upkeep_mail (id, centre_id, address, author, state, tries, next_at, code, made_at) VALUES ('ma', 'c', 'a@x.example', 'a', 'sent', 1,
			'2026-01-01 10:00:00+00:00', '', '2026-01-01 10:00:00+00:00');
		INSERT INTO upkeep_link (hash, mail_id, centre_id, address, expires_at) VALUES ('h', 'ma', 'c', 'a@x.example', '2026-02-01 10:00:00+00:00');
		INSERT INTO upkeep_draft (id, centre_id, state, author, before, after, note, made_at, changed_at, decided_by) VALUES ('dr', 'c', 'review', 'centre',
			'{}', '{}', '', '2026-01-01 10:00:00+00:00', '2026-01-01 10:00:00+00:00', '');`,
}

// moved names the table to which a later migration takes the rows of another.
// The topics of a centre become a fact of its offer.
var moved = map[string]string{"centre": "directory_centre", "catchment": "directory_area", "centre_topic": "directory_offer"}

// TestUpgradeFromEveryState brings a server that stopped at any migration to
// the newest one: it then has the schema of a new server and every row it had.
func TestUpgradeFromEveryState(t *testing.T) {
	testenv.EachURL(t, func(t *testing.T, _ string) {
		fresh := testenv.Migrated(t, another(t))
		want := schemaOf(t, fresh)
		slices.Sort(want)
		files := migrationsOf(t, fresh.Engine())
		for i, last := range files {
			t.Run(last, func(t *testing.T) {
				db := testenv.Open(t, another(t))
				before := live(t, db, files[:i+1])
				if err := db.Migrate(t.Context()); err != nil {
					t.Fatal(err)
				}
				checkRows(t, db, before)
				got := schemaOf(t, db)
				slices.Sort(got)
				if !slices.Equal(got, want) {
					t.Errorf("the schema differs from a new one:\n%v\n%v", got, want)
				}
			})
		}
	})
}

// migrationsOf lists the files of an engine, in order.
func migrationsOf(t *testing.T, engine store.Engine) []string {
	t.Helper()
	names, err := fs.Glob(os.DirFS("migrations"), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	other := ".postgres.sql"
	if engine == store.Postgres {
		other = ".sqlite.sql"
	}
	return slices.DeleteFunc(names, func(name string) bool { return strings.HasSuffix(name, other) })
}

// checkRows compares the rows of all tables with those before, wherever they went.
func checkRows(t *testing.T, db *store.DB, before map[string]int) {
	t.Helper()
	tables := map[string]bool{}
	for _, column := range schemaOf(t, db) {
		table, _, _ := strings.Cut(column, ".")
		tables[table] = true
	}
	for table, n := range before {
		to := table
		if !tables[table] {
			to = moved[table]
		}
		after := 0
		if tables[to] {
			after = rowsOf(t, db, to)
		}
		// What takes in another table's rows may have more than it had.
		if after < n || to == table && after != n && !strings.HasPrefix(table, "directory_") {
			t.Errorf("%s had %d rows, and %q has %d", table, n, to, after)
		}
	}
}

// another returns the url of a further empty database of the engine that the
// subtest is for.
func another(t *testing.T) string {
	t.Helper()
	if strings.Contains(t.Name(), "/postgres") {
		return testenv.Postgres(t)
	}
	return testenv.SQLite(t)
}

// upTo returns the released migrations of the given names.
func upTo(t *testing.T, names []string) fs.FS {
	t.Helper()
	some := fstest.MapFS{}
	for _, name := range names {
		data, err := os.ReadFile("migrations/" + name)
		if err != nil {
			t.Fatal(err)
		}
		some["migrations/"+name] = &fstest.MapFile{Data: data}
	}
	return some
}

// live brings a database through migrations one by one, as a server that was
// updated each time, puts rows in after each, and counts those of all tables.
func live(t *testing.T, db *store.DB, files []string) map[string]int {
	t.Helper()
	for i, name := range files {
		if err := db.MigrateFrom(t.Context(), upTo(t, files[:i+1])); err != nil {
			t.Fatal(err)
		}
		short, _, _ := strings.Cut(name, ".")
		rows, known := carried[short]
		if !known {
			t.Errorf("%s: no rows to carry over; add some to the table of this test", name)
		}
		for statement := range strings.SplitSeq(rows, ";") {
			if strings.TrimSpace(statement) != "" {
				exec(t, db, statement)
			}
		}
	}
	counts := map[string]int{}
	for _, column := range schemaOf(t, db) {
		table, _, _ := strings.Cut(column, ".")
		if table != "schema_migration" {
			counts[table] = rowsOf(t, db, table)
		}
	}
	return counts
}

func rowsOf(t *testing.T, db *store.DB, table string) (n int) {
	t.Helper()
	if err := db.QueryRow(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
