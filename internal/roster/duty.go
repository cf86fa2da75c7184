package roster

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"lotse/internal/staff"
)

// Duty is a span in which a person is on duty for a team.
type Duty struct {
	Person     staff.ID
	Team       staff.TeamID
	Shift      ShiftID   // zero: added by an override
	Start, End time.Time // [Start, End)
	Channels   []Channel
	Topics     []string // empty: the team's
	Languages  []string // empty: the team's
	Reserve    bool     // on a shift of minimum 0: routable, but promises no opening
}

// Plan is what duties are derived from, as values. Every shift in it counts as
// in force, whatever its State: the loader decides whether that is the
// published plan or the plan as it would be after publishing.
type Plan struct {
	Shifts      []Shift
	Assignments []Assignment
	Overrides   []Override
	Absences    []Absence
}

// Duties is who is on duty within [from, to): the assignments, changed by the
// overrides in order, less the absences. Spans are clipped to the window;
// spans of the same person, team, shift and channels are merged; the result is
// sorted by Start, then End, person, team and shift. It does not depend on the
// order of the plan's values.
func (p Plan) Duties(from, to time.Time) []Duty {
	b := p.assigned(from, to)
	for _, o := range p.overridesIn(from, to) {
		b.apply(o)
	}
	for _, a := range p.Absences {
		b.leave(a)
	}
	return b.merged()
}

// board holds duties by team and person while they are worked out.
type board map[post][]Duty

// post is a person in a team.
type post struct {
	team   staff.TeamID
	person staff.ID
}

// assigned puts the plan's assignments on a board, clipped to the window.
func (p Plan) assigned(from, to time.Time) board {
	shifts := make(map[ShiftID]Shift, len(p.Shifts))
	for _, s := range p.Shifts {
		if overlaps(s.Start, s.End, from, to) {
			shifts[s.ID] = s
		}
	}
	b := board{}
	for _, a := range p.Assignments {
		if s, ok := shifts[a.Shift]; ok {
			b.put(Duty{
				Person: a.Person, Team: s.Team, Shift: s.ID,
				Start: later(s.Start, from), End: earlier(s.End, to),
				Channels: ordered(s.Channels), Topics: s.Topics, Languages: s.Languages,
				Reserve: s.Min == 0,
			})
		}
	}
	return b
}

// overridesIn returns the overrides that touch the window, clipped to it, in
// the order in which they apply.
func (p Plan) overridesIn(from, to time.Time) []Override {
	var list []Override
	for _, o := range p.Overrides {
		if overlaps(o.Start, o.End, from, to) {
			o.Start, o.End = later(o.Start, from), earlier(o.End, to)
			list = append(list, o)
		}
	}
	slices.SortFunc(list, func(a, b Override) int {
		return cmp.Or(a.Created.Compare(b.Created), bytes.Compare(a.ID.UUID[:], b.ID.UUID[:]))
	})
	return list
}

// apply carries out one override.
func (b board) apply(o Override) {
	if o.Remove.IsZero() {
		if !o.Add.IsZero() {
			all, _ := split(Channels(), o.Channel)
			b.put(Duty{Person: o.Add, Team: o.Team, Start: o.Start, End: o.End, Channels: all})
		}
		return
	}
	from := post{o.Team, o.Remove}
	kept, taken := cut(b[from], o)
	b[from] = kept
	for _, d := range taken {
		if !o.Add.IsZero() {
			d.Person = o.Add
			b.put(d)
		}
	}
}

// leave takes the absent person off every duty within the absence.
func (b board) leave(a Absence) {
	for at, list := range b {
		if at.person == a.Person {
			b[at], _ = cut(list, Override{Start: a.Start, End: a.End})
		}
	}
}

func (b board) put(d Duty) {
	at := post{d.Team, d.Person}
	b[at] = append(b[at], d)
}

// cut divides duties into what an override leaves and what it takes away: the
// channels it names, within its span.
func cut(list []Duty, o Override) (kept, taken []Duty) {
	kept = make([]Duty, 0, len(list)+2)
	for _, d := range list {
		touched, rest := split(d.Channels, o.Channel)
		if len(touched) == 0 || !overlaps(d.Start, d.End, o.Start, o.End) {
			kept = append(kept, d)
			continue
		}
		inside := d
		inside.Start, inside.End = later(d.Start, o.Start), earlier(d.End, o.End)
		kept = appendSpan(kept, d, d.Start, inside.Start, d.Channels)
		kept = appendSpan(kept, inside, inside.Start, inside.End, rest)
		kept = appendSpan(kept, d, inside.End, d.End, d.Channels)
		taken = appendSpan(taken, inside, inside.Start, inside.End, touched)
	}
	return kept, taken
}

// appendSpan appends d with another span and channels unless that is nothing.
func appendSpan(list []Duty, d Duty, start, end time.Time, channels []Channel) []Duty {
	if !start.Before(end) || len(channels) == 0 {
		return list
	}
	d.Start, d.End, d.Channels = start, end, channels
	return append(list, d)
}

// merged returns all duties of the board, spans that touch or overlap made one.
func (b board) merged() []Duty {
	var out []Duty
	for _, list := range b {
		slices.SortFunc(list, byIdentity)
		first := len(out)
		for _, d := range list {
			if n := len(out) - 1; n >= first && joins(out[n], d) {
				out[n].End = later(out[n].End, d.End)
			} else {
				out = append(out, d)
			}
		}
	}
	slices.SortFunc(out, byStart)
	return out
}

// joins reports whether b, which begins no earlier, continues a.
func joins(a, b Duty) bool {
	return a.Shift == b.Shift && slices.Equal(a.Channels, b.Channels) && !b.Start.After(a.End)
}

// byIdentity orders duties of one post so that spans that may join are
// neighbours.
func byIdentity(a, b Duty) int {
	return cmp.Or(bytes.Compare(a.Shift.UUID[:], b.Shift.UUID[:]),
		slices.Compare(a.Channels, b.Channels), a.Start.Compare(b.Start))
}

func byStart(a, b Duty) int {
	return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End),
		bytes.Compare(a.Person.UUID[:], b.Person.UUID[:]),
		bytes.Compare(a.Team.UUID[:], b.Team.UUID[:]), byIdentity(a, b))
}

// overlaps reports whether [a, b) and [c, d) share an instant.
func overlaps(a, b, c, d time.Time) bool {
	return a.Before(b) && c.Before(d) && a.Before(d) && c.Before(b)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
