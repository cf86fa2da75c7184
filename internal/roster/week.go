package roster

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"lotse/internal/fault"
	"lotse/internal/roster/civil"
	"lotse/internal/staff"
	"lotse/internal/store"
)

// ChangeKind says how a shift differs from the published plan.
type ChangeKind string

// The kinds of change. Unchanged shifts have none.
const (
	Added   ChangeKind = "added"
	Removed ChangeKind = "removed"
	Changed ChangeKind = "changed"
)

// Entry is a shift as a planner sees it: as it would be after publishing, and
// what is in force now.
type Entry struct {
	Planned            // of a removed shift: as it was
	Change  ChangeKind // empty: as published
	Before  *Planned   // in force now; nil when added
	By      staff.ID   // who changed the draft last; zero without one
	At      time.Time  // when
	Unfit   []staff.ID // assigned people who do not counsel for the team any more
}

// WeekPlan is a week of a team for its planner: drafts included.
type WeekPlan struct {
	Team      staff.TeamID
	Week      civil.Week
	Entries   []Entry    // shifts that begin in the week, by start
	Overrides []Override // of the team, touching the week
	Absences  []Absence  // of the team's people, touching the week
	Findings  []Finding  // about the team, if the drafts were published
	Duties    []Duty     // of the team's people, in all teams, that begin in the week, if the drafts were published
	People    []Person   // who may be put on shifts, by name
	Names     map[staff.ID]string
	Unsaved   int    // unpublished changes of the team in any week
	Version   string // changes whenever the page would look different
}

// Week reads a team's week for planning.
func (s *Service) Week(ctx context.Context, actor staff.Actor, team staff.TeamID, week civil.Week) (WeekPlan, error) {
	if err := supervises(actor, team); err != nil {
		return WeekPlan{}, err
	}
	p := WeekPlan{Team: team, Week: week}
	err := s.db.View(ctx, func(tx *store.Tx) error { return s.readWeek(ctx, tx, actor, &p) })
	if err != nil {
		return WeekPlan{}, fmt.Errorf("read week %s of team %s: %w", week, team, err)
	}
	return p, nil
}

func (s *Service) readWeek(ctx context.Context, tx *store.Tx, actor staff.Actor, p *WeekPlan) error {
	from, to := p.Week.Span(s.zone)
	// A shift may reach MaxShift beyond the week that it begins in.
	m, err := s.gatherFor(ctx, tx, actor, p.Team, from, to.Add(MaxShift))
	if err != nil {
		return err
	}
	drafted := m.drafted()
	p.People = m.crew[p.Team]
	p.Entries = m.entries(p.Team, from, to)
	p.Findings = m.findings(drafted, p.Team, from, to.Add(MaxShift))
	p.Findings = slices.DeleteFunc(p.Findings, func(f Finding) bool { return !f.Start.Before(to) })
	p.Duties = slices.DeleteFunc(drafted.Duties(from, to.Add(MaxShift)), func(d Duty) bool {
		return !m.fit(p.Team, d.Person) || !d.Start.Before(to)
	})
	p.Overrides = slices.DeleteFunc(m.overrides, func(o Override) bool {
		return o.Team != p.Team || !overlaps(o.Start, o.End, from, to)
	})
	p.Absences = slices.DeleteFunc(m.absences, func(a Absence) bool {
		return !m.fit(p.Team, a.Person) || !overlaps(a.Start, a.End, from, to)
	})
	diff, err := readDiff(ctx, tx, p.Team, Scope{})
	if err != nil {
		return err
	}
	p.Unsaved = len(diff.Changes)
	if p.Names, err = names(ctx, tx, p.persons()); err != nil {
		return err
	}
	p.Version = p.digest()
	return nil
}

// gatherFor reads what a planner of team needs: the provider's teams, with the
// drafts of those that the actor may plan.
func (s *Service) gatherFor(ctx context.Context, q store.Queryer, actor staff.Actor, team staff.TeamID, from, to time.Time) (material, error) {
	m, err := gather(ctx, q, teamsOf(actor, team), from, to)
	if err != nil {
		return m, err
	}
	return m, m.gatherDrafts(ctx, q, actor.TeamsAs(staff.Supervisor), from, to)
}

// entries lists the team's shifts that begin in [from, to).
func (m material) entries(team staff.TeamID, from, to time.Time) []Entry {
	byID := map[ShiftID]Entry{}
	for _, p := range m.published {
		byID[p.ID] = m.entry(&p, nil)
	}
	for _, d := range m.drafts {
		if e, ok := byID[d.ID]; ok {
			byID[d.ID] = m.entry(e.Before, &d)
		} else {
			byID[d.ID] = m.entry(nil, &d)
		}
	}
	var list []Entry
	for _, e := range byID {
		if e.Team == team && !e.Start.Before(from) && e.Start.Before(to) {
			list = append(list, e)
		}
	}
	slices.SortFunc(list, func(a, b Entry) int { return byPlace(a.Shift, b.Shift) })
	return list
}

