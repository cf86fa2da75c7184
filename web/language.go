package web

import (
	"net/http"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// Lang is one of the languages a page can be read in, as it stands in the path
// and in the lang attribute.
type Lang string

// German is the language of the law, of the operator and of every fallback.
const German Lang = "de"

// langs are the languages with complete locales, in the order of the switch.
func langs() []Lang { return []Lang{German, "de-simple", "en", "ar"} }

// Known reports whether l has a locale.
func (l Lang) Known() bool { return slices.Contains(langs(), l) }

// Dir returns the writing direction of l.
func (l Lang) Dir() string {
	if l == "ar" || l == "fa" {
		return "rtl"
	}
	return "ltr"
}

// langOf returns the language of the answer to r: the first part of the path,
// else the query parameter lang, else the one in the account of the signed-in
// person, else what the browser prefers.
func langOf(r *http.Request) Lang {
	first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if l := Lang(first); l.Known() {
		return l
	}
	if l := Lang(r.URL.Query().Get("lang")); l.Known() {
		return l
	}
	if actor, ok := actorOf(r); ok && Lang(actor.Language).Known() {
		return Lang(actor.Language)
	}
	return negotiate(r.Header.Get("Accept-Language"))
}

// negotiate returns the most preferred language of an Accept-Language header
// that has a locale, or German. Plain language is a choice, never a guess. A
// header beyond 256 bytes is ignored.
func negotiate(header string) Lang {
	if len(header) > 256 {
		return German
	}
	tags, quality, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return German
	}
	for i, tag := range tags {
		base, _ := tag.Base()
		if l := Lang(base.String()); quality[i] > 0 && l.Known() {
			return l
		}
	}
	return German
}

// chooseLanguage leads from / to the start page in the reader's language.
func (s *Server) chooseLanguage(w http.ResponseWriter, r *http.Request) error {
	w.Header().Add("Vary", "Accept-Language")
	http.Redirect(w, r, "/"+string(langOf(r))+"/", http.StatusSeeOther)
	return nil
}
