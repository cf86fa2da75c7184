package finder

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"lotse/internal/fault"
)

// maxPersons bounds what one request may cost.
const maxPersons = 20

// household is a request that has been read: persons by index, relations
// between them, and what is known of every fact.
type household struct {
	persons []kin
	units   []uint32 // unit × person: who may belong, by person
	asker   int
	facts   []Value   // fact × person; facts of the household stand at person 0
	asked   setOfBits // questions that have an answer, "not known" included
	place   *Place    // nil: not known
}

// kin are the relations of one person; −1 is nobody, or nobody here.
type kin struct {
	partner int
	parents [2]int
	claimer int // who gets the Kindergeld for this person
	family  int // number of the family
	home    int // number of those who keep house together
}

// builtins are the facts that follow from the persons themselves.
func builtins() []fact {
	return []fact{
		{ID: "age", Of: "person", Kind: "number", Unit: "years", Max: 120, builtin: true},
		{ID: "age_months", Of: "person", Kind: "number", Unit: "months", Max: 1451, builtin: true},
		{ID: "birth_year", Of: "person", Kind: "number", Unit: "year", Min: 1880, Max: 2100, builtin: true},
		{ID: "has_partner", Of: "person", Kind: "bool", builtin: true},
		{ID: "is_asker", Of: "person", Kind: "bool", builtin: true},
		{ID: "parents_here", Of: "person", Kind: "number", Unit: "persons", Max: 2, builtin: true},
		{ID: "parents_away", Of: "person", Kind: "number", Unit: "persons", Max: 2, builtin: true},
	}
}

// The indices of the built-in facts.
const (
	factAge = iota
	factAgeMonths
	factBirthYear
	factHasPartner
	factIsAsker
	factParentsHere
	factParentsAway
)

// reader reads a request and collects what is wrong with it.
type reader struct {
	rules  *Rules
	in     *Request
	out    household
	index  map[string]int
	fields map[string]string
}

func (rd *reader) wrong(field, code string) {
	if rd.fields == nil {
		rd.fields = map[string]string{}
	}
	rd.fields[field] = code
}

// readHousehold reads everything of a request but what is given. A request
// without persons is one person of whom nothing is known.
func (r *Rules) readHousehold(in *Request) (household, map[string]int, error) {
	rd := reader{rules: r, in: in, index: map[string]int{}}
	if _, err := time.Parse(time.DateOnly, in.Date); err != nil {
		rd.wrong("date", "bad_date")
		return rd.out, nil, fault.InvalidInput(rd.fields)
	}
	rd.readPersons()
	rd.out.gather()
	rd.readFacts()
	if rd.fields != nil {
		return rd.out, nil, fault.InvalidInput(rd.fields)
	}
	return rd.out, rd.index, nil
}

func (rd *reader) readPersons() {
	n := len(rd.in.Persons)
	if n > maxPersons {
		rd.wrong("persons", "too_many")
		n = 0
	}
	rd.out.persons = make([]kin, max(1, n))
	for i, p := range rd.in.Persons[:n] {
		if _, taken := rd.index[p.ID]; taken || p.ID == "" || p.ID == Away {
			rd.wrong("persons."+strconv.Itoa(i)+".id", "bad_id")
		}
		rd.index[p.ID] = i
	}
	if rd.in.Asker != "" {
		i, known := rd.index[rd.in.Asker]
		if !known {
			rd.wrong("asker", "unknown_person")
		}
		rd.out.asker = i
	}
	if n == 0 {
		rd.out.persons[0] = kin{partner: -1, parents: [2]int{-1, -1}, claimer: -1}
		return
	}
	for i := range rd.out.persons {
		rd.out.persons[i] = rd.relations(i)
	}
	rd.checkPartners()
	rd.claimers()
	rd.out.families()
	rd.homes()
}

// person resolves an id; empty and Away are nobody here.
func (rd *reader) person(i int, field, id string) int {
	if id == "" || id == Away {
		return -1
	}
	other, known := rd.index[id]
	if !known || other == i {
		rd.wrong("persons."+strconv.Itoa(i)+"."+field, "unknown_person")
		return -1
	}
	return other
}

func (rd *reader) relations(i int) kin {
	p := rd.in.Persons[i]
	k := kin{partner: rd.person(i, "partner", p.Partner), parents: [2]int{-1, -1}, claimer: i}
	if p.KindergeldTo != p.ID {
		k.claimer = rd.person(i, "kindergeld_to", p.KindergeldTo)
	}
	if len(p.Parents) > 2 {
		rd.wrong("persons."+strconv.Itoa(i)+".parents", "too_many")
		return k
	}
	for j, id := range p.Parents {
		k.parents[j] = rd.person(i, "parents", id)
	}
	return k
}

