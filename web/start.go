package web

import (
	"cmp"
	"net/http"
	"net/url"
)

// startView is the start page: three doors and who is there.
type startView struct {
	Ask     Ask
	Here    here
	Topics  []topicChoice
	Answers answering
	Finder  bool // there is a benefits finder
}

// startPage shows the three doors and whether somebody is there now, for the
// topic, language and postcode in the query if there are any.
func (s *Server) startPage(w http.ResponseWriter, r *http.Request) error {
	ask, answers := askFrom(r.URL.Query()), s.answering(r.Context(), langOf(r))
	ask.Language = cmp.Or(ask.Language, answers.Language())
	now, err := s.hereFor(r.Context(), langOf(r), ask)
	if err != nil {
		return err
	}
	view := startView{Ask: ask, Here: now, Topics: s.topicChoices(r), Answers: answers, Finder: s.finder != nil}
	return s.render(w, r, http.StatusOK, "start", view)
}

// askFrom reads what the seeker chose. What is longer than any real value is
// no choice.
func askFrom(q url.Values) Ask {
	short := func(name string) string {
		if value := q.Get(name); len(value) <= 64 {
			return value
		}
		return ""
	}
	return Ask{Topic: short("topic"), Language: short("language"), Postcode: short("postcode"), Centre: short("centre")}
}
