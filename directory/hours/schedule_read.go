package hours

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"lotse/internal/fault"
	"lotse/internal/roster/civil"
)

// FromSchedules reads the rows of one place. If a row carries OpeningHours, that
// is all; else each row is a rule that adds to the others. A row without times
// is by arrangement, with its notes or description as the comment. Offsets after
// times are ignored: who opens at nine does so in winter and in summer.
//
// The error is a fault.Invalid with a field such as "schedules[2].byday".
func FromSchedules(rows []Schedule) (Hours, error) {
	var h Hours
	for i := range rows {
		if rows[i].OpeningHours != "" {
			return Parse(rows[i].OpeningHours)
		}
		rule, field, what := rows[i].rule()
		if what != "" {
			return nil, fault.InvalidInput(map[string]string{fmt.Sprintf("schedules[%d].%s", i, field): string(what)})
		}
		if i > 0 {
			rule.Join = Add
		}
		if !h.addTimes(rule) {
			h = append(h, rule)
		}
	}
	return h, nil
}

// addTimes adds the times to the last rule if it says the same in all else.
func (h Hours) addTimes(r Rule) bool {
	if len(h) == 0 {
		return false
	}
	last := &h[len(h)-1]
	if len(last.Times) == 0 || len(r.Times) == 0 || !last.sameButTimes(r) {
		return false
	}
	last.Times = append(last.Times, r.Times...)
	slices.SortFunc(last.Times, func(a, b Span) int { return cmp.Or(a.From-b.From, a.To-b.To) })
	last.Times = slices.Compact(last.Times)
	return true
}

func (r *Rule) sameButTimes(other Rule) bool {
	return slices.Equal(r.Dates, other.Dates) && slices.Equal(r.Weeks, other.Weeks) && slices.Equal(r.Nth, other.Nth) &&
		r.Weekdays == other.Weekdays && r.State == other.State && r.Comment == other.Comment && r.Recur == other.Recur
}

// rowReader collects what a row says; it keeps the first problem.
type rowReader struct {
	row   *Schedule
	rule  Rule
	from  civil.Date // zero: no bound
	to    civil.Date
	field string
	what  Problem
}

func (s *Schedule) rule() (r Rule, field string, what Problem) {
	reader := &rowReader{row: s, rule: Rule{State: Open, Comment: plain(s.Notes)}}
	for _, read := range []func(*rowReader){
		(*rowReader).refuse, (*rowReader).bounds, (*rowReader).times, (*rowReader).weeks, (*rowReader).days, (*rowReader).monthDays, (*rowReader).recur,
	} {
		if read(reader); reader.what != "" {
			return Rule{}, reader.field, reader.what
		}
	}
	return reader.rule, "", ""
}

func (r *rowReader) fail(field string, what Problem) {
	if r.what == "" {
		r.field, r.what = field, what
	}
}

func (r *rowReader) refuse() {
	if r.row.Count != 0 {
		r.fail("count", Unsupported)
	}
	if r.row.Freq != "" && r.row.Freq != "WEEKLY" && r.row.Freq != "MONTHLY" {
		r.fail("freq", Unsupported)
	}
	if r.row.Interval < 0 {
		r.fail("interval", Unexpected)
	}
}

// bounds takes the later of the two first days and the earlier of the two last.
func (r *rowReader) bounds() {
	r.from = r.date("valid_from", r.row.ValidFrom)
	if start := r.date("dtstart", r.row.DTStart); r.from.Before(start) {
		r.from = start
	}
	r.to = r.date("valid_to", r.row.ValidTo)
	if until := r.date("until", r.row.Until); r.to == (civil.Date{}) || until != (civil.Date{}) && until.Before(r.to) {
		r.to = until
	}
	if r.to != (civil.Date{}) && r.to.Before(r.from) {
		r.fail("valid_to", BadDate)
	}
}

// date reads a date, or the date of a moment as "2026-11-26T00:00:00".
func (r *rowReader) date(field, s string) civil.Date {
	if s == "" {
		return civil.Date{}
	}
	d, err := civil.ParseDate(s[:min(len(s), len(time.DateOnly))])
	if err != nil || d.Year < firstYear || d.Year > lastYear {
		r.fail(field, BadDate)
	}
	return d
}

func (r *rowReader) times() {
	opens, closes := r.row.OpensAt, r.row.ClosesAt
	if opens == "" && closes == "" {
		r.rule.State = ByArrangement
		r.rule.Comment = plain(cmp.Or(r.row.Notes, r.row.Description))
		return
	}
	span := Span{r.clock("opens_at", opens), r.clock("closes_at", closes)}
	if span.To <= span.From {
		span.To += day
	}
	if span.From >= day {
		r.fail("opens_at", BadTime)
	}
	if rest, ok := strings.CutPrefix(r.rule.Comment, byArrangement); ok {
		r.rule.State = ByArrangement
		if bare := strings.TrimPrefix(rest, ": "); bare != rest || rest == "" {
			r.rule.Comment = bare
		}
	}
	r.rule.Times = []Span{span}
}

