package hours

import (
	"slices"

	"lotse/directory/hours/holiday"
	"lotse/internal/roster/civil"
)

// Day is a line of a table of opening hours.
type Day struct {
	Date     civil.Date
	Holiday  holiday.Day
	Openings []Opening // in order; empty when closed
}

// Opening is a span in which the state is not Closed, in wall-clock minutes from
// midnight of its day. One that runs over midnight is told once, on the day on
// which it begins.
type Opening struct {
	Span
	State   State
	Comment string
}

// Days are the openings of n days from the first on, with the holidays of the
// place, for a table.
func (h Hours) Days(first civil.Date, n int, at Place) []Day {
	days := make([]Day, n)
	before, today := h.day(first.Add(-1), at), h.day(first, at)
	for i := range days {
		date := first.Add(i)
		next := h.day(date.Add(1), at)
		days[i] = Day{Date: date, Holiday: at.Holidays.On(date), Openings: openings(before, today, next)}
		before, today = today, next
	}
	return days
}

// openings are those that begin on the middle of three days.
func openings(before, today, next []stretch) []Opening {
	var list []Opening
	for i, s := range today {
		if s.State == Closed || i == 0 && runsOver(before, today) {
			continue
		}
		if i == len(today)-1 && runsOver(today, next) {
			s.To += next[0].To
		}
		list = append(list, Opening{s.Span, s.State, s.Comment})
	}
	return list
}

// runsOver reports whether what is open at midnight belongs to the day before: it
// began on that day, and lasts a day and a night at most.
func runsOver(before, today []stretch) bool {
	last, first := before[len(before)-1], today[0]
	return last.says == first.says && last.From > 0 && first.To <= last.From
}

// Weekly is what hours say that are the same every week.
type Weekly struct {
	Days   [7][]Opening // Monday first, on days without holiday
	Public []Opening    // on public holidays, if a rule names them
	Named  bool         // a rule names public holidays
}

// Weekly gives the table of hours that depend on nothing but the weekday and
// public holidays. It reports false for all others, and where holidays differ by
// weekday.
func (h Hours) Weekly() (w Weekly, ok bool) {
	for i := range h {
		r := &h[i]
		if len(r.Years)+len(r.Dates)+len(r.Weeks)+len(r.Nth) > 0 || r.Recur.Every > 0 || (r.Also|r.Only)&School != 0 {
			return Weekly{}, false
		}
	}
	w.Named = h.uses(Public)
	for weekday := range 7 {
		w.Days[weekday] = h.sample(weekday, false)
		if !w.Named {
			continue
		}
		public := h.sample(weekday, true)
		if weekday == 0 {
			w.Public = public
		} else if !slices.Equal(w.Public, public) {
			return Weekly{}, false
		}
	}
	return w, true
}

// sample are the openings of a weekday amid days without holidays, or of a
// holiday that falls on it.
func (h Hours) sample(weekday int, public bool) []Opening {
	var days [3][]stretch
	for i := range days {
		d := func(shift int) date {
			known := date{weekday: (weekday + i - 1 + shift + 7) % 7}
			if public && i+shift == 1 {
				known.public = holiday.Day{Name: "holiday", Certain: true}
			}
			return known
		}
		today, before := d(0), d(-1)
		days[i] = h.stretches(&today, &before)
	}
	return openings(days[0], days[1], days[2])
}
