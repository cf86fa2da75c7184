package hours

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"
)

// generate makes hours of one to four rules, in the canonical form.
func generate(r *rand.Rand) Hours {
	h := make(Hours, 1+r.IntN(4))
	fallback := false
	for i := range h {
		h[i] = generateRule(r)
		if i > 0 {
			h[i].Join = Join(r.IntN(3))
		}
		fallback = h[i].Join == Fallback || h[i].Join == Add && fallback
		if fallback {
			h[i].Times = slices.DeleteFunc(h[i].Times, func(s Span) bool { return s.To > day })
			h[i].Times = append([]Span(nil), h[i].Times...) // nil when empty
		}
		if h[i].Join == Replace && i > 0 && !h[i].selectsDays() {
			h[i].Weekdays = WeekdaySet(1 + r.IntN(126))
		}
	}
	return h
}

func generateRule(r *rand.Rand) Rule {
	rule := Rule{State: []State{Open, Open, Open, Open, Closed, ByArrangement}[r.IntN(6)]}
	if rule.State != Closed && r.IntN(4) == 0 {
		rule.Comment = map[State]string{Open: "mit Termin", ByArrangement: "nach Vereinbarung"}[rule.State]
	}
	switch r.IntN(8) {
	case 0:
		rule.Dates = []DateRange{generateMonths(r)}
	case 1:
		rule.Dates = []DateRange{generateDays(r, 0), generateDays(r, 0)}
	case 2:
		rule.Dates = []DateRange{generateDays(r, 2026+r.IntN(2))}
	case 3:
		from := 1 + r.IntN(53)
		rule.Weeks = []WeekRange{{from, from + r.IntN(54-from), 1 + r.IntN(3)}}
		if rule.Weeks[0].To == from {
			rule.Weeks[0].Step = 1
		}
	case 4:
		rule.Years = []YearRange{{2025 + r.IntN(2), 2027 + r.IntN(2)}}
	}
	generateWeekdays(r, &rule)
	for range r.IntN(3) {
		rule.Times = append(rule.Times, generateSpan(r))
	}
	slices.SortFunc(rule.Times, func(a, b Span) int { return cmp.Or(a.From-b.From, a.To-b.To) })
	rule.Times = slices.Compact(rule.Times)
	return rule
}

func generateWeekdays(r *rand.Rand, rule *Rule) {
	switch r.IntN(7) {
	case 0:
		rule.Also = Public
	case 1:
		rule.Only, rule.Weekdays = Public, WeekdaySet(1+r.IntN(127))
	case 2:
		rule.Nth = []Nth{{r.IntN(7), []int{1, 2, 3, 4, 5, -1, -2, -3, -4, -5}[r.IntN(10)]}}
		rule.Weekdays = []WeekdaySet{0, WeekdaySet(r.IntN(128))}[r.IntN(2)]
	case 3:
		rule.Weekdays, rule.Also = WeekdaySet(1+r.IntN(127)), Public
	case 4, 5:
		rule.Weekdays = WeekdaySet(1 + r.IntN(127))
	}
}

func generateMonths(r *rand.Rand) DateRange {
	return DateRange{Date{Month: time.Month(1 + r.IntN(12))}, Date{Month: time.Month(1 + r.IntN(12))}}
}

// generateDays makes a range of days; with a year it does not run backwards.
func generateDays(r *rand.Rand, year int) DateRange {
	one := func() Date { return Date{year, time.Month(1 + r.IntN(12)), 1 + r.IntN(28)} }
	d := DateRange{one(), one()}
	for !d.valid() && year == 0 {
		d = DateRange{one(), one()}
	}
	if year > 0 && d.From.order() > d.To.order() {
		d.To.Year++
	}
	return d
}

// generateSpan keeps away from within the hour that clocks skip; TestClockChange
// and TestOracleIsWrong are about that.
func generateSpan(r *rand.Rand) Span {
	minutes := []int{0, 60, 120, 180, 330, 420, 480, 540, 570, 600, 720, 750, 780, 840, 960, 1020, 1080, 1200, 1320, 1380}
	s := Span{minutes[r.IntN(len(minutes))], minutes[r.IntN(len(minutes))]}
	if s.To <= s.From {
		s.To += day
	}
	return s
}
