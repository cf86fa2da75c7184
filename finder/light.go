package finder

import (
	"maps"
	"slices"
	"strconv"
)

// Light is Export for a page that only judges: what no benefit, bundle or fact
// reads is left out, and parameters and nodes have short names, so that such
// rules take no values for formulas.
func (r *Rules) Light(from, to string) ([]byte, error) {
	e := r.export(from, to)
	short := names{}
	for name := range e.read() {
		short[name] = name
	}
	e.Params = slices.DeleteFunc(e.Params, func(p exportedParam) bool { return short[p.ID] == "" })
	e.Nodes = slices.DeleteFunc(e.Nodes, func(n exportedNode) bool { return short[n.ID] == "" })
	for i, p := range e.Params {
		short[p.ID] = "p" + strconv.FormatInt(int64(i), 36) + "."
	}
	for i, n := range e.Nodes {
		if !guards(n.ID) {
			short[n.ID] = strconv.FormatInt(int64(i), 36) + "."
		}
	}
	e.rename(short)
	return e.encode()
}

// guards says whether units depend on a node, which interpreters know by name.
func guards(node string) bool {
	for _, u := range units {
		if u.guard == node {
			return true
		}
	}
	return false
}

// read are the names in all expressions that a judgement may come to.
func (e *exported) read() map[string]bool {
	seen := map[string]bool{}
	for _, u := range units {
		seen[u.guard] = true
	}
	todo := slices.Collect(maps.Keys(seen))
	note := func(id string) {
		if !seen[id] {
			seen[id], todo = true, append(todo, id)
		}
	}
	e.roots(func(x any) any { mentions(x, note); return x })
	behind := map[string]exportedNode{}
	for _, n := range e.Nodes {
		behind[n.ID] = n
	}
	for len(todo) > 0 {
		dated := behind[todo[0]].Dated
		todo = todo[1:]
		for _, d := range dated {
			mentions(d.Is, note)
		}
	}
	return seen
}

// roots replaces every expression that is no node.
func (e *exported) roots(do func(any) any) {
	for i := range e.Facts {
		e.Facts[i].Only = do(e.Facts[i].Only)
	}
	e.Questions = slices.Clone(e.Questions)
	for i := range e.Questions {
		e.Questions[i].When = do(e.Questions[i].When)
	}
	for i := range e.Benefits {
		e.Benefits[i].expressions(do)
	}
	e.Bundles = slices.Clone(e.Bundles)
	for i := range e.Bundles {
		e.Bundles[i].Prefer = do(e.Bundles[i].Prefer)
	}
}

func (b *Benefit) expressions(do func(any) any) {
	b.Amount, b.Pays, b.Received = do(b.Amount), do(b.Pays), do(b.Received)
	b.Conditions, b.Behind = slices.Clone(b.Conditions), slices.Clone(b.Behind)
	for i := range b.Conditions {
		b.Conditions[i].Test = do(b.Conditions[i].Test)
	}
	for i := range b.Behind {
		b.Behind[i].Test = do(b.Behind[i].Test)
	}
}

// rename gives everything its short name. A point of law is known to the texts
// and keeps its own, even where it is that of a parameter.
func (e *exported) rename(short names) {
	for i := range e.Params {
		p := &e.Params[i]
		if p.Point == "" && slices.ContainsFunc(p.Dated, exportedFigures.uncertain) {
			p.Point = p.ID
		}
		p.ID = short[p.ID]
	}
	for i := range e.Nodes {
		n := &e.Nodes[i]
		n.ID = short[n.ID]
		for k := range n.Dated {
			n.Dated[k].Is = short.of(n.Dated[k].Is)
		}
	}
	e.roots(short.of)
}

func (f exportedFigures) uncertain() bool { return f.Unknown || len(f.Variants) > 1 }

// names are short names by name.
type names map[string]string

// of is an expression in short names.
func (short names) of(x any) any {
	switch x := x.(type) {
	case string:
		if name := short[x]; name != "" {
			return name
		}
	case []any:
		out := make([]any, len(x))
		for i, y := range x {
			out[i] = short.of(y)
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for op, y := range x {
			out[op] = short.of(y)
		}
		return out
	}
	return x
}
