package roster

import (
	"context"
	"slices"
	"time"

	"lotse/internal/staff"
	"lotse/internal/store"
)

// material is what was read of some teams for a window: the plan in force and
// the drafts beside it.
type material struct {
	published []Planned
	drafts    []draft // of the window, and of published shifts of the window
	overrides []Override
	absences  []Absence
	crew      map[staff.TeamID][]Person
}

// gather reads what is in force, without drafts. teams nil means all.
func gather(ctx context.Context, q store.Queryer, teams []staff.TeamID, from, to time.Time) (m material, err error) {
	if teams == nil {
		if teams, err = allTeams(ctx, q); err != nil {
			return m, err
		}
	}
	window := func() *where { return in((&where{}).span(from, to), "team", teams) }
	if m.published, err = plannedWhere(ctx, q, window()); err != nil {
		return m, err
	}
	if m.overrides, err = overridesWhere(ctx, q, window()); err != nil {
		return m, err
	}
	if m.absences, err = absencesWhere(ctx, q, (&where{}).span(from, to)); err != nil {
		return m, err
	}
	m.crew, err = crews(ctx, q, teams)
	return m, err
}

// gatherDrafts adds the drafts of some teams that say something about the
// window: those in it, and those that move a shift out of it.
func (m *material) gatherDrafts(ctx context.Context, q store.Queryer, teams []staff.TeamID, from, to time.Time) (err error) {
	all, err := draftsWhere(ctx, q, in(&where{}, "team", teams))
	inWindow := map[ShiftID]bool{}
	for _, p := range m.published {
		inWindow[p.ID] = true
	}
	for _, d := range all {
		if inWindow[d.ID] || overlaps(d.Start, d.End, from, to) {
			m.drafts = append(m.drafts, d)
		}
	}
	return err
}

// plan is the plan in force.
func (m material) plan() Plan { return m.assemble(m.published) }

// drafted is the plan as it would be if the drafts were published.
func (m material) drafted() Plan {
	drafted := map[ShiftID]bool{}
	var shifts []Planned
	for _, d := range m.drafts {
		drafted[d.ID] = true
		if !d.removed {
			shifts = append(shifts, d.Planned)
		}
	}
	for _, p := range m.published {
		if !drafted[p.ID] {
			shifts = append(shifts, p)
		}
	}
	return m.assemble(shifts)
}

// assemble makes a plan of shifts, leaving out people who no longer counsel
// for the team.
func (m material) assemble(shifts []Planned) Plan {
	p := Plan{Absences: m.absences}
	for _, s := range shifts {
		p.Shifts = append(p.Shifts, s.Shift)
		for _, person := range s.People {
			if m.fit(s.Team, person) {
				p.Assignments = append(p.Assignments, Assignment{s.ID, person})
			}
		}
	}
	for _, o := range m.overrides {
		if !o.Add.IsZero() && !m.fit(o.Team, o.Add) {
			o.Add = staff.ID{}
		}
		p.Overrides = append(p.Overrides, o)
	}
	return p
}

// fit reports whether the person counsels for the team at present.
func (m material) fit(team staff.TeamID, person staff.ID) bool {
	return slices.ContainsFunc(m.crew[team], func(p Person) bool { return p.ID == person })
}
