package roster

import (
	"context"
	"fmt"
	"slices"

	"lotse/internal/fault"
	"lotse/internal/roster/civil"
	"lotse/internal/staff"
	"lotse/internal/store"
)

// NewShiftID returns a fresh id for a shift that is about to be planned.
func NewShiftID() ShiftID { return ShiftID{newUUID()} }

// Save plans a shift as a draft: a new one when Revision is 0, a change
// otherwise. Saving what is already so does nothing, so that the same form sent
// twice is no conflict. It returns Conflict "shift_changed" when the shift has
// another revision by now, Conflict "shift_removed" when it is to be removed,
// NotFound when it is gone, and Invalid with codes for start, end, channels,
// topics, languages, min, opt and note.
func (s *Service) Save(ctx context.Context, actor staff.Actor, next Shift) (e Entry, err error) {
	if next.ID.IsZero() {
		next.ID = NewShiftID()
	}
	next = next.tidy()
	err = s.transact(ctx, topicDraft, func(tx *store.Tx) (staff.TeamID, error) {
		e, err = s.save(ctx, tx, actor, next)
		return e.Team, err
	})
	if err != nil {
		return Entry{}, fmt.Errorf("save shift %s: %w", next.ID, err)
	}
	return e, nil
}

func (s *Service) save(ctx context.Context, tx *store.Tx, actor staff.Actor, next Shift) (Entry, error) {
	p, d, err := find(ctx, tx, next.ID)
	if err != nil {
		return Entry{}, err
	}
	if p == nil && d == nil {
		if next.Revision != 0 {
			return Entry{}, fault.New(fault.NotFound, "shift_not_found")
		}
		d = &draft{Planned: Planned{Shift: Shift{ID: next.ID, Team: next.Team, State: Draft}}}
	}
	return s.amend(ctx, tx, actor, p, d, "shift_saved", func(d *draft) error {
		next.Team = d.Team // a shift stays in its team
		if d.sameShift(next) {
			return nil
		}
		if d.Revision != next.Revision {
			return fault.New(fault.Conflict, "shift_changed")
		}
		if err := next.check(ctx, tx); err != nil {
			return err
		}
		next.Revision++
		d.Shift = next
		return nil
	})
}

// amend changes the draft of a shift, making one of the published form if
// there is none.
func (s *Service) amend(ctx context.Context, tx *store.Tx, actor staff.Actor, p *Planned, d *draft, action string, change func(*draft) error) (Entry, error) {
	if p == nil && d == nil {
		return Entry{}, fault.New(fault.NotFound, "shift_not_found")
	}
	if d == nil {
		d = &draft{Planned: *p}
	}
	if err := supervises(actor, d.Team); err != nil {
		return Entry{}, err
	}
	if d.removed {
		return Entry{}, fault.New(fault.Conflict, "shift_removed")
	}
	before := *d
	before.People = slices.Clone(d.People)
	if err := change(d); err != nil {
		return Entry{}, err
	}
	if d.same(before.Planned) && d.removed == before.removed {
		return readEntry(ctx, tx, actor, d.ID)
	}
	d.by, d.at = actor.ID, tx.Now
	if err := putDraft(ctx, tx, *d); err != nil {
		return Entry{}, err
	}
	if err := s.record(ctx, tx, actor, action, d.ID.String(), map[string]string{"team": d.Team.String()}); err != nil {
		return Entry{}, err
	}
	return readEntry(ctx, tx, actor, d.ID)
}

// alter is amend for a shift by id, in a transaction of its own.
func (s *Service) alter(ctx context.Context, actor staff.Actor, id ShiftID, action string, change func(*store.Tx, *draft) error) (e Entry, err error) {
	err = s.transact(ctx, topicDraft, func(tx *store.Tx) (staff.TeamID, error) {
		p, d, err := find(ctx, tx, id)
		if err != nil {
			return staff.TeamID{}, err
		}
		e, err = s.amend(ctx, tx, actor, p, d, action, func(d *draft) error { return change(tx, d) })
		return e.Team, err
	})
	if err != nil {
		return Entry{}, fmt.Errorf("%s %s: %w", action, id, err)
	}
	return e, nil
}

