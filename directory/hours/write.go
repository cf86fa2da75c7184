package hours

import (
	"fmt"
	"slices"
	"strings"
)

// String writes the hours in the OpenStreetMap syntax, always in the same form:
// Parse reads it back to equal hours. A rule that counts weeks or months from a
// first day (Recur) has no such form; ask Expressible before keeping the text.
func (h Hours) String() string {
	var b strings.Builder
	for i := range h {
		if i > 0 {
			b.WriteString([...]string{"; ", ", ", " || "}[h[i].Join])
		}
		added := i+1 < len(h) && h[i+1].Join == Add
		b.WriteString(h[i].write(added && (len(h[i].Times) == 0 || h[i+1].startsWithTime())))
	}
	return b.String()
}

func (r *Rule) startsWithTime() bool { return !r.selectsDays() && len(r.Times) > 0 }

// selectsDays reports whether the rule holds on some days only.
func (r *Rule) selectsDays() bool {
	return len(r.Years)+len(r.Dates)+len(r.Weeks)+len(r.Nth) > 0 || r.Weekdays > 0 || r.Also > 0 || r.Only > 0 || r.Recur.Every > 0
}

// Expressible reports whether the text of the hours says all of them.
func (h Hours) Expressible() bool {
	return !slices.ContainsFunc(h, func(r Rule) bool { return r.Recur.Every > 0 })
}

// write writes a rule without its separator. It spells the state "open" out if
// asked, where a comma that follows would else continue the last list.
func (r *Rule) write(spellOpen bool) string {
	parts := slices.DeleteFunc([]string{
		join(r.Years, YearRange.String), join(r.Dates, DateRange.String), r.weeks(), r.days(), join(r.Times, Span.String),
	}, func(s string) bool { return s == "" })
	if modifier := r.modifier(len(parts) == 0, spellOpen); modifier != "" {
		parts = append(parts, modifier)
	}
	return strings.Join(parts, " ")
}

func join[T any](items []T, write func(T) string) string {
	texts := make([]string, len(items))
	for i, item := range items {
		texts[i] = write(item)
	}
	return strings.Join(texts, ",")
}

func (r *Rule) modifier(always, spellOpen bool) string {
	var words []string
	switch {
	case r.State == Closed:
		words = append(words, "off")
	case r.State == Open && (spellOpen || r.Comment != ""):
		words = append(words, "open")
	case r.State == Open && always:
		words = append(words, "24/7")
	case r.State == ByArrangement && r.Comment == "":
		words = append(words, "unknown")
	}
	if r.Comment != "" {
		words = append(words, `"`+r.Comment+`"`)
	}
	return strings.Join(words, " ")
}

// String writes "2026", "2026-2028" or "2026+".
func (y YearRange) String() string {
	switch y.To {
	case 0:
		return fmt.Sprintf("%d+", y.From)
	case y.From:
		return fmt.Sprint(y.From)
	}
	return fmt.Sprintf("%d-%d", y.From, y.To)
}

// String writes "Dec", "Dec 24-26" or "2026 Nov 26-2027 Mar 31".
func (d DateRange) String() string {
	switch {
	case d.To == Date{}:
		return d.From.String() + "+"
	case d.To == d.From:
		return d.From.String()
	case d.From.Day > 0 && d.From.Year == d.To.Year && d.From.Month == d.To.Month:
		return fmt.Sprintf("%s-%02d", d.From, d.To.Day)
	}
	return d.From.String() + "-" + d.To.String()
}

// String writes "Dec", "Dec 24" or "2026 Dec 24".
func (d Date) String() string {
	s := d.Month.String()[:3]
	if d.Year > 0 {
		s = fmt.Sprintf("%d %s", d.Year, s)
	}
	if d.Day > 0 {
		s = fmt.Sprintf("%s %02d", s, d.Day)
	}
	return s
}

func (r *Rule) weeks() string {
	if len(r.Weeks) == 0 {
		return ""
	}
	return "week " + join(r.Weeks, WeekRange.String)
}

// String writes "02", "02-10" or "01-53/2".
func (w WeekRange) String() string {
	switch {
	case w.From == w.To:
		return fmt.Sprintf("%02d", w.From)
	case w.Step == 1:
		return fmt.Sprintf("%02d-%02d", w.From, w.To)
	}
	return fmt.Sprintf("%02d-%02d/%d", w.From, w.To, w.Step)
}

var weekdays = [7]string{"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"}

// days writes "Mo-Fr,Sa[1],PH" or "PH Mo-Fr".
func (r *Rule) days() string {
	parts := append(r.Weekdays.ranges(), nths(r.Nth)...)
	if also := r.Also.String(); also != "" {
		parts = append(parts, also)
	}
	list := strings.Join(parts, ",")
	if only := r.Only.String(); only != "" {
		return only + " " + list
	}
	return list
}

// ranges writes runs of three or more days as a range.
func (s WeekdaySet) ranges() []string {
	var parts []string
	for from := 0; from < 7; from++ {
		if !s.Has(from) {
			continue
		}
		to := from
		for to < 6 && s.Has(to+1) {
			to++
		}
		switch to - from {
		case 0:
			parts = append(parts, weekdays[from])
		case 1:
			parts = append(parts, weekdays[from], weekdays[to])
		default:
			parts = append(parts, weekdays[from]+"-"+weekdays[to])
		}
		from = to
	}
	return parts
}

// nths writes "We[1,3,-1]" for each weekday.
func nths(list []Nth) []string {
	var parts []string
	for i, n := range list {
		if i > 0 && list[i-1].Day == n.Day {
			last := len(parts) - 1
			parts[last] = fmt.Sprintf("%s,%d]", strings.TrimSuffix(parts[last], "]"), n.N)
			continue
		}
		parts = append(parts, fmt.Sprintf("%s[%d]", weekdays[n.Day], n.N))
	}
	return parts
}

// String writes "PH", "SH" or "PH,SH".
func (s HolidaySet) String() string {
	return [...]string{"", "PH", "SH", "PH,SH"}[s]
}

// String writes "09:00-12:00". A span into the next day ends at its clock time
// where that cannot be misread, and else above 24:00.
func (s Span) String() string {
	to := s.To
	if to > day && to-day <= s.From {
		to -= day
	}
	return fmt.Sprintf("%s-%s", Clock(s.From), Clock(to))
}

// Clock writes minutes since midnight as "09:00".
func Clock(minutes int) string {
	return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60)
}
