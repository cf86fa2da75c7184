package finder

import (
	"fmt"
	"math"
	"slices"
)

// operators is the closed vocabulary: how many arguments each takes and how it
// is compiled. docs/finder.md says what each means.
func operators() map[string]operator {
	return map[string]operator{
		"+":     {2, 99, folded(add)},
		"*":     {2, 99, folded(mul)},
		"-":     {2, 2, folded(sub)},
		"/":     {2, 2, divided},
		"min":   {2, 99, folded(least)},
		"max":   {2, 99, folded(most)},
		"share": {2, 2, folded(share)},
		"round": {3, 3, rounded},
		"at":    {2, 3, tabulated},
		"band":  {2, 2, banded},
		"steps": {2, 2, stepped},
		"if":    {3, 3, func(c *compiler, args []any) term { return branch{c.term(args[0]), c.term(args[1]), c.term(args[2])} }},
		"all":   {1, 99, func(c *compiler, args []any) term { return logic{c.terms(args), least, no} }},
		"any":   {1, 99, func(c *compiler, args []any) term { return logic{c.terms(args), most, yes} }},
		"not":   {1, 1, func(c *compiler, args []any) term { return negation{c.term(args[0])} }},
		"<":     {2, 2, comparing(below, false)},
		"<=":    {2, 2, comparing(atMost, false)},
		">":     {2, 2, comparing(below, true)},
		">=":    {2, 2, comparing(atMost, true)},
		"=":     {2, 2, comparing(equal, false)},
		"is":    {2, 99, chosen},
		"sum": {2, 3, func(c *compiler, args []any) term {
			return total{c.unit(args[0]), c.term(args[1]), c.restriction(args, 2)}
		}},
		"count":   {1, 2, counted},
		"some":    {2, 3, func(c *compiler, args []any) term { return c.members(args, most, no) }},
		"every":   {2, 3, func(c *compiler, args []any) term { return c.members(args, least, yes) }},
		"of":      {3, 3, related},
		"unclear": {1, 1, unsettled},
	}
}

// operator is one row of the vocabulary.
type operator struct {
	least, most int
	build       func(c *compiler, args []any) term
}

// apply compiles an application of an operator.
func (c *compiler) apply(name string, args []any) term {
	op, known := c.operators[name]
	if !known {
		c.fail("there is no operator %q", name)
		return no
	}
	if len(args) < op.least || len(args) > op.most {
		c.fail("%q takes %d to %d arguments", name, op.least, op.most)
		return no
	}
	return op.build(c, args)
}

// A Value is a constant term.
func (v Value) value(*run, int) Value          { return v }
func (v Value) cite(*run, int, *citations)     {}
func (f factTerm) value(r *run, p int) Value   { return r.fact(int(f), p) }
func (n nodeTerm) value(r *run, p int) Value   { return r.node(int(n), p) }
func (i paramTerm) value(r *run, _ int) Value  { return r.number(int(i)) }
func (i paramTerm) cite(*run, int, *citations) {}

func (f factTerm) cite(r *run, p int, c *citations) { c.fact(r, int(f), p) }
func (n nodeTerm) cite(r *run, p int, c *citations) { c.node(r, int(n), p) }

type (
	factTerm  int
	nodeTerm  int
	paramTerm int
)

func single(_ float64, f figures, _ [2]Value) (lo, hi float64) { return f[0][0], f[0][0] }

// fold applies a function to its operands from left to right.
type fold struct {
	args []term
	fn   func(a, b Value) Value
}

func folded(fn func(a, b Value) Value) func(*compiler, []any) term {
	return func(c *compiler, args []any) term { return fold{c.terms(args), fn} }
}

func (t fold) value(r *run, p int) Value {
	v := t.args[0].value(r, p)
	for _, arg := range t.args[1:] {
		v = t.fn(v, arg.value(r, p))
	}
	return v
}

func (t fold) cite(r *run, p int, c *citations) { c.all(r, p, t.args) }

// divided lets only constants and parameters divide, so that nothing is divided
// by zero or by what somebody answered.
func divided(c *compiler, args []any) term {
	t := fold{c.terms(args), div}
	switch d := t.args[1].(type) {
	case Value:
		if d.Lo <= 0 {
			c.fail("divides by %v", d.Lo)
		}
	case paramTerm:
		for _, v := range c.rules.params[d].Dated {
			if !v.plain || v.readings[0][0][0] <= 0 {
				c.fail("divides by what is not certain and above zero on %s", v.From)
			}
		}
	default:
		c.fail("only a constant or a parameter may divide")
	}
	return t
}