// Move puts a shift on another date at the same wall-clock time. Its errors
// are those of Save.
func (s *Service) Move(ctx context.Context, actor staff.Actor, id ShiftID, revision int, date civil.Date) (Entry, error) {
	return s.alter(ctx, actor, id, "shift_moved", func(tx *store.Tx, d *draft) error {
		next := d.Shift
		next.Start, next.End = s.on(date, d.Start, d.End)
		if next.sameShift(d.Shift) {
			return nil
		}
		if d.Revision != revision {
			return fault.New(fault.Conflict, "shift_changed")
		}
		if err := next.check(ctx, tx); err != nil {
			return err
		}
		next.Revision++
		d.Shift = next
		return nil
	})
}

// Copy plans the same shift on another date, with its people if wanted. It
// returns Invalid as Save does, and NotFound.
func (s *Service) Copy(ctx context.Context, actor staff.Actor, id ShiftID, date civil.Date, people bool) (e Entry, err error) {
	err = s.transact(ctx, topicDraft, func(tx *store.Tx) (staff.TeamID, error) {
		old, err := readEntry(ctx, tx, actor, id)
		if err != nil {
			return staff.TeamID{}, err
		}
		next := Planned{Shift: old.Shift}
		next.ID, next.Revision, next.State = NewShiftID(), 1, Draft
		next.Start, next.End = s.on(date, old.Start, old.End)
		if people {
			next.People = slices.DeleteFunc(old.People, func(p staff.ID) bool { return slices.Contains(old.Unfit, p) })
		}
		if err := next.check(ctx, tx); err != nil {
			return staff.TeamID{}, err
		}
		if err := putDraft(ctx, tx, draft{Planned: next, by: actor.ID, at: tx.Now}); err != nil {
			return staff.TeamID{}, err
		}
		if err := s.record(ctx, tx, actor, "shift_copied", next.ID.String(), map[string]string{"from": id.String()}); err != nil {
			return staff.TeamID{}, err
		}
		e, err = readEntry(ctx, tx, actor, next.ID)
		return e.Team, err
	})
	if err != nil {
		return Entry{}, fmt.Errorf("copy shift %s: %w", id, err)
	}
	return e, nil
}

// Remove plans the removal of a published shift; a shift that was never
// published is gone at once. Its errors are those of Save. Removing what is to
// be removed does nothing.
func (s *Service) Remove(ctx context.Context, actor staff.Actor, id ShiftID, revision int) error {
	err := s.transact(ctx, topicDraft, func(tx *store.Tx) (staff.TeamID, error) {
		p, d, err := find(ctx, tx, id)
		if err != nil {
			return staff.TeamID{}, err
		}
		if d != nil && d.removed {
			return d.Team, supervises(actor, d.Team)
		}
		e, err := s.amend(ctx, tx, actor, p, d, "shift_removed", func(d *draft) error {
			if d.Revision != revision {
				return fault.New(fault.Conflict, "shift_changed")
			}
			d.removed = true
			d.Revision++
			return nil
		})
		if err == nil && p == nil {
			err = dropDraft(ctx, tx, id)
		}
		return e.Team, err
	})
	if err != nil {
		return fmt.Errorf("remove shift %s: %w", id, err)
	}
	return nil
}

// Revert drops the draft of a shift: the published form stands again, and a
// shift that was never published is gone. It returns NotFound for an unknown
// shift.
func (s *Service) Revert(ctx context.Context, actor staff.Actor, id ShiftID) error {
	err := s.transact(ctx, topicDraft, func(tx *store.Tx) (staff.TeamID, error) {
		e, err := readEntry(ctx, tx, actor, id)
		if err != nil {
			return staff.TeamID{}, err
		}
		if err := revert(ctx, tx, e); err != nil {
			return staff.TeamID{}, err
		}
		return e.Team, s.record(ctx, tx, actor, "shift_reverted", id.String(), nil)
	})
	if err != nil {
		return fmt.Errorf("revert shift %s: %w", id, err)
	}
	return nil
}

// revert drops a draft. The published form gets a revision of its own, so that
// a form opened on the dropped draft does not fit it.
func revert(ctx context.Context, tx *store.Tx, e Entry) error {
	if e.Before != nil && e.Revision > e.Before.Revision {
		if err := setRevision(ctx, tx, e.ID, e.Revision+1); err != nil {
			return err
		}
	}
	return dropDraft(ctx, tx, e.ID)
}

// transact runs do in a transaction and announces the change of the team that
// it returns.
func (s *Service) transact(ctx context.Context, topic string, do func(*store.Tx) (staff.TeamID, error)) error {
	var team staff.TeamID
	err := s.db.Transact(ctx, func(tx *store.Tx) (err error) {
		team, err = do(tx)
		return err
	})
	if err == nil {
		s.changed(ctx, topic, team)
	}
	return err
}
