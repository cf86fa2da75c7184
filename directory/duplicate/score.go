package duplicate

import (
	"math"
	"slices"
	"strconv"
)

// Likely is the score from which a pair is worth a person's look.
const Likely = 0.6

// Weights of what agrees. They were set on the pairs of two real lists of the
// same contact points; docs/adr/0033 has the figures. Address, phones and mail count
// only when both items have them, so that a poor list is not a list without twins.
const (
	weightAddress = 0.40
	weightName    = 0.35
	weightPhone   = 0.25
	weightMail    = 0.30
	otherTopics   = 0.40 // both say what they help with, nothing in common
)

// Score says how likely two items are the same, from 0 to 1.
func Score(a, b Item) float64 { return score(featuresOf(a), featuresOf(b), nil) }

func score(a, b features, rarity map[string]float64) float64 {
	sum, most := weightName*name(a, b, rarity), weightName
	if a.placed() && b.placed() {
		most += weightAddress
		sum += weightAddress * address(a, b)
	}
	if len(a.phones) > 0 && len(b.phones) > 0 {
		most += weightPhone
		sum += weightPhone * phones(a.phones, b.phones)
	}
	if len(a.domains) > 0 && len(b.domains) > 0 {
		most += weightMail
		sum += weightMail * mail(a, b)
	}
	s := sum / most
	if len(a.topics) > 0 && len(b.topics) > 0 && !common(a.topics, b.topics) {
		s -= otherTopics
	}
	return math.Max(0, math.Min(1, s))
}

// address compares places: 1 the same house, 0 not known, below 0 another one.
func address(a, b features) float64 {
	if a.postcode != "" && b.postcode != "" && a.postcode != b.postcode && a.city != b.city {
		return -0.5
	}
	if a.street == "" || b.street == "" {
		if samePlace(a, b) {
			return 0.3
		}
		return 0
	}
	if near := likeness(a.street, b.street); near < 0.8 {
		return -0.3
	}
	switch {
	case a.number == b.number:
		return 1
	case a.number == "" || b.number == "":
		return 0.6
	}
	if near(a.number, b.number) {
		return 0.6
	}
	return 0.2
}

// near reports whether two numbers may be those of one building.
func near(a, b string) bool {
	m, err1 := strconv.Atoi(a)
	n, err2 := strconv.Atoi(b)
	return err1 == nil && err2 == nil && m-n <= 2 && n-m <= 2
}

func samePlace(a, b features) bool {
	return a.postcode != "" && a.postcode == b.postcode || a.city != "" && a.city == b.city
}

// phones is 1 for a number in common, and a half for extensions of one line.
func phones(a, b []string) float64 {
	if common(a, b) {
		return 1
	}
	for _, n := range a {
		for _, m := range b {
			if stem := len(n) - 2; len(n) == len(m) && stem >= 7 && n[:stem] == m[:stem] {
				return 0.5
			}
		}
	}
	return 0
}

// mail is 1 for the same address of mail or page, and less for the same domain.
func mail(a, b features) float64 {
	switch {
	case a.email != "" && a.email == b.email, a.page != "" && a.page == b.page:
		return 1
	case common(a.domains, b.domains):
		return 0.35
	}
	return 0
}

// name compares the names, and each name with the other's operator: lists often
// name a place by who runs it.
func name(a, b features, rarity map[string]float64) float64 {
	best := similar(a.name, b.name, rarity)
	best = max(best, 0.9*similar(a.name, b.operator, rarity), 0.9*similar(a.operator, b.name, rarity))
	return best
}

// similar is the mean of how much of all words, and how much of the shorter
// name's words, the two have in common. Rare words weigh more.
func similar(a, b []string, rarity map[string]float64) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	both, wa, wb := 0.0, 0.0, 0.0
	for _, w := range a {
		wa += weight(w, rarity)
		if slices.ContainsFunc(b, func(other string) bool { return sameWord(w, other) }) {
			both += weight(w, rarity)
		}
	}
	for _, w := range b {
		wb += weight(w, rarity)
	}
	both = math.Min(both, math.Min(wa, wb))
	return (both/(wa+wb-both) + both/math.Min(wa, wb)) / 2
}

func weight(word string, rarity map[string]float64) float64 {
	if w, ok := rarity[word]; ok {
		return w
	}
	return 1
}

// sameWord allows one slip in words of five letters, two in words of nine.
func sameWord(a, b string) bool {
	if a == b {
		return true
	}
	short := min(len(a), len(b))
	if short < 5 {
		return false
	}
	return distance(a, b) <= 1+short/9
}

// likeness is 1 for the same text and falls with each slip.
func likeness(a, b string) float64 {
	if a == b {
		return 1
	}
	return 1 - float64(distance(a, b))/float64(max(len(a), len(b), 1))
}

// distance counts the letters that have to be changed, added or left out
// (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}

func common(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}
