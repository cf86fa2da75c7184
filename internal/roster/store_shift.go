package roster

import (
	"bytes"
	"context"
	"database/sql"
	"slices"
	"time"

	"lotse/internal/staff"
	"lotse/internal/store"
)

// layer names the tables of one of the two plans.
type layer struct{ shifts, people string }

var (
	publishedTables = layer{"shift", "assignment"}
	draftTables     = layer{"shift_draft", "assignment_draft"}
)

// draft is what a shift is to become.
type draft struct {
	Planned
	removed bool
	by      staff.ID
	at      time.Time
}

// plannedWhere reads published shifts with their people, by start.
func plannedWhere(ctx context.Context, q store.Queryer, w *where) ([]Planned, error) {
	rows, err := q.Query(ctx, "SELECT "+shiftColumns+" FROM shift"+w.String()+" ORDER BY start_at, end_at, id", w.args...)
	list, err := store.Collect(rows, err, func(rows *sql.Rows) (p Planned, err error) {
		p.State = Published
		return p, rows.Scan(p.targets()...)
	})
	if err != nil {
		return nil, err
	}
	people, err := publishedTables.peopleWhere(ctx, q, w)
	for i := range list {
		list[i].People = people[list[i].ID]
	}
	return list, err
}

// draftsWhere reads drafts with their people, by start.
func draftsWhere(ctx context.Context, q store.Queryer, w *where) ([]draft, error) {
	rows, err := q.Query(ctx, "SELECT "+shiftColumns+", removed, changed_by, changed_at FROM shift_draft"+
		w.String()+" ORDER BY start_at, end_at, id", w.args...)
	list, err := store.Collect(rows, err, func(rows *sql.Rows) (d draft, err error) {
		d.State = Draft
		return d, rows.Scan(append(d.targets(), &d.removed, &d.by, &d.at)...)
	})
	if err != nil {
		return nil, err
	}
	people, err := draftTables.peopleWhere(ctx, q, w)
	for i := range list {
		list[i].People = people[list[i].ID]
	}
	return list, err
}

// peopleWhere reads who is assigned to the layer's shifts that w selects.
func (l layer) peopleWhere(ctx context.Context, q store.Queryer, w *where) (map[ShiftID][]staff.ID, error) {
	rows, err := q.Query(ctx, "SELECT shift, person FROM "+l.people+" WHERE shift IN (SELECT id FROM "+
		l.shifts+w.String()+") ORDER BY shift, person", w.args...)
	list, err := store.Collect(rows, err, func(rows *sql.Rows) (a Assignment, err error) {
		err = rows.Scan(&a.Shift, &a.Person)
		return a, err
	})
	people := map[ShiftID][]staff.ID{}
	for _, a := range list {
		people[a.Shift] = append(people[a.Shift], a.Person)
	}
	return people, err
}

// find reads both forms of a shift; either may be nil.
func find(ctx context.Context, q store.Queryer, id ShiftID) (*Planned, *draft, error) {
	w := (&where{}).and("id = ?", id)
	published, err := plannedWhere(ctx, q, w)
	if err != nil {
		return nil, nil, err
	}
	drafts, err := draftsWhere(ctx, q, w)
	if err != nil {
		return nil, nil, err
	}
	return first(published), first(drafts), nil
}

func first[T any](list []T) *T {
	if len(list) == 0 {
		return nil
	}
	return &list[0]
}

// putDraft writes a draft with its people in place of what was there.
func putDraft(ctx context.Context, tx *store.Tx, d draft) error {
	if err := dropDraft(ctx, tx, d.ID); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "INSERT INTO shift_draft ("+shiftColumns+", removed, changed_by, changed_at) "+
		"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)", append(d.values(), d.removed, d.by, d.at)...)
	if err != nil {
		return err
	}
	return draftTables.putPeople(ctx, tx, d.Planned)
}

// putPublished writes a shift of the published plan in place of what was there.
func putPublished(ctx context.Context, tx *store.Tx, p Planned) error {
	if err := dropPublished(ctx, tx, p.ID); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "INSERT INTO shift ("+shiftColumns+") "+
		"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)", p.values()...)
	if err != nil {
		return err
	}
	return publishedTables.putPeople(ctx, tx, p)
}

func (l layer) putPeople(ctx context.Context, tx *store.Tx, p Planned) error {
	for _, person := range p.People {
		_, err := tx.Exec(ctx, "INSERT INTO "+l.people+" (shift, person) VALUES ($1, $2)", p.ID, person)
		if err != nil {
			return err
		}
	}
	return nil
}

func dropDraft(ctx context.Context, tx *store.Tx, id ShiftID) error {
	_, err := tx.Exec(ctx, "DELETE FROM shift_draft WHERE id = $1", id)
	return err
}

func dropPublished(ctx context.Context, tx *store.Tx, id ShiftID) error {
	_, err := tx.Exec(ctx, "DELETE FROM shift WHERE id = $1", id)
	return err
}

// setRevision marks a published shift as newer without changing it.
func setRevision(ctx context.Context, tx *store.Tx, id ShiftID, revision int) error {
	_, err := tx.Exec(ctx, "UPDATE shift SET revision = $1 WHERE id = $2", revision, id)
	return err
}

// sortPeople brings ids into the order in which they are stored.
func sortPeople(people []staff.ID) []staff.ID {
	slices.SortFunc(people, func(a, b staff.ID) int { return bytes.Compare(a.UUID[:], b.UUID[:]) })
	return slices.Compact(people)
}
