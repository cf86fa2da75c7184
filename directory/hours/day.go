package hours

import (
	"slices"

	"lotse/internal/roster/civil"
)

// stretch is a part of a day, in minutes on the wall, in which nothing changes.
type stretch struct {
	Span
	says
}

// says is what the rules say of a moment.
type says struct {
	State   State
	Comment string
}

// part is a rule that plays a role on a day; shift is a whole day for what began
// the day before and runs over midnight.
type part struct {
	rule     *Rule
	shift    int
	fallback bool
}

// parts are the rules that count on a day. Each in turn adds to those before it
// or, as its Join says, takes their place, also that of what ran over from the
// day before. What is added to a fallback is part of the fallback.
func (h Hours) parts(today, before *date, g guess, parts []part) []part {
	fallback := false
	for i := range h {
		r := &h[i]
		fallback = r.Join == Fallback || r.Join == Add && fallback
		if r.selects(today, g) {
			if r.Join == Replace && r.State != Closed {
				parts = parts[:0]
			}
			parts = append(parts, part{r, 0, fallback})
		}
		if r.overnight() && r.selects(before, g) {
			parts = append(parts, part{r, day, fallback})
		}
	}
	return parts
}

func (r *Rule) overnight() bool {
	return slices.ContainsFunc(r.Times, func(s Span) bool { return s.To > day })
}

// covers reports whether the times of the rule hold a minute of the day.
func (p part) covers(minute int) bool {
	if len(p.rule.Times) == 0 {
		return true
	}
	minute += p.shift
	for _, s := range p.rule.Times {
		if minute >= s.From && minute < s.To {
			return true
		}
	}
	return false
}

// at is what the parts say of a minute: the last word counts, and a fallback
// speaks only where nothing else does.
func at(parts []part, minute int) says {
	var s says
	for _, p := range parts {
		if p.covers(minute) && (!p.fallback || s.State == Closed) {
			s = says{p.rule.State, p.rule.Comment}
		}
	}
	return s
}

// agree is what all guesses say of a minute, or Unknown.
func agree(guesses [][]part, minute int) says {
	first := at(guesses[0], minute)
	for _, parts := range guesses[1:] {
		if at(parts, minute) != first {
			return says{State: Unknown}
		}
	}
	return first
}

// day has the stretches of a day.
func (h Hours) day(d civil.Date, place Place) []stretch {
	today, before := dateAt(d, place), dateAt(d.Add(-1), place)
	return h.stretches(&today, &before)
}

// stretches are the whole of a day, from minute 0 to 1440; neighbours differ.
func (h Hours) stretches(today, before *date) []stretch {
	guesses := make([][]part, 0, 1)
	edges := []int{0, day}
	for _, g := range h.guesses(today, before) {
		parts := h.parts(today, before, g, nil)
		guesses, edges = append(guesses, parts), appendEdges(edges, parts)
	}
	slices.Sort(edges)
	var stretches []stretch
	for i, from := range edges[:len(edges)-1] {
		if to := edges[i+1]; to > from {
			stretches = appendStretch(stretches, stretch{Span{from, to}, agree(guesses, from)})
		}
	}
	return stretches
}

// appendEdges adds the minutes within the day at which a time begins or ends.
func appendEdges(edges []int, parts []part) []int {
	for _, p := range parts {
		for _, s := range p.rule.Times {
			for _, edge := range [...]int{s.From - p.shift, s.To - p.shift} {
				if edge > 0 && edge < day {
					edges = append(edges, edge)
				}
			}
		}
	}
	return edges
}

// appendStretch makes one of neighbours that say the same.
func appendStretch(list []stretch, s stretch) []stretch {
	if last := len(list) - 1; last >= 0 && list[last].says == s.says {
		list[last].To = s.To
		return list
	}
	return append(list, s)
}
