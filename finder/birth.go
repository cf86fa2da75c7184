package finder

import (
	"strconv"
	"time"
)

// birthSpan is the first and last day that a birth may mean.
func birthSpan(birth string) (first, last string, ok bool) {
	switch len(birth) {
	case 4:
		first, last = birth+"-01-01", birth+"-12-31"
	case 7:
		t, err := time.Parse("2006-01", birth)
		if err != nil {
			return "", "", false
		}
		first, last = birth+"-01", t.AddDate(0, 1, -1).Format(time.DateOnly)
	default:
		first, last = birth, birth
	}
	_, err := time.Parse(time.DateOnly, first)
	return first, last, err == nil
}

func year(date string) int { y, _ := strconv.Atoi(date[:min(4, len(date))]); return y }

// monthsBetween is the number of full months from a birth to a date; negative
// when it lies ahead.
func monthsBetween(birth, date string) int {
	if birth > date {
		return -1
	}
	a, errA := time.Parse(time.DateOnly, birth)
	b, errB := time.Parse(time.DateOnly, date)
	if errA != nil || errB != nil {
		return -1
	}
	months := (b.Year()-a.Year())*12 + int(b.Month()) - int(a.Month())
	if b.Day() < a.Day() {
		months--
	}
	return months
}
