package hours

import (
	"cmp"
	"slices"
)

var weekdayNames = []string{"mo", "tu", "we", "th", "fr", "sa", "su"}

var holidayNames = map[string]HolidaySet{"ph": Public, "sh": School}

func isWeekday(t token) bool { return t.kind == word && slices.Contains(weekdayNames, t.text) }

func isHoliday(t token) bool { return t.kind == word && holidayNames[t.text] != 0 }

// days reads weekdays and holidays: "Mo-Fr", "We[1],PH", or "PH Mo-Fr".
func (p *parser) days(r *Rule) {
	if !isWeekday(p.peek(0)) && !isHoliday(p.peek(0)) {
		return
	}
	p.dayList(r)
	if isWeekday(p.peek(0)) && r.Weekdays == 0 && r.Nth == nil {
		r.Only, r.Also = r.Also, 0
		p.dayList(r)
	}
	if r.Only != 0 && r.Also != 0 {
		p.fail(p.peek(0), Unexpected)
	}
	p.accept(":")
	slices.SortFunc(r.Nth, func(a, b Nth) int { return cmp.Or(a.Day-b.Day, fromStart(a.N)-fromStart(b.N)) })
	r.Nth = slices.Compact(r.Nth)
}

// fromStart orders 1 to 5 before -5 to -1.
func fromStart(n int) int {
	if n < 0 {
		return n + 100
	}
	return n
}

func (p *parser) dayList(r *Rule) {
	p.dayItem(r)
	for p.peek(0).is(",") && (isWeekday(p.peek(1)) || isHoliday(p.peek(1))) {
		p.next()
		p.dayItem(r)
	}
}

func (p *parser) dayItem(r *Rule) {
	t := p.next()
	if isHoliday(t) {
		r.Also |= holidayNames[t.text]
		return
	}
	from := slices.Index(weekdayNames, t.text)
	if p.accept("[") {
		p.nth(r, from)
		return
	}
	to := from
	if p.accept("-") {
		last := p.next()
		if to = slices.Index(weekdayNames, last.text); to < 0 {
			p.fail(last, BadWeekday)
			return
		}
	}
	for d := from; ; d = (d + 1) % 7 { // "Fr-Mo" runs over Sunday
		r.Weekdays |= 1 << d
		if d == to {
			return
		}
	}
}

// nth reads the list after "We[", up to and with "]".
func (p *parser) nth(r *Rule, weekday int) {
	for {
		from := p.signed()
		to := from
		if from > 0 && p.accept("-") {
			last := p.peek(0)
			if to = p.number(1, 5, BadNth); to < from {
				p.fail(last, BadNth)
			}
		}
		for n := from; n <= to && p.err == nil; n++ {
			r.Nth = append(r.Nth, Nth{weekday, n})
		}
		if p.accept(",") {
			continue
		}
		if !p.accept("]") {
			p.fail(p.peek(0), BadNth)
		}
		return
	}
}

// signed takes a number from 1 to 5 or from -1 to -5.
func (p *parser) signed() int {
	if p.accept("-") {
		return -p.number(1, 5, BadNth)
	}
	return p.number(1, 5, BadNth)
}

// times reads the times of a rule.
func (p *parser) times(r *Rule) {
	if p.peek(0).kind != number {
		return
	}
	r.Times = list(p, p.isClock, p.span)
	slices.SortFunc(r.Times, func(a, b Span) int { return cmp.Or(a.From-b.From, a.To-b.To) })
	r.Times = slices.Compact(r.Times)
}

func (p *parser) span() Span {
	start := p.peek(0)
	s := Span{From: p.clock()}
	if dash := p.peek(0); p.err == nil && !p.accept("-") {
		p.fail(dash, p.timeProblem(dash))
	}
	s.To = p.clock()
	p.accept("uhr")
	if p.peek(0).is("+", "/") {
		p.fail(p.peek(0), Unsupported)
	}
	if s.To <= s.From {
		s.To += day
	}
	if s.From >= day || s.To > 2*day {
		p.fail(start, BadTime)
	}
	return s
}

// timeProblem says what is wrong with what follows the first time of a span.
func (p *parser) timeProblem(t token) Problem {
	if t.is("+") {
		return Unsupported
	}
	return BadTime
}

// clock takes a time of day, in minutes. Hours run to 48.
func (p *parser) clock() int {
	hour := p.number(0, 48, BadTime)
	if colon := p.peek(0); p.err == nil && !p.accept(":") {
		p.fail(colon, BadTime)
	}
	minutes := p.peek(0)
	if minute := p.number(0, 59, BadTime); len(minutes.text) == 2 {
		return 60*hour + minute
	}
	p.fail(minutes, BadTime)
	return 0
}