// round rounds both ends.
type round struct {
	rounding

	x term
}

func rounded(c *compiler, args []any) term {
	how, _ := args[0].(string)
	digits, isNumber := args[1].(float64)
	factor, known := factors[int(digits)]
	if !slices.Contains([]string{"down", "up", "near"}, how) || !isNumber || !known || digits != math.Trunc(digits) {
		c.fail("rounds down, up or near to -2 to 4 digits")
	}
	return round{rounding{how, factor}, c.term(args[2])}
}

func (t round) value(r *run, p int) Value {
	v := t.x.value(r, p)
	return made(t.round(v.Lo), t.round(v.Hi), v)
}

func (t round) cite(r *run, p int, c *citations) { t.x.cite(r, p, c) }

// rowsOf is the range of some figures over the rows that one or two keys leave
// possible.
type rowsOf func(first float64, f figures, keys [2]Value) (lo, hi float64)

// lookup reads a table, or the value of a band.
type lookup struct {
	param int
	keys  []term
	rows  rowsOf
}

func tabulated(c *compiler, args []any) term {
	i, table := c.table(args[0], "table", "table2")
	if table == nil {
		return no
	}
	if want := map[string]int{"table": 1, "table2": 2}[table.Kind]; want != len(args)-1 {
		c.fail("%v takes %d keys", args[0], want)
		return no
	}
	if len(args) == 3 {
		return lookup{i, c.terms(args[1:]), table2Rows}
	}
	return lookup{i, c.terms(args[1:]), tableRows}
}

func banded(c *compiler, args []any) term {
	i, bands := c.table(args[0], "bands")
	if bands == nil {
		return no
	}
	return lookup{i, c.terms(args[1:]), bandRows}
}

func (t lookup) value(r *run, p int) Value {
	var keys [2]Value // one that is not there is no, and without causes
	for i, key := range t.keys {
		keys[i] = key.value(r, p)
	}
	v, wide := r.figure(t.param, t.rows, keys)
	for _, key := range keys {
		if !wide {
			key.Asks, key.Laws = 0, 0
		}
		v.Asks, v.Laws, v.Weak = v.Asks|key.Asks, v.Laws|key.Laws, v.Weak || key.Weak
	}
	return made(v.Lo, v.Hi, v)
}

func (t lookup) cite(r *run, p int, c *citations) { c.all(r, p, t.keys) }

// tableRows is the range of a table over the places that are possible; the key
// counts from first.
func tableRows(first float64, f figures, keys [2]Value) (lo, hi float64) {
	return within(f[:1], keys[0], first)
}

// table2Rows is the range of a table with rows, of which the key counts from
// first, and columns, of which it counts from 1.
func table2Rows(first float64, f figures, keys [2]Value) (lo, hi float64) {
	a, b := clamped(keys[0], first, len(f))
	return within(f[a:b+1], keys[1], 1)
}

// within is the range of some rows over the columns that are possible.
func within(rows figures, columns Value, from float64) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, row := range rows {
		a, b := clamped(columns, from, len(row))
		for _, x := range row[a : b+1] {
			lo, hi = min(lo, x), max(hi, x)
		}
	}
	return lo, hi
}

// clamped are the first and last index that a key may mean.
func clamped(key Value, first float64, n int) (a, b int) {
	index := func(x float64) int { return int(min(max(math.Floor(x+grain)-first, 0), float64(n-1))) }
	return index(key.Lo), index(key.Hi)
}

// bandRows is the range of the values of the bands that are possible.
func bandRows(_ float64, bands figures, keys [2]Value) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for i, band := range bands {
		if i > 0 && keys[0].Hi <= bands[i-1][0]+grain {
			break
		}
		if keys[0].Lo <= band[0]+grain || i == len(bands)-1 {
			lo, hi = min(lo, band[1]), max(hi, band[1])
		}
	}
	return lo, hi
}

// steps adds up the shares of the parts of x that lie in each band.
func stepped(c *compiler, args []any) term {
	i, table := c.table(args[0], "bands")
	if table == nil {
		return no
	}
	for _, v := range table.Dated {
		for _, bands := range v.readings {
			for _, band := range bands {
				if band[1] < 0 {
					c.fail("%v has a negative share", args[0])
				}
			}
		}
	}
	return lookup{i, c.terms(args[1:]), stepRows}
}

