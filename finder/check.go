package finder

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Finding is one thing an editor of the rules should look at.
type Finding struct {
	Kind  FindingKind
	Where string // id of the parameter, node, fact, question, benefit or benefit/condition
	What  string
}

// FindingKind says what is wrong, or what needs a person's eye.
type FindingKind string

// The kinds of findings. Those to NoSource are mistakes in the rules; the rest
// is the editor's list.
const (
	BadUnit     FindingKind = "unit"        // units that do not fit
	Unreachable FindingKind = "unreachable" // nothing reads it
	NoLaw       FindingKind = "law"         // no paragraph
	Gap         FindingKind = "gap"         // read on days for which it has no value
	NoBoundary  FindingKind = "boundary"    // a threshold no boundary case can be made for
	NoSource    FindingKind = "source"      // certainty A, and nobody says where it was read
	NotCertain  FindingKind = "certainty"   // below certainty A in the span
	Overdue     FindingKind = "review"      // not compared with the statute for half a year
)

// Mistake says whether the finding is an error rather than an item of the
// editor's list.
func (f Finding) Mistake() bool {
	return f.Kind != NotCertain && f.Kind != Overdue
}

// promised is the first day for which the rules claim to be complete.
const promised = "2023-01-01"

// Check looks at the rules as an editor would on the day today.
func (r *Rules) Check(today string) []Finding {
	var all []Finding
	for _, look := range []func(string) []Finding{r.checkUnits, r.checkReach, r.checkLaw, r.checkGaps, r.checkBoundaries, r.checkSources, r.checkCertainty, r.checkReviews} {
		all = append(all, look(today)...)
	}
	return all
}

// expressions calls do for every expression of the rules with the id of its
// owner and the unit it should have.
func (r *Rules) expressions(do func(where, unit string, expr any)) {
	r.definitions(do)
	r.roots(do)
}

// definitions are the expressions of facts and nodes, which others read.
func (r *Rules) definitions(do func(where, unit string, expr any)) {
	for i := range r.facts {
		if f := &r.facts[i]; f.Only != nil {
			do(f.ID, "bool", f.Only)
		}
	}
	for i := range r.nodes {
		for _, d := range r.nodes[i].Dated {
			do(r.nodes[i].ID, r.nodes[i].Unit, d.Is)
		}
	}
}

// roots are the expressions of questions, benefits and bundles, for which all
// others are there.
func (r *Rules) roots(do func(where, unit string, expr any)) {
	for i := range r.questions {
		if q := &r.questions[i]; q.When != nil {
			do(q.ID, "bool", q.When)
		}
	}
	for i := range r.benefits {
		b := &r.benefits[i]
		if b.Amount != nil {
			do(b.ID, b.Unit, b.Amount)
		}
		if b.Pays != nil {
			do(b.ID, "EUR/month", b.Pays)
		}
		if b.Received != nil {
			do(b.ID, "bool", b.Received)
		}
		for _, c := range b.Conditions {
			do(b.ID+"/"+c.ID, "bool", c.Test)
		}
		for _, other := range b.Behind {
			do(b.ID, "bool", other.Test)
		}
	}
	for _, b := range r.bundles {
		do(b.ID, "bool", b.Prefer)
	}
}

// mentions calls do for every id in an expression.
func mentions(expr any, do func(id string)) {
	switch e := expr.(type) {
	case string:
		do(e)
	case []any:
		for _, x := range e {
			mentions(x, do)
		}
	case map[string]any:
		for _, x := range e {
			mentions(x, do)
		}
	}
}

// reached are the ids that a root reads, itself or through others. A node that is
// marked as shown counts as a root.
func (r *Rules) reached() map[string]bool {
	read, reads := map[string]bool{}, map[string][]any{}
	var found []string
	take := func(expr any) {
		mentions(expr, func(id string) {
			if !read[id] {
				read[id], found = true, append(found, id)
			}
		})
	}
	r.definitions(func(where, _ string, expr any) { reads[where] = append(reads[where], expr) })
	r.roots(func(_, _ string, expr any) { take(expr) })
	for _, u := range units {
		take(u.guard)
	}
	for i := range r.nodes {
		if r.nodes[i].Shown {
			take(r.nodes[i].ID)
		}
	}
	for len(found) > 0 {
		id := found[0]
		found = found[1:]
		for _, expr := range reads[id] {
			take(expr)
		}
	}
	return read
}

// checkReach finds what no benefit, question or page reads.
func (r *Rules) checkReach(string) []Finding {
	read := r.reached()
	var all []Finding
	report := func(id, what string) {
		if !read[id] {
			all = append(all, Finding{Unreachable, id, what})
		}
	}
	for _, f := range r.facts {
		if !f.builtin && f.Kind != "postcode" { // that is for the table of places
			report(f.ID, "no rule reads this fact")
		}
	}
	for _, p := range r.params {
		report(p.ID, "no formula reads this parameter")
	}
	for _, n := range r.nodes {
		report(n.ID, "nothing reads this node")
	}
	return all
}

