package roster

import (
	"context"
	"database/sql"

	"lotse/internal/staff"
	"lotse/internal/store"
)

const (
	overrideColumns = "id, team, channel, add_person, remove_person, start_at, end_at, class, created_at"
	absenceColumns  = "id, person, start_at, end_at, class"
)

func overridesWhere(ctx context.Context, q store.Queryer, w *where) ([]Override, error) {
	rows, err := q.Query(ctx, "SELECT "+overrideColumns+" FROM duty_override"+w.String()+" ORDER BY start_at, created_at, id", w.args...)
	return store.Collect(rows, err, func(rows *sql.Rows) (o Override, err error) {
		err = rows.Scan(&o.ID, &o.Team, &o.Channel, &o.Add, &o.Remove, &o.Start, &o.End, &o.Class, &o.Created)
		return o, err
	})
}

func putOverride(ctx context.Context, tx *store.Tx, o Override, by staff.ID) error {
	_, err := tx.Exec(ctx, "INSERT INTO duty_override ("+overrideColumns+", created_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
		o.ID, o.Team, o.Channel, orNull(o.Add.UUID), orNull(o.Remove.UUID), o.Start, o.End, o.Class, o.Created, by)
	return err
}

func absencesWhere(ctx context.Context, q store.Queryer, w *where) ([]Absence, error) {
	rows, err := q.Query(ctx, "SELECT "+absenceColumns+" FROM absence"+w.String()+" ORDER BY start_at, id", w.args...)
	return store.Collect(rows, err, func(rows *sql.Rows) (a Absence, err error) {
		err = rows.Scan(&a.ID, &a.Person, &a.Start, &a.End, &a.Class)
		return a, err
	})
}

func putAbsence(ctx context.Context, tx *store.Tx, a Absence, by staff.ID) error {
	_, err := tx.Exec(ctx, "INSERT INTO absence ("+absenceColumns+", created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
		a.ID, a.Person, a.Start, a.End, a.Class, by, tx.Now)
	return err
}
