package finder

import (
	"maps"
	"slices"
	"sort"

	"lotse/internal/fault"
)

// run is one interpretation of the rules for a household at a date.
type run struct {
	household

	rules *Rules
	law   *law
	*scratch
	given      []bool // fact × person: taken as it is
	factOK     []bool // fact × person: pruned
	givenNodes []int  // in memo
	pins       []Variant
	others     []*run // runs with a point settled, one for each reading that was asked for
	open       *run   // with an open rent level, when it was asked for
}

const unpinned Variant = -1

// start reads a request.
func (r *Rules) start(in *Request) (*run, error) {
	h, index, err := r.readHousehold(in)
	if err != nil {
		return nil, err
	}
	n := len(h.persons)
	run := &run{
		household: h, rules: r, law: r.at(in.Date), scratch: r.borrow(len(r.nodes) * n),
		pins: slices.Repeat([]Variant{unpinned}, len(r.points)),
	}
	flags := make([]bool, 2*len(r.facts)*n)
	run.given, run.factOK = flags[:len(flags)/2], flags[len(flags)/2:]
	return run, run.take(in, index)
}

// scratch is the memory of a run, lent by the rules.
type scratch struct {
	memo []Value // node × person
	done []bool  // whether memo holds
	room []Value // for what is computed on the way
}

// values lends room for n values until the run ends.
func (s *scratch) values(n int) []Value {
	at := len(s.room)
	if at+n > cap(s.room) {
		s.room, at = make([]Value, 0, max(256, 2*cap(s.room))), 0 // what was lent stays with its owner
	}
	s.room = s.room[:at+n]
	return s.room[at : at+n : at+n]
}

// borrow returns scratch for n values of which none is computed.
func (r *Rules) borrow(n int) *scratch {
	s, ok := r.spare.Get().(*scratch)
	if !ok || cap(s.memo) < n {
		return &scratch{memo: make([]Value, n), done: make([]bool, n)}
	}
	s.memo, s.done, s.room = s.memo[:n], s.done[:n], s.room[:0]
	clear(s.done)
	return s
}

// end gives the memory of the run back; neither it nor what was settled from it
// may be used again.
func (r *run) end() {
	for _, other := range r.others {
		other.end()
	}
	if r.open != nil {
		r.open.end()
	}
	r.rules.spare.Put(r.scratch)
}

// take enters what is given and pinned.
func (r *run) take(in *Request, index map[string]int) error {
	wrong := map[string]string{}
	for id, g := range in.Given {
		if g.All != nil {
			for p := range r.persons {
				r.giveOne(wrong, id, p, *g.All)
			}
		}
		for person, a := range g.Each {
			p, known := index[person]
			if !known {
				wrong["given."+id] = "unknown_person"
				continue
			}
			r.giveOne(wrong, id, p, a)
		}
	}
	for id, v := range in.Pinned {
		i := slices.Index(r.rules.points, id)
		if i < 0 || v < 0 {
			wrong["pinned."+id] = "unknown_point"
			continue
		}
		r.pins[i] = v
	}
	if len(wrong) > 0 {
		return fault.InvalidInput(wrong)
	}
	return nil
}

func (r *run) giveOne(wrong map[string]string, id string, p int, a Answer) {
	s := r.rules.symbols[id]
	var v Value
	var err error
	switch s.kind {
	case isFact:
		f := &r.rules.facts[s.index]
		if f.Of == "household" {
			p = 0
		}
		v, err = f.read(a)
		r.facts[s.index*len(r.persons)+p], r.given[s.index*len(r.persons)+p] = v, true
	case isNode:
		node := fact{Kind: "number", Min: -far, Max: far}
		if r.rules.nodes[s.index].Unit == "bool" {
			node = fact{Kind: "bool", Max: 1}
		}
		if r.rules.nodes[s.index].shared {
			p = 0
		}
		if v, err = node.read(a); a.null() {
			err = errValue // a node that is not known is computed, not given
		}
		at := s.index*len(r.persons) + p
		r.memo[at], r.done[at] = v, true
		r.givenNodes = append(r.givenNodes, at)
	default:
		wrong["given."+id] = "unknown_node"
	}
	if err != nil {
		wrong["given."+id] = "bad_value"
	}
}

// fact is what is known of a fact, after pruning.
func (r *run) fact(f, p int) Value {
	def := &r.rules.pruning[f]
	if def.shared {
		p = 0
	}
	at := f*len(r.persons) + p
	if def.only == nil || r.given[at] || r.factOK[at] {
		return r.facts[at]
	}
	if def.shared {
		p = r.asker
	}
	r.facts[at] = choose(def.only.value(r, p), r.facts[at], point(def.fallback))
	r.factOK[at] = true
	return r.facts[at]
}

