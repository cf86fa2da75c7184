package finder

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
)

// term is a compiled expression.
type term interface {
	// value interprets the term for a person.
	value(r *run, p int) Value
	// cite collects the facts that the value rests on: of an "all" that is no
	// one operand that is no suffices, of a known "if" the branch taken.
	cite(r *run, p int, c *citations)
}

// symbol is what an id stands for.
type symbol struct {
	kind  symbolKind
	index int
}

type symbolKind byte

const (
	isFact symbolKind = iota + 1
	isParam
	isNode
)

// compiler turns expressions into terms and collects what is wrong with them.
type compiler struct {
	rules     *Rules
	operators map[string]operator
	problems  []error
	where     string // what is being compiled, for messages
	deps      *[]int // nodes that it reads
	factsTo   int    // facts it may read: those before this index
}

func (c *compiler) fail(format string, args ...any) {
	c.problems = append(c.problems, fmt.Errorf("%s: %w", c.where, fmt.Errorf(format, args...)))
}

// declare enters every id.
func (c *compiler) declare() {
	r := c.rules
	enter := func(id string, kind symbolKind, index int) {
		c.where = id
		if _, taken := r.symbols[id]; taken || id == "" {
			c.fail("the id is empty or used twice")
		}
		r.symbols[id] = symbol{kind, index}
	}
	for i := range r.facts {
		enter(r.facts[i].ID, isFact, i)
	}
	for i := range r.params {
		enter(r.params[i].ID, isParam, i)
		if err := r.params[i].parse(); err != nil {
			c.problems = append(c.problems, err)
		}
	}
	for i := range r.nodes {
		enter(r.nodes[i].ID, isNode, i)
	}
	c.declareQuestions()
	c.declarePoints()
	r.postcode = slices.IndexFunc(r.facts, func(f fact) bool { return f.Kind == "postcode" })
	r.rentLevel = slices.IndexFunc(r.facts, func(f fact) bool { return f.Unit == "level" })
}

// declareQuestions gives every fact the question that asks for it.
func (c *compiler) declareQuestions() {
	r := c.rules
	if len(r.questions) > maxQuestions {
		c.where = "questions.json"
		c.fail("more than %d questions", maxQuestions)
		return
	}
	for q := range r.questions {
		c.where = r.questions[q].ID
		for _, id := range r.questions[q].Facts {
			s := r.symbols[id]
			if s.kind != isFact || r.facts[s.index].cause != 0 {
				c.fail("%q is no fact, or asked twice", id)
				continue
			}
			r.facts[s.index].cause = 1 << q
		}
	}
	household := slices.IndexFunc(r.questions, func(q question) bool { return q.ID == "household" })
	for i := range r.facts {
		f := &r.facts[i]
		c.where = f.ID
		if f.builtin && household >= 0 {
			f.cause = 1 << household
		}
		if f.cause == 0 {
			c.fail("no question asks for it")
		}
		c.declareFact(f)
	}
}

func (c *compiler) declareFact(f *fact) {
	switch {
	case f.Of != "person" && f.Of != "household":
		c.fail("is neither of person nor of household")
	case f.Kind == "bool":
		f.Min, f.Max = 0, 1
	case f.Kind == "choice" && len(f.Options) > 1 && len(f.Options) <= maxOptions:
		f.Min, f.Max = 0, float64(len(f.Options)-1)
	case f.Kind == "postcode" && f.Of == "household":
		f.Max = 99999
	case f.Kind == "number" && f.Min < f.Max && f.Unit != "":
	default:
		c.fail("needs kind number with unit, min < max; bool; choice with 2 to %d options; or postcode of the household", maxOptions)
	}
}

// declarePoints numbers the uncertain points of law.
func (c *compiler) declarePoints() {
	for i := range c.rules.params {
		p := &c.rules.params[i]
		if slices.ContainsFunc(p.Dated, datedFigures.uncertain) {
			p.law = c.point(cmp.Or(p.Point, p.ID))
		}
	}
}