// clock reads "09:00", "09:00:00", "09:00Z" and "09:00+01:00".
func (r *rowReader) clock(field, s string) int {
	if len(s) < 5 || !strings.Contains("Z+-:", s[5:min(6, len(s))]) {
		r.fail(field, BadTime)
		return 0
	}
	hour, err1 := strconv.Atoi(s[:2])
	minute, err2 := strconv.Atoi(s[3:5])
	if s[2] != ':' || err1 != nil || err2 != nil || hour < 0 || hour > 24 || minute < 0 || minute > 59 || hour == 24 && minute > 0 {
		r.fail(field, BadTime)
	}
	return 60*hour + minute
}

func (r *rowReader) weeks() {
	for _, n := range r.numbers("byweekno", r.row.ByWeekNo, 53, BadWeek) {
		r.rule.Weeks = append(r.rule.Weeks, WeekRange{n, n, 1})
	}
}

// numbers reads a list of positive numbers; iCalendar's negative ones, which
// count from the end of a year or month, are refused.
func (r *rowReader) numbers(field, list string, most int, what Problem) []int {
	var numbers []int
	for s := range strings.SplitSeq(list, ",") {
		if s = strings.TrimSpace(s); s == "" {
			continue
		}
		n, err := strconv.Atoi(s)
		switch {
		case err == nil && n < 0:
			r.fail(field, Unsupported)
		case err != nil || n == 0 || n > most:
			r.fail(field, what)
		}
		numbers = append(numbers, n)
	}
	return numbers
}

// days reads "MO,TU" and, of a month, "2WE,-1FR". A week without days recurs on
// the weekday of its first day (RFC 5545).
func (r *rowReader) days() {
	for s := range strings.SplitSeq(r.row.ByDay, ",") {
		if s = strings.TrimSpace(s); s != "" {
			r.byDay(s)
		}
	}
	if r.row.Freq == "WEEKLY" && r.row.ByDay == "" && r.row.DTStart != "" {
		r.rule.Weekdays = 1 << r.from.Weekday()
	}
	slices.SortFunc(r.rule.Nth, func(a, b Nth) int { return cmp.Or(a.Day-b.Day, fromStart(a.N)-fromStart(b.N)) })
	r.rule.Nth = slices.Compact(r.rule.Nth)
}

func (r *rowReader) byDay(s string) {
	ordinal, name := s[:max(0, len(s)-2)], s[max(0, len(s)-2):]
	weekday := slices.Index(icalDays, strings.ToUpper(name))
	if weekday < 0 {
		r.fail("byday", BadWeekday)
		return
	}
	if ordinal == "" {
		r.rule.Weekdays |= 1 << weekday
		return
	}
	n, err := strconv.Atoi(ordinal)
	if err != nil || n == 0 || n > 5 || n < -5 || r.row.Freq != "MONTHLY" {
		r.fail("byday", BadNth)
	}
	r.rule.Nth = append(r.rule.Nth, Nth{weekday, n})
}

// monthDays gives each day of the month a date in each month that has it.
func (r *rowReader) monthDays() {
	days := r.numbers("bymonthday", r.row.ByMonthDay, 31, BadDate)
	if r.row.Freq == "MONTHLY" && len(days) == 0 && r.row.ByDay == "" && r.row.DTStart != "" {
		days = []int{r.from.Day}
	}
	for month := time.January; len(days) > 0 && month <= time.December; month++ {
		for _, n := range days {
			if d := (Date{Month: month, Day: n}); d.valid() {
				r.rule.Dates = append(r.rule.Dates, DateRange{d, d})
			}
		}
	}
}

// recur turns bounds into dates where the syntax can say it, and else into a
// Recur, which also counts weeks or months from the first day.
func (r *rowReader) recur() {
	start := r.date("dtstart", r.row.DTStart)
	switch {
	case r.row.Interval > 1:
		if start == (civil.Date{}) {
			r.fail("dtstart", BadDate) // HSDS: necessary with interval
		}
		r.rule.Recur = Recur{r.row.Interval, r.row.Freq == "MONTHLY", start, r.to}
		if start.Before(r.from) && len(r.rule.Dates) == 0 {
			r.rule.Dates = []DateRange{{From: dateOf(r.from)}}
		}
	case r.from == civil.Date{} && r.to == civil.Date{}:
	case len(r.rule.Dates) > 0:
		r.rule.Recur = Recur{1, false, r.from, r.to}
	default:
		r.rule.Dates = []DateRange{{cmp.Or(dateOf(r.from), Date{firstYear, time.January, 1}), dateOf(r.to)}}
	}
}

func dateOf(d civil.Date) Date { return Date{d.Year, d.Month, d.Day} }
