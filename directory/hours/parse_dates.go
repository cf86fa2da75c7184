package hours

import (
	"cmp"
	"slices"
	"time"
)

var monthNames = []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}

// month is the month that a token names, or 0.
func month(t token) time.Month {
	if t.kind != word {
		return 0
	}
	return time.Month(slices.Index(monthNames, t.text) + 1)
}

// Years that opening hours may name.
const (
	firstYear = 1900
	lastYear  = 2999
)

func isYear(t token) bool {
	return t.kind == number && len(t.text) == 4 && t.value >= firstYear && t.value <= lastYear
}

// years reads "2026", "2026-2028" or "2026+". A year that stands before a day
// of a month belongs to that day.
func (p *parser) years(r *Rule) {
	if !isYear(p.peek(0)) || month(p.peek(1)) > 0 && p.isNumber(2) {
		return
	}
	r.Years = list(p, func(n int) bool { return isYear(p.peek(n)) }, p.yearRange)
}

func (p *parser) yearRange() YearRange {
	first := p.peek(0)
	y := YearRange{From: p.number(firstYear, lastYear, BadDate)}
	y.To = y.From
	switch {
	case p.accept("+"):
		y.To = 0
	case p.accept("-"):
		y.To = p.number(firstYear, lastYear, BadDate)
		if y.To < y.From {
			p.fail(first, BadDate)
		}
	}
	if p.peek(0).is("/") {
		p.fail(p.peek(0), Unsupported)
	}
	return y
}

// dates reads months and days: "Jan-Mar", "Dec 24-26", "Dec 24-Jan 02",
// "2026 Nov 26-2027 Mar 31", "2026 Nov 26+". A list gives every day a year, or
// none: whether "2026 Dec 24,Dec 31" means one year or all is anybody's guess.
func (p *parser) dates(r *Rule) {
	first := p.peek(0)
	if month(first) == 0 && !isYear(first) {
		return
	}
	var last Date
	r.Dates = list(p, p.beginsDate, func() DateRange {
		d := p.dateRange(last)
		last = cmp.Or(d.To, d.From)
		return d
	})
	for _, d := range r.Dates {
		if (d.From.Year == 0) != (r.Dates[0].From.Year == 0) {
			p.fail(first, BadDate)
		}
	}
}

func (p *parser) beginsDate(n int) bool {
	return month(p.peek(n)) > 0 || p.isNumber(n)
}

// dateRange reads one range; last is the day before the comma, to which "26" in
// "Dec 24,26" refers.
func (p *parser) dateRange(last Date) DateRange {
	first := p.peek(0)
	from := p.date(last)
	if p.peek(0).is("+") {
		if from.Year == 0 {
			p.fail(p.peek(0), Unsupported) // "Dec 24+" is an offset in days
		}
		p.next()
		return DateRange{From: from}
	}
	to := from
	if p.accept("-") {
		to = p.date(from)
	}
	if to.Year == 0 {
		to.Year = from.Year
	}
	d := DateRange{from, to}
	if p.err == nil && !d.valid() {
		p.fail(first, BadDate)
	}
	return d
}

// date reads "Dec", "Dec 24", "2026 Dec 24", or "26" in the month of near.
func (p *parser) date(near Date) Date {
	first := p.peek(0)
	var d Date
	if isYear(first) {
		d.Year = p.next().value
	}
	switch named := month(p.peek(0)); {
	case named > 0:
		p.next()
		d.Month = named
		if p.isNumber(0) && !isYear(p.peek(0)) {
			d.Day = p.number(1, 31, BadDate)
		}
	case d.Year == 0 && near.Day > 0 && p.isNumber(0):
		d.Year, d.Month, d.Day = near.Year, near.Month, p.number(1, 31, BadDate)
	default:
		p.fail(first, BadDate)
	}
	return d
}

// valid reports whether both ends exist and are of one kind. A range may run over
// New Year, but "Apr 20-10", back within a month, is a slip of the pen.
func (d DateRange) valid() bool {
	back := d.To.order() < d.From.order()
	return d.From.valid() && d.To.valid() && (d.From.Day == 0) == (d.To.Day == 0) && (d.From.Year == 0) == (d.To.Year == 0) &&
		(!back || d.From.Year == 0 && d.From.Month != d.To.Month)
}

// valid reports whether the day exists, in a leap year if it names no year.
func (d Date) valid() bool {
	year := d.Year
	if year == 0 {
		year = 2000
	} else if d.Day == 0 {
		return false // a month of one year is a month and a year: two selectors
	}
	return d.Day <= time.Date(year, d.Month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// order is a number that grows with the day.
func (d Date) order() int { return 10000*d.Year + 100*int(d.Month) + d.Day }

// weeks reads "week 2,4-10,11-53/2".
func (p *parser) weeks(r *Rule) {
	if p.accept("week") {
		r.Weeks = list(p, p.isNumber, p.weekRange)
	}
}

func (p *parser) weekRange() WeekRange {
	first := p.peek(0)
	w := WeekRange{From: p.number(1, 53, BadWeek), Step: 1}
	w.To = w.From
	if p.accept("-") {
		w.To = p.number(1, 53, BadWeek)
		if p.accept("/") {
			w.Step = p.number(1, 53, BadWeek)
		}
	}
	if w.To < w.From {
		p.fail(first, BadWeek)
	}
	if w.To == w.From {
		w.Step = 1
	}
	return w
}
