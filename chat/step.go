package chat

import (
	"context"
	"fmt"
	"time"

	"lotse/internal/fault"
	"lotse/internal/staff"
	"lotse/internal/store"
)

// change is what a step did.
type change struct{ before, after Conversation }

// step takes one edge in one transaction: it loads the row, lets prepare look at
// it and fill in the step, applies the table, swaps and records. Afterwards it
// hints. It returns what prepare and the table refuse with.
func (s *Service) step(ctx context.Context, id ID, prepare func(context.Context, *store.Tx, Conversation) (Step, error)) (change, error) {
	var done change
	err := s.db.Transact(ctx, func(tx *store.Tx) error {
		c, err := loadConversation(ctx, tx, id)
		if err != nil {
			return err
		}
		st, err := prepare(ctx, tx, c)
		if err != nil {
			return err
		}
		done, err = s.stepIn(ctx, tx, c, st)
		return err
	})
	if err != nil {
		return change{}, err
	}
	s.announce(done)
	return done, nil
}

// stepIn takes one edge within a transaction; the caller announces it.
func (s *Service) stepIn(ctx context.Context, tx *store.Tx, c Conversation, st Step) (change, error) {
	st.Rules = s.rules
	if st.At.IsZero() {
		st.At = s.now()
	}
	var err error
	if s.machine.ends(c.State, st.Act) {
		if st.Keep, err = s.keep(ctx, tx, c); err != nil {
			return change{}, fmt.Errorf("%s %s: %w", st.Act, c.ID, err)
		}
	}
	after, err := s.machine.take(c, st)
	if err != nil {
		return change{}, err
	}
	if err := swap(ctx, tx, c, after); err != nil {
		return change{}, err
	}
	if err := insertEvent(ctx, tx, c, after, st); err != nil {
		return change{}, fmt.Errorf("%s %s: record: %w", st.Act, c.ID, err)
	}
	if err := s.follow(ctx, tx, c, after, st); err != nil {
		return change{}, fmt.Errorf("%s %s: %w", st.Act, c.ID, err)
	}
	return change{c, after}, nil
}

// follow writes what an edge entails in other tables.
func (s *Service) follow(ctx context.Context, tx *store.Tx, before, after Conversation, st Step) error {
	held := before.Counsellor
	if !held.IsZero() && before.With(held) && !after.With(held) {
		if err := noteIdle(ctx, tx, held, st.At); err != nil {
			return err
		}
	}
	switch {
	case st.Act == ActDecline || st.Act == ActExpire:
		return notePass(ctx, tx, after.ID, held, st.At)
	case after.State == Active && before.State != Active:
		return forgetPasses(ctx, tx, after.ID)
	case after.State == Closed && before.State == Active && after.Kind != Message:
		return noteService(ctx, tx, after.Team, st.At.Sub(before.ActiveAt))
	case st.Act == ActConsent && before.State == Active:
		return s.audit.Append(ctx, tx, staff.Entry{
			Actor: before.Counsellor.String(), Provider: before.Provider, Action: "conversation.transferred", Object: after.ID.String(),
			Meta: map[string]string{"from": before.Team.String(), "to": after.Team.String(), "person": before.Transfer.Person.String()},
		})
	case st.Act == ActRefuse && before.State == Waiting:
		return dropCandidate(ctx, tx, after.ID, before.Transfer.Team)
	case after.State == Purged:
		return shred(ctx, tx, after.ID)
	}
	return nil
}

// dropCandidate keeps a proposal that was refused from being made again.
func dropCandidate(ctx context.Context, tx *store.Tx, c ID, team staff.TeamID) error {
	_, err := tx.Exec(ctx, `DELETE FROM conversation_candidate WHERE conversation = $1 AND team = $2`, c, team)
	return err
}

func noteIdle(ctx context.Context, tx *store.Tx, id staff.ID, at time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO counsellor_idle (staff, since) VALUES ($1, $2) ON CONFLICT (staff) DO UPDATE SET since = excluded.since`, id, at)
	return err
}

func notePass(ctx context.Context, tx *store.Tx, c ID, id staff.ID, at time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO conversation_pass (conversation, staff, at) VALUES ($1, $2, $3)
		ON CONFLICT (conversation, staff) DO UPDATE SET at = excluded.at`, c, id, at)
	return err
}

func forgetPasses(ctx context.Context, tx *store.Tx, c ID) error {
	_, err := tx.Exec(ctx, `DELETE FROM conversation_pass WHERE conversation = $1`, c)
	return err
}

func noteService(ctx context.Context, tx *store.Tx, team staff.TeamID, took time.Duration) error {
	var mean, n int64
	err := tx.QueryRow(ctx, `SELECT mean_s, served FROM team_service WHERE team = $1`, team).Scan(&mean, &n)
	if err := store.NotFound(err, ""); err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	next := served(time.Duration(mean)*time.Second, n, took)
	_, err = tx.Exec(ctx, `INSERT INTO team_service (team, mean_s, served) VALUES ($1, $2, $3)
		ON CONFLICT (team) DO UPDATE SET mean_s = excluded.mean_s, served = excluded.served`, team, int64(next/time.Second), n+1)
	return err
}

// shred destroys the keys of a room and everything that leads to its seeker. The
// messages, unreadable from here on, follow in a transaction of their own.
func shred(ctx context.Context, tx *store.Tx, id ID) error {
	for _, q := range []string{
		`DELETE FROM conversation_epoch WHERE conversation = $1`,
		`UPDATE conversation SET return_hash = NULL, seat = NULL WHERE id = $1`,
		`DELETE FROM conversation_mark WHERE conversation = $1`,
		`DELETE FROM conversation_candidate WHERE conversation = $1`,
		`DELETE FROM conversation_pass WHERE conversation = $1`,
	} {
		if _, err := tx.Exec(ctx, q, id); err != nil {
			return fmt.Errorf("shred: %w", err)
		}
	}
	return nil
}

// announce hints what a step changed: the conversation, the desks concerned, and
// the queue unless only the conversation itself changed.
func (s *Service) announce(d change) {
	s.metrics.steps.WithLabelValues(string(d.after.State)).Inc()
	s.hint(topicConversation+d.after.ID.String(), payloadState)
	for _, id := range []staff.ID{d.before.Counsellor, d.after.Counsellor} {
		if !id.IsZero() && (d.before.With(id) || d.after.With(id)) {
			s.hint(topicDesk+id.String(), "")
		}
	}
	if d.before.State != d.after.State || d.before.Team != d.after.Team {
		s.hint(topicQueue, "")
	}
}
