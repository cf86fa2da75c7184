package finder

import (
	"slices"

	"lotse/internal/fault"
)

// Field is one fact that a question asks of one person or of the household.
type Field struct {
	Fact   Fact
	Person string // id of the person; empty for a fact of the household
}

// Fields are the facts that a question asks in the light of what has been said:
// those that are ruled out for a person are left out, and all of them when the
// question itself is. Persons come in the order of the request. Its error is a
// fault.Invalid that names the fields that are wrong.
func (r *Rules) Fields(in Request, id string) ([]Field, error) {
	run, err := r.start(&in)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(r.questions, func(q question) bool { return q.ID == id })
	if i < 0 {
		return nil, fault.InvalidInput(map[string]string{"question": "unknown_question"})
	}
	if r.questions[i].when.value(run, run.asker).isNo() {
		return nil, nil
	}
	var fields []Field
	for _, fact := range r.question(i).Facts {
		def := &r.facts[r.symbols[fact.ID].index]
		if def.Of == "household" {
			if run.mayAsk(def, run.asker) {
				fields = append(fields, Field{Fact: fact})
			}
			continue
		}
		for p, person := range in.Persons {
			if run.mayAsk(def, p) {
				fields = append(fields, Field{fact, person.ID})
			}
		}
	}
	return fields, nil
}

// mayAsk says whether the fact matters for the person.
func (r *run) mayAsk(def *fact, p int) bool { return def.only == nil || !def.only.value(r, p).isNo() }

// Benefits returns all benefits in the order of the results. They must not be
// changed.
func (r *Rules) Benefits() []Benefit { return r.benefits }
