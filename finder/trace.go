package finder

import (
	"fmt"
	"slices"
	"strings"
)

// Trace is every formula that was computed, for a page that shows the whole way.
type Trace struct {
	Node   string `json:"node"`
	Person string `json:"person,omitempty"` // empty for what is the same for all
	Law    string `json:"law,omitempty"`
	Unit   string `json:"unit"`
	Value  Range  `json:"value"`
}

// Explain evaluates one benefit and returns every formula that took part, in
// the order of the rules.
func (r *Rules) Explain(in Request, benefit string) ([]Trace, error) {
	run, err := r.start(&in)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(r.benefits, func(b Benefit) bool { return b.ID == benefit })
	if i < 0 {
		return nil, fmt.Errorf("finder: there is no benefit %q", benefit)
	}
	run.judge(&r.benefits[i])
	var all []Trace
	for at, done := range run.done {
		if !done {
			continue
		}
		n, p := at/len(run.persons), at%len(run.persons)
		t := Trace{Node: r.nodes[n].ID, Law: r.nodes[n].Law, Unit: r.nodes[n].Unit, Value: Range{run.memo[at].Lo, run.memo[at].Hi}}
		if law := run.law.nodes[n].law; law != "" {
			t.Law = law
		}
		if !r.nodes[n].shared && len(in.Persons) > p {
			t.Person = in.Persons[p].ID
		}
		all = append(all, t)
	}
	return all, nil
}

// Cited names the facts on which the verdict about a benefit rests, as
// "person.fact" or "household.fact": these alone give the same verdict.
func (r *Rules) Cited(in Request, benefit string) ([]string, error) {
	run, err := r.start(&in)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(r.benefits, func(b Benefit) bool { return b.ID == benefit })
	if i < 0 {
		return nil, fmt.Errorf("finder: there is no benefit %q", benefit)
	}
	c := citations{facts: map[[2]int]bool{}, nodes: map[[2]int]bool{}}
	all := logic{fn: least, decide: no}
	for k := range r.benefits[i].Conditions {
		all.args = append(all.args, r.benefits[i].Conditions[k].test)
	}
	all.cite(run, run.asker, &c)
	var names []string
	for key := range c.facts {
		owner := "household"
		if r.facts[key[0]].Of == "person" && len(in.Persons) > key[1] {
			owner = in.Persons[key[1]].ID
		}
		names = append(names, owner+"."+r.facts[key[0]].ID)
	}
	slices.SortFunc(names, strings.Compare)
	return names, nil
}

// citations collects the facts that a value rests on.
type citations struct {
	facts map[[2]int]bool // fact, person
	nodes map[[2]int]bool // visited
}

func (c *citations) all(r *run, p int, terms []term) {
	for _, t := range terms {
		t.cite(r, p, c)
	}
}

func (c *citations) fact(r *run, f, p int) {
	def := &r.rules.pruning[f]
	owner := p
	if def.shared {
		owner, p = 0, r.asker
	}
	c.facts[[2]int{f, owner}] = true
	if def.only != nil {
		def.only.cite(r, p, c)
	}
}

func (c *citations) node(r *run, n, p int) {
	if r.rules.nodes[n].shared {
		p = r.asker
	}
	if key := [2]int{n, p}; !c.nodes[key] {
		c.nodes[key] = true
		if t := r.law.nodes[n].term; t != nil {
			t.cite(r, p, c)
		}
	}
}

// member cites what the membership of m in the unit of p rests on.
func (c *citations) member(r *run, u *unit, p, m int) {
	if u.node >= 0 && p != m && r.may(u, p, m) {
		c.node(r, u.node, p)
		c.node(r, u.node, m)
	}
}