func stepRows(_ float64, bands figures, keys [2]Value) (lo, hi float64) {
	at := func(x float64) float64 {
		sum, from := 0.0, 0.0
		for _, band := range bands {
			part := max(0, min(x, band[0])-from)
			share := part * band[1]
			sum += share
			from = band[0]
		}
		return sum
	}
	return at(keys[0].Lo), at(keys[0].Hi)
}

// branch is "if".
type branch struct{ test, a, b term }

func (t branch) value(r *run, p int) Value {
	test := t.test.value(r, p)
	switch {
	case test.isYes():
		return choose(test, t.a.value(r, p), no)
	case test.isNo():
		return choose(test, no, t.b.value(r, p))
	}
	return choose(test, t.a.value(r, p), t.b.value(r, p))
}

func (t branch) cite(r *run, p int, c *citations) {
	t.test.cite(r, p, c)
	test := t.test.value(r, p)
	if !test.isNo() {
		t.a.cite(r, p, c)
	}
	if !test.isYes() {
		t.b.cite(r, p, c)
	}
}

// logic is "all" (least, decided by no) or "any" (most, decided by yes).
type logic struct {
	args   []term
	fn     func(a, b Value) Value
	decide Value
}

// value stops at the first operand that decides and is not weak.
func (t logic) value(r *run, p int) Value {
	v := not(t.decide)
	for _, arg := range t.args {
		v = t.fn(v, arg.value(r, p))
		if v == t.decide {
			return v
		}
	}
	return v
}

// cite names the operand that decides, the surest; all of them when none does.
func (t logic) cite(r *run, p int, c *citations) {
	var decisive term
	for _, arg := range t.args {
		v := arg.value(r, p)
		if v == t.decide {
			arg.cite(r, p, c)
			return
		}
		if decisive == nil && v.known() && v.Lo == t.decide.Lo {
			decisive = arg
		}
	}
	if decisive != nil {
		decisive.cite(r, p, c)
		return
	}
	c.all(r, p, t.args)
}

type negation struct{ x term }

func (t negation) value(r *run, p int) Value        { return not(t.x.value(r, p)) }
func (t negation) cite(r *run, p int, c *citations) { t.x.cite(r, p, c) }

// compare compares a with b, or b with a when swapped.
type compare struct {
	a, b term
	fn   func(a, b Value) Value
	swap bool
}

func comparing(fn func(a, b Value) Value, swap bool) func(*compiler, []any) term {
	return func(c *compiler, args []any) term { return compare{c.term(args[0]), c.term(args[1]), fn, swap} }
}

func (t compare) value(r *run, p int) Value {
	a, b := t.a.value(r, p), t.b.value(r, p)
	if t.swap {
		a, b = b, a
	}
	return t.fn(a, b)
}

func (t compare) cite(r *run, p int, c *citations) {
	t.a.cite(r, p, c)
	t.b.cite(r, p, c)
}

// doubtful is a condition whose rule is below certainty A.
type doubtful struct{ term }

func (t doubtful) value(r *run, p int) Value {
	v := t.term.value(r, p)
	v.Weak = true
	return v
}

// option is "is".
type option struct {
	fact  int
	among uint64 // options by index
	all   bool   // every option is named
}

func chosen(c *compiler, args []any) term {
	id, _ := args[0].(string)
	s := c.rules.symbols[id]
	if s.kind != isFact || c.rules.facts[s.index].Kind != "choice" || s.index >= c.factsTo {
		c.fail("%v is no choice", args[0])
		return no
	}
	t := option{fact: s.index}
	options := c.rules.facts[s.index].Options
	for _, arg := range args[1:] {
		i := slices.Index(options, fmt.Sprint(arg))
		if i < 0 {
			c.fail("%v is no option of %s", arg, id)
			continue
		}
		t.among |= 1 << i
	}
	t.all = t.among == 1<<len(options)-1
	return t
}

func (t option) value(r *run, p int) Value {
	v := r.fact(t.fact, p)
	switch {
	case v.known():
		return Value{Lo: bit(t.among, v.Lo), Hi: bit(t.among, v.Lo), Weak: v.Weak}
	case t.all:
		return yes
	}
	return made(0, 1, v)
}

