package roster

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"lotse/internal/bus"
	"lotse/internal/staff"
	"lotse/internal/store"
)

// Bus topics. Their payload is the id of the team concerned, empty for all.
const (
	topicPlan  = "roster"       // what is in force has changed
	topicDraft = "roster/draft" // drafts have changed; only planners care
)

const (
	refreshEvery = time.Minute
	sweepEvery   = time.Hour
	// keepAway is how long overrides and absences are kept after their end.
	keepAway = 90 * 24 * time.Hour
)

// Run follows the changes of all nodes until ctx ends, and forgets overrides
// and absences 90 days after their end. It returns nil when ctx ends, and an
// error when it cannot subscribe.
func (s *Service) Run(ctx context.Context) error {
	sub, err := s.bus.Subscribe(ctx, topicPlan, topicDraft)
	if err != nil {
		return err
	}
	defer sub.Close()
	s.tryRefresh(ctx)
	refresh, sweep := time.NewTicker(refreshEvery), time.NewTicker(sweepEvery)
	defer refresh.Stop()
	defer sweep.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case m, ok := <-sub.C():
			if !ok {
				return errors.New("roster: the bus is closed")
			}
			s.hear(ctx, m)
		case <-refresh.C:
			s.tryRefresh(ctx)
		case <-sweep.C:
			s.sweep(ctx)
		}
	}
}

// hear takes a hint from the bus.
func (s *Service) hear(ctx context.Context, m bus.Message) {
	if m.Gap || m.Topic == topicPlan {
		s.tryRefresh(ctx)
		if s.Changed != nil {
			s.Changed()
		}
	}
	team, err := staff.ParseTeamID(string(m.Payload))
	if m.Gap || err != nil {
		team = staff.TeamID{}
	}
	s.notify(team)
}

// tryRefresh reads the plan anew; if that fails the old one keeps serving.
func (s *Service) tryRefresh(ctx context.Context) {
	if err := s.refresh(ctx); err != nil && ctx.Err() == nil {
		s.log.Warn("roster is stale", slog.Any("err", err))
	}
}

func (s *Service) sweep(ctx context.Context) {
	err := s.db.Transact(ctx, func(tx *store.Tx) error {
		before := tx.Now.Add(-keepAway)
		if _, err := tx.Exec(ctx, "DELETE FROM absence WHERE end_at < $1", before); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "DELETE FROM duty_override WHERE end_at < $1", before)
		return err
	})
	if err != nil && ctx.Err() == nil {
		s.log.Warn("forget past absences", slog.Any("err", err))
	}
}

// changed tells all nodes of a committed change. A change of what is in force
// is in this node's snapshot when changed returns.
func (s *Service) changed(ctx context.Context, topic string, team staff.TeamID) {
	ctx = context.WithoutCancel(ctx) // committed: the news is due even if the caller has gone
	if topic == topicPlan {
		s.tryRefresh(ctx)
	}
	var payload []byte
	if !team.IsZero() {
		payload = []byte(team.String())
	}
	if err := s.bus.Publish(ctx, topic, payload); err != nil {
		s.log.Warn("publish roster change", slog.Any("err", err))
	}
}

// Watch returns a channel that receives after changes of the team's plan,
// drafts included, by whomever; several changes may give one receipt. stop ends
// it and must be called. It needs Run.
func (s *Service) Watch(team staff.TeamID) (changes <-chan struct{}, stop func()) {
	c := make(chan struct{}, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watchers[c] = team
	return c, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.watchers, c)
	}
}

// notify wakes the watchers of a team, or all for a zero team.
func (s *Service) notify(team staff.TeamID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c, watched := range s.watchers {
		if team.IsZero() || watched == team {
			select {
			case c <- struct{}{}:
			default: // a receipt is waiting already
			}
		}
	}
}
