package civil

import (
	"fmt"
	"time"
)

// Week is a week of ISO 8601: it begins on Monday, and week 1 holds the first
// Thursday of its year.
type Week struct {
	Year   int
	Number int
}

// WeekOf is the week that holds the date.
func WeekOf(d Date) Week {
	year, number := d.utc().ISOWeek()
	return Week{year, number}
}

// ParseWeek reads the form 2026-W48, which <input type="week"> sends too.
// It refuses week 53 in a year that has 52.
func ParseWeek(s string) (Week, error) {
	var w Week
	_, err := fmt.Sscanf(s, "%4d-W%2d", &w.Year, &w.Number)
	if err != nil || w.String() != s || WeekOf(w.Monday()) != w {
		return Week{}, fmt.Errorf("week %q is not of the form 2026-W48", s)
	}
	return w, nil
}

// String gives the form 2026-W48.
func (w Week) String() string { return fmt.Sprintf("%04d-W%02d", w.Year, w.Number) }

// Monday is the first day of the week.
func (w Week) Monday() Date {
	fourth := Date{w.Year, time.January, 4} // always in week 1
	return fourth.Add(7*(w.Number-1) - fourth.Weekday())
}

// Add is the week n weeks later, or earlier when n is negative.
func (w Week) Add(n int) Week { return WeekOf(w.Monday().Add(7 * n)) }

// Span is the week as instants in zone, from Monday's first to the next
// Monday's first. Its length is not 168 hours in a week with a clock change.
func (w Week) Span(zone *time.Location) (from, to time.Time) {
	monday := w.Monday()
	return Resolve(monday, 0, zone, Start), Resolve(monday.Add(7), 0, zone, Start)
}