func byPlace(a, b Shift) int {
	return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End), bytes.Compare(a.ID.UUID[:], b.ID.UUID[:]))
}

// entry joins the two forms of a shift, of which one may be nil.
func (m material) entry(p *Planned, d *draft) Entry {
	e := Entry{Before: p}
	switch {
	case d == nil:
		e.Planned = *p
	case d.removed:
		e.Planned, e.Change = d.Planned, Removed
	case p == nil:
		e.Planned, e.Change = d.Planned, Added
	case d.same(*p):
		e.Planned = d.Planned
		e.State = Published
	default:
		e.Planned, e.Change = d.Planned, Changed
	}
	if d != nil {
		e.By, e.At = d.by, d.at
	}
	for _, person := range e.People {
		if !m.fit(e.Team, person) {
			e.Unfit = append(e.Unfit, person)
		}
	}
	return e
}

// same reports whether two shifts say the same, whatever their revision.
func (p Planned) same(q Planned) bool {
	return p.sameShift(q.Shift) && slices.Equal(p.People, q.People)
}

func (s Shift) sameShift(o Shift) bool {
	return s.sameWork(o) && s.Start.Equal(o.Start) && s.End.Equal(o.End)
}

// sameWork reports whether two shifts ask for the same, at whatever time.
func (s Shift) sameWork(o Shift) bool {
	return s.Team == o.Team && s.Min == o.Min && s.Opt == o.Opt && s.Note == o.Note &&
		slices.Equal(s.Channels, o.Channels) && slices.Equal(s.Topics, o.Topics) && slices.Equal(s.Languages, o.Languages)
}

// findings are those of a plan that concern the team, and people who do not
// counsel for it any more.
func (m material) findings(p Plan, team staff.TeamID, from, to time.Time) []Finding {
	list := slices.DeleteFunc(p.Findings(from, to), func(f Finding) bool {
		return f.Team != team && f.OtherTeam != team
	})
	for _, e := range m.entries(team, from, to) {
		for _, person := range e.Unfit {
			if e.Change != Removed {
				list = append(list, Finding{Kind: Unfit, Team: team, Shift: e.ID, Start: e.Start, End: e.End, Person: person})
			}
		}
	}
	slices.SortFunc(list, byGravity)
	return list
}

// persons lists everybody the plan names.
func (p WeekPlan) persons() []staff.ID {
	var list []staff.ID
	for _, e := range p.Entries {
		list = append(list, e.People...)
		if !e.By.IsZero() {
			list = append(list, e.By)
		}
		if e.Before != nil {
			list = append(list, e.Before.People...)
		}
	}
	for _, o := range p.Overrides {
		list = append(list, o.Add, o.Remove)
	}
	for _, f := range p.Findings {
		list = append(list, f.Person)
	}
	for _, person := range p.People {
		list = append(list, person.ID)
	}
	list = sortPeople(list)
	return slices.DeleteFunc(list, staff.ID.IsZero)
}

// Hours is how long a person is on duty in the week, in all teams, if the
// drafts were published. Overlapping duties count once.
func (p WeekPlan) Hours(person staff.ID) time.Duration {
	own := slices.DeleteFunc(slices.Clone(p.Duties), func(d Duty) bool { return d.Person != person })
	var last time.Time
	for _, d := range own {
		last = later(last, d.End)
	}
	return total(own, last)
}

// Cover is how many people a shift has at the time when it has fewest.
func (p WeekPlan) Cover(s Shift) int {
	staffing := slices.DeleteFunc(slices.Clone(p.Duties), func(d Duty) bool { return d.Team != s.Team || !staffs(d, s) })
	fewest := MaxStaff
	for _, span := range pieces(s, staffing) {
		fewest = min(fewest, headcount(s, staffing, span[0]))
	}
	return fewest
}

// digest is a short name for everything the plan shows.
func (p WeekPlan) digest() string {
	text, err := json.Marshal(p)
	if err != nil {
		panic(err) // values of this package alone: cannot fail
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// Shift reads one shift for its planner. It returns NotFound for an unknown one.
func (s *Service) Shift(ctx context.Context, actor staff.Actor, id ShiftID) (e Entry, err error) {
	err = s.db.View(ctx, func(tx *store.Tx) error {
		e, err = readEntry(ctx, tx, actor, id)
		return err
	})
	if err != nil {
		return Entry{}, fmt.Errorf("read shift %s: %w", id, err)
	}
	return e, nil
}

func readEntry(ctx context.Context, q store.Queryer, actor staff.Actor, id ShiftID) (Entry, error) {
	p, d, err := find(ctx, q, id)
	if err != nil {
		return Entry{}, err
	}
	if p == nil && d == nil {
		return Entry{}, fault.New(fault.NotFound, "shift_not_found")
	}
	e := material{}.entry(p, d)
	if err := supervises(actor, e.Team); err != nil {
		return Entry{}, err
	}
	crew, err := crews(ctx, q, []staff.TeamID{e.Team})
	return material{crew: crew}.entry(p, d), err
}