func bit(set uint64, i float64) float64 { return float64(set >> uint(i) & 1) }

func (t option) cite(r *run, p int, c *citations) { c.fact(r, t.fact, p) }

// total is "sum" and "count".
type total struct {
	unit  unit
	x     term
	where term
}

func counted(c *compiler, args []any) term {
	return total{c.unit(args[0]), point(1), c.restriction(args, 1)}
}

// restriction is the optional argument i: which members count.
func (c *compiler) restriction(args []any, i int) term {
	if len(args) > i {
		return c.term(args[i])
	}
	return yes
}

func (t total) value(r *run, p int) Value {
	sum := no
	for m := range r.persons {
		if !r.may(&t.unit, p, m) {
			continue
		}
		in := r.member(&t.unit, p, m)
		if in.Hi == 0 && !in.Weak {
			continue
		}
		if t.where != term(yes) {
			in = least(in, t.where.value(r, m))
		}
		if in.Hi == 0 && !in.Weak {
			continue
		}
		x := no
		if in.Hi != 0 {
			x = t.x.value(r, m)
		}
		if in != yes {
			x = choose(in, x, no)
		}
		sum = add(sum, x)
	}
	return sum
}

func (t total) cite(r *run, p int, c *citations) {
	for m := range r.persons {
		c.member(r, &t.unit, p, m)
		in := r.member(&t.unit, p, m)
		if in.isNo() {
			continue
		}
		t.where.cite(r, m, c)
		if !t.where.value(r, m).isNo() {
			t.x.cite(r, m, c)
		}
	}
}

// members is "some" (most of test ∧ member) or "every" (least of test ∨ not member).
type members struct {
	unit        unit
	test, where term
	fn          func(a, b Value) Value
	start       Value
}

func (c *compiler) members(args []any, fn func(a, b Value) Value, start Value) term {
	return members{c.unit(args[0]), c.term(args[1]), c.restriction(args, 2), fn, start}
}

func (t members) value(r *run, p int) Value {
	v := t.start
	for m := range r.persons {
		if !r.may(&t.unit, p, m) {
			continue
		}
		in := r.member(&t.unit, p, m)
		if in.isNo() && !in.Weak {
			continue
		}
		if t.where != term(yes) {
			in = least(in, t.where.value(r, m))
		}
		if in.isNo() && !in.Weak {
			continue
		}
		if t.start.isNo() {
			v = most(v, least(in, t.test.value(r, m)))
		} else {
			v = least(v, most(not(in), t.test.value(r, m)))
		}
	}
	return v
}

func (t members) cite(r *run, p int, c *citations) {
	for m := range r.persons {
		c.member(r, &t.unit, p, m)
		if r.member(&t.unit, p, m).isNo() {
			continue
		}
		t.where.cite(r, m, c)
		if !t.where.value(r, m).isNo() {
			t.test.cite(r, m, c)
		}
	}
}

// relation is "of".
type relation struct {
	to        func(h *household, p int) int // −1: nobody
	x, absent term
}

func related(c *compiler, args []any) term {
	name, _ := args[0].(string)
	to, known := relations[name]
	if !known {
		c.fail("there is no relation %v", args[0])
	}
	return relation{to, c.term(args[1]), c.term(args[2])}
}

func (t relation) value(r *run, p int) Value {
	if other := t.to(&r.household, p); other >= 0 {
		return t.x.value(r, other)
	}
	return t.absent.value(r, p)
}

func (t relation) cite(r *run, p int, c *citations) {
	if other := t.to(&r.household, p); other >= 0 {
		t.x.cite(r, other, c)
		return
	}
	t.absent.cite(r, p, c)
}

// unsettledPoint is "unclear".
type unsettledPoint struct{ index int }

func unsettled(c *compiler, args []any) term {
	id, _ := args[0].(string)
	if id == "" || c.rules.symbols[id].kind != 0 {
		c.fail("unclear takes the id of a point of law")
	}
	c.point(id)
	return unsettledPoint{slices.Index(c.rules.points, id)}
}

func (t unsettledPoint) value(r *run, _ int) Value {
	if v, pinned := r.pinned(t.index); pinned {
		return truth(v == 1)
	}
	return Value{Lo: 0, Hi: 1, Laws: 1 << t.index}
}

func (t unsettledPoint) cite(*run, int, *citations) {}
