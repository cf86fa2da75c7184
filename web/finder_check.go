package web

import (
	"slices"
	"strings"

	"lotse/finder"
)

// checkRow is one question in the list of answers.
type checkRow struct {
	ID, Title string
	Skipped   string // unknown, unsaid, or open when it has not been asked yet
	Answers   []checkAnswer
}

// checkAnswer is one answer in words.
type checkAnswer struct{ Who, Label, Value string }

// check is the list of all answers, each with a way to change it.
func (t *turn) check() (finderView, error) {
	w, err := t.st.prune(t.s.finder)
	if err != nil {
		return finderView{}, err
	}
	view := t.view("check")
	for _, q := range w {
		row := checkRow{ID: q.id, Title: t.s.texts.rule(t.lang, "question."+q.id), Skipped: t.st.Skipped[q.id]}
		switch {
		case !slices.Contains(t.st.Asked, q.id):
			row.Skipped = "open"
		case q.id == aboutPeople:
			row.Answers = t.peopleInWords()
		case row.Skipped == "":
			row.Answers = append(t.inWords(q), t.derived(q)...)
		}
		view.Check = append(view.Check, row)
	}
	return view, nil
}

func (t *turn) peopleInWords() []checkAnswer {
	var all []checkAnswer
	for i, p := range t.st.People {
		name := t.s.personName(t.lang, &t.st, i)
		if year, _, _ := strings.Cut(p.Birth, "-"); i == 0 && year != "" {
			name += " (" + year + ")"
		}
		all = append(all, checkAnswer{Value: name})
	}
	return all
}

// inWords are the answers to a question. Of tick boxes only those that are set
// are named.
func (t *turn) inWords(q step) []checkAnswer {
	var all []checkAnswer
	for _, f := range q.fields {
		a, answered := t.st.Facts[owner(f)][f.Fact.ID]
		value := t.s.answerInWords(t.lang, f.Fact, a)
		if !answered || ticked(q.fields, f) && typed(t.lang, a) == "no" {
			continue
		}
		row := checkAnswer{Label: t.s.texts.rule(t.lang, "fact."+f.Fact.ID), Value: value}
		if f.Person != "" && len(t.st.People) > 1 {
			row.Who = t.s.personName(t.lang, &t.st, slices.IndexFunc(t.st.request().Persons, func(p finder.Person) bool { return p.ID == f.Person }))
		}
		all = append(all, row)
	}
	if len(all) == 0 {
		all = append(all, checkAnswer{Value: t.s.texts.say(t.lang, "finder.none_of_these")})
	}
	return all
}

// answerInWords is an answer as the list shows it.
func (s *Server) answerInWords(lang Lang, f finder.Fact, a finder.Answer) string {
	text := typed(lang, a)
	switch {
	case text == "":
		return s.texts.say(lang, "finder.skipped.unknown")
	case f.Kind == "bool":
		return s.texts.say(lang, "finder."+text)
	case f.Kind == "choice":
		return s.texts.rule(lang, "option."+f.ID+"."+text)
	}
	return strings.TrimSpace(text + " " + s.texts.unit(lang, f.Unit))
}
