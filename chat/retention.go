package chat

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"lotse/internal/fault"
	"lotse/internal/seal"
	"lotse/internal/store"
)

const (
	retainEvery = time.Minute
	// stoneFor is how long the empty row of a purged conversation answers "deleted".
	stoneFor = 30 * 24 * time.Hour
	// retainBatch bounds the work of one round of one kind.
	retainBatch = 500
)

// retain closes what is silent, purges what is over, and keeps the day keys
// moving, once a minute until ctx ends.
func (s *Service) retain(ctx context.Context) error {
	tick := time.NewTicker(retainEvery)
	defer tick.Stop()
	for {
		if err := s.sweep(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("retention", slog.Any("err", err))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// sweep does one round of retention. Several nodes may do it at once.
func (s *Service) sweep(ctx context.Context) error {
	return errors.Join(s.sweepSilent(ctx), s.promises.apply(ctx), s.sweepOver(ctx), s.sweepStones(ctx), s.rollDays(ctx))
}

// sweepSilent warns and closes conversations in which nobody writes, and hands
// unanswered messages back to their team.
func (s *Service) sweepSilent(ctx context.Context) error {
	quiet, err := s.overdue(ctx, s.now())
	if err != nil {
		return err
	}
	for _, c := range quiet {
		if _, err := s.systemStep(ctx, c.ID, Step{Act: s.rules.onSilence(c, s.now()), Staff: c.Counsellor}); err != nil {
			return err
		}
	}
	return nil
}

// overdue lists the conversations for which silence has an edge now: those that
// only wait for a later one would cost three transactions each minute, and keep
// others out of the batch. The longest silent come first.
func (s *Service) overdue(ctx context.Context, now time.Time) ([]Conversation, error) {
	r := s.rules
	live, err := manyConversations(ctx, s.db, `state = 'active' AND kind <> 'message'
		AND (warn_at IS NULL AND active_at <= $1 AND `+lastAtOf+` <= $1 OR warn_at <= $2 AND active_at <= $3 AND `+lastAtOf+` <= $3)
		ORDER BY `+lastAtOf+`, id LIMIT $4`, now.Add(r.WarnBefore-r.Silence), now, now.Add(-r.Silence), retainBatch)
	if err != nil {
		return nil, err
	}
	left, err := manyConversations(ctx, s.db, `kind = 'message' AND (state IN ('active', 'deferred') AND since <= $1 AND `+lastAtOf+` <= $1
		OR state = 'active' AND active_at <= $2 AND `+lastAtOf+` <= $2 AND `+lastByOf+` = 'seeker'
		OR state = 'deferred' AND since <= $3 AND NOT `+hasWords+`)
		ORDER BY `+lastAtOf+`, id LIMIT $4`, now.Add(-r.Idle), now.Add(-r.Unanswered), now.Add(-emptyFor), retainBatch)
	return append(live, left...), err
}

// sweepOver purges closed conversations whose time is over.
func (s *Service) sweepOver(ctx context.Context) error {
	over, err := manyConversations(ctx, s.db, `state = 'closed' AND purge_at <= $1 LIMIT $2`, s.now(), retainBatch)
	if err != nil {
		return err
	}
	for _, c := range over {
		_, err := s.destroy(ctx, c.ID, Step{Act: ActPurge, Who: System})
		if err != nil && !errors.Is(err, fault.Conflict) && !errors.Is(err, fault.Gone) {
			return err
		}
	}
	return nil
}

// sweepStones removes messages that outlived their keys and, after a month, the
// rows of purged conversations.
func (s *Service) sweepStones(ctx context.Context) error {
	rows, err := s.db.Query(ctx, `SELECT c.id FROM conversation c WHERE c.state = 'purged' AND EXISTS (SELECT 1 FROM message m WHERE m.conversation = c.id) LIMIT $1`, retainBatch)
	left, err := store.Collect(rows, err, store.Value[ID])
	if err != nil {
		return fmt.Errorf("purged messages: %w", err)
	}
	for _, id := range left {
		if err := s.dropMessages(ctx, id); err != nil {
			return err
		}
	}
	var any bool
	old := s.now().Add(-stoneFor)
	err = s.db.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM conversation WHERE state = 'purged' AND purge_at <= $1)`, old).Scan(&any)
	if err != nil || !any {
		return err
	}
	if _, err := s.db.Exec(ctx, `DELETE FROM conversation WHERE state = 'purged' AND purge_at <= $1`, old); err != nil {
		return fmt.Errorf("purged rows: %w", err)
	}
	return nil
}

// rollDays seals wraps that are still needed for a later day and then destroys
// the keys of all days before today. A wrap in a backup is thus unreadable two
// days after its room was purged, or after the backup was made, whatever is
// later.
func (s *Service) rollDays(ctx context.Context) error {
	now := s.now()
	today := seal.DayOf(now)
	for {
		n, err := s.rollBatch(ctx, seal.DayOf(now.Add(24*time.Hour)), seal.DayOf(now.Add(sealFor)))
		if err != nil {
			return err // nothing is destroyed while something still depends on it
		}
		if n == 0 {
			break
		}
	}
	if err := s.keys.Destroy(today); err != nil {
		return fmt.Errorf("destroy day keys before %s: %w", today, err)
	}
	return nil
}

type dueWraps struct {
	id    ID
	epoch uint32
	day   seal.Day
	wraps []byte
}

// rollBatch moves wraps sealed for a day before due to the day next.
func (s *Service) rollBatch(ctx context.Context, due, next seal.Day) (int, error) {
	rows, err := s.db.Query(ctx, `SELECT conversation, epoch, day, wraps FROM conversation_epoch WHERE day < $1 ORDER BY day LIMIT $2`, due, retainBatch)
	list, err := store.Collect(rows, err, func(r *sql.Rows) (d dueWraps, err error) {
		err = r.Scan(&d.id, &d.epoch, &d.day, &d.wraps)
		return d, err
	})
	if err != nil {
		return 0, fmt.Errorf("wraps due: %w", err)
	}
	for i, d := range list {
		if list[i].wraps, err = s.reseal(d, next); err != nil {
			return 0, fmt.Errorf("seal wraps of %s for another day: %w", d.id, err)
		}
	}
	if len(list) == 0 {
		return 0, nil
	}
	return len(list), s.db.Transact(ctx, func(tx *store.Tx) error {
		for _, d := range list {
			_, err := tx.Exec(ctx, `UPDATE conversation_epoch SET wraps = $4, day = $5 WHERE conversation = $1 AND epoch = $2 AND day = $3`,
				d.id, d.epoch, d.day, d.wraps, next)
			if err != nil {
				return fmt.Errorf("store wraps of %s: %w", d.id, err)
			}
		}
		return nil
	})
}

// reseal opens wraps under their day and seals them for another. Where the key is
// gone (the database was put back from a backup older than the keys), or the day has
// another key by now because other rooms use it, the room is lost for good; the box
// stays as it is and moves on from day to day, so that it never keeps the keys of
// others.
func (s *Service) reseal(d dueWraps, next seal.Day) ([]byte, error) {
	plain, err := s.keys.Open(d.day, d.wraps)
	if errors.Is(err, seal.ErrDayGone) || errors.Is(err, seal.ErrDayKey) {
		return d.wraps, nil
	}
	if err != nil {
		return nil, err
	}
	return s.keys.Seal(next, plain)
}
