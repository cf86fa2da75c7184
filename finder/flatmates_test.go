package finder

import "testing"

// Who shares the home alone changes nothing but the share of the rent, and the
// page sees it as the server does.
func TestFlatmatesAreSeenTheSame(t *testing.T) {
	r := rules(t)
	g := newHouseholds(t, r, 5)
	requests := make([]Request, 300)
	for i := range requests {
		requests[i] = g.request()
		if n := len(requests[i].Persons); n > 0 {
			requests[i].Persons = append(requests[i].Persons, Person{ID: "f", Birth: g.birth(18, 60), Facts: g.answers(g.person)})
		}
		for p := range requests[i].Persons {
			requests[i].Persons[p].Flatmate = g.chance(40)
		}
	}
	sameInBoth(t, r, requests)
}