func (rd *reader) checkPartners() {
	for i, k := range rd.out.persons {
		if k.partner >= 0 && rd.out.persons[k.partner].partner != i {
			rd.wrong("persons."+strconv.Itoa(i)+".partner", "not_mutual")
		}
	}
	for i := range rd.out.persons {
		for at, steps := i, 0; at >= 0; steps++ {
			if steps > len(rd.out.persons) {
				rd.wrong("persons."+strconv.Itoa(i)+".parents", "own_ancestor")
				break
			}
			at = rd.out.oldestStep(at, i)
		}
	}
}

// oldestStep goes to a parent; −1 when there is none.
func (h *household) oldestStep(at, _ int) int {
	return max(h.persons[at].parents[0], h.persons[at].parents[1])
}

// claimers fills in who gets the Kindergeld where nobody said so: the asker if
// a parent, else the first parent by id.
func (rd *reader) claimers() {
	for i := range rd.out.persons {
		k := &rd.out.persons[i]
		if k.claimer >= 0 || rd.in.Persons[i].KindergeldTo != "" {
			continue
		}
		here := slices.DeleteFunc(slices.Clone(k.parents[:]), func(p int) bool { return p < 0 })
		if len(here) == 0 {
			continue
		}
		k.claimer = slices.MinFunc(here, func(a, b int) int {
			return cmp.Or(cmp.Compare(b2i(b == rd.out.asker), b2i(a == rd.out.asker)),
				cmp.Compare(rd.in.Persons[a].ID, rd.in.Persons[b].ID))
		})
	}
}

// homes numbers those who keep house together (§ 5 WoGG): all but flatmates, who
// do so with their own relatives alone.
func (rd *reader) homes() {
	h := &rd.out
	rd.relatives()
	apart := map[int]bool{}
	for i, p := range rd.in.Persons {
		apart[h.persons[i].home] = apart[h.persons[i].home] || p.Flatmate
	}
	apart[h.persons[h.asker].home] = false
	for i := range h.persons {
		if k := &h.persons[i]; !apart[k.home] {
			k.home = -1
		}
	}
}

