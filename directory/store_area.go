package directory

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"lotse/internal/store"
)

// centreAreas returns a centre's catchment, sorted.
func centreAreas(ctx context.Context, q store.Queryer, centreID string) ([]Area, error) {
	one := map[string]*Entry{centreID: {}}
	err := readAreas(ctx, q, centreID, centreID, one)
	return one[centreID].Venue.Areas, err
}

// saveAreas replaces a centre's catchment when it is another one, and reports
// whether it was.
func saveAreas(ctx context.Context, tx *store.Tx, centreID string, areas []Area) (changed bool, err error) {
	was, err := centreAreas(ctx, tx, centreID)
	if err != nil || sameAreas(was, areas) {
		return false, err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM directory_area WHERE centre_id = $1`, centreID); err != nil {
		return false, fmt.Errorf("save catchment of %s: %w", centreID, err)
	}
	for _, a := range areas {
		if _, err := tx.Exec(ctx, `INSERT INTO directory_area (centre_id, kind, low, high) VALUES ($1, $2, $3, $4)
			ON CONFLICT DO NOTHING`, centreID, a.Kind, a.Low, a.High); err != nil {
			return false, fmt.Errorf("save catchment of %s: %w", centreID, err)
		}
	}
	_, err = tx.Exec(ctx, `UPDATE directory_centre SET updated_at = $2 WHERE id = $1`, centreID, tx.Now)
	return true, err
}

// areasOrigin returns who stated a centre's catchment; empty: nobody.
func areasOrigin(ctx context.Context, tx *store.Tx, centreID string) (string, error) {
	origins, err := readOrigins(ctx, tx, centreID)
	return origins[areasFact].By, err
}

func readOrigins(ctx context.Context, tx *store.Tx, centreID string) (Origins, error) {
	var text string
	err := tx.QueryRow(ctx, `SELECT origins FROM directory_centre WHERE id = $1`, centreID).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return Origins{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read origins of %s: %w", centreID, err)
	}
	var origins Origins
	return origins, json.Unmarshal([]byte(text), &origins)
}

func setAreasOrigin(ctx context.Context, tx *store.Tx, centreID, by string) error {
	origins, err := readOrigins(ctx, tx, centreID)
	if err != nil {
		return err
	}
	origins[areasFact] = Origin{By: by, At: tx.Now}
	text, err := json.Marshal(origins)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE directory_centre SET origins = $2 WHERE id = $1`, centreID, string(text))
	return err
}
