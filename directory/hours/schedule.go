package hours

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"lotse/internal/roster/civil"
)

// Schedule is a row of HSDS 3.0 (schedule.json), without the ids that tie it to
// a service. The first row of a place carries all its hours in OpeningHours, an
// addition of ours; whoever does not know it finds in the other fields what HSDS
// can say of them. Rows add up. Times are on the wall of the place.
type Schedule struct {
	ValidFrom    string `json:"valid_from,omitempty"` // 2026-11-26, as all dates
	ValidTo      string `json:"valid_to,omitempty"`   // included
	DTStart      string `json:"dtstart,omitempty"`
	Until        string `json:"until,omitempty"` // included
	Count        int    `json:"count,omitempty"` // refused when read
	Freq         string `json:"freq,omitempty"`  // WEEKLY or MONTHLY
	Interval     int    `json:"interval,omitempty"`
	ByDay        string `json:"byday,omitempty"` // "MO,TU"; monthly also "2WE,-1FR"
	ByWeekNo     string `json:"byweekno,omitempty"`
	ByMonthDay   string `json:"bymonthday,omitempty"`
	OpensAt      string `json:"opens_at,omitempty"` // 09:00
	ClosesAt     string `json:"closes_at,omitempty"`
	Description  string `json:"description,omitempty"`
	Notes        string `json:"notes,omitempty"`
	OpeningHours string `json:"opening_hours,omitempty"` // all hours, in the OpenStreetMap syntax
}

// Schedules are the rows for hours. Where HSDS has no words for them, such as
// exceptions, the only row has nothing but OpeningHours.
func (h Hours) Schedules() []Schedule {
	if len(h) == 0 {
		return nil
	}
	rows := h.rows()
	if len(rows) == 0 {
		rows = []Schedule{{}}
	}
	if h.Expressible() {
		rows[0].OpeningHours = h.String()
	}
	return rows
}

func (h Hours) rows() []Schedule {
	if week, ok := h.Weekly(); ok {
		return week.rows()
	}
	var rows []Schedule
	for i := range h {
		if h[i].State == Closed || h[i].Join == Replace && i > 0 || h[i].Join == Fallback {
			return nil
		}
		more, ok := h[i].rows()
		if !ok {
			return nil
		}
		rows = append(rows, more...)
	}
	return rows
}

// icalDays are the weekdays of RFC 5545, Monday first.
var icalDays = []string{"MO", "TU", "WE", "TH", "FR", "SA", "SU"}

// rows has one row for each opening, with all days on which it is the same.
func (w Weekly) rows() []Schedule {
	var rows []Schedule
	at := map[Opening]int{}
	for weekday, openings := range w.Days {
		for _, o := range openings {
			i, seen := at[o]
			if !seen {
				i = len(rows)
				at[o] = i
				rows = append(rows, Schedule{Freq: "WEEKLY", Interval: 1, OpensAt: Clock(o.From), ClosesAt: Clock(o.To % day), Notes: notes(o.State, o.Comment)})
			}
			rows[i].ByDay = strings.TrimPrefix(rows[i].ByDay+","+icalDays[weekday], ",")
		}
	}
	return rows
}

// byArrangement is how Notes begin in a row whose times are by arrangement.
const byArrangement = "nach Vereinbarung"

func notes(s State, comment string) string {
	switch {
	case s != ByArrangement || strings.HasPrefix(comment, byArrangement):
		return comment
	case comment == "":
		return byArrangement
	}
	return byArrangement + ": " + comment
}

// rows are those of one rule, one for each of its times. It reports false for
// what HSDS cannot say.
func (r *Rule) rows() ([]Schedule, bool) {
	row := Schedule{Freq: "WEEKLY", Interval: 1, Notes: notes(r.State, r.Comment)}
	ok := r.Only == 0 && r.Also == 0 && len(r.Years) == 0 && row.setDates(r) && row.setDays(r) && row.setWeeks(r)
	row.setRecur(r.Recur)
	var rows []Schedule
	for _, s := range r.Times {
		row.OpensAt, row.ClosesAt = Clock(s.From), Clock(s.To%day)
		ok = ok && s.To-s.From <= day
		rows = append(rows, row)
	}
	if len(r.Times) == 0 {
		row.OpensAt, row.ClosesAt = Clock(0), Clock(0)
		rows = append(rows, row)
	}
	return rows, ok
}

// setDates sets bounds, or days of the month if they are the same in every month.
func (s *Schedule) setDates(r *Rule) bool {
	switch {
	case len(r.Dates) == 0:
		return true
	case len(r.Dates) == 1 && r.Dates[0].From.Year > 0:
		s.ValidFrom = r.Dates[0].From.iso()
		if to := r.Dates[0].To; to.Year > 0 {
			s.ValidTo = to.iso()
		}
		return true
	}
	byMonth := map[time.Month][]string{}
	for _, d := range r.Dates {
		if d.From != d.To || d.From.Year > 0 || d.From.Day == 0 {
			return false
		}
		byMonth[d.From.Month] = append(byMonth[d.From.Month], fmt.Sprint(d.From.Day))
	}
	for month := time.January; month <= time.December; month++ {
		slices.Sort(byMonth[month])
		if !slices.Equal(byMonth[month], byMonth[time.January]) {
			return false
		}
	}
	s.Freq, s.ByMonthDay = "MONTHLY", strings.Join(byMonth[time.January], ",")
	return true
}

func (d Date) iso() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

func (s *Schedule) setDays(r *Rule) bool {
	if len(r.Nth) == 0 {
		for weekday := range 7 {
			if r.Weekdays.Has(weekday) || r.Weekdays == 0 && s.ByMonthDay == "" {
				s.ByDay = strings.TrimPrefix(s.ByDay+","+icalDays[weekday], ",")
			}
		}
		return true
	}
	s.Freq = "MONTHLY"
	for _, n := range r.Nth {
		s.ByDay = strings.TrimPrefix(fmt.Sprintf("%s,%d%s", s.ByDay, n.N, icalDays[n.Day]), ",")
	}
	return r.Weekdays == 0 && s.ByMonthDay == ""
}

func (s *Schedule) setWeeks(r *Rule) bool {
	for _, w := range r.Weeks {
		for n := w.From; n <= w.To; n += w.Step {
			s.ByWeekNo = strings.TrimPrefix(fmt.Sprintf("%s,%d", s.ByWeekNo, n), ",")
		}
	}
	return len(r.Weeks) == 0 || s.Freq == "WEEKLY"
}

func (s *Schedule) setRecur(r Recur) {
	if r.Every == 0 {
		return
	}
	if r.Monthly {
		s.Freq = "MONTHLY"
	}
	s.Interval, s.DTStart = r.Every, r.From.String()
	if r.To != (civil.Date{}) {
		s.Until = r.To.String()
	}
}
