package chat

import (
	"context"
	"fmt"
	"time"

	"lotse/internal/fault"
	"lotse/internal/roster"
	"lotse/internal/staff"
)

// clean checks the fields of an ask; Invalid names the wrong ones.
func (a Ask) clean() error {
	bad := map[string]string{}
	for field, v := range map[string]string{"topic": a.Topic, "language": a.Language, "centre": a.Centre} {
		if len(v) > 64 || !plain(v) {
			bad[field] = "invalid"
		}
	}
	if a.Postcode != "" && !isPostcode(a.Postcode) {
		bad["postcode"] = "postcode_invalid"
	}
	if len(bad) > 0 {
		return fault.InvalidInput(bad)
	}
	return nil
}

// plain accepts what ids and language tags are made of.
func plain(s string) bool {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.' {
			return false
		}
	}
	return true
}

func isPostcode(s string) bool {
	if len(s) != 5 {
		return false
	}
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}

// tiers finds the candidate teams of an ask. They belong to everybody who asks.
func (s *Service) tiers(ctx context.Context, b *board, ask Ask) ([][]staff.Team, error) {
	if ask.Postcode == "" && ask.Centre == "" { // most asks
		return b.tiers.get([2]string{ask.Topic, ask.Language}, func() [][]staff.Team { return Tiers(b.list, ask, nil) }), nil
	}
	var covering []string
	if ask.Postcode != "" {
		var err error
		if covering, err = s.catchment.Covering(ctx, ask.Topic, ask.Postcode); err != nil {
			return nil, fmt.Errorf("catchment: %w", err)
		}
	}
	return Tiers(b.list, ask, covering), nil
}

// assess is what an ask for a live chat is promised, and by which line.
func (s *Service) assess(ctx context.Context, b *board, ask Ask) (Availability, Line, [][]staff.Team, error) {
	tiers, err := s.tiers(ctx, b, ask)
	if err != nil {
		return Availability{}, Line{}, nil, err
	}
	lines := make([][]Line, len(tiers))
	for i, tier := range tiers {
		for _, t := range tier {
			lines[i] = append(lines[i], b.line(t, ask, Live))
		}
	}
	best, ok := Best(lines)
	if ok {
		return best.promise(), best, tiers, nil
	}
	a := Availability{State: LineClosed}
	a.OpensAt, err = s.opensAt(ctx, b, ask, tiers)
	return a, Line{}, tiers, err
}

// opensAt is when the roster next opens one of the teams; nil when that is not
// known, or was before now: somebody should be there and is not.
func (s *Service) opensAt(ctx context.Context, b *board, ask Ask, tiers [][]staff.Team) (*time.Time, error) {
	f := roster.Filter{Channel: roster.Chat, Topic: ask.Topic, Language: ask.Language}
	for _, tier := range tiers {
		for _, t := range tier {
			f.Teams = append(f.Teams, t.ID)
		}
	}
	if len(f.Teams) == 0 {
		return nil, nil
	}
	at, ok, err := s.duties.NextOpening(ctx, f, b.at)
	if err != nil {
		return nil, fmt.Errorf("next opening: %w", err)
	}
	if !ok || !at.After(b.at) {
		return nil, nil
	}
	at = at.UTC()
	return &at, nil
}

// Availability is the state of the line for an ask, at most five seconds old. It
// returns Invalid for a malformed ask and Unavailable when the roster or the
// presence of staff cannot be read.
func (s *Service) Availability(ctx context.Context, ask Ask) (Availability, error) {
	if err := ask.clean(); err != nil {
		return Availability{}, err
	}
	b, err := s.boards.public(ctx)
	if err != nil {
		return Availability{}, err
	}
	a, _, _, err := s.assess(ctx, b, ask)
	return a, err
}

