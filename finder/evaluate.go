package finder

import (
	"math/bits"
	"slices"
	"time"

	"lotse/internal/fault"
)

const (
	horizon   = 24  // months that FromDate looks ahead
	anyAmount = 1e6 // an amount that may reach this is not narrowed by anything
)

// Evaluate says how every benefit stands for a household. Its error is a
// fault.Invalid that names the fields that are wrong; so is a date for which the
// rules do not claim to be complete, since a figure that is not there reads as 0.
func (r *Rules) Evaluate(in Request) (Result, error) {
	if validDate("date", in.Date) == nil && in.Date < promised {
		return Result{}, fault.InvalidInput(map[string]string{"date": "too_early"})
	}
	return r.evaluate(in)
}

// evaluate is Evaluate for any date, as far as the history reaches.
func (r *Rules) evaluate(in Request) (Result, error) {
	run, err := r.start(&in)
	if err != nil {
		return Result{}, err
	}
	defer run.end()
	result := Result{
		Date: in.Date, Place: run.place,
		Benefits: make([]BenefitResult, 0, len(r.benefits)), Bundles: make([]BundleResult, 0, len(r.bundles)),
	}
	verdicts := make([]verdict, len(r.benefits))
	for i := range r.benefits {
		verdicts[i] = run.judge(&r.benefits[i])
		result.Benefits = append(result.Benefits, run.benefit(&r.benefits[i], verdicts[i], &in))
	}
	for i := range r.bundles {
		result.Bundles = append(result.Bundles, run.bundle(&r.bundles[i], verdicts))
	}
	if in.Next {
		if next := run.next(verdicts); next >= 0 {
			result.Next = r.questions[next].ID
		}
	}
	return result, nil
}

// verdict is how a benefit stands before precedence.
type verdict struct {
	is         Value
	amount     Value
	conditions []Value
}

// judge computes the conditions of a benefit, and its amount unless they rule it
// out.
func (r *run) judge(b *Benefit) verdict {
	v := verdict{is: yes}
	if r.nobody() {
		v.is = Value{Lo: 0, Hi: 1, Asks: r.rules.facts[factAge].cause}
		v.amount = Value{Lo: 0, Hi: far, Asks: v.is.Asks}
		return v
	}
	v.conditions = r.values(len(b.Conditions))
	for i := range b.Conditions {
		v.conditions[i] = b.Conditions[i].test.value(r, r.asker)
		v.is = least(v.is, v.conditions[i])
	}
	if b.amount != nil && !v.is.isNo() {
		v.amount = b.amount.value(r, r.asker)
	}
	return v
}

// nobody says that nothing is known of who lives in the household.
func (r *run) nobody() bool { return r.asked&r.rules.facts[factAge].cause == 0 }

// benefit finds the state of a benefit and everything a person is told.
func (r *run) benefit(b *Benefit, v verdict, in *Request) BenefitResult {
	out := BenefitResult{
		ID: b.ID, Name: b.NameAt(in.Date), Unit: b.Unit,
		Missing: []string{}, Alternatives: []string{},
	}
	out.State, out.First, out.From = r.state(b, v, in)
	out.Amount, out.Pays = b.due(out.State, v), r.pays(b, v)
	doubt := out.State == Unclear && v.is.isNo()
	out.Sure = !doubt && !v.is.Weak && (out.Amount == nil || !v.amount.Weak)
	out.Reasons = r.reasons(b, v)
	if v.is.Hi == 1 {
		out.Missing = append(out.Missing, r.rules.questionIDs(v.is.Asks|v.amount.Asks)...)
	}
	out.Alternatives = append(out.Alternatives, b.Alternatives...)
	out.Where = r.rules.where(&b.Access, r.place)
	if laws := v.is.Laws | v.amount.Laws; laws != 0 && !r.anyPinned() {
		out.Points = r.rules.pointIDs(laws)
		if v.is.Asks == 0 {
			out.Outcomes = r.outcomes(b, out.Points, in)
		}
	}
	return out
}

// due is the amount that a person is told; nil when there is none, or when
// nothing narrows it.
func (b *Benefit) due(s State, v verdict) *Range {
	if s == LikelyNo || s == FromDate || b.amount == nil || v.amount.Hi >= anyAmount || v.is.Hi == 0 {
		return nil
	}
	return &Range{max(0, v.amount.Lo), max(0, v.amount.Hi)}
}

// pays is what the person pays for the benefit themselves; nil when it costs
// nobody anything, is ruled out, or nothing narrows it.
func (r *run) pays(b *Benefit, v verdict) *Range {
	if b.pays == nil || v.is.Hi == 0 || r.nobody() {
		return nil
	}
	return span(b.pays.value(r, r.asker))
}

// state follows the table in docs/finder.md. With OtherFirst it names the other
// benefit, with FromDate the day.
func (r *run) state(b *Benefit, v verdict, in *Request) (s State, first, from string) {
	if b.received != nil && !r.nobody() && b.received.value(r, r.asker).isYes() {
		return Received, "", ""
	}
	switch {
	case v.is.isYes():
		if first = r.ahead(b); first != "" {
			return OtherFirst, first, ""
		}
		return LikelyYes, "", ""
	case v.is.isNo():
		if first = r.ahead(b); first != "" && b.yields(v) {
			return OtherFirst, first, ""
		}
		if from = r.later(b, v, in); from != "" {
			return FromDate, "", from
		}
		if v.is.Weak || r.byPlace(b) {
			return Unclear, "", ""
		}
		return LikelyNo, "", ""
	case v.is.Asks == 0:
		return Unclear, "", ""
	}
	return Depends, "", ""
}

// ahead is the benefit that goes first, if any.
func (r *run) ahead(b *Benefit) string {
	for _, other := range b.Behind {
		if other.test.value(r, r.asker).isYes() {
			return other.Benefit
		}
	}
	return ""
}

