package directory

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"lotse/internal/store"
)

// centreAreas returns a centre's catchment, sorted.
func centreAreas(ctx context.Context, q store.Queryer, centreID string) ([]Area, error) {
	one := map[string]*Entry{centreID: {}}
	err := readAreas(ctx, q, centreID, centreID, one)
	return one[centreID].Venue.Areas, err
}

// saveAreas replaces a centre's catchment when it is another one, notes that author
// did so, and returns the change; nil: it was the same.
func saveAreas(ctx context.Context, tx *store.Tx, centreID string, areas []Area, author string) (*Change, error) {
	areas = sortedAreas(areas)
	was, err := centreAreas(ctx, tx, centreID)
	if err != nil || slices.Equal(sortedAreas(was), areas) {
		return nil, err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM directory_area WHERE centre_id = $1`, centreID); err != nil {
		return nil, fmt.Errorf("save catchment of %s: %w", centreID, err)
	}
	if err := insertAreas(ctx, tx, centreID, areas); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, `UPDATE directory_centre SET updated_at = $2 WHERE id = $1`, centreID, tx.Now); err != nil {
		return nil, err
	}
	change := &Change{Kind: KindCentre, RecordID: centreID, Fact: areasFact, Before: areasText(was), After: areasText(areas)}
	return change, noteAreas(ctx, tx, *change, author)
}

// noteAreas writes the change of a catchment into the history. A protected place
// has none.
func noteAreas(ctx context.Context, tx *store.Tx, change Change, author string) error {
	e, err := readEntry(ctx, tx, change.RecordID)
	if err != nil || e == nil || e.Location.Type == Protected {
		return err
	}
	return saveChanges(ctx, tx, []Change{change}, author)
}

// areasText is a catchment as the history has it; empty: none.
func areasText(areas []Area) string {
	if len(areas) == 0 {
		return ""
	}
	text, err := json.Marshal(sortedAreas(areas))
	if err != nil {
		panic(err) // texts can always be written
	}
	return string(text)
}

// insertAreas writes areas that are not there yet.
func insertAreas(ctx context.Context, tx *store.Tx, centreID string, areas []Area) error {
	for part := range slices.Chunk(areas, 200) {
		values, args := make([]string, len(part)), []any{centreID}
		for i, a := range part {
			n := len(args)
			values[i] = fmt.Sprintf("($1, $%d, $%d, $%d)", n+1, n+2, n+3)
			args = append(args, a.Kind, a.Low, a.High)
		}
		_, err := tx.Exec(ctx, `INSERT INTO directory_area (centre_id, kind, low, high) VALUES `+strings.Join(values, ", "), args...)
		if err != nil {
			return fmt.Errorf("save catchment of %s: %w", centreID, err)
		}
	}
	return nil
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
