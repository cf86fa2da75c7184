package directory

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"lotse/internal/store"
)

const centreColumns = `id, source, source_id, name, operator, kind, street, postcode, city, state,
	lat, lon, coordinates, phone, email, url, target, opening_hours, description, licence, active`

func scanCentre(rows *sql.Rows) (*Centre, error) {
	c := &Centre{}
	err := rows.Scan(&c.ID, &c.Source, &c.SourceID, &c.Name, &c.Operator, &c.Kind, &c.Street, &c.Postcode,
		&c.City, &c.State, &c.Lat, &c.Lon, &c.Precision, &c.Phone, &c.Email, &c.URL, &c.Target,
		&c.OpeningHours, &c.Description, &c.Licence, &c.Active)
	return c, err
}

// readRevision returns the number that every import raises.
func readRevision(ctx context.Context, q store.Queryer) (revision int64, err error) {
	err = q.QueryRow(ctx, `SELECT revision FROM directory_revision WHERE id = 1`).Scan(&revision)
	if err != nil {
		return 0, fmt.Errorf("read directory revision: %w", err)
	}
	return revision, nil
}

func raiseRevision(ctx context.Context, tx *store.Tx) error {
	_, err := tx.Exec(ctx, `UPDATE directory_revision SET revision = revision + 1 WHERE id = 1`)
	return err
}

// readCentres returns all centres with their topics and catchments, in id order.
func readCentres(ctx context.Context, q store.Queryer) ([]*Centre, error) {
	rows, err := q.Query(ctx, `SELECT `+centreColumns+` FROM centre ORDER BY id`)
	centres, err := store.Collect(rows, err, scanCentre)
	if err != nil {
		return nil, fmt.Errorf("read centres: %w", err)
	}
	byID := make(map[string]*Centre, len(centres))
	for _, c := range centres {
		byID[c.ID] = c
	}
	if err := readTopics(ctx, q, byID); err != nil {
		return nil, err
	}
	return centres, readCatchments(ctx, q, byID)
}

func readTopics(ctx context.Context, q store.Queryer, byID map[string]*Centre) error {
	rows, err := q.Query(ctx, `SELECT centre_id, topic FROM centre_topic ORDER BY centre_id, topic`)
	_, err = store.Collect(rows, err, func(rows *sql.Rows) (struct{}, error) {
		var id, topic string
		err := rows.Scan(&id, &topic)
		if c := byID[id]; c != nil {
			c.Topics = append(c.Topics, topic)
		}
		return struct{}{}, err
	})
	if err != nil {
		return fmt.Errorf("read centre topics: %w", err)
	}
	return nil
}

func readCatchments(ctx context.Context, q store.Queryer, byID map[string]*Centre) error {
	rows, err := q.Query(ctx, `SELECT centre_id, low, high FROM catchment ORDER BY centre_id, low, high`)
	_, err = store.Collect(rows, err, func(rows *sql.Rows) (struct{}, error) {
		var id string
		var r Range
		err := rows.Scan(&id, &r.Low, &r.High)
		if c := byID[id]; c != nil {
			c.Catchment = append(c.Catchment, r)
		}
		return struct{}{}, err
	})
	if err != nil {
		return fmt.Errorf("read catchments: %w", err)
	}
	return nil
}

// saveCentre writes the centre and replaces its topics; the catchment is
// written apart, because sources give it apart.
func saveCentre(ctx context.Context, tx *store.Tx, c *Centre) error {
	_, err := tx.Exec(ctx, `INSERT INTO centre (`+centreColumns+`, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, operator = excluded.operator, kind = excluded.kind,
			street = excluded.street, postcode = excluded.postcode, city = excluded.city, state = excluded.state,
			lat = excluded.lat, lon = excluded.lon, coordinates = excluded.coordinates, phone = excluded.phone,
			email = excluded.email, url = excluded.url, target = excluded.target,
			opening_hours = excluded.opening_hours, description = excluded.description,
			licence = excluded.licence, active = excluded.active, updated_at = excluded.updated_at`,
		c.ID, c.Source, c.SourceID, c.Name, c.Operator, c.Kind, c.Street, c.Postcode, c.City, c.State,
		c.Lat, c.Lon, c.Precision, c.Phone, c.Email, c.URL, c.Target, c.OpeningHours, c.Description,
		c.Licence, c.Active, tx.Now)
	if err != nil {
		return fmt.Errorf("save centre %s: %w", c.ID, err)
	}
	return saveTopics(ctx, tx, c)
}

func saveTopics(ctx context.Context, tx *store.Tx, c *Centre) error {
	if _, err := tx.Exec(ctx, `DELETE FROM centre_topic WHERE centre_id = $1`, c.ID); err != nil {
		return fmt.Errorf("save topics of centre %s: %w", c.ID, err)
	}
	for _, topic := range c.Topics {
		_, err := tx.Exec(ctx, `INSERT INTO centre_topic (centre_id, topic) VALUES ($1, $2)`, c.ID, topic)
		if err != nil {
			return fmt.Errorf("save topics of centre %s: %w", c.ID, err)
		}
	}
	return nil
}

func clearCatchment(ctx context.Context, tx *store.Tx, centreID string) error {
	_, err := tx.Exec(ctx, `DELETE FROM catchment WHERE centre_id = $1`, centreID)
	if err != nil {
		return fmt.Errorf("clear catchment of centre %s: %w", centreID, err)
	}
	return nil
}

// addRange adds a range to a catchment and reports whether it was new.
func addRange(ctx context.Context, tx *store.Tx, centreID string, r Range) (bool, error) {
	done, err := tx.Exec(ctx, `INSERT INTO catchment (centre_id, low, high) VALUES ($1, $2, $3)
		ON CONFLICT DO NOTHING`, centreID, r.Low, r.High)
	if err != nil {
		return false, fmt.Errorf("add range to centre %s: %w", centreID, err)
	}
	n, err := done.RowsAffected()
	return n == 1, err
}

// setActive shows or hides a centre. It reports false when there is none.
func setActive(ctx context.Context, tx *store.Tx, id string, active bool, at time.Time) (bool, error) {
	done, err := tx.Exec(ctx, `UPDATE centre SET active = $2, updated_at = $3 WHERE id = $1`, id, active, at)
	if err != nil {
		return false, fmt.Errorf("set centre %s active: %w", id, err)
	}
	n, err := done.RowsAffected()
	return n == 1, err
}