// point returns the bit of an uncertain point of law.
func (c *compiler) point(id string) setOfBits {
	i := slices.Index(c.rules.points, id)
	if i < 0 {
		i = len(c.rules.points)
		c.rules.points = append(c.rules.points, id)
	}
	if i >= 32 {
		c.fail("more than 32 uncertain points of law")
		return 0
	}
	return 1 << i
}

// compile turns every expression into a term.
func (c *compiler) compile() {
	r := c.rules
	for i := range r.facts {
		c.compileFact(i)
		r.facts[i].shared = r.facts[i].Of == "household"
		r.pruning = append(r.pruning, r.facts[i].pruning)
	}
	c.factsTo = math.MaxInt
	for i := range r.nodes {
		c.compileNode(&r.nodes[i])
	}
	for i := range r.questions {
		q := &r.questions[i]
		c.where = q.ID
		q.when = yes
		if q.When != nil {
			q.when = c.term(q.When)
		}
	}
	ids := map[string]bool{}
	for i := range r.benefits {
		c.compileBenefit(&r.benefits[i])
		if ids[r.benefits[i].ID] {
			c.fail("two benefits have this id")
		}
		ids[r.benefits[i].ID] = true
	}
	for i := range r.bundles {
		c.compileBundle(&r.bundles[i])
	}
	r.prepare()
}

func (c *compiler) compileFact(i int) {
	f := &c.rules.facts[i]
	if f.Only == nil {
		return
	}
	c.where, c.factsTo, c.deps = f.ID, i, new([]int)
	f.only = c.term(f.Only)
	if len(*c.deps) > 0 {
		c.fail("only may name facts that stand before it, no nodes")
	}
	v, err := f.read(Say(f.Else))
	if err != nil || !v.known() {
		c.fail("else is no value of the fact")
	}
	f.fallback = v.Lo
}

func (c *compiler) compileNode(n *node) {
	c.where, c.deps = n.ID, &n.deps
	n.shared = n.Of == "household"
	if (n.Is == nil) == (len(n.Dated) == 0) || n.Unit == "" {
		c.fail("needs a unit and one of is and dated")
	}
	if n.Is != nil {
		n.Dated = []datedTerm{{From: "0001-01-01", Is: n.Is}}
	}
	for i := range n.Dated {
		d := &n.Dated[i]
		if err := validDate(n.ID, d.From); err != nil || i > 0 && d.From <= n.Dated[i-1].From {
			c.fail("%s is no date after the one before", d.From)
		}
		if d.Law == "" {
			d.Law = n.Law
		}
		if d.Sure == "" {
			d.Sure = n.Sure
		}
		sure := cmp.Or(d.Sure, "A")
		c.mustBeCertainty(sure)
		d.weak = sure != "A"
		d.term = c.term(d.Is)
	}
}

func (c *compiler) compileBenefit(b *Benefit) {
	c.where, c.deps = b.ID, new([]int)
	b.amount, b.pays, b.received = c.optional(b.Amount), c.optional(b.Pays), c.optional(b.Received)
	for i := range b.Conditions {
		cond := &b.Conditions[i]
		c.where = b.ID + "/" + cond.ID
		cond.test, cond.texts = c.term(cond.Test), conditionTexts(b.ID, cond.ID)
		if cmp, ok := cond.test.(compare); ok {
			cond.value, cond.limit = cmp.a, cmp.b
			cond.unit = c.unitOf(cond.Test)
		}
		c.mustBeCertainty(cond.Sure)
		if cond.Sure != "A" {
			cond.test = doubtful{cond.test}
		}
	}
	for i := range b.Behind {
		c.where = b.ID + "/behind"
		b.Behind[i].test = c.term(b.Behind[i].Test)
		c.mustBeBenefit(b.Behind[i].Benefit)
	}
	for _, id := range b.Alternatives {
		c.mustBeBenefit(id)
	}
	if len(b.Conditions) == 0 || len(b.Name) == 0 {
		c.where = b.ID
		c.fail("a benefit needs a name and conditions")
	}
}

