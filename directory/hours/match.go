package hours

import (
	"time"

	"lotse/directory/hours/holiday"
	"lotse/internal/roster/civil"
)

// Place is what opening hours depend on beside the moment.
type Place struct {
	Zone     *time.Location
	Holidays holiday.Calendar
}

// date is a day on which rules are tried, with what takes time to find out.
type date struct {
	civil.Date
	weekday int
	public  holiday.Day
}

func dateAt(d civil.Date, at Place) date {
	return date{d, d.Weekday(), at.Holidays.On(d)}
}

// uses reports whether a rule depends on such holidays.
func (h Hours) uses(kind HolidaySet) bool {
	for i := range h {
		if (h[i].Only|h[i].Also)&kind != 0 {
			return true
		}
	}
	return false
}

// guess says what to take for true that is not known: whether a day on which
// only parts of the place have a holiday is one, and whether school is out.
type guess struct{ public, school bool }

// guesses are all guesses that may change what the rules say of a day.
func (h Hours) guesses(today, before *date) []guess {
	from, to := 1, 2 // nothing to guess
	if (today.public.Unsure() || before.public.Unsure()) && h.uses(Public) {
		from = 0
	}
	if h.uses(School) {
		to = 3
	}
	if from == 0 && to == 3 {
		to = 4
	}
	return guesses[from:to]
}

// guesses are in such an order that each set of them is a part of it.
var guesses = [4]guess{{public: true}, {}, {school: true}, {true, true}}

// holidays are the kinds of holidays that a day is.
func (d *date) holidays(g guess) HolidaySet {
	var s HolidaySet
	if d.public.Name != "" && (d.public.Certain || g.public) {
		s |= Public
	}
	if g.school {
		s |= School
	}
	return s
}

// selects reports whether a rule selects a day, its times aside.
func (r *Rule) selects(d *date, g guess) bool {
	return r.selectsYear(d.Year) && r.selectsDate(d.Date) && r.selectsWeek(d.Date) && r.selectsDay(d, g) && r.Recur.selects(d.Date)
}

func (r *Rule) selectsYear(year int) bool {
	for _, y := range r.Years {
		if year >= y.From && (year <= y.To || y.To == 0) {
			return true
		}
	}
	return len(r.Years) == 0
}

func (r *Rule) selectsDate(d civil.Date) bool {
	for _, span := range r.Dates {
		if span.has(d) {
			return true
		}
	}
	return len(r.Dates) == 0
}

func (d DateRange) has(day civil.Date) bool {
	at := Date{Month: day.Month, Day: day.Day}
	if d.From.Year > 0 {
		at.Year = day.Year
	}
	if d.From.Day == 0 {
		at.Day = 0
	}
	from, to, on := d.From.order(), d.To.order(), at.order()
	switch {
	case d.To == Date{}:
		return on >= from
	case from > to: // over New Year
		return on >= from || on <= to
	}
	return on >= from && on <= to
}

func (r *Rule) selectsWeek(d civil.Date) bool {
	if len(r.Weeks) == 0 {
		return true
	}
	week := civil.WeekOf(d).Number
	for _, w := range r.Weeks {
		if week >= w.From && week <= w.To && (week-w.From)%w.Step == 0 {
			return true
		}
	}
	return false
}

func (r *Rule) selectsDay(d *date, g guess) bool {
	if r.Only != 0 && r.Only&d.holidays(g) == 0 {
		return false
	}
	if r.Weekdays == 0 && len(r.Nth) == 0 && r.Also == 0 {
		return true
	}
	if r.Weekdays.Has(d.weekday) || r.Also != 0 && r.Also&d.holidays(g) != 0 {
		return true
	}
	for _, n := range r.Nth {
		if n.Day == d.weekday && n.N == nth(d.Date, n.N < 0) {
			return true
		}
	}
	return false
}

// nth counts a day among those of its weekday in the month: from 1, or from its
// end as -1.
func nth(d civil.Date, fromEnd bool) int {
	if !fromEnd {
		return (d.Day-1)/7 + 1
	}
	last := time.Date(d.Year, d.Month+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return -((last-d.Day)/7 + 1)
}

func (r Recur) selects(d civil.Date) bool {
	switch {
	case r.Every == 0:
		return true
	case d.Before(r.From) || r.To != civil.Date{} && r.To.Before(d):
		return false
	case r.Monthly:
		return (12*(d.Year-r.From.Year)+int(d.Month-r.From.Month))%r.Every == 0
	}
	return civil.Days(monday(r.From), monday(d))/7%r.Every == 0
}

func monday(d civil.Date) civil.Date { return d.Add(-d.Weekday()) }