// checkLaw finds what names no paragraph.
func (r *Rules) checkLaw(string) []Finding {
	var all []Finding
	look := func(where, law string) {
		if !strings.ContainsAny(law, "§") && !strings.Contains(law, "Nr.") && !strings.Contains(law, "Art.") && !strings.Contains(law, "Anlage") && !strings.Contains(law, "V. v.") {
			all = append(all, Finding{NoLaw, where, fmt.Sprintf("%q names no paragraph", law)})
		}
	}
	for _, p := range r.params {
		look(p.ID, p.Law)
	}
	for _, n := range r.nodes {
		for _, d := range n.Dated {
			look(n.ID, d.Law)
		}
	}
	for _, b := range r.benefits {
		for _, c := range b.Conditions {
			look(b.ID+"/"+c.ID, c.Law)
		}
		for _, other := range b.Behind {
			look(b.ID+"/"+other.Benefit, other.Law)
		}
	}
	return all
}

// passage is an expression on the days on which it is in force.
type passage struct {
	where       string // its owner
	law         string // paragraph; empty when it has none
	from, until string // until is open when empty
	expr        any
}

// passages are the expressions in force since promised.
func (r *Rules) passages() []passage {
	var all []passage
	for i := range r.facts {
		all = append(all, passage{r.facts[i].ID, "", promised, "", r.facts[i].Only})
	}
	for _, n := range r.nodes {
		for i, d := range n.Dated {
			until := ""
			if i+1 < len(n.Dated) {
				until = n.Dated[i+1].From
			}
			if until == "" || until > promised {
				all = append(all, passage{n.ID, d.Law, max(d.From, promised), until, d.Is})
			}
		}
	}
	laws := map[string]string{}
	for _, b := range r.benefits {
		for _, c := range b.Conditions {
			laws[b.ID+"/"+c.ID] = c.Law
		}
	}
	r.roots(func(where, _ string, expr any) { all = append(all, passage{where, laws[where], promised, "", expr}) })
	return all
}

// checkGaps finds parameters that are read on a day since promised for which
// there is no figure.
func (r *Rules) checkGaps(string) []Finding {
	var all []Finding
	seen := map[string]bool{}
	for _, p := range r.passages() {
		mentions(p.expr, func(id string) {
			s := r.symbols[id]
			if s.kind != isParam || seen[p.where+" "+id] {
				return
			}
			if what := r.params[s.index].missing(p.from, p.until); what != "" {
				seen[p.where+" "+id] = true
				all = append(all, Finding{Gap, id, what + ", and " + p.where + " reads it"})
			}
		})
	}
	return all
}

// missing says on which days of the span the parameter has no figure; until is
// open when empty.
func (p *param) missing(from, until string) string {
	if first := p.Dated[0].From; first > from {
		return "nothing before " + first
	}
	for _, d := range p.Dated {
		if d.Ends && (until == "" || d.From < until) {
			return "ended on " + d.From
		}
	}
	return ""
}

// checkBoundaries finds thresholds for which no boundary case can be made.
func (r *Rules) checkBoundaries(string) []Finding {
	var all []Finding
	r.thresholds(func(where string, t threshold) {
		if t.subject == "" {
			all = append(all, Finding{NoBoundary, where, "compares two computed values; name one of them as a node"})
		}
	})
	return all
}

// threshold is a comparison with something the law fixes.
type threshold struct {
	op      string
	subject string // fact or node that is compared; empty when it is not a plain id
	limit   any    // expression of the other side
	swapped bool   // the limit stands first
}

// thresholds calls do for every comparison in which one side depends on no
// fact: a constant, a parameter, or an expression of these.
func (r *Rules) thresholds(do func(where string, t threshold)) {
	r.expressions(func(where, _ string, expr any) {
		comparisons(expr, func(op string, a, b any) {
			switch fixedA, fixedB := r.fixed(a), r.fixed(b); {
			case fixedB && !fixedA:
				do(where, threshold{op, r.subject(a), b, false})
			case fixedA && !fixedB:
				do(where, threshold{op, r.subject(b), a, true})
			}
		})
	})
}

// comparisons calls do for every comparison within an expression.
func comparisons(expr any, do func(op string, a, b any)) {
	switch e := expr.(type) {
	case []any:
		for _, x := range e {
			comparisons(x, do)
		}
	case map[string]any:
		for op, raw := range e {
			if args, _ := raw.([]any); len(args) == 2 && slices.Contains([]string{"<", "<=", ">", ">=", "="}, op) {
				do(op, args[0], args[1])
			}
			comparisons(raw, do)
		}
	}
}

