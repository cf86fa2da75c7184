package store_test

import (
	"database/sql"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"lotse/internal/store"
	"lotse/internal/testenv"
)

// What the public page says about the database is what the database has, on
// both engines: each column of each table once, and none that is not there.
func TestEveryColumnIsToldToThePublic(t *testing.T) {
	told := toldColumns(t)
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		columns := map[string]bool{}
		for _, column := range schemaOf(t, db) {
			columns[column] = true
			if !slices.Contains(told, column) {
				t.Errorf("docs/what-the-server-sees.md lacks %s", column)
			}
		}
		for i, column := range told {
			if !columns[column] {
				t.Errorf("docs/what-the-server-sees.md has %s, which is no column", column)
			}
			if slices.Contains(told[:i], column) {
				t.Errorf("docs/what-the-server-sees.md has %s twice", column)
			}
		}
	})
}

// schemaOf lists "table.column" of all tables.
func schemaOf(t *testing.T, db *store.DB) []string {
	t.Helper()
	query := `SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'`
	if db.Engine() == store.Postgres {
		query = `SELECT c.table_name, c.column_name FROM information_schema.columns c
			JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name AND t.table_type = 'BASE TABLE'
			WHERE c.table_schema = current_schema()`
	}
	rows, err := db.Query(t.Context(), query)
	all, err := store.Collect(rows, err, func(r *sql.Rows) (string, error) {
		var table, column string
		err := r.Scan(&table, &column)
		return table + "." + column, err
	})
	if err != nil || len(all) == 0 {
		t.Fatalf("%d columns, %v", len(all), err)
	}
	return all
}

var quoted = regexp.MustCompile("`([a-z_]+)`")

// toldColumns reads the page: a heading "### table", then rows whose first cell
// names columns and whose second says how they are kept.
func toldColumns(t *testing.T) (all []string) {
	t.Helper()
	page, err := os.ReadFile("../../docs/what-the-server-sees.md")
	if err != nil {
		t.Fatal(err)
	}
	kept := []string{"open", "hash", "sealed", "server-sealed", "sealed and server-sealed"}
	table := ""
	for line := range strings.Lines(string(page)) {
		if heading, ok := strings.CutPrefix(line, "#"); ok {
			table, _ = strings.CutPrefix(strings.TrimSpace(heading), "## ")
			continue
		}
		cells := strings.Split(line, "|")
		if len(cells) < 4 || !strings.HasPrefix(strings.TrimSpace(cells[1]), "`") {
			continue
		}
		for _, m := range quoted.FindAllStringSubmatch(cells[1], -1) {
			all = append(all, table+"."+m[1])
		}
		if how := strings.TrimSpace(cells[2]); !slices.Contains(kept, how) {
			t.Errorf("%s: kept as %q", strings.TrimSpace(cells[1]), how)
		}
	}
	return all
}
