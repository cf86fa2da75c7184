package directory

import (
	"strings"

	"lotse/directory/hours"
)

// HoursRule is one line of opening hours: on these days at these times.
type HoursRule struct {
	Days  []string // mo tu we th fr sa su ph (public holiday), in week order
	Spans []string // "09:00–12:00"
}

var weekdays = []string{"mo", "tu", "we", "th", "fr", "sa", "su", "ph"}

// ParseHours gives the table of hours that are the same every week. It reports
// false for anything richer and for what package hours cannot read, so that the
// caller shows the source's own words instead of a wrong reading.
func ParseHours(s string) ([]HoursRule, bool) {
	h, err := hours.Parse(s)
	if err != nil {
		return nil, false
	}
	week, ok := h.Weekly()
	if !ok || week.Named && len(week.Public) == 0 {
		return nil, false
	}
	var rules []HoursRule
	for i, openings := range append(week.Days[:], week.Public) {
		spans, plain := spanTexts(openings)
		if !plain {
			return nil, false
		}
		if len(spans) > 0 {
			rules = addDay(rules, weekdays[i], spans)
		}
	}
	return rules, len(rules) > 0
}

// spanTexts writes openings; it reports false if one needs more than its times.
func spanTexts(openings []hours.Opening) ([]string, bool) {
	var texts []string
	for _, o := range openings {
		if o.State != hours.Open || o.Comment != "" {
			return nil, false
		}
		texts = append(texts, strings.Replace(o.Span.String(), "-", "–", 1))
	}
	return texts, true
}

// addDay adds a day to the line with the same times.
func addDay(rules []HoursRule, day string, spans []string) []HoursRule {
	for i := range rules {
		if strings.Join(rules[i].Spans, ",") == strings.Join(spans, ",") {
			rules[i].Days = append(rules[i].Days, day)
			return rules
		}
	}
	return append(rules, HoursRule{[]string{day}, spans})
}
