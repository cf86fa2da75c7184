package holiday

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"lotse/internal/roster/civil"
)

// rule says on which day of a year a holiday falls: a fixed day, a distance
// from Easter Sunday, or the Wednesday before 23 November.
type rule struct {
	month  time.Month
	day    int
	easter bool // day counts from Easter Sunday
	prayer bool // Buß- und Bettag
}

// parseRule reads "10-31", "easter", "easter+39", "easter-2" or "prayer".
func parseRule(s string) (rule, error) {
	if s == "prayer" {
		return rule{prayer: true}, nil
	}
	if offset, ok := strings.CutPrefix(s, "easter"); ok {
		if offset == "" {
			return rule{easter: true}, nil
		}
		n, err := strconv.Atoi(offset)
		return rule{easter: true, day: n}, err
	}
	t, err := time.Parse("2006-01-02", "2000-"+s)
	if err != nil {
		return rule{}, fmt.Errorf("no such day: %q", s)
	}
	return rule{month: t.Month(), day: t.Day()}, nil
}

// falls reports whether the holiday is on the date; easter is Easter Sunday of
// its year, as Easter gives it.
func (r rule) falls(d civil.Date, easter int) bool {
	switch {
	case r.easter:
		return yearDay(d) == easter+r.day
	case r.prayer:
		return d.Month == time.November && d.Day >= 16 && d.Day <= 22 && d.Weekday() == 2
	}
	return d.Month == r.month && d.Day == r.day
}

// yearDay counts the days of a year from 1 March as 1, so that leap years make
// no difference. It is negative or zero before.
func yearDay(d civil.Date) int {
	before := [...]int{0, -59, -28, 0, 31, 61, 92, 122, 153, 184, 214, 245, 275}
	return before[d.Month] + d.Day
}

// Easter is Easter Sunday of a Gregorian year, counted from 1 March as 1: the
// algorithm of J. Meeus, Astronomical Algorithms (1991), chapter 8, after
// Butcher's Ecclesiastical Calendar (1876).
func Easter(year int) int {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	g := (b - (b+8)/25 + 1) / 3
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	if month := n / 31; month == 4 {
		return 31 + n%31 + 1
	}
	return n%31 + 1
}
