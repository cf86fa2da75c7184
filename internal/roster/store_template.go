package roster

import (
	"context"
	"database/sql"

	"github.com/google/uuid"

	"lotse/internal/staff"
	"lotse/internal/store"
)

const slotColumns = "weekday, start_minute, end_minute, channels, topics, languages, min_staff, opt_staff, note"

func templatesWhere(ctx context.Context, q store.Queryer, w *where) ([]Template, error) {
	rows, err := q.Query(ctx, "SELECT id, team, name, changed_by, changed_at FROM week_template"+w.String()+" ORDER BY name", w.args...)
	list, err := store.Collect(rows, err, func(rows *sql.Rows) (t Template, err error) {
		err = rows.Scan(&t.ID, &t.Team, &t.Name, &t.By, &t.At)
		return t, err
	})
	for i := range list {
		if err == nil {
			list[i].Shifts, err = slotsOf(ctx, q, list[i].ID)
		}
	}
	return list, err
}

func slotsOf(ctx context.Context, q store.Queryer, id TemplateID) ([]Slot, error) {
	rows, err := q.Query(ctx, "SELECT shift, person FROM week_template_person WHERE shift IN (SELECT id FROM week_template_shift WHERE template = $1) ORDER BY person", id)
	type place struct {
		slot   uuid.UUID
		person staff.ID
	}
	places, err := store.Collect(rows, err, func(rows *sql.Rows) (p place, err error) {
		err = rows.Scan(&p.slot, &p.person)
		return p, err
	})
	if err != nil {
		return nil, err
	}
	people := map[uuid.UUID][]staff.ID{}
	for _, p := range places {
		people[p.slot] = append(people[p.slot], p.person)
	}
	rows, err = q.Query(ctx, "SELECT id, "+slotColumns+" FROM week_template_shift WHERE template = $1 ORDER BY weekday, start_minute, end_minute, id", id)
	return store.Collect(rows, err, func(rows *sql.Rows) (s Slot, err error) {
		var slot uuid.UUID
		err = rows.Scan(&slot, &s.Weekday, &s.Start, &s.End, (*codes[Channel])(&s.Shift.Channels), (*codes[string])(&s.Shift.Topics),
			(*codes[string])(&s.Shift.Languages), &s.Shift.Min, &s.Shift.Opt, &s.Shift.Note)
		s.People = people[slot]
		return s, err
	})
}

// putTemplate writes a template in place of one of the same name.
func putTemplate(ctx context.Context, tx *store.Tx, t Template) error {
	if _, err := tx.Exec(ctx, "DELETE FROM week_template WHERE team = $1 AND name = $2", t.Team, t.Name); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "INSERT INTO week_template (id, team, name, changed_by, changed_at) VALUES ($1, $2, $3, $4, $5)",
		t.ID, t.Team, t.Name, t.By, t.At)
	if err != nil {
		return err
	}
	for _, slot := range t.Shifts {
		if err := putSlot(ctx, tx, t.ID, slot); err != nil {
			return err
		}
	}
	return nil
}

func putSlot(ctx context.Context, tx *store.Tx, template TemplateID, s Slot) error {
	id := newUUID()
	_, err := tx.Exec(ctx, "INSERT INTO week_template_shift (id, template, "+slotColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
		id, template, s.Weekday, s.Start, s.End, codes[Channel](s.Shift.Channels), codes[string](s.Shift.Topics),
		codes[string](s.Shift.Languages), s.Shift.Min, s.Shift.Opt, s.Shift.Note)
	for _, person := range s.People {
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "INSERT INTO week_template_person (shift, person) VALUES ($1, $2)", id, person)
	}
	return err
}
