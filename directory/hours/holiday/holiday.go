// Package holiday knows the public holidays of the sixteen Länder from the year
// 2000 on, by law: the data file names the law and paragraph of each, the years
// in which it holds, and the municipalities where only these have it.
//
// It does not know school holidays, days of rest that are no holiday by law (24
// and 31 December), or Sundays: Easter Sunday and Whit Sunday count only where
// the law names them (Brandenburg).
package holiday

import (
	"cmp"
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"lotse/internal/roster/civil"
)

// Table holds the holidays of all Länder.
type Table struct{ entries []entry }

// entry is a row of the data file.
type entry struct {
	area     string // first digits of official municipality keys, or empty for all
	extent   extent
	name     string
	day      rule
	from, to int // years
	source   string
}

// extent says in how much of an area a day is a holiday.
type extent string

const (
	none extent = "none"
	part extent = "part" // in some municipalities or parts of them
	all  extent = "all"
)

// Day is a holiday at a place. Its zero value is no holiday.
type Day struct {
	Name    string // German, as the law has it
	Certain bool   // false: only in parts of the place as it is known here
}

//go:embed holidays.csv
var data string

// Load reads the table that is part of the program.
func Load() (*Table, error) {
	rows := csv.NewReader(strings.NewReader(data))
	rows.Comment = '#'
	lines, err := rows.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read holidays: %w", err)
	}
	t := &Table{}
	for _, row := range lines[1:] { // the first names the columns
		e, err := readEntry(row)
		if err != nil {
			return nil, fmt.Errorf("read holidays: %s %s: %w", row[0], row[1], err)
		}
		t.entries = append(t.entries, e...)
	}
	return t, nil
}

// readEntry reads a row, which may name several areas.
func readEntry(row []string) ([]entry, error) {
	e := entry{name: row[1], extent: extent(row[5]), source: row[6]}
	var err error
	if e.day, err = parseRule(row[2]); err != nil {
		return nil, err
	}
	if e.from, err = strconv.Atoi(row[3]); err != nil {
		return nil, err
	}
	if e.to = 9999; row[4] != "" {
		if e.to, err = strconv.Atoi(row[4]); err != nil {
			return nil, err
		}
	}
	if e.extent != none && e.extent != part && e.extent != all {
		return nil, fmt.Errorf("no such extent: %q", e.extent)
	}
	var entries []entry
	for area := range strings.FieldsSeq(row[0]) {
		e.area = cmp.Or(Key(area), strings.TrimPrefix(area, "DE"))
		entries = append(entries, e)
	}
	return entries, nil
}

// Key is the official key of a Land, two digits, from its letters ("NW") or its
// name ("Nordrhein-Westfalen"), or empty.
func Key(land string) string {
	for _, l := range lands {
		if land == l.letters || land == l.name {
			return l.key
		}
	}
	return ""
}

var lands = []struct{ key, letters, name string }{
	{"01", "SH", "Schleswig-Holstein"},
	{"02", "HH", "Hamburg"},
	{"03", "NI", "Niedersachsen"},
	{"04", "HB", "Bremen"},
	{"05", "NW", "Nordrhein-Westfalen"},
	{"06", "HE", "Hessen"},
	{"07", "RP", "Rheinland-Pfalz"},
	{"08", "BW", "Baden-Württemberg"},
	{"09", "BY", "Bayern"},
	{"10", "SL", "Saarland"},
	{"11", "BE", "Berlin"},
	{"12", "BB", "Brandenburg"},
	{"13", "MV", "Mecklenburg-Vorpommern"},
	{"14", "SN", "Sachsen"},
	{"15", "ST", "Sachsen-Anhalt"},
	{"16", "TH", "Thüringen"},
}

// Calendar holds the holidays of one place.
type Calendar struct{ days []local }

// local is an entry as it holds for a place.
type local struct {
	entry
	certain bool
}

// At is the calendar of a place by its official municipality key: two digits for
// a Land, five for a Kreis, eight for a municipality. What holds only in parts of
// the place is in it, but not certain; of a place without key that is all but what
// holds in every Land. Make one for each key, not for each centre.
func (t *Table) At(key string) Calendar {
	var c Calendar
	for i, e := range t.entries {
		if !e.touches(key) || t.seen(i, key) {
			continue
		}
		if found := t.extentAt(key, e); found != none {
			c.days = append(c.days, local{e, found == all})
		}
	}
	return c
}

// touches reports whether the place lies in the area, or the area in the place.
func (e entry) touches(key string) bool {
	return strings.HasPrefix(key, e.area) || strings.HasPrefix(e.area, key)
}

// seen reports whether an entry before the ith that touches the place is of the
// same holiday.
func (t *Table) seen(i int, key string) bool {
	return slices.ContainsFunc(t.entries[:i], func(before entry) bool { return before.touches(key) && before.same(t.entries[i]) })
}

// same reports whether both are the same holiday of the same years in one Land.
func (e entry) same(other entry) bool {
	return e.name == other.name && e.day == other.day && e.from == other.from && e.land() == other.land()
}

func (e entry) land() string { return e.area[:min(2, len(e.area))] }

// extentAt is how much of a place has a holiday: what the narrowest area around
// the place says, unless an area inside the place says otherwise.
func (t *Table) extentAt(key string, holiday entry) extent {
	found, narrowest := none, -1
	for _, e := range t.entries {
		if e.same(holiday) && strings.HasPrefix(key, e.area) && len(e.area) > narrowest {
			found, narrowest = e.extent, len(e.area)
		}
	}
	for _, e := range t.entries {
		if e.same(holiday) && len(e.area) > len(key) && strings.HasPrefix(e.area, key) && e.extent != found {
			return part
		}
	}
	return found
}

// On is the holiday on a date, of two on one day the certain one.
func (c Calendar) On(d civil.Date) Day {
	var found Day
	easter := 0
	for i := range c.days {
		l := &c.days[i]
		if d.Year < l.from || d.Year > l.to {
			continue
		}
		if l.day.easter && easter == 0 {
			easter = Easter(d.Year)
		}
		if l.day.falls(d, easter) && !found.Certain {
			found = Day{l.name, l.certain}
		}
	}
	return found
}

// Unsure reports whether only parts of the place have the holiday.
func (d Day) Unsure() bool { return d.Name != "" && !d.Certain }
