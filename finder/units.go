package finder

import "slices"

// relations are what "of" may follow.
var relations = map[string]func(h *household, p int) int{
	"partner":       func(h *household, p int) int { return h.persons[p].partner },
	"asker":         func(h *household, _ int) int { return h.asker },
	"kindergeld_to": func(h *household, p int) int { return h.persons[p].claimer },
}

// unit says whether m belongs to the unit of p, for what does not depend on
// answers, and the node on which the rest depends.
type unit struct {
	index int
	holds func(h *household, p, m int) bool
	guard string // node on which the rest depends; empty: none
	apart bool   // guarded: those for whom the node is no stand alone
	node  int    // the guard; −1: none
}

var units = map[string]unit{
	"household": {index: 0, holds: func(*household, int, int) bool { return true }},
	"couple":    {index: 1, holds: func(h *household, p, m int) bool { return m == p || m == h.persons[p].partner }},
	"family":    {index: 2, holds: sameFamily},
	"needs":     {index: 3, holds: sameFamily, guard: "sgb2.in_unit", apart: true},
	"wohngeld":  {index: 4, holds: sameHome, guard: "wg.side"},
	"children":  {index: 5, holds: func(h *household, p, m int) bool { return slices.Contains(h.persons[m].parents[:], p) }},
	"parents":   {index: 6, holds: func(h *household, p, m int) bool { return slices.Contains(h.persons[p].parents[:], m) }},
	"home":      {index: 8, holds: sameHome},
	"claimed":   {index: 7, holds: func(h *household, p, m int) bool { return h.persons[m].claimer == p }},
}

// gather notes for every unit and person who may belong.
func (h *household) gather() {
	n := len(h.persons)
	h.units = make([]uint32, len(units)*n)
	for _, u := range units {
		for p := range n {
			for m := range n {
				if u.holds(h, p, m) {
					h.units[u.index*n+p] |= 1 << m
				}
			}
		}
	}
}

// may says whether m may belong to the unit of p; the rest is up to the guard.
func (h *household) may(u *unit, p, m int) bool { return h.units[u.index*len(h.persons)+p]>>m&1 == 1 }

func sameFamily(h *household, p, m int) bool { return h.persons[p].family == h.persons[m].family }

func sameHome(h *household, p, m int) bool { return h.persons[p].home == h.persons[m].home }

// join makes one group of those of a and b.
func (h *household) join(group func(*kin) *int, a, b int) {
	from, to := *group(&h.persons[a]), *group(&h.persons[b])
	for i := range h.persons {
		if g := group(&h.persons[i]); *g == from {
			*g = to
		}
	}
}

// families numbers the families: couples with their children here who have
// neither partner nor child here.
func (h *household) families() {
	hasChild := make([]bool, len(h.persons))
	for _, k := range h.persons {
		for _, parent := range k.parents {
			if parent >= 0 {
				hasChild[parent] = true
			}
		}
	}
	for i := range h.persons {
		h.persons[i].family = i
	}
	family := func(k *kin) *int { return &k.family }
	for i, k := range h.persons {
		if k.partner >= 0 {
			h.join(family, i, k.partner)
			continue
		}
		for _, parent := range k.parents {
			if parent >= 0 && !hasChild[i] {
				h.join(family, i, parent)
			}
		}
	}
}
