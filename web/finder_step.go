package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"lotse/finder"
	"lotse/internal/fault"
)

// maxFinderForm bounds a posted step, in bytes.
const maxFinderForm = 96 << 10

// finderStep takes the answers of one step and shows the next. Everything comes
// with the form: the step, the button (do), and all earlier answers, sealed. It
// answers with the page at once; there is nothing to redirect to.
func (s *Server) finderStep(w http.ResponseWriter, r *http.Request) error {
	if s.finder == nil {
		return fault.New(fault.NotFound, "not_found")
	}
	if err := parseForm(w, r, maxFinderForm); err != nil {
		return err
	}
	if err := s.limit(r, "finder", 300, time.Second); err != nil {
		return err
	}
	t := turn{s: s, r: r, lang: langOf(r), form: r.PostForm}
	view, err := t.take()
	if err != nil {
		return err
	}
	status := http.StatusOK
	if len(view.Errors) > 0 || view.Lost {
		status = http.StatusUnprocessableEntity
	}
	return s.render(w, r, status, "leistungen", view)
}

// turn is one posted step.
type turn struct {
	s    *Server
	r    *http.Request
	lang Lang
	form url.Values
	st   finderState
}

// take reads the turn and returns the page that follows.
func (t *turn) take() (finderView, error) {
	t.st = newFinderState(t.s.today())
	if sealed := t.form.Get("answers"); sealed != "" {
		var ok bool
		if t.st, ok = t.s.openFinder(sealed); !ok {
			return t.lost()
		}
	}
	do, at := t.form.Get("do"), t.form.Get("step")
	w, err := walkOf(t.s.finder, &t.st)
	if err != nil {
		return finderView{}, err
	}
	switch {
	case at == aboutPeople:
		return t.people(do)
	case w.index(at) >= 0:
		return t.question(w[w.index(at)], do)
	}
	return t.leave(w, at, do)
}

// lost shows the beginning, or the people again when they come with the form.
func (t *turn) lost() (finderView, error) {
	if t.form.Get("step") != aboutPeople {
		return finderView{Step: "intro", Date: t.st.Date, Lost: true, Lines: t.s.lines(t.r)}, nil
	}
	rows, people, errs := readPeople(t.form)
	if len(errs) == 0 {
		t.st.People = people
	}
	view := t.peopleView(rows)
	view.Lost = true
	return view, nil
}

// people takes the form of people.
func (t *turn) people(do string) (finderView, error) {
	rows, people, errs := readPeople(t.form)
	switch do {
	case "more":
		if len(rows) < maxPeople {
			rows = append(rows, personRow{Index: len(rows), Relation: relations[0]})
		}
		return t.peopleView(rows), nil
	case "back":
		if len(errs) == 0 {
			t.st.setPeople(people)
		}
		return t.view("intro"), nil
	case "unknown", "unsaid":
		t.st.setPeople(nil)
		t.st.mark(aboutPeople, do)
		return t.check() // there is nobody to ask about
	}
	if len(errs) > 0 {
		view := t.peopleView(rows)
		view.Errors = errs
		return view, nil
	}
	t.st.setPeople(people)
	t.st.mark(aboutPeople, "")
	return t.onwards(aboutPeople, do)
}

// question takes the answers to a question.
func (t *turn) question(q step, do string) (finderView, error) {
	if do == "unknown" || do == "unsaid" {
		for _, f := range q.fields {
			t.st.set(owner(f), f.Fact.ID, finder.Say(nil))
		}
		t.st.mark(q.id, do)
		return t.onwards(q.id, do)
	}
	answers, errs := readAnswers(t.form, q.fields)
	if do == "none" && mayBeNone(q.fields) {
		sayNone(answers, q.fields)
	}
	for _, f := range q.fields {
		if a, ok := answers[owner(f)+"."+f.Fact.ID]; ok {
			t.st.set(owner(f), f.Fact.ID, a)
		}
	}
	if len(errs) > 0 && do != "back" {
		view, err := t.questionView(q.id, t.form)
		view.Errors = errs
		return view, err
	}
	if len(errs) == 0 {
		t.st.mark(q.id, "")
	}
	return t.onwards(q.id, do)
}

// leave goes on from a page that asks nothing: the beginning, the list of
// answers, the result.
func (t *turn) leave(w walk, at, do string) (finderView, error) {
	if id, edit := strings.CutPrefix(do, "edit:"); edit && w.index(id) >= 0 {
		view, err := t.show(id)
		view.Return = true
		return view, err
	}
	switch {
	case do == "result":
		return t.result()
	case at == "result" || do == "check":
		return t.check()
	case at == "check" && do == "back" && len(t.st.Asked) > 0:
		return t.show(t.st.Asked[len(t.st.Asked)-1])
	case at == "check":
		return t.result()
	}
	return t.show(aboutPeople)
}

// onwards prunes and shows what comes after a question: the one before or after
// it, the list of answers, or the result.
func (t *turn) onwards(from, do string) (finderView, error) {
	w, err := t.st.prune(t.s.finder)
	if err != nil {
		return finderView{}, err
	}
	at := w.index(from)
	switch {
	case do == "result":
		return t.result()
	case do == "back" && at > 0:
		return t.show(w[at-1].id)
	case do == "back":
		return t.view("intro"), nil
	case t.form.Get("return") != "":
		return t.check()
	case at+1 < len(w):
		return t.show(w[at+1].id)
	}
	return t.check()
}

// show is the page of a question.
func (t *turn) show(id string) (finderView, error) {
	if id == aboutPeople {
		return t.peopleView(rowsOf(t.st.People)), nil
	}
	return t.questionView(id, nil)
}

func (t *turn) peopleView(rows []personRow) finderView {
	view := t.view("people")
	view.People, view.Full = rows, len(rows) >= maxPeople
	view.Question = t.heading(aboutPeople)
	return view
}

// questionView is the page of a question; form is what was typed when it has to
// be asked again.
func (t *turn) questionView(id string, form url.Values) (finderView, error) {
	w, err := walkOf(t.s.finder, &t.st)
	if err != nil {
		return finderView{}, err
	}
	view := t.view("question")
	view.Number, view.Total = w.index(id)+1, len(w)
	view.Question = t.heading(id)
	if at := w.index(id); at >= 0 {
		view.Question.Groups = t.s.groupsOf(t.lang, &t.st, w[at].fields, form)
		view.Question.None = mayBeNone(w[at].fields)
		view.Question.Numbers = slices.ContainsFunc(w[at].fields, func(f finder.Field) bool { return f.Fact.Kind == "number" })
	}
	return view, nil
}

// view begins a page.
func (t *turn) view(name string) finderView {
	view := finderView{Step: name, Answers: t.s.sealFinder(t.st), Date: t.st.Date, Return: t.form.Get("return") != ""}
	if name == "intro" {
		view.Lines = t.s.lines(t.r)
	}
	return view
}

// heading is the words of a question.
func (t *turn) heading(id string) questionView {
	q := questionView{ID: id, Title: t.s.texts.rule(t.lang, "question."+id)}
	q.Help, _ = t.s.texts.known(t.lang, "question."+id+".help")
	for _, known := range t.s.finder.Questions() {
		q.Sensitive = q.Sensitive || known.ID == id && known.Sensitive
	}
	return q
}