func (c *compiler) compileBundle(b *bundle) {
	c.where, c.deps = b.ID, new([]int)
	b.prefer = c.term(b.Prefer)
	if len(b.Options) != 2 {
		c.fail("a bundle has two options")
	}
	for _, o := range b.Options {
		for _, id := range o.Benefits {
			c.mustBeBenefit(id)
		}
	}
}

func (c *compiler) mustBeCertainty(sure string) {
	if !certainties[sure] {
		c.fail("certainty %q is none of A, B, C, X", sure)
	}
}

func (c *compiler) mustBeBenefit(id string) {
	if !slices.ContainsFunc(c.rules.benefits, func(b Benefit) bool { return b.ID == id }) {
		c.fail("there is no benefit %q", id)
	}
}

func (c *compiler) optional(expr any) term {
	if expr == nil {
		return nil
	}
	return c.term(expr)
}

// unitOf is the unit of the first operand of a comparison that names one.
func (c *compiler) unitOf(expr any) string {
	args, _ := soleValue(expr).([]any)
	for _, arg := range args {
		id, _ := arg.(string)
		switch s := c.rules.symbols[id]; s.kind {
		case isFact:
			return c.rules.facts[s.index].Unit
		case isParam:
			return c.rules.params[s.index].Unit
		case isNode:
			return c.rules.nodes[s.index].Unit
		}
	}
	return ""
}

func soleValue(expr any) any {
	m, _ := expr.(map[string]any)
	for _, v := range m {
		return v
	}
	return nil
}

var errShape = errors.New("an expression is a number, true, false, an id, or an object with one operator")

// term compiles one expression. After a problem it returns a harmless term.
func (c *compiler) term(expr any) term {
	switch e := expr.(type) {
	case float64:
		return point(e)
	case bool:
		return truth(e)
	case string:
		return c.name(e)
	case map[string]any:
		if len(e) != 1 {
			break
		}
		for op, raw := range e {
			args, isList := raw.([]any)
			if !isList {
				args = []any{raw}
			}
			return c.apply(op, args)
		}
	}
	c.fail("%w", errShape)
	return no
}

func (c *compiler) terms(args []any) []term {
	all := make([]term, len(args))
	for i, arg := range args {
		all[i] = c.term(arg)
	}
	return all
}

// name compiles a reference.
func (c *compiler) name(id string) term {
	s, known := c.rules.symbols[id]
	switch {
	case !known:
		c.fail("unknown id %q", id)
		return no
	case s.kind == isFact && s.index >= c.factsTo:
		c.fail("%q stands after it", id)
		return no
	case s.kind == isFact:
		return factTerm(s.index)
	case s.kind == isNode:
		*c.deps = append(*c.deps, s.index)
		return nodeTerm(s.index)
	}
	if kind := c.rules.params[s.index].Kind; kind != "number" {
		c.fail("%q is a %s, not a number", id, kind)
	}
	return paramTerm(s.index)
}

// table compiles the name of a parameter that holds more than a number; nil
// after a problem.
func (c *compiler) table(arg any, kinds ...string) (int, *param) {
	id, _ := arg.(string)
	s := c.rules.symbols[id]
	if s.kind != isParam || !slices.Contains(kinds, c.rules.params[s.index].Kind) {
		c.fail("%v is no parameter of kind %v", arg, kinds)
		return 0, nil
	}
	return s.index, &c.rules.params[s.index]
}

// unit compiles the name of a unit.
func (c *compiler) unit(arg any) unit {
	name, _ := arg.(string)
	u, known := units[name]
	u.node = -1
	switch guard := c.rules.symbols[u.guard]; {
	case !known:
		c.fail("there is no unit %v", arg)
	case u.guard == "":
	case guard.kind != isNode:
		c.fail("unit %s needs node %s", name, u.guard)
	default:
		u.node = guard.index
		*c.deps = append(*c.deps, u.node)
	}
	return u
}
