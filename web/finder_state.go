package web

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"lotse/finder"
)

// maxPeople is how many people the form takes in; the API takes more.
const maxPeople = 12

// finderState is all that a person has answered. It travels sealed.
type finderState struct {
	Date    string                              `json:"date"`    // of the law, pinned when they began
	People  []finderPerson                      `json:"people"`  // the first is the person who asks
	Facts   map[string]map[string]finder.Answer `json:"facts"`   // by person (p0, p1, …), or the household (h)
	Asked   []string                            `json:"asked"`   // questions, in the order in which they were answered
	Skipped map[string]string                   `json:"skipped"` // question → unknown or unsaid
}

// finderPerson is somebody in the household as the form has it.
type finderPerson struct {
	Relation string `json:"relation"` // to the person who asks
	Birth    string `json:"birth"`    // YYYY, YYYY-MM or empty
}

// relations are what people can be to the person who asks, in the order of the
// form. The first person has none.
var relations = []string{"partner", "child_both", "child_mine", "child_partner", "child_foster", "parent", "sibling", "other_relative", "other"}

// ofHousehold is where the facts of the household stand in a state.
const ofHousehold = "h"

func personID(i int) string { return "p" + strconv.Itoa(i) }

func newFinderState(date string) finderState {
	return finderState{Date: date, Facts: map[string]map[string]finder.Answer{}, Skipped: map[string]string{}}
}

// request is the state as the rules read it. Without people nothing is known of
// who lives in the household.
func (st *finderState) request() finder.Request {
	in := finder.Request{Date: st.Date, Household: st.Facts[ofHousehold], Asker: personID(0)}
	if len(st.People) == 0 {
		in.Asker = ""
		return in
	}
	partner := st.find("partner")
	var parents []string
	for i, p := range st.People {
		in.Persons = append(in.Persons, finder.Person{ID: personID(i), Birth: p.Birth, Facts: st.Facts[personID(i)], Flatmate: p.Relation == "other"})
		if p.Relation == "parent" && len(parents) < 2 {
			parents = append(parents, personID(i))
		}
	}
	for i, p := range st.People {
		in.Persons[i].Parents = parentsOf(p.Relation, parents, partner)
		if p.Relation == "child_foster" {
			in.Persons[i].KindergeldTo = personID(0)
		}
	}
	in.Persons[0].Parents = parents
	if partner > 0 {
		in.Persons[0].Partner, in.Persons[partner].Partner = personID(partner), personID(0)
	}
	return in
}

// find is the index of the first person of a relation, −1 when there is none.
func (st *finderState) find(relation string) int {
	return slices.IndexFunc(st.People, func(p finderPerson) bool { return p.Relation == relation })
}

// parentsOf are the parents of somebody of a relation.
func parentsOf(relation string, ofAsker []string, partner int) []string {
	switch relation {
	case "child_both":
		return []string{personID(0), personID(partner)}
	case "child_mine":
		return []string{personID(0), finder.Away}
	case "child_partner":
		return []string{personID(partner), finder.Away}
	case "sibling":
		return ofAsker
	}
	return nil
}

// set enters an answer.
func (st *finderState) set(owner, fact string, a finder.Answer) {
	if st.Facts[owner] == nil {
		st.Facts[owner] = map[string]finder.Answer{}
	}
	st.Facts[owner][fact] = a
}

// setPeople takes over who lives in the household. Answers stay with a person
// who keeps place and relation; those of others are dropped.
func (st *finderState) setPeople(people []finderPerson) {
	for i := range st.People {
		if i >= len(people) || people[i].Relation != st.People[i].Relation {
			delete(st.Facts, personID(i))
		}
	}
	st.People = people
}

// mark notes that a question has been answered, or why not.
func (st *finderState) mark(question, skipped string) {
	if !slices.Contains(st.Asked, question) {
		st.Asked = append(st.Asked, question)
	}
	delete(st.Skipped, question)
	if skipped != "" {
		st.Skipped[question] = skipped
	}
}

// owner is where the answer to a field stands.
func owner(f finder.Field) string {
	if f.Person == "" {
		return ofHousehold
	}
	return f.Person
}

// walk is the questions that matter in the light of the answers, in their fixed
// order, with their fields.
type walk []step

type step struct {
	id     string
	fields []finder.Field
}

// walkOf finds the questions that matter. The one for the household comes with
// no fields, for it asks for people.
func walkOf(rules Finder, st *finderState) (walk, error) {
	var w walk
	in := st.request()
	for _, q := range rules.Questions() {
		fields, err := rules.Fields(in, q.ID)
		if err != nil {
			return nil, err
		}
		if len(fields) > 0 || q.ID == aboutPeople {
			w = append(w, step{q.ID, fields})
		}
	}
	return w, nil
}

func (w walk) index(id string) int {
	return slices.IndexFunc(w, func(s step) bool { return s.id == id })
}

// prune drops answers of people who are gone and of branches that were left,
// and returns the questions that matter then.
func (st *finderState) prune(rules Finder) (walk, error) {
	for {
		w, err := walkOf(rules, st)
		if err != nil || !st.keepOnly(w) {
			return w, err
		}
	}
}

// keepOnly drops what the walk does not ask for and reports whether there was
// any: then other answers may have lost their reason too.
func (st *finderState) keepOnly(w walk) bool {
	asked := map[string]bool{}
	for _, s := range w {
		for _, f := range s.fields {
			asked[owner(f)+"."+f.Fact.ID] = true
		}
	}
	before := 0
	for who, facts := range st.Facts {
		before += len(facts)
		maps.DeleteFunc(facts, func(fact string, _ finder.Answer) bool { return !asked[who+"."+fact] })
	}
	after := 0
	for _, facts := range st.Facts {
		after += len(facts)
	}
	gone := func(q string) bool { return w.index(q) < 0 }
	st.Asked = slices.DeleteFunc(st.Asked, gone)
	maps.DeleteFunc(st.Skipped, func(q, _ string) bool { return gone(q) })
	return before != after
}

// seal closes the state for a form.
func (s *Server) sealFinder(st finderState) string { return s.finderSeal.close(encode(st)) }

// openFinder opens a sealed state; false when it does not open.
func (s *Server) openFinder(sealed string) (finderState, bool) {
	st := newFinderState(s.today())
	plain, err := s.finderSeal.open(sealed)
	if err != nil || json.Unmarshal(plain, &st) != nil || len(st.People) > maxPeople {
		return newFinderState(s.today()), false
	}
	return st, true
}
