package civil

import (
	"fmt"
	"time"
)

// Date is a day of the Gregorian calendar without a time zone.
// Two dates may be compared with ==.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf is the day that the instant t falls on in zone.
func DateOf(t time.Time, zone *time.Location) Date {
	year, month, day := t.In(zone).Date()
	return Date{year, month, day}
}

// ParseDate reads the form 2026-11-23. It refuses days that do not exist.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("date %q is not of the form 2026-11-23", s)
	}
	return DateOf(t, time.UTC), nil
}

// String gives the form 2026-11-23.
func (d Date) String() string {
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// Add is the date n days later, or earlier when n is negative.
func (d Date) Add(n int) Date {
	return DateOf(d.utc().AddDate(0, 0, n), time.UTC)
}

// Days counts the days from one date to another; negative when to is earlier.
func Days(from, to Date) int {
	return int(to.utc().Sub(from.utc()) / (24 * time.Hour))
}

// Weekday counts Monday as 0 and Sunday as 6, as ISO 8601 orders them.
func (d Date) Weekday() int {
	return (int(d.utc().Weekday()) + 6) % 7
}

// Before reports whether d is an earlier day than other.
func (d Date) Before(other Date) bool { return d.utc().Before(other.utc()) }

// utc is midnight of the day in UTC, a zone without clock changes, in which
// day arithmetic is exact.
func (d Date) utc() time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
}