// yields says that every condition that fails does so for a benefit that goes first.
func (b *Benefit) yields(v verdict) bool {
	for i, c := range v.conditions {
		if c.isNo() && !b.Conditions[i].Yields {
			return false
		}
	}
	return true
}

// later is the first of a month from which a benefit is no longer ruled out,
// when only conditions fail that time alone may fulfil and at the horizon none
// does.
func (r *run) later(b *Benefit, v verdict, in *Request) string {
	for i := range b.Conditions {
		if !b.Conditions[i].Waits && v.conditions[i].isNo() {
			return ""
		}
	}
	start, err := time.Parse(time.DateOnly, in.Date)
	if err != nil {
		return ""
	}
	first := func(month int) string {
		return time.Date(start.Year(), start.Month()+time.Month(month), 1, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	}
	if !r.openAt(b, in, first(horizon)) {
		return ""
	}
	month := 1
	for !r.openAt(b, in, first(month)) {
		month++
	}
	return first(month)
}

// openAt says whether the benefit is not ruled out at another date by the law of
// today: only the time that passes counts, not figures that nobody knows yet.
func (r *run) openAt(b *Benefit, in *Request, date string) bool {
	then := *in
	then.Date = date
	ahead, err := r.rules.start(&then)
	if err != nil {
		return false
	}
	defer ahead.end()
	ahead.law = r.law
	return !ahead.judge(b).is.isNo()
}

// NameAt is the text key of the name of the benefit on a date.
func (b *Benefit) NameAt(date string) string {
	key := b.Name[0].Key
	for _, n := range b.Name {
		if n.From <= date {
			key = n.Key
		}
	}
	return key
}

// reasons says how each condition stands.
func (r *run) reasons(b *Benefit, verdict verdict) []Reason {
	all := make([]Reason, 0, len(b.Conditions))
	for i := range b.Conditions {
		c, v := &b.Conditions[i], Value{Lo: 0, Hi: 1}
		if !r.nobody() {
			v = verdict.conditions[i]
		}
		reason := Reason{ID: c.ID, Verdict: spoken(v), Law: c.Law, Sure: c.Sure, Text: c.texts[int(v.Lo+v.Hi)]}
		if c.value != nil && !r.nobody() {
			reason.Value, reason.Limit = span(c.value.value(r, r.asker)), span(c.limit.value(r, r.asker))
			reason.Unit = c.unit
		}
		all = append(all, reason)
	}
	return all
}

func spoken(v Value) string {
	switch {
	case v.isYes():
		return "yes"
	case v.isNo():
		return "no"
	}
	return "unknown"
}

// span is a value as a range; nil when nothing narrows it.
func span(v Value) *Range {
	if v.Hi >= anyAmount {
		return nil
	}
	return &Range{v.Lo, v.Hi}
}

func (r *run) anyPinned() bool {
	return slices.ContainsFunc(r.pins, func(v Variant) bool { return v != unpinned })
}

// outcomes is what each reading of each uncertain point would give.
func (r *run) outcomes(b *Benefit, points []string, in *Request) []Outcome {
	var all []Outcome
	for _, id := range points {
		for variant := range Variant(r.readings(id)) {
			then := *in
			then.Pinned = map[string]Variant{id: variant}
			other := r.settled(slices.Index(r.rules.points, id), variant)
			v := other.judge(b)
			state, _, _ := other.state(b, v, &then)
			all = append(all, Outcome{Point: id, Variant: variant, State: state, Amount: b.due(state, v)})
		}
	}
	return all
}

// readings is how many ways there are to read a point of law today.
func (r *run) readings(id string) int {
	most := 0
	for i, d := range r.law.params {
		if d != nil && d.uncertain() && r.rules.points[r.rules.params[i].law.first()] == id {
			most = max(most, len(d.readings))
		}
	}
	if most == 0 {
		return 2 // called unclear by a formula: no or yes
	}
	return most
}

func (r *Rules) questionIDs(asks setOfBits) []string {
	var ids []string
	for i := range r.questions {
		if asks>>i&1 == 1 {
			ids = append(ids, r.questions[i].ID)
		}
	}
	return ids
}

func (r *Rules) pointIDs(laws setOfBits) []string {
	ids := make([]string, 0, bits.OnesCount32(uint32(laws)))
	for i, id := range r.points {
		if laws>>i&1 == 1 {
			ids = append(ids, id)
		}
	}
	return ids
}

// bundle sets the options against each other.
func (r *run) bundle(b *bundle, verdicts []verdict) BundleResult {
	out := BundleResult{ID: b.ID, Prefer: "unknown"}
	if !r.nobody() {
		out.Prefer = spoken(b.prefer.value(r, r.asker))
	}
	for _, o := range b.Options {
		sum, known := Range{}, true
		for _, id := range o.Benefits {
			i := slices.IndexFunc(r.rules.benefits, func(b Benefit) bool { return b.ID == id })
			v := verdicts[i]
			if v.is.isNo() || r.rules.benefits[i].amount == nil {
				continue
			}
			if v.is.isYes() {
				sum.Low += max(0, v.amount.Lo)
			}
			sum.High += max(0, v.amount.Hi)
			known = known && v.amount.Hi < anyAmount
		}
		option := BundleOption{ID: o.ID, Benefits: o.Benefits}
		if known {
			option.Amount = &sum
		}
		out.Options = append(out.Options, option)
	}
	return out
}

// conditionTexts are the text keys of a condition: for no, unknown and yes.
func conditionTexts(benefit, id string) [3]string {
	key := "condition." + benefit + "." + id
	return [3]string{key + ".no", key + ".unknown", key + ".yes"}
}
