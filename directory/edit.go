package directory

import (
	"context"
	"errors"
	"fmt"

	"lotse/internal/fault"
	"lotse/internal/store"
)

// Revision is the number of the state that is searched; it grows with every
// change of the directory.
func (s *Service) Revision() int64 { return s.index.Load().revision }

// Entry returns the entry of a centre as it is stored, in whatever state, with the
// origins of its facts; [fault.NotFound] when there is none.
func (s *Service) Entry(ctx context.Context, id string) (*Entry, error) {
	return s.EntryIn(ctx, s.DB, id)
}

// Edit lets a person change an entry. What they change becomes their word, which
// no import overwrites; what they empty stays away. author is their account, for
// the history. Ids, sources and the links between the records stay as they are;
// the address of a protected place is not kept.
//
// It returns [fault.NotFound] for a centre that is not there, and the error of
// change.
func (s *Service) Edit(ctx context.Context, author, id string, change func(*Entry) error) error {
	err := s.DB.Transact(ctx, func(tx *store.Tx) error { return s.EditIn(ctx, tx, author, id, change) })
	if err != nil {
		return err
	}
	return s.Announce(ctx)
}

// EditIn is Edit as a part of the caller's transaction. Whoever calls it calls
// Announce after the commit.
func (s *Service) EditIn(ctx context.Context, tx *store.Tx, author, id string, change func(*Entry) error) error {
	e, err := readEntry(ctx, tx, id)
	if err != nil {
		return err
	}
	if e == nil {
		return fault.New(fault.NotFound, "centre_unknown")
	}
	before := e.Location
	if before.Point != nil {
		point := *before.Point
		before.Point = &point
	}
	if err := change(e); err != nil {
		return err
	}
	e.Location.follow(before, s.Places)
	if err := saveEdited(ctx, tx, e, author); err != nil {
		return err
	}
	if before.Type != Protected && e.Location.Type == Protected {
		if err := protectBeside(ctx, tx, e, before, author); err != nil {
			return err
		}
	}
	return raiseRevision(ctx, tx)
}

// EntryIn returns an entry as the transaction sees it; see Entry.
func (s *Service) EntryIn(ctx context.Context, q store.Queryer, id string) (*Entry, error) {
	e, err := readEntry(ctx, q, id)
	if err == nil && e == nil {
		return nil, fault.New(fault.NotFound, "centre_unknown")
	}
	return e, err
}

// MoveIn takes an entry from one state to another, as a part of the caller's
// transaction. It returns [fault.Conflict] when the entry is not in the first.
func (s *Service) MoveIn(ctx context.Context, tx *store.Tx, id string, from, to State) error {
	done, err := tx.Exec(ctx, `UPDATE directory_centre SET state = $3, updated_at = $4 WHERE id = $1 AND state = $2`, id, from, to, tx.Now)
	if err != nil {
		return fmt.Errorf("move entry %s: %w", id, err)
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, fault.New(fault.Conflict, "state_moved"))
	}
	return raiseRevision(ctx, tx)
}

// follow works out anew what followed from an address that a person has changed:
// Land, Kreis and point, each unless they gave it themselves.
func (l *Location) follow(before Location, places *Places) {
	if l.Type == Protected || l.Street == before.Street && l.Postcode == before.Postcode && l.City == before.City {
		return
	}
	for _, fact := range []struct{ now, was *string }{{&l.State, &before.State}, {&l.District, &before.District}, {&l.AGS, &before.AGS}} {
		if *fact.now == *fact.was {
			*fact.now = ""
		}
	}
	if l.Point != nil && before.Point != nil && *l.Point == *before.Point {
		l.Point = nil
	}
	var noted repairs
	noted.settle(l, map[string]string{}, places)
	noted.locate(l, map[string]string{}, places)
}

func saveEdited(ctx context.Context, tx *store.Tx, e *Entry, author string) error {
	e.conceal()
	for _, p := range e.parts(nil) {
		if _, err := savePart(ctx, tx, p, ByHand, author); err != nil {
			return err
		}
	}
	if e.Location.Type == Protected {
		if err := forgetHistory(ctx, tx, e); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `UPDATE directory_centre SET state = $2 WHERE id = $1`, e.Venue.ID, e.Venue.State); err != nil {
		return err
	}
	changed, err := saveAreas(ctx, tx, e.Venue.ID, e.Venue.Areas, author)
	if err != nil || changed == nil {
		return err
	}
	return setAreasOrigin(ctx, tx, e.Venue.ID, ByHand)
}
