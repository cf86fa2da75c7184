package roster

import (
	"context"
	"fmt"
	"slices"
	"time"

	"lotse/internal/fault"
	"lotse/internal/staff"
	"lotse/internal/store"
)

// AddOverride departs from the published plan at once. It returns Invalid with
// codes for add, remove, channel, class, start and end.
func (s *Service) AddOverride(ctx context.Context, actor staff.Actor, o Override) (Override, error) {
	if err := supervises(actor, o.Team); err != nil {
		return Override{}, err
	}
	o.Start, o.End = o.Start.UTC().Truncate(time.Minute), o.End.UTC().Truncate(time.Minute)
	err := s.transact(ctx, topicPlan, func(tx *store.Tx) (staff.TeamID, error) {
		o.ID, o.Created = OverrideID{newUUID()}, tx.Now
		if err := o.check(ctx, tx); err != nil {
			return o.Team, err
		}
		if err := putOverride(ctx, tx, o, actor.ID); err != nil {
			return o.Team, err
		}
		return o.Team, s.record(ctx, tx, actor, "override_added", o.ID.String(), map[string]string{"team": o.Team.String()})
	})
	if err != nil {
		return Override{}, fmt.Errorf("add override for team %s: %w", o.Team, err)
	}
	return o, nil
}

func (o Override) check(ctx context.Context, tx *store.Tx) error {
	crew, err := crews(ctx, tx, []staff.TeamID{o.Team})
	if err != nil {
		return err
	}
	m := material{crew: crew}
	f := flaws{}
	f.add(o.Add.IsZero() && o.Remove.IsZero(), "add", "required")
	f.add(!o.Add.IsZero() && o.Add == o.Remove, "add", "same_person")
	f.add(!o.Add.IsZero() && !m.fit(o.Team, o.Add), "add", "not_in_team")
	f.add(!o.Remove.IsZero() && !m.fit(o.Team, o.Remove), "remove", "not_in_team")
	f.add(o.Channel != "" && !slices.Contains(Channels(), o.Channel), "channel", "unknown")
	f.add(!slices.Contains(OverrideClasses(), o.Class), "class", "unknown")
	f.checkSpan(o.Start, o.End, tx.Now, MaxOverride)
	return f.err()
}

// checkSpan notes what is wrong with a span that acts at once.
func (f flaws) checkSpan(start, end, now time.Time, longest time.Duration) {
	f.add(!start.Before(end), "end", "span_empty")
	f.add(!end.After(now), "end", "span_past")
	f.add(end.Sub(start) > longest+time.Hour, "end", "span_long") // by the clock; a change may add an hour
	f.add(start.After(now.Add(planFuture)), "start", "span_far")
	f.add(start.Before(now.Add(-planPast)), "start", "span_far")
}

// RemoveOverride takes an override back. Taking back what is gone does nothing.
func (s *Service) RemoveOverride(ctx context.Context, actor staff.Actor, id OverrideID) error {
	err := s.transact(ctx, topicPlan, func(tx *store.Tx) (staff.TeamID, error) {
		list, err := overridesWhere(ctx, tx, (&where{}).and("id = ?", id))
		if err != nil || len(list) == 0 {
			return staff.TeamID{}, err
		}
		team := list[0].Team
		if err := supervises(actor, team); err != nil {
			return team, err
		}
		if _, err := tx.Exec(ctx, "DELETE FROM duty_override WHERE id = $1", id); err != nil {
			return team, err
		}
		return team, s.record(ctx, tx, actor, "override_removed", id.String(), map[string]string{"team": team.String()})
	})
	if err != nil {
		return fmt.Errorf("remove override %s: %w", id, err)
	}
	return nil
}

// Overrides lists a team's overrides that end after an instant, by start.
func (s *Service) Overrides(ctx context.Context, actor staff.Actor, team staff.TeamID, after time.Time) ([]Override, error) {
	if err := supervises(actor, team); err != nil {
		return nil, err
	}
	list, err := overridesWhere(ctx, s.db, (&where{}).and("team = ? AND end_at > ?", team, after))
	if err != nil {
		return nil, fmt.Errorf("read overrides of team %s: %w", team, err)
	}
	return list, nil
}

// AddAbsence takes a person off duty at once. Everybody may enter their own;
// a supervisor that of anybody who counsels for one of the supervised teams.
// It returns Forbidden otherwise, and Invalid with codes for start, end and
// class.
func (s *Service) AddAbsence(ctx context.Context, actor staff.Actor, a Absence) (Absence, error) {
	a.Start, a.End = a.Start.UTC().Truncate(time.Minute), a.End.UTC().Truncate(time.Minute)
	err := s.transact(ctx, topicPlan, func(tx *store.Tx) (staff.TeamID, error) {
		a.ID = AbsenceID{newUUID()}
		if err := responsible(ctx, tx, actor, a.Person); err != nil {
			return staff.TeamID{}, err
		}
		f := flaws{}
		f.add(!slices.Contains(AbsenceClasses(), a.Class), "class", "unknown")
		f.checkSpan(a.Start, a.End, tx.Now, MaxAbsence)
		if err := f.err(); err != nil {
			return staff.TeamID{}, err
		}
		if err := putAbsence(ctx, tx, a, actor.ID); err != nil {
			return staff.TeamID{}, err
		}
		return staff.TeamID{}, s.record(ctx, tx, actor, "absence_added", a.ID.String(), map[string]string{"person": a.Person.String()})
	})
	if err != nil {
		return Absence{}, fmt.Errorf("add absence of %s: %w", a.Person, err)
	}
	return a, nil
}

// responsible returns Forbidden unless the absence of the person is the
// actor's business.
func responsible(ctx context.Context, q store.Queryer, actor staff.Actor, person staff.ID) error {
	if person == actor.ID && !person.IsZero() {
		return nil
	}
	teams := actor.TeamsAs(staff.Supervisor)
	crew, err := crews(ctx, q, teams)
	if err != nil {
		return err
	}
	for _, team := range teams {
		if (material{crew: crew}).fit(team, person) {
			return nil
		}
	}
	return fault.New(fault.Forbidden, "forbidden")
}

// RemoveAbsence takes an absence back; who may add it may remove it. Taking
// back what is gone does nothing.
func (s *Service) RemoveAbsence(ctx context.Context, actor staff.Actor, id AbsenceID) error {
	err := s.transact(ctx, topicPlan, func(tx *store.Tx) (staff.TeamID, error) {
		list, err := absencesWhere(ctx, tx, (&where{}).and("id = ?", id))
		if err != nil || len(list) == 0 {
			return staff.TeamID{}, err
		}
		if err := responsible(ctx, tx, actor, list[0].Person); err != nil {
			return staff.TeamID{}, err
		}
		if _, err := tx.Exec(ctx, "DELETE FROM absence WHERE id = $1", id); err != nil {
			return staff.TeamID{}, err
		}
		return staff.TeamID{}, s.record(ctx, tx, actor, "absence_removed", id.String(), map[string]string{"person": list[0].Person.String()})
	})
	if err != nil {
		return fmt.Errorf("remove absence %s: %w", id, err)
	}
	return nil
}
