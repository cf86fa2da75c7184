package web

import (
	"net/http"
	"net/url"
)

// startView is the start page: three doors and who is there.
type startView struct {
	Ask       Ask
	Here      here
	Topics    []topicChoice
	Languages []languageChoice
	Finder    bool // there is a benefits finder
}

// languageChoice is a language to be counselled in.
type languageChoice struct{ ID, Label string }

// startPage shows the three doors and whether somebody is there now, for the
// topic, language and postcode in the query if there are any.
func (s *Server) startPage(w http.ResponseWriter, r *http.Request) error {
	ask := askFrom(r.URL.Query())
	now, err := s.hereFor(r.Context(), langOf(r), ask)
	if err != nil {
		return err
	}
	view := startView{Ask: ask, Here: now, Topics: s.topicChoices(r), Languages: s.spokenLanguages(), Finder: s.finder != nil}
	if view.Ask.Language == "" {
		view.Ask.Language = spoken(langOf(r))
	}
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

// spoken returns the language a reader of l speaks: plain German is German.
func spoken(l Lang) string {
	if l == "de-simple" {
		return string(German)
	}
	return string(l)
}

// spokenLanguages are the languages people can be counselled in, each in its
// own name.
func (s *Server) spokenLanguages() []languageChoice {
	var out []languageChoice
	for _, l := range langs() {
		if name, ok := s.texts.lookup(voice{lang: l}, "common.language_name"); ok && spoken(l) == string(l) {
			out = append(out, languageChoice{string(l), name})
		}
	}
	return out
}
