package roster

import (
	"context"
	"fmt"
	"slices"
	"time"

	"lotse/internal/staff"
	"lotse/internal/store"
)

// Own is what a person sees of the roster: nothing but the own duties and
// absences.
type Own struct {
	Duties   []Duty    // in force, within the window
	Absences []Absence // that end after the window begins, each with its Missed
	Missed   map[AbsenceID][]Duty
}

// Own reads the actor's duties in [from, to) and absences.
func (s *Service) Own(ctx context.Context, actor staff.Actor, from, to time.Time) (own Own, err error) {
	err = s.db.View(ctx, func(tx *store.Tx) error {
		own, err = readOwn(ctx, tx, actor, from, to)
		return err
	})
	if err != nil {
		return Own{}, fmt.Errorf("read own duties: %w", err)
	}
	return own, nil
}

func readOwn(ctx context.Context, q store.Queryer, actor staff.Actor, from, to time.Time) (own Own, err error) {
	own.Absences, err = absencesWhere(ctx, q, (&where{}).and("person = ? AND end_at > ?", actor.ID, from))
	if err != nil {
		return own, err
	}
	last := to
	for _, a := range own.Absences {
		last = later(last, a.End)
	}
	m, err := gather(ctx, q, actor.Teams, from, last)
	if err != nil {
		return own, err
	}
	own.Duties = slices.DeleteFunc(m.plan().Duties(from, to), func(d Duty) bool { return d.Person != actor.ID })
	m.absences = nil
	own.Missed = missed(own.Absences, m.plan().Duties(from, last))
	return own, nil
}

// missed lists the duties, as they would be without absences, that each
// absence touches.
func missed(absences []Absence, duties []Duty) map[AbsenceID][]Duty {
	byAbsence := map[AbsenceID][]Duty{}
	for _, a := range absences {
		for _, d := range duties {
			if a.Person == d.Person && overlaps(a.Start, a.End, d.Start, d.End) {
				byAbsence[a.ID] = append(byAbsence[a.ID], d)
			}
		}
	}
	return byAbsence
}

// TeamAway is the absences of a team's people for its supervisor.
type TeamAway struct {
	People   []Person
	Absences []Absence // that end after an instant
	Missed   map[AbsenceID][]Duty
}

// TeamAbsences reads the absences of a team's people that end after an
// instant, each with the duties of the team that it touches.
func (s *Service) TeamAbsences(ctx context.Context, actor staff.Actor, team staff.TeamID, after time.Time) (away TeamAway, err error) {
	if err := supervises(actor, team); err != nil {
		return TeamAway{}, err
	}
	err = s.db.View(ctx, func(tx *store.Tx) error {
		away, err = readAway(ctx, tx, team, after)
		return err
	})
	if err != nil {
		return TeamAway{}, fmt.Errorf("read absences of team %s: %w", team, err)
	}
	return away, nil
}

func readAway(ctx context.Context, q store.Queryer, team staff.TeamID, after time.Time) (TeamAway, error) {
	teams := []staff.TeamID{team}
	all, err := absencesWhere(ctx, q, (&where{}).and("end_at > ?", after).and(
		"person IN (SELECT person FROM team_counsellor WHERE team = ?)", team))
	if err != nil {
		return TeamAway{}, err
	}
	last := after
	for _, a := range all {
		last = later(last, a.End)
	}
	m, err := gather(ctx, q, teams, after, last)
	if err != nil {
		return TeamAway{}, err
	}
	m.absences = nil
	return TeamAway{People: m.crew[team], Absences: all, Missed: missed(all, m.plan().Duties(after, last))}, nil
}
