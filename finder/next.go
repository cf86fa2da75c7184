package finder

import "slices"

// Question is one question as a page shows it. Its texts are found by key.
type Question struct {
	ID        string `json:"id"`
	Sensitive bool   `json:"sensitive,omitempty"`
	Facts     []Fact `json:"facts"`
}

// Fact is one thing a question asks for.
type Fact struct {
	ID      string   `json:"id"`
	Of      string   `json:"of"`   // person or household
	Kind    string   `json:"kind"` // number, bool or choice
	Unit    string   `json:"unit,omitempty"`
	Min     float64  `json:"min,omitempty"`
	Max     float64  `json:"max,omitempty"`
	Options []string `json:"options,omitempty"`
}

// Questions returns all questions in their fixed order.
func (r *Rules) Questions() []Question {
	all := make([]Question, 0, len(r.questions))
	for i := range r.questions {
		all = append(all, r.question(i))
	}
	return all
}

func (r *Rules) question(i int) Question {
	q := Question{ID: r.questions[i].ID, Sensitive: r.questions[i].Sensitive, Facts: []Fact{}}
	for _, id := range r.questions[i].Facts {
		f := r.facts[r.symbols[id].index]
		q.Facts = append(q.Facts, Fact{ID: f.ID, Of: f.Of, Kind: f.Kind, Unit: f.Unit, Min: f.Min, Max: f.Max, Options: f.Options})
	}
	return q
}

// Next returns the question that is likely to decide most, and false when none
// would decide anything. Sensitive questions come after all others.
func (r *Rules) Next(in Request) (Question, bool, error) {
	run, err := r.start(&in)
	if err != nil {
		return Question{}, false, err
	}
	verdicts := make([]verdict, len(r.benefits))
	for i := range r.benefits {
		verdicts[i] = run.judge(&r.benefits[i])
	}
	next := run.next(verdicts)
	if next < 0 {
		return Question{}, false, nil
	}
	return r.question(next), true, nil
}

// next is the index of the best next question, −1 when there is none.
func (r *run) next(verdicts []verdict) int {
	var open setOfBits
	for _, v := range verdicts {
		if v.is.Hi == 1 {
			open |= v.is.Asks | v.amount.Asks
		}
	}
	best, bestScore, trial := -1, -1.0, r.trial()
	defer trial.end()
	for _, sensitive := range []bool{false, true} {
		for q := range r.rules.questions {
			if open>>q&1 == 0 || r.asked>>q&1 == 1 || r.rules.questions[q].Sensitive != sensitive || r.rules.questions[q].when.value(r, r.asker).isNo() {
				continue
			}
			if score := r.score(q, verdicts, trial); score > bestScore {
				best, bestScore = q, score
			}
		}
		if best >= 0 {
			return best
		}
	}
	return -1
}

// score is the mean number of benefits that the answers to a question would
// decide.
func (r *run) score(q int, verdicts []verdict, trial *run) float64 {
	tries := 0
	for _, id := range r.rules.questions[q].Facts {
		tries = max(tries, len(r.rules.facts[r.rules.symbols[id].index].Try))
	}
	decided := 0
	for k := range tries {
		r.answer(trial, q, k)
		for i, v := range verdicts {
			if v.is.known() || v.is.Asks>>q&1 == 0 {
				continue
			}
			if trial.judge(&r.rules.benefits[i]).is.known() {
				decided++
			}
		}
	}
	return float64(decided) / float64(max(1, tries))
}

// trial is a copy of the run that answer may overwrite.
func (r *run) trial() *run {
	t := *r
	t.others, t.open = nil, nil
	t.facts, t.factOK = slices.Clone(r.facts), slices.Clone(r.factOK)
	t.scratch = r.rules.borrow(len(r.memo))
	return &t
}

// answer makes trial the run with the k-th try as answer to everything the
// question asks and nobody has answered. What the question cannot narrow stays
// computed.
func (r *run) answer(trial *run, q, k int) {
	n := len(r.persons)
	copy(trial.memo, r.memo)
	trial.room = trial.room[:0]
	for at, v := range r.memo {
		trial.done[at] = r.done[at] && v.Asks>>q&1 == 0
	}
	copy(trial.facts, r.facts)
	for at, v := range r.facts {
		trial.factOK[at] = r.factOK[at] && v.Asks>>q&1 == 0
	}
	for _, id := range r.rules.questions[q].Facts {
		f := r.rules.symbols[id].index
		try := r.rules.facts[f].Try
		for p := range n {
			if at := f*n + p; len(try) > 0 && !r.facts[at].known() && !r.given[at] {
				trial.facts[at], trial.factOK[at] = point(try[min(k, len(try)-1)]), false
			}
		}
	}
}
