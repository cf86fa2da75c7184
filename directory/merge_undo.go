package directory

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"lotse/internal/fault"
	"lotse/internal/store"
)

// Undo takes a merge back: the merged centre is there again, and the kept one
// loses what it took over, except for what was changed since.
//
// It returns [fault.NotFound] for a merge that is not there or was undone.
func (s *Service) Undo(ctx context.Context, author, mergeID string) error {
	err := s.DB.Transact(ctx, func(tx *store.Tx) error { return undo(ctx, tx, author, mergeID) })
	if err != nil {
		return err
	}
	return s.Announce(ctx)
}

// UndoIn is Undo as a part of the caller's transaction; whoever calls it calls
// Announce after the commit.
func (s *Service) UndoIn(ctx context.Context, tx *store.Tx, author, mergeID string) error {
	return undo(ctx, tx, author, mergeID)
}

func undo(ctx context.Context, tx *store.Tx, author, id string) error {
	var kept, merged, areas string
	err := tx.QueryRow(ctx, `SELECT kept_id, merged_id, areas FROM directory_merge WHERE id = $1 AND undone_at IS NULL`, id).
		Scan(&kept, &merged, &areas)
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New(fault.NotFound, "merge_unknown")
	}
	if err != nil {
		return fmt.Errorf("read merge: %w", err)
	}
	if _, err := tx.Exec(ctx, `UPDATE directory_merge SET undone_at = $2 WHERE id = $1`, id, tx.Now); err != nil {
		return err
	}
	if err := setMergedInto(ctx, tx, merged, ""); err != nil {
		return err
	}
	if err := takeBack(ctx, tx, kept, id, author); err != nil {
		return err
	}
	if err := takeBackAreas(ctx, tx, kept, merged, areas, author); err != nil {
		return err
	}
	return raiseRevision(ctx, tx)
}

// takeBack undoes the changes of a merge, each as long as the fact still stands
// as the merge left it.
func takeBack(ctx context.Context, tx *store.Tx, kept, id, author string) error {
	e, err := readEntry(ctx, tx, kept)
	if err != nil || e == nil {
		return err
	}
	made, err := readChanges(ctx, tx, byMerge+":"+id)
	if err != nil {
		return err
	}
	for _, p := range e.parts(nil) {
		if err := takeBackPart(ctx, tx, p, made, author); err != nil {
			return err
		}
	}
	return nil
}

func takeBackPart(ctx context.Context, tx *store.Tx, p part, made []Change, author string) error {
	have, err := readStored(ctx, tx, p)
	if err != nil {
		return err
	}
	var back []Change
	for _, c := range slices.Backward(made) { // a fact that was filled and then chosen goes back in two steps
		if c.RecordID != p.record.ID || c.Kind != p.kind || string(have.facts[c.Fact]) != c.After {
			continue
		}
		back = append(back, Change{Kind: c.Kind, RecordID: c.RecordID, Fact: c.Fact, Before: c.After, After: c.Before})
		delete(have.origins, c.Fact)
		if c.Before == "" {
			delete(have.facts, c.Fact)
		} else {
			have.facts[c.Fact] = json.RawMessage(c.Before)
		}
	}
	if len(back) == 0 {
		return nil
	}
	return updatePart(ctx, tx, p, have.facts, have.origins, back, author, true)
}

// takeBackAreas takes from the kept centre the areas that only the merged one
// brought.
func takeBackAreas(ctx context.Context, tx *store.Tx, kept, merged, before, author string) error {
	var own []Area
	if err := json.Unmarshal([]byte(before), &own); err != nil {
		return err
	}
	now, err := centreAreas(ctx, tx, kept)
	if err != nil {
		return err
	}
	theirs, err := centreAreas(ctx, tx, merged)
	if err != nil {
		return err
	}
	var left []Area
	for _, a := range now {
		if partOf([]Area{a}, own) || !partOf([]Area{a}, theirs) {
			left = append(left, a)
		}
	}
	_, err = saveAreas(ctx, tx, kept, left, author)
	return err
}

func readChanges(ctx context.Context, q store.Queryer, author string) ([]Change, error) {
	rows, err := q.Query(ctx, `SELECT kind, record_id, field, before, after FROM directory_change WHERE author = $1 ORDER BY id`, author)
	return store.Collect(rows, err, func(rows *sql.Rows) (c Change, err error) {
		err = rows.Scan(&c.Kind, &c.RecordID, &c.Fact, &c.Before, &c.After)
		return c, err
	})
}

func setMergedInto(ctx context.Context, tx *store.Tx, id, into string) error {
	_, err := tx.Exec(ctx, `UPDATE directory_centre SET merged_into = $2, updated_at = $3 WHERE id = $1`, id, into, tx.Now)
	if err != nil {
		return fmt.Errorf("mark centre %s as merged: %w", id, err)
	}
	return nil
}

// readMoved returns where each merged centre leads to.
func readMoved(ctx context.Context, q store.Queryer) (map[string]string, error) {
	moved := map[string]string{}
	rows, err := q.Query(ctx, `SELECT id, merged_into FROM directory_centre WHERE merged_into <> ''`)
	_, err = store.Collect(rows, err, func(rows *sql.Rows) (struct{}, error) {
		var id, into string
		err := rows.Scan(&id, &into)
		moved[id] = into
		return struct{}{}, err
	})
	for id := range moved {
		for next := moved[moved[id]]; next != ""; next = moved[moved[id]] {
			moved[id] = next
		}
	}
	return moved, err
}

func readDistinct(ctx context.Context, q store.Queryer) (map[[2]string]bool, error) {
	different := map[[2]string]bool{}
	rows, err := q.Query(ctx, `SELECT a, b FROM directory_distinct`)
	_, err = store.Collect(rows, err, func(rows *sql.Rows) (struct{}, error) {
		var pair [2]string
		err := rows.Scan(&pair[0], &pair[1])
		different[pair] = true
		return struct{}{}, err
	})
	return different, err
}