// relatives numbers those who are related here.
func (rd *reader) relatives() {
	h := &rd.out
	for i := range h.persons {
		h.persons[i].home = i
	}
	home := func(k *kin) *int { return &k.home }
	for i, k := range h.persons {
		for _, other := range []int{k.partner, k.parents[0], k.parents[1], k.claimer} {
			if other >= 0 {
				h.join(home, i, other)
			}
		}
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// readFacts fills in what is known of every fact.
func (rd *reader) readFacts() {
	r, n := rd.rules, len(rd.out.persons)
	rd.out.facts = make([]Value, len(r.facts)*n)
	for f := range r.facts {
		unknown := Value{Lo: r.facts[f].Min, Hi: r.facts[f].Max, Asks: r.facts[f].cause}
		for p := range n {
			rd.out.facts[f*n+p] = unknown
		}
	}
	for id, answer := range rd.in.Household {
		rd.answer("household."+id, id, 0, answer, "household")
	}
	for id, answer := range rd.in.Answers {
		rd.answer("answers."+id, id, rd.out.asker, answer, "")
	}
	rd.readPlace()
	if len(rd.in.Persons) == 0 || len(rd.in.Persons) > maxPersons {
		return
	}
	rd.out.asked |= rd.rules.facts[factAge].cause
	for p, person := range rd.in.Persons {
		rd.builtinFacts(p, person)
		for id, answer := range person.Facts {
			rd.answer("persons."+strconv.Itoa(p)+".facts."+id, id, p, answer, "person")
		}
		if person.Birth == "" {
			rd.ageAlone(p)
		}
	}
}

// readPlace finds the place of the postcode. Its rent levels stand for the one
// that nobody gave.
func (rd *reader) readPlace() {
	r := rd.rules
	if r.postcode < 0 || r.rentLevel < 0 {
		return
	}
	n := len(rd.out.persons)
	code := rd.out.facts[r.postcode*n]
	if !code.known() {
		return
	}
	place, found := r.places.find(int(code.Lo))
	if !found {
		return
	}
	if place.Used = rd.out.facts[r.rentLevel*n] == rd.unknown(r.rentLevel); place.Used {
		rd.set(r.rentLevel, 0, made(place.RentLevel.Low, place.RentLevel.High, Value{Asks: r.facts[r.rentLevel].cause, Weak: r.packed.weak()}))
	}
	rd.out.place = &place
}

// answer enters what was said about a fact; of limits it to facts of persons or
// of the household.
func (rd *reader) answer(field, id string, p int, a Answer, of string) {
	s := rd.rules.symbols[id]
	if s.kind != isFact || of != "" && rd.rules.facts[s.index].Of != of {
		rd.wrong(field, "unknown_fact")
		return
	}
	f := &rd.rules.facts[s.index]
	rd.out.asked |= f.cause
	v, err := f.read(a)
	if err != nil {
		rd.wrong(field, "bad_value")
		return
	}
	if f.Of == "household" {
		p = 0
	}
	rd.out.facts[s.index*len(rd.out.persons)+p] = v
}

var errValue = errors.New("no value of this fact")

// read reads an answer; null is everything the fact can be.
func (f *fact) read(a Answer) (Value, error) {
	if v, plain := f.readPlain(string(a.raw)); plain {
		return v, nil
	}
	var v any
	if err := json.Unmarshal(a.raw, &v); len(a.raw) > 0 && err != nil {
		return no, errValue
	}
	switch v := v.(type) {
	case nil:
		return f.unknown(), nil
	case bool:
		if f.Kind == "bool" {
			return truth(v), nil
		}
	case string:
		if i := slices.Index(f.Options, v); i >= 0 {
			return point(float64(i)), nil
		}
		if n, ok := readPostcode(v); ok && f.Kind == "postcode" {
			return point(float64(n)), nil
		}
	case float64:
		if f.Kind == "number" && v >= f.Min && v <= f.Max {
			return point(v), nil
		}
	case map[string]any:
		low, lowOK := v["low"].(float64)
		high, highOK := v["high"].(float64)
		if f.Kind == "number" && len(v) == 2 && lowOK && highOK && f.Min <= low && low <= high && high <= f.Max {
			return made(low, high, Value{Asks: f.cause}), nil
		}
	}
	return no, errValue
}

// readPlain reads the answers that most people give without a decoder: true,
// false and whole numbers.
func (f *fact) readPlain(raw string) (Value, bool) {
	switch {
	case f.Kind == "bool" && (raw == "true" || raw == "false"):
		return truth(raw == "true"), true
	case f.Kind == "number" && len(raw) > 0 && len(raw) < 10 && raw[0] != '0' || raw == "0":
		if n, err := strconv.ParseUint(raw, 10, 32); err == nil && f.Kind == "number" && float64(n) >= f.Min && float64(n) <= f.Max {
			return point(float64(n)), true
		}
	}
	return no, false
}

func (rd *reader) set(fact, p int, v Value) { rd.out.facts[fact*len(rd.out.persons)+p] = v }

// builtinFacts enters what follows from the relations and the birth of p.
func (rd *reader) builtinFacts(p int, person Person) {
	here := 0
	for _, parent := range rd.out.persons[p].parents {
		here += b2i(parent >= 0)
	}
	rd.set(factHasPartner, p, truth(rd.out.persons[p].partner >= 0))
	rd.set(factIsAsker, p, truth(p == rd.out.asker))
	rd.set(factParentsHere, p, point(float64(here)))
	rd.set(factParentsAway, p, point(float64(len(person.Parents)-here)))
	if person.Birth == "" {
		return
	}
	first, last, ok := birthSpan(person.Birth)
	youngest, oldest := monthsBetween(last, rd.in.Date), monthsBetween(first, rd.in.Date)
	if !ok || youngest < 0 && oldest < 0 || oldest > 1451 {
		rd.wrong("persons."+strconv.Itoa(p)+".birth", "bad_date")
		return
	}
	asks := Value{Asks: rd.rules.facts[factAge].cause}
	youngest = max(0, youngest)
	rd.set(factAgeMonths, p, made(float64(youngest), float64(oldest), asks))
	rd.set(factAge, p, made(float64(youngest/12), float64(oldest/12), asks))
	rd.set(factBirthYear, p, point(float64(year(first))))
}

// ageAlone derives months and year of birth from an age without birth.
func (rd *reader) ageAlone(p int) {
	n := len(rd.out.persons)
	age, months, born := rd.out.facts[factAge*n+p], rd.out.facts[factAgeMonths*n+p], rd.out.facts[factBirthYear*n+p]
	asks := Value{Asks: rd.rules.facts[factAge].cause}
	if months == rd.unknown(factAgeMonths) {
		rd.set(factAgeMonths, p, made(age.Lo*12, age.Hi*12+11, asks))
	}
	if y := float64(year(rd.in.Date)); born == rd.unknown(factBirthYear) {
		rd.set(factBirthYear, p, made(y-age.Hi-1, y-age.Lo, asks))
	}
}

func (rd *reader) unknown(f int) Value { return rd.rules.facts[f].unknown() }

// unknown is everything the fact can be.
func (f *fact) unknown() Value { return Value{Lo: f.Min, Hi: f.Max, Asks: f.cause} }