// fixed says whether an expression depends on the law alone.
func (r *Rules) fixed(expr any) bool {
	switch e := expr.(type) {
	case float64, bool:
		return true
	case string:
		return r.symbols[e].kind == isParam
	case map[string]any:
		for op, raw := range e {
			args, isList := raw.([]any)
			if !isList || slices.Contains([]string{"sum", "count", "some", "every", "of", "is", "unclear"}, op) {
				return false
			}
			for i, arg := range args {
				if op == "round" && i < 2 {
					continue
				}
				if !r.fixed(arg) {
					return false
				}
			}
		}
		return true
	}
	return false
}

// subject is the id of a fact or node that a boundary case can set.
func (r *Rules) subject(expr any) string {
	id, _ := expr.(string)
	if kind := r.symbols[id].kind; kind == isFact || kind == isNode {
		return id
	}
	return ""
}

// checkSources finds figures called certain of which nobody says where they
// were read.
func (r *Rules) checkSources(string) []Finding {
	var all []Finding
	for i := range r.params {
		p := &r.params[i]
		for _, d := range p.Dated {
			if d.Ends || d.unknown || d.sure(p) != "A" || cmp.Or(d.Src, p.Src) != "" {
				continue
			}
			all = append(all, Finding{NoSource, p.ID, "certainty A from " + d.From + " without a source"})
		}
	}
	return all
}

// checkCertainty lists every value in force from a half year back, and every
// rule, that is not certain.
func (r *Rules) checkCertainty(today string) []Finding {
	var all []Finding
	for i := range r.params {
		p := &r.params[i]
		for k, d := range p.Dated {
			over := k+1 < len(p.Dated) && p.Dated[k+1].From <= today
			if over || d.Ends {
				continue
			}
			what := ""
			switch sure := d.sure(p); {
			case d.unknown:
				what = "not known from " + d.From
			case len(d.readings) > 1:
				what = fmt.Sprintf("sources contradict each other from %s: %d readings", d.From, len(d.readings))
			case sure != "A":
				what = "certainty " + sure + " from " + d.From
			default:
				continue
			}
			all = append(all, Finding{NotCertain, p.ID, what + " (" + cmp.Or(d.Law, p.Law) + ")"})
		}
	}
	for _, n := range r.nodes {
		if d := n.Dated[len(n.Dated)-1]; d.weak {
			all = append(all, Finding{NotCertain, n.ID, "rule of certainty " + d.Sure + " (" + d.Law + ")"})
		}
	}
	if p := r.packed; p.Sure != "A" && p.Sure != "" {
		all = append(all, Finding{NotCertain, "places", "certainty " + p.Sure + " (" + p.Law + ")"})
	}
	for _, b := range r.bodies {
		if b.Sure != "A" {
			all = append(all, Finding{NotCertain, b.where(), "certainty " + b.Sure + " (" + b.Law + ")"})
		}
	}
	for _, b := range r.benefits {
		for _, c := range b.Conditions {
			if c.Sure != "A" {
				all = append(all, Finding{NotCertain, b.ID + "/" + c.ID, "condition of certainty " + c.Sure + " (" + c.Law + ")"})
			}
		}
	}
	return all
}

// reviewMonths is how long a comparison with the statute holds.
const reviewMonths = 6

// checkReviews lists the figures, bodies and ways online that nobody has looked
// at for half a year.
func (r *Rules) checkReviews(today string) []Finding {
	var all []Finding
	look := func(where, day string) {
		reviewed, err := time.Parse(time.DateOnly, day)
		if err != nil {
			all = append(all, Finding{Overdue, where, "never reviewed"})
			return
		}
		if due := reviewed.AddDate(0, reviewMonths, 0).Format(time.DateOnly); due <= today {
			all = append(all, Finding{Overdue, where, "review was due on " + due})
		}
	}
	for _, p := range r.params {
		look(p.ID, p.Reviewed)
	}
	for _, b := range r.bodies {
		look(b.where(), b.Reviewed)
	}
	for _, b := range r.benefits {
		look(b.ID+"/online", b.Access.Online.Reviewed)
	}
	if len(r.places.rows) > 0 {
		look("places", r.packed.Reviewed)
	}
	return all
}

// Size says in one line how large the rule set is.
func (r *Rules) Size() string {
	boundaries := 0
	r.thresholds(func(_ string, t threshold) {
		if t.subject != "" {
			boundaries++
		}
	})
	return fmt.Sprintf("%d benefits, %d questions, %d facts, %d parameters, %d formulas, %d thresholds with boundary cases, %d uncertain points of law, %d dates of change",
		len(r.benefits), len(r.questions), len(r.facts), len(r.params), len(r.nodes), boundaries, len(r.points), len(r.changes))
}
