package chat

import (
	"context"
	"encoding/json"
	"fmt"

	"lotse/internal/fault"
	"lotse/internal/seal"
	"lotse/internal/staff"
	"lotse/internal/store"
)

// AddEpoch stores the next epoch of a room. The seeker may always; a counsellor
// only while the conversation is theirs, and not for another seeker key: that is
// for a colleague who has left while the seeker is away. The same epoch again is
// no error (again is true). It returns Invalid (bad_epoch) or Conflict:
// epoch_stale (another one was faster), recipients_changed, conversation_closed.
func (s *Service) AddEpoch(ctx context.Context, seat Seat, e seal.Epoch) (again bool, err error) {
	if err := e.Check(); err != nil {
		return false, fault.Wrap(fault.Invalid, "bad_epoch", err)
	}
	c, err := s.recheck(ctx, seat)
	if err != nil {
		return false, err
	}
	if again, err := s.knownEpoch(ctx, c, e); again || err != nil {
		return again, err
	}
	if err := s.mayAddEpoch(ctx, seat, c, e); err != nil {
		return false, err
	}
	row, err := newEpochRow(s.keys, e, seat.Who, seal.DayOf(s.now().Add(sealFor)))
	if err != nil {
		return false, err
	}
	err = s.db.Transact(ctx, func(tx *store.Tx) error { return s.addEpochIn(ctx, tx, seat, e, row) })
	if err != nil {
		return false, err
	}
	s.hint(topicConversation+c.ID.String(), payloadState)
	s.hint(topicQueue, "") // who can be offered it depends on the readers
	return false, nil
}

// knownEpoch reports whether this very epoch is stored already.
func (s *Service) knownEpoch(ctx context.Context, c Conversation, e seal.Epoch) (bool, error) {
	if e.Number > c.Epoch {
		return false, nil
	}
	h, err := loadEpochHead(ctx, s.db, c.ID, e.Number)
	if err != nil {
		return false, err
	}
	same, err := sameEpoch(h, e)
	if err == nil && !same {
		err = fault.New(fault.Conflict, "epoch_stale")
	}
	return same, err
}

func (s *Service) mayAddEpoch(ctx context.Context, seat Seat, c Conversation, e seal.Epoch) error {
	switch {
	case !c.Open():
		return fault.New(fault.Conflict, "conversation_closed")
	case e.Room != c.Room:
		return fault.New(fault.Invalid, "bad_epoch")
	case e.Number != c.Epoch+1:
		return fault.New(fault.Conflict, "epoch_stale")
	case seat.Who == Counsellor && (c.State != Active || c.Counsellor != seat.Actor.ID):
		return fault.New(fault.Forbidden, "forbidden")
	}
	if seat.Who == Counsellor {
		if err := s.sameSeeker(ctx, c, e); err != nil {
			return err
		}
	}
	b, err := s.boards.fresh(ctx)
	if err != nil {
		return err
	}
	return s.checkReaders(ctx, b, b.teams[c.Team], c.Kind, holder(c), e)
}

// sameSeeker makes sure that a counsellor's epoch keeps the seeker in.
func (s *Service) sameSeeker(ctx context.Context, c Conversation, e seal.Epoch) error {
	h, err := loadEpochHead(ctx, s.db, c.ID, c.Epoch)
	if err != nil {
		return err
	}
	var present seal.Epoch
	if err := json.Unmarshal(h.record, &present); err != nil {
		return fmt.Errorf("epoch %d of %s: %w", c.Epoch, c.ID, err)
	}
	if present.Seeker().KID != e.Seeker().KID {
		return fault.New(fault.Forbidden, "forbidden")
	}
	return nil
}

// addEpochIn swaps the number of the present epoch; of two at the same time one
// wins. A new revision tells everybody.
func (s *Service) addEpochIn(ctx context.Context, tx *store.Tx, seat Seat, e seal.Epoch, row epochRow) error {
	res, err := tx.Exec(ctx, `UPDATE conversation SET epoch = $2, rev = rev + 1 WHERE id = $1 AND epoch = $3
		AND state IN ('waiting', 'offered', 'active', 'deferred')`, seat.Conversation, e.Number, e.Number-1)
	if err != nil {
		return fmt.Errorf("add epoch: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return firstOf(err, fault.New(fault.Conflict, "epoch_stale"))
	}
	if err := row.insert(ctx, tx, seat.Conversation, s.now()); err != nil {
		return fmt.Errorf("add epoch: %w", err)
	}
	if seat.Who == Seeker {
		return nil
	}
	return s.audit.Append(ctx, tx, staff.Entry{
		Actor: seat.Actor.Ref(), Provider: seat.Actor.Provider, Action: "conversation.rekeyed", Object: seat.Conversation.String(),
		Meta: map[string]string{"epoch": fmt.Sprint(e.Number), "team": e.Team},
	})
}
