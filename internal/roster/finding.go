package roster

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"lotse/internal/staff"
)

// Kind says what a finding is about.
type Kind string

// The kinds, the gravest first.
const (
	BelowMinimum Kind = "below_minimum" // fewer people on duty than the shift needs
	Double       Kind = "double"        // a person on duty in two places at once
	Away         Kind = "away"          // a person assigned while absent
	Unfit        Kind = "unfit"         // a person assigned who does not counsel for the team any more
	BelowOptimum Kind = "below_optimum" // enough people, fewer than wished
)

// Finding is something a supervisor should look at. It forbids nothing.
type Finding struct {
	Kind       Kind
	Team       staff.TeamID
	Shift      ShiftID // of a double: the one that begins first; zero for an override
	Start, End time.Time
	Have, Want int          // people, for BelowMinimum and BelowOptimum
	Person     staff.ID     // for Double, Away and Unfit
	OtherTeam  staff.TeamID // for Double
	OtherShift ShiftID      // for Double; zero for an override
}

// Findings lists gaps, double assignments and assignments of absent people
// within [from, to), sorted by Start, then gravity.
func (p Plan) Findings(from, to time.Time) []Finding {
	duties := p.Duties(from, to)
	list := slices.Concat(p.gaps(duties, from, to), doubles(duties), p.away(from, to))
	slices.SortFunc(list, byGravity)
	return list
}

// byGravity orders findings by Start, the gravest first at the same time.
func byGravity(a, b Finding) int {
	return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(gravity(a.Kind), gravity(b.Kind)),
		bytes.Compare(a.Shift.UUID[:], b.Shift.UUID[:]), bytes.Compare(a.Person.UUID[:], b.Person.UUID[:]),
		a.End.Compare(b.End))
}

func gravity(k Kind) int {
	return slices.Index([]Kind{BelowMinimum, Double, Away, Unfit, BelowOptimum}, k)
}

// gaps lists the spans of shifts with fewer people than wanted.
func (p Plan) gaps(duties []Duty, from, to time.Time) []Finding {
	byTeam := map[staff.TeamID][]Duty{}
	for _, d := range duties {
		byTeam[d.Team] = append(byTeam[d.Team], d)
	}
	var list []Finding
	for _, s := range p.Shifts {
		s.Start, s.End = later(s.Start, from), earlier(s.End, to)
		if s.Start.Before(s.End) {
			list = append(list, shiftGaps(s, byTeam[s.Team])...)
		}
	}
	return list
}

// shiftGaps walks one shift from edge to edge of the duties that staff it.
func shiftGaps(s Shift, team []Duty) []Finding {
	staffing := slices.DeleteFunc(slices.Clone(team), func(d Duty) bool { return !staffs(d, s) })
	var list []Finding
	for _, span := range pieces(s, staffing) {
		have := headcount(s, staffing, span[0])
		f := Finding{Team: s.Team, Shift: s.ID, Start: span[0], End: span[1], Have: have}
		switch {
		case have < s.Min:
			f.Kind, f.Want = BelowMinimum, s.Min
		case have < s.Opt:
			f.Kind, f.Want = BelowOptimum, s.Opt
		default:
			continue
		}
		if n := len(list) - 1; n >= 0 && list[n].Have == have && list[n].End.Equal(f.Start) {
			list[n].End = f.End
			continue
		}
		list = append(list, f)
	}
	return list
}

// staffs reports whether the duty counts for the shift: it is on this shift, or
// it was added to the team by an override.
func staffs(d Duty, s Shift) bool {
	return (d.Shift == s.ID || d.Shift.IsZero()) && overlaps(d.Start, d.End, s.Start, s.End)
}

// pieces cuts the shift at every edge of the duties.
func pieces(s Shift, duties []Duty) [][2]time.Time {
	edges := []time.Time{s.Start, s.End}
	for _, d := range duties {
		edges = append(edges, later(d.Start, s.Start), earlier(d.End, s.End))
	}
	slices.SortFunc(edges, time.Time.Compare)
	edges = slices.CompactFunc(edges, time.Time.Equal)
	var list [][2]time.Time
	for i := range len(edges) - 1 {
		list = append(list, [2]time.Time{edges[i], edges[i+1]})
	}
	return list
}

// headcount is how many people staff the shift at an instant: the number on
// the channel that has fewest.
func headcount(s Shift, duties []Duty, at time.Time) int {
	fewest := -1
	for _, c := range s.Channels {
		people := map[staff.ID]bool{}
		for _, d := range duties {
			if slices.Contains(d.Channels, c) && !at.Before(d.Start) && at.Before(d.End) {
				people[d.Person] = true
			}
		}
		if fewest < 0 || len(people) < fewest {
			fewest = len(people)
		}
	}
	return max(fewest, 0)
}

// doubles lists, for each person, the spans in which two duties overlap. An
// override that adds to a duty in the same team is no double.
func doubles(duties []Duty) []Finding {
	byPerson := map[staff.ID][]Duty{}
	for _, d := range duties {
		byPerson[d.Person] = append(byPerson[d.Person], d)
	}
	spans := map[Finding][][2]time.Time{} // by everything but the span
	for _, own := range byPerson {
		for i, a := range own {
			for _, b := range own[i+1:] { // sorted by Start
				if !b.Start.Before(a.End) {
					break
				}
				if clash(a, b) {
					key := Finding{Kind: Double, Team: a.Team, Shift: a.Shift, Person: a.Person, OtherTeam: b.Team, OtherShift: b.Shift}
					spans[key] = append(spans[key], [2]time.Time{b.Start, earlier(a.End, b.End)})
				}
			}
		}
	}
	return spread(spans)
}

// clash reports whether two overlapping duties of one person are two places.
func clash(a, b Duty) bool {
	if a.Team != b.Team {
		return true
	}
	return a.Shift != b.Shift && !a.Shift.IsZero() && !b.Shift.IsZero()
}

// away lists assignments that an absence overlaps.
func (p Plan) away(from, to time.Time) []Finding {
	present := p
	present.Absences = nil
	spans := map[Finding][][2]time.Time{}
	for _, d := range present.Duties(from, to) {
		for _, a := range p.Absences {
			if a.Person == d.Person && overlaps(a.Start, a.End, d.Start, d.End) {
				key := Finding{Kind: Away, Team: d.Team, Shift: d.Shift, Person: d.Person}
				spans[key] = append(spans[key], [2]time.Time{later(a.Start, d.Start), earlier(a.End, d.End)})
			}
		}
	}
	return spread(spans)
}

// spread gives each finding its spans, those that touch or overlap made one.
func spread(spans map[Finding][][2]time.Time) []Finding {
	var list []Finding
	for f, own := range spans {
		slices.SortFunc(own, func(a, b [2]time.Time) int { return a[0].Compare(b[0]) })
		first := len(list)
		for _, span := range own {
			if n := len(list) - 1; n >= first && !span[0].After(list[n].End) {
				list[n].End = later(list[n].End, span[1])
				continue
			}
			f.Start, f.End = span[0], span[1]
			list = append(list, f)
		}
	}
	return list
}
