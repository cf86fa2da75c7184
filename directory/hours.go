package directory

import (
	"regexp"
	"slices"
	"strings"
)

// HoursRule is one line of opening hours: on these days at these times.
type HoursRule struct {
	Days  []string // mo tu we th fr sa su ph (public holiday), in week order
	Spans []string // "09:00–12:00"
}

var weekdays = []string{"mo", "tu", "we", "th", "fr", "sa", "su", "ph"}

var spanPattern = regexp.MustCompile(`^([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$`)

// ParseHours reads the plain part of the OSM opening_hours syntax: lists and
// ranges of days with lists of times. It reports false for anything richer, so
// that the caller shows the source's own words instead of a wrong reading.
func ParseHours(s string) ([]HoursRule, bool) {
	var rules []HoursRule
	for part := range strings.SplitSeq(s, ";") {
		days, times, ok := strings.Cut(strings.TrimSpace(part), " ")
		if !ok {
			return nil, false
		}
		rule, ok := parseRule(days, times)
		if !ok {
			return nil, false
		}
		rules = append(rules, rule)
	}
	return rules, len(rules) > 0
}

func parseRule(days, times string) (rule HoursRule, ok bool) {
	for item := range strings.SplitSeq(strings.ToLower(days), ",") {
		from, to, isRange := strings.Cut(item, "-")
		if !isRange {
			to = from
		}
		i, j := slices.Index(weekdays, from), slices.Index(weekdays, to)
		if i < 0 || j < i {
			return rule, false
		}
		rule.Days = append(rule.Days, weekdays[i:j+1]...)
	}
	for span := range strings.SplitSeq(times, ",") {
		span = strings.TrimSpace(span)
		if !spanPattern.MatchString(span) {
			return rule, false
		}
		rule.Spans = append(rule.Spans, strings.Replace(span, "-", "–", 1))
	}
	return rule, true
}
