package web

import (
	"net/http"

	"lotse/finder"
	"lotse/internal/fault"
)

// apiWords are the texts of the rules that an answer of the API names, by key. It
// is nil, and takes in nothing, for a caller who asked for no language.
type apiWords struct {
	texts *texts
	lang  Lang
	all   map[string]string
}

// wordsFor begins the words in the language that the query names.
func (s *Server) wordsFor(r *http.Request) (*apiWords, error) {
	query := r.URL.Query()
	if !query.Has("language") {
		return nil, nil
	}
	lang := Lang(query.Get("language"))
	if !lang.Known() {
		return nil, fault.InvalidInput(map[string]string{"language": "invalid_choice"})
	}
	return &apiWords{s.texts, lang, map[string]string{}}, nil
}

// add takes in the texts that exist of the keys.
func (w *apiWords) add(keys ...string) {
	for _, key := range keys {
		if text, known := w.texts.known(w.lang, key); known {
			w.all[key] = text
		}
	}
}

// result returns the words of a result.
func (w *apiWords) result(found finder.Result) map[string]string {
	if w == nil {
		return nil
	}
	for _, b := range found.Benefits {
		w.add(b.Name, "state."+string(b.State))
		for _, reason := range b.Reasons {
			w.add(reason.Text)
		}
		for _, question := range b.Missing {
			w.add("question." + question)
		}
		for _, point := range b.Points {
			w.add("law." + point)
		}
		for _, o := range b.Outcomes {
			w.add("state." + string(o.State))
		}
	}
	for _, b := range found.Bundles {
		for _, o := range b.Options {
			w.add("bundle." + b.ID + "." + o.ID)
		}
	}
	return w.all
}

// questions returns the words of questions, their facts and options.
func (w *apiWords) questions(all []finder.Question) map[string]string {
	if w == nil {
		return nil
	}
	for _, q := range all {
		w.add("question."+q.ID, "question."+q.ID+".help")
		for _, f := range q.Facts {
			w.add("fact."+f.ID, "fact."+f.ID+".help")
			for _, option := range f.Options {
				w.add("option." + f.ID + "." + option)
			}
		}
	}
	return w.all
}