// node is the value of a formula, computed once.
func (r *run) node(n, p int) Value {
	def := &r.law.nodes[n]
	at := n*len(r.persons) + p
	if def.shared {
		at, p = n*len(r.persons), r.asker
	}
	if r.done[at] {
		return r.memo[at]
	}
	v := no
	if def.term != nil {
		v = def.term.value(r, p)
		v.Weak = v.Weak || def.weak
	}
	r.memo[at], r.done[at] = v, true
	return v
}

// number is a parameter that is one.
func (r *run) number(i int) Value {
	if d := r.law.params[i]; d != nil && d.plain {
		x := d.readings[0][0][0]
		return Value{Lo: x, Hi: x, Weak: d.weak}
	}
	v, _ := r.figure(i, single, [2]Value{})
	return v
}

// figure is a parameter under every reading that is possible; wide says whether
// the keys leave anything open in one of them.
func (r *run) figure(i int, rows rowsOf, keys [2]Value) (v Value, wide bool) {
	d := r.law.params[i]
	if d == nil || d.Ends {
		return no, false
	}
	weak, first := d.weak, float64(r.rules.params[i].First)
	reading := 0
	if d.uncertain() {
		p := &r.rules.params[i]
		pin, pinned := r.pinned(p.law.first())
		switch {
		case pinned:
			reading = min(int(pin), len(d.readings)-1)
		case d.unknown:
			return Value{Lo: 0, Hi: far, Laws: p.law, Weak: weak}, false
		default:
			lo, hi := rows(first, d.readings[0], keys)
			wide = lo != hi
			for _, f := range d.readings[1:] {
				a, b := rows(first, f, keys)
				lo, hi, wide = min(lo, a), max(hi, b), wide || a != b
			}
			return made(lo, hi, Value{Laws: p.law, Weak: weak}), wide
		}
	}
	lo, hi := rows(first, d.readings[reading], keys)
	return Value{Lo: lo, Hi: hi, Weak: weak}, lo != hi
}

func (r *run) pinned(point int) (Variant, bool) { return r.pins[point], r.pins[point] != unpinned }

// settled is the run with a point of law taken as settled; it lives as long as
// this one. Nothing computed is taken over: settling a point also changes what
// rests on uncertain law.
func (r *run) settled(point int, v Variant) *run {
	for _, other := range r.others {
		if other.pins[point] == v {
			return other
		}
	}
	t := r.again()
	t.pins = slices.Clone(r.pins)
	t.pins[point] = v
	r.others = append(r.others, t)
	return t
}

// again is the run with nothing computed.
func (r *run) again() *run {
	t := *r
	t.others, t.open = nil, nil
	t.scratch = r.rules.borrow(len(r.memo))
	for _, at := range r.givenNodes {
		t.memo[at], t.done[at] = r.memo[at], true
	}
	return &t
}

// byPlace says whether the benefit is ruled out by the rent level of the
// postcode alone, while the table it comes from is not certain.
func (r *run) byPlace(b *Benefit) bool {
	if r.place == nil || !r.place.Used || !r.rules.packed.weak() {
		return false
	}
	if r.open == nil {
		r.open = r.again()
		r.open.facts, r.open.factOK = slices.Clone(r.facts), slices.Clone(r.factOK)
		level := &r.rules.facts[r.rules.rentLevel]
		if at := r.rules.rentLevel * len(r.persons); !r.given[at] {
			r.open.facts[at], r.open.factOK[at] = level.unknown(), false
		}
	}
	return !r.open.judge(b).is.isNo()
}

// member says whether m belongs to the unit of p.
func (r *run) member(u *unit, p, m int) Value {
	if !r.may(u, p, m) {
		return no
	}
	if u.node < 0 || p == m {
		return yes
	}
	a, b := r.node(u.node, p), r.node(u.node, m)
	together := least(a, b)
	if u.apart {
		return together
	}
	return most(together, least(not(a), not(b)))
}

// at returns the law of a date.
func (r *Rules) at(date string) *law {
	i := sort.Search(len(r.changes), func(i int) bool { return r.changes[i] > date })
	return r.laws[i]
}

// prepare finds the dates at which anything changes and the law after each.
func (r *Rules) prepare() {
	dates := map[string]bool{}
	for _, p := range r.params {
		for _, d := range p.Dated {
			dates[d.From] = true
		}
	}
	for _, n := range r.nodes {
		for _, d := range n.Dated {
			dates[d.From] = true
		}
	}
	r.changes = slices.Sorted(maps.Keys(dates))
	r.laws = []*law{r.lawOf("")}
	for _, date := range r.changes {
		r.laws = append(r.laws, r.lawOf(date))
	}
}

// first is the index of the only member of the set.
func (b setOfBits) first() int {
	for i := range 32 {
		if b>>i&1 == 1 {
			return i
		}
	}
	return 0
}
