package upkeep

import (
	"context"

	"lotse/directory"
	"lotse/internal/staff"
	"lotse/internal/store"
)

// History tells what was changed in an entry that the actor keeps, the newest first;
// NotFound for other entries.
func (s *Service) History(ctx context.Context, actor staff.Actor, id string) (*directory.Entry, []directory.Step, error) {
	if _, err := keptBy(ctx, s.DB, actor, id); err != nil {
		return nil, nil, err
	}
	e, err := s.Directory.Entry(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	steps, err := s.Directory.History(ctx, id)
	return e, steps, err
}

// TakeBack undoes one change of an entry. Errors: NotFound (centre_unknown,
// change_unknown), Conflict (change_overtaken), Forbidden (four_eyes) where the
// provider wants two people for every change.
func (s *Service) TakeBack(ctx context.Context, actor staff.Actor, id, change string) error {
	err := s.DB.Transact(ctx, func(tx *store.Tx) error {
		row, err := keptBy(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		if err := single(ctx, tx, row.keeper); err != nil {
			return err
		}
		if err := s.Directory.TakeBackIn(ctx, tx, actor.Ref(), id, change); err != nil {
			return err
		}
		return s.note(ctx, tx, actor.Ref(), row.keeper, "centre.change_undone", id)
	})
	if err != nil {
		return err
	}
	return s.Directory.Announce(ctx)
}
