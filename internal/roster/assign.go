package roster

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"lotse/internal/fault"
	"lotse/internal/roster/civil"
	"lotse/internal/staff"
	"lotse/internal/store"
)

// Assign puts a person on a shift, as a draft. Assigning twice is once; a
// double assignment is allowed and becomes a Finding. It returns NotFound for
// an unknown shift, Conflict "shift_removed", and Invalid with the field person
// for somebody who does not counsel for the team.
func (s *Service) Assign(ctx context.Context, actor staff.Actor, id ShiftID, person staff.ID) (Entry, error) {
	return s.alter(ctx, actor, id, "person_assigned", func(tx *store.Tx, d *draft) error {
		crew, err := crews(ctx, tx, []staff.TeamID{d.Team})
		if err != nil {
			return err
		}
		if !(material{crew: crew}).fit(d.Team, person) {
			return fault.InvalidInput(flaws{"person": "not_in_team"})
		}
		d.People = sortPeople(append(slices.Clone(d.People), person))
		return nil
	})
}

// Unassign takes a person off a shift, as a draft. Its errors are those of
// Assign, without Invalid.
func (s *Service) Unassign(ctx context.Context, actor staff.Actor, id ShiftID, person staff.ID) (Entry, error) {
	return s.alter(ctx, actor, id, "person_unassigned", func(_ *store.Tx, d *draft) error {
		d.People = slices.DeleteFunc(slices.Clone(d.People), func(p staff.ID) bool { return p == person })
		return nil
	})
}

// Candidate is a person of the team with what speaks against this shift.
type Candidate struct {
	Person
	Assigned bool
	Clashes  []Duty        // duties elsewhere during the shift, if the drafts were published
	Away     []Absence     // absences during the shift
	Week     time.Duration // duty in the week of the shift, all teams, overlapping spans counted once
}

// Free reports whether nothing speaks against the candidate.
func (c Candidate) Free() bool { return len(c.Clashes) == 0 && len(c.Away) == 0 }

// Candidates lists the team's people for a shift: the free ones first, who has
// less duty in that week before who has more. It returns NotFound for an
// unknown shift.
func (s *Service) Candidates(ctx context.Context, actor staff.Actor, id ShiftID) (list []Candidate, err error) {
	err = s.db.View(ctx, func(tx *store.Tx) error {
		e, err := readEntry(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		from, to := civil.WeekOf(civil.DateOf(e.Start, s.zone)).Span(s.zone)
		m, err := s.gatherFor(ctx, tx, actor, e.Team, from, later(to, e.End))
		list = m.candidates(e, from, to)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("candidates for shift %s: %w", id, err)
	}
	return list, nil
}

func (m material) candidates(e Entry, from, to time.Time) []Candidate {
	duties := m.drafted().Duties(from, later(to, e.End))
	var list []Candidate
	for _, person := range m.crew[e.Team] {
		c := Candidate{Person: person, Assigned: slices.Contains(e.People, person.ID)}
		own := slices.DeleteFunc(slices.Clone(duties), func(d Duty) bool { return d.Person != person.ID })
		c.Week = total(own, to)
		c.Clashes = slices.DeleteFunc(own, func(d Duty) bool {
			return d.Shift == e.ID || !overlaps(d.Start, d.End, e.Start, e.End)
		})
		for _, a := range m.absences {
			if a.Person == person.ID && overlaps(a.Start, a.End, e.Start, e.End) {
				c.Away = append(c.Away, a)
			}
		}
		list = append(list, c)
	}
	slices.SortStableFunc(list, func(a, b Candidate) int {
		return cmp.Or(falseFirst(!a.Free(), !b.Free()), cmp.Compare(a.Week, b.Week))
	})
	return list
}

func falseFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// total is the time covered by duties sorted by start, until to.
func total(duties []Duty, to time.Time) (sum time.Duration) {
	var end time.Time
	for _, d := range duties {
		start, stop := later(d.Start, end), earlier(d.End, to)
		if start.Before(stop) {
			sum += stop.Sub(start)
			end = stop
		}
	}
	return sum
}
