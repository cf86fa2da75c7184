package upkeep

import (
	"slices"

	"lotse/directory"
)

// weight is what one fact counts.
type weight struct {
	field  string
	points int
	there  func(Sheet) bool
}

// weights are how much each fact counts for somebody who looks for help; together
// they are 100. Those of the address do not count for a protected place.
var weights = []weight{
	{"name", 6, func(s Sheet) bool { return s.Name != "" }},
	{"topics", 12, func(s Sheet) bool { return len(s.Topics) > 0 }},
	{"phones", 13, func(s Sheet) bool { return len(s.Phones) > 0 }},
	{"hours", 13, func(s Sheet) bool { return s.Hours != "" || s.Hint != "" }},
	{"street", 9, func(s Sheet) bool { return s.Street != "" && s.City != "" }},
	{"postcode", 4, func(s Sheet) bool { return s.Postcode != "" }},
	{"email", 5, func(s Sheet) bool { return s.Email != "" }},
	{"url", 3, func(s Sheet) bool { return s.URL != "" }},
	{"accessibility", 6, func(s Sheet) bool { return len(s.Accessibility) > 0 }},
	{"languages", 6, func(s Sheet) bool { return len(s.Languages) > 0 }},
	{"areas", 5, func(s Sheet) bool { return len(s.Areas) > 0 }},
	{"channels", 4, func(s Sheet) bool { return len(s.Channels) > 0 }},
	{"fees", 3, func(s Sheet) bool { return s.Free || s.Fees != "" }},
	{"description", 3, func(s Sheet) bool { return s.Description != "" }},
	{"next_steps", 2, func(s Sheet) bool { return len(s.NextSteps) > 0 || s.Application != "" || s.Booking != "" }},
	{"target", 2, func(s Sheet) bool {
		return len(s.Target) > 0 || s.Eligibility != "" || s.MinAge > 0 || s.MaxAge > 0
	}},
	{"waiting", 2, func(s Sheet) bool { return s.Waiting != "" || s.SlotDay != "" || s.PlacesFree != nil }},
	{"documents", 2, func(s Sheet) bool { return len(s.Documents) > 0 }},
}

// Score says how much of what people need an entry tells.
type Score struct {
	Percent int      // 0 to 100
	Missing []string // fields, the weightiest first
}

// Complete works out the score of a sheet. A place without a door, protected or
// virtual, needs no address.
func Complete(s Sheet, kind directory.LocationType) Score {
	var score Score
	sum, most := 0, 0
	byWeight := slices.Clone(weights)
	slices.SortStableFunc(byWeight, func(a, b weight) int { return b.points - a.points })
	for _, w := range byWeight {
		if kind != directory.Physical && slices.Contains(Address, w.field) {
			continue
		}
		most += w.points
		if w.there(s) {
			sum += w.points
		} else {
			score.Missing = append(score.Missing, w.field)
		}
	}
	score.Percent = 100 * sum / most
	return score
}
