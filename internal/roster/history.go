package roster

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"time"

	"lotse/internal/staff"
	"lotse/internal/store"
)

// Publication is one publishing of drafts: who, when, and what it changed.
type Publication struct {
	ID      PublicationID
	By      staff.ID
	At      time.Time
	Changes []Change
}

// History is a team's publications, newest first.
type History struct {
	Publications []Publication
	Names        map[staff.ID]string
	More         bool // there are older ones
}

// historyPage is how many publications History returns at once.
const historyPage = 20

// History reads a team's publications before an instant; the zero instant
// means from the newest on.
func (s *Service) History(ctx context.Context, actor staff.Actor, team staff.TeamID, before time.Time) (h History, err error) {
	if err := supervises(actor, team); err != nil {
		return History{}, err
	}
	err = s.db.View(ctx, func(tx *store.Tx) error {
		w := (&where{}).and("team = ?", team)
		if !before.IsZero() {
			w.and("published_at < ?", before)
		}
		if h.Publications, err = publicationsWhere(ctx, tx, w, historyPage+1); err != nil {
			return err
		}
		if h.More = len(h.Publications) > historyPage; h.More {
			h.Publications = h.Publications[:historyPage]
		}
		for i := range h.Publications {
			if err := readChanges(ctx, tx, &h.Publications[i]); err != nil {
				return err
			}
		}
		h.Names, err = names(ctx, tx, h.persons())
		return err
	})
	if err != nil {
		return History{}, fmt.Errorf("read history of team %s: %w", team, err)
	}
	return h, nil
}

func (h History) persons() []staff.ID {
	var list []staff.ID
	for _, p := range h.Publications {
		list = append(list, p.By)
		list = append(list, Diff{Changes: p.Changes}.persons()...)
	}
	return sortPeople(list)
}

func publicationsWhere(ctx context.Context, q store.Queryer, w *where, limit int) ([]Publication, error) {
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT id, published_by, published_at FROM publication%s ORDER BY published_at DESC, id DESC LIMIT %d", w, limit), w.args...)
	return store.Collect(rows, err, func(rows *sql.Rows) (p Publication, err error) {
		err = rows.Scan(&p.ID, &p.By, &p.At)
		return p, err
	})
}

// putPublication writes a publication and the shifts as they stand after it.
func putPublication(ctx context.Context, tx *store.Tx, p Publication, team staff.TeamID) error {
	_, err := tx.Exec(ctx, "INSERT INTO publication (id, team, published_by, published_at) VALUES ($1, $2, $3, $4)", p.ID, team, p.By, p.At)
	for _, c := range p.Changes {
		if err != nil {
			return err
		}
		shift := c.Shift()
		_, err = tx.Exec(ctx, "INSERT INTO shift_version (publication, "+shiftColumns+", people, removed) "+
			"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
			append(append([]any{p.ID}, shift.values()...), idList(shift.People), c.After == nil)...)
	}
	return err
}

// readChanges reads what a publication changed: its versions of shifts and, for
// each, the version before.
func readChanges(ctx context.Context, q store.Queryer, p *Publication) error {
	after, err := versionsWhere(ctx, q, (&where{}).and("publication = ?", p.ID))
	if err != nil {
		return err
	}
	before, err := versionsWhere(ctx, q, (&where{}).and(`id IN (SELECT id FROM shift_version WHERE publication = ?) AND publication = (
		SELECT o.id FROM publication o JOIN shift_version v ON v.publication = o.id
		WHERE v.id = shift_version.id AND (o.published_at, o.id) < (?, ?)
		ORDER BY o.published_at DESC, o.id DESC LIMIT 1)`, p.ID, p.At, p.ID))
	if err != nil {
		return err
	}
	earlier := map[ShiftID]*Planned{}
	for i, v := range before {
		if !v.removed {
			earlier[v.ID] = &before[i].Planned
		}
	}
	for i, v := range after {
		c := Change{Before: earlier[v.ID]}
		switch {
		case !v.removed:
			c.After = &after[i].Planned
		case c.Before == nil:
			c.Before = &after[i].Planned
		}
		p.Changes = append(p.Changes, c)
	}
	return nil
}

// version is a shift as a publication left it.
type version struct {
	Planned
	removed bool
}

func versionsWhere(ctx context.Context, q store.Queryer, w *where) ([]version, error) {
	rows, err := q.Query(ctx, "SELECT "+shiftColumns+", people, removed FROM shift_version"+w.String()+" ORDER BY start_at, end_at, id", w.args...)
	return store.Collect(rows, err, func(rows *sql.Rows) (v version, err error) {
		v.State = Published
		return v, rows.Scan(append(v.targets(), (*idList)(&v.People), &v.removed)...)
	})
}

// idList is a list of account ids in one column. The accounts may be gone.
type idList []staff.ID

// Scan reads the list.
func (l *idList) Scan(value any) error {
	var texts codes[string]
	if err := texts.Scan(value); err != nil {
		return err
	}
	*l = nil
	for _, text := range texts {
		id, err := staff.ParseID(text)
		if err != nil {
			return err
		}
		*l = append(*l, id)
	}
	return nil
}

// Value writes the list.
func (l idList) Value() (driver.Value, error) {
	texts := make(codes[string], len(l))
	for i, id := range l {
		texts[i] = id.String()
	}
	return texts.Value()
}