// WatchAvailability calls tell with the present state and after each change,
// and idle at least every heartbeat, until ctx ends, the node drains or one of them
// fails. It returns TooMany when too many watch already.
func (s *Service) WatchAvailability(ctx context.Context, ask Ask, tell func(Availability) error, idle func() error) error {
	select {
	case s.watchers <- struct{}{}:
		defer func() { <-s.watchers }()
	default:
		return fault.RetryAfter(fault.TooMany, "too_many", s.tune.Heartbeat)
	}
	last, err := s.Availability(ctx, ask)
	if err != nil {
		return err
	}
	if err := tell(last); err != nil {
		return err
	}
	beat := time.NewTicker(s.tune.Heartbeat)
	defer beat.Stop()
	old := time.NewTicker(s.tune.BoardAge)
	defer old.Stop()
	for {
		changed := s.hub.changed()
		select {
		case <-ctx.Done():
			return nil
		case <-s.hub.leaving:
			return nil
		case <-beat.C:
			err = idle()
		case <-changed:
			last, err = s.retell(ctx, ask, last, tell)
		case <-old.C:
			last, err = s.retell(ctx, ask, last, tell)
		}
		if err != nil {
			return err
		}
	}
}

// retell tells the state if it is another one. A state that cannot be read for
// the moment is not told.
func (s *Service) retell(ctx context.Context, ask Ask, last Availability, tell func(Availability) error) (Availability, error) {
	a, err := s.Availability(ctx, ask)
	if err != nil {
		return last, nil
	}
	if a.same(last) {
		return last, nil
	}
	return a, tell(a)
}

func (a Availability) same(b Availability) bool {
	opens := a.OpensAt == nil && b.OpensAt == nil || a.OpensAt != nil && b.OpensAt != nil && a.OpensAt.Equal(*b.OpensAt)
	return a.State == b.State && a.Position == b.Position && a.Wait == b.Wait && opens
}

// ClosedError says that no live chat can be opened now, and what is available.
type ClosedError struct {
	Fault *fault.Error // Conflict with the code closed or queue_full
	Now   Availability
}

// Error is the text of the fault.
func (e *ClosedError) Error() string { return e.Fault.Error() }

// Unwrap returns the fault.
func (e *ClosedError) Unwrap() error { return e.Fault }

func closedError(a Availability) error {
	code := "closed"
	if a.State == LineFull {
		code = "queue_full"
	}
	return &ClosedError{fault.New(fault.Conflict, code), a}
}

// Recipients is the team an ask leads to and the keys to encrypt to. For a live
// chat it returns a *ClosedError unless the line is free or queues; for a message the
// nearest team that has readers, NotFound (no_team) when there is none.
func (s *Service) Recipients(ctx context.Context, ask Ask, kind Kind) (Recipients, error) {
	if err := ask.clean(); err != nil {
		return Recipients{}, err
	}
	b, err := s.boards.public(ctx)
	if err != nil {
		return Recipients{}, err
	}
	team, _, err := s.choose(ctx, b, ask, kind)
	if err != nil {
		return Recipients{}, err
	}
	return s.recipientsOf(ctx, b, team, kind, "")
}

func (s *Service) recipientsOf(ctx context.Context, b *board, t staff.Team, kind Kind, kid string) (Recipients, error) {
	kids, chain, err := s.readers.wanted(ctx, b, t, kind, kid)
	if err != nil {
		return Recipients{}, err
	}
	if len(kids) == 0 {
		return Recipients{}, fault.New(fault.NotFound, "no_team")
	}
	keep, err := s.promises.of(ctx, t.Provider)
	return Recipients{Team: teamRef(t), Chain: chain.states, StateHash: chain.hash, Readers: kids,
		KeepS: KeepS{Live: seconds(keep.Live), Message: seconds(keep.Message)}}, err
}

func teamRef(t staff.Team) TeamRef {
	return TeamRef{ID: t.ID, Name: t.Name, Policy: t.Policy, Formal: t.Formal}
}

// choose picks the team for an ask and lists all candidates.
func (s *Service) choose(ctx context.Context, b *board, ask Ask, kind Kind) (staff.Team, [][]staff.Team, error) {
	if kind != Message {
		a, line, tiers, err := s.assess(ctx, b, ask)
		if err == nil && a.State != LineFree && a.State != LineQueue {
			err = closedError(a)
		}
		return b.teams[line.Team], tiers, err
	}
	tiers, err := s.tiers(ctx, b, ask)
	if err != nil {
		return staff.Team{}, nil, err
	}
	for _, tier := range tiers {
		for _, t := range tier {
			if kids, _, err := s.readers.wanted(ctx, b, t, Message, ""); err != nil || len(kids) > 0 {
				return t, tiers, err
			}
		}
	}
	return staff.Team{}, nil, fault.New(fault.NotFound, "no_team")
}
