package roster

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"lotse/internal/staff"
	"lotse/internal/store"
)

// shiftColumns are the columns of shift, shift_draft and shift_version that
// make a Shift, in the order of Shift.targets and Shift.values.
const shiftColumns = "id, team, start_at, end_at, channels, topics, languages, min_staff, opt_staff, note, revision"

func (s *Shift) targets() []any {
	return []any{&s.ID, &s.Team, &s.Start, &s.End, (*codes[Channel])(&s.Channels), (*codes[string])(&s.Topics),
		(*codes[string])(&s.Languages), &s.Min, &s.Opt, &s.Note, &s.Revision}
}

func (s *Shift) values() []any {
	return []any{s.ID, s.Team, s.Start, s.End, codes[Channel](s.Channels), codes[string](s.Topics),
		codes[string](s.Languages), s.Min, s.Opt, s.Note, s.Revision}
}

// codes is a list of identifiers in one column, joined by commas.
type codes[T ~string] []T

// Scan reads the list; an empty text is an empty list.
func (c *codes[T]) Scan(value any) error {
	text, ok := value.(string)
	if !ok {
		return fmt.Errorf("codes: %T is no text", value)
	}
	*c = nil
	for code := range strings.SplitSeq(text, ",") {
		if code != "" {
			*c = append(*c, T(code))
		}
	}
	return nil
}

// Value writes the list.
func (c codes[T]) Value() (driver.Value, error) {
	parts := make([]string, len(c))
	for i, code := range c {
		parts[i] = string(code)
	}
	return strings.Join(parts, ","), nil
}

// where builds the conditions of a query and numbers its arguments.
type where struct {
	conds []string
	args  []any
}

// and adds a condition in which each ? stands for the next argument.
func (w *where) and(cond string, args ...any) *where {
	for _, arg := range args {
		w.args = append(w.args, arg)
		cond = strings.Replace(cond, "?", fmt.Sprintf("$%d", len(w.args)), 1)
	}
	w.conds = append(w.conds, cond)
	return w
}

// span adds the condition that start_at and end_at overlap [from, to).
func (w *where) span(from, to time.Time) *where {
	return w.and("start_at < ? AND end_at > ?", to, from)
}

// in adds the condition that the column holds one of the ids; an empty list
// matches nothing.
func in[ID any](w *where, column string, ids []ID) *where {
	if len(ids) == 0 {
		return w.and("1 = 0")
	}
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	return w.and(column+" IN (?"+strings.Repeat(", ?", len(ids)-1)+")", args...)
}

func (w *where) String() string {
	if len(w.conds) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.conds, " AND ")
}

// Person is somebody who may be put on a shift of a team.
type Person struct {
	ID      staff.ID
	Name    string
	Trainee bool
}

// crews lists who counsels for each team.
func crews(ctx context.Context, q store.Queryer, teams []staff.TeamID) (map[staff.TeamID][]Person, error) {
	w := in(&where{}, "team", teams)
	rows, err := q.Query(ctx, "SELECT team, person, name, trainee FROM team_counsellor"+w.String()+" ORDER BY name, person", w.args...)
	type member struct {
		team staff.TeamID
		Person
	}
	list, err := store.Collect(rows, err, func(rows *sql.Rows) (m member, err error) {
		err = rows.Scan(&m.team, &m.ID, &m.Name, &m.Trainee)
		return m, err
	})
	crew := map[staff.TeamID][]Person{}
	for _, m := range list {
		crew[m.team] = append(crew[m.team], m.Person)
	}
	return crew, err
}

// names gives the display names of accounts, active or not.
func names(ctx context.Context, q store.Queryer, people []staff.ID) (map[staff.ID]string, error) {
	w := in(&where{}, "id", people)
	rows, err := q.Query(ctx, "SELECT id, name FROM account"+w.String(), w.args...)
	type entry struct {
		id   staff.ID
		name string
	}
	list, err := store.Collect(rows, err, func(rows *sql.Rows) (e entry, err error) {
		err = rows.Scan(&e.id, &e.name)
		return e, err
	})
	byID := make(map[staff.ID]string, len(list))
	for _, e := range list {
		byID[e.id] = e.name
	}
	return byID, err
}

// teamTags lists a team's topics or languages.
func teamTags(ctx context.Context, q store.Queryer, team staff.TeamID, kind string) ([]string, error) {
	rows, err := q.Query(ctx, "SELECT value FROM team_tag WHERE team = $1 AND kind = $2 ORDER BY value", team, kind)
	return store.Collect(rows, err, store.Value[string])
}

// orNull is the id, or NULL when it is zero.
func orNull(id uuid.UUID) any {
	if id == uuid.Nil {
		return nil
	}
	return id
}

// allTeams lists every team.
func allTeams(ctx context.Context, q store.Queryer) ([]staff.TeamID, error) {
	rows, err := q.Query(ctx, "SELECT id FROM team ORDER BY id")
	return store.Collect(rows, err, store.Value[staff.TeamID])
}
