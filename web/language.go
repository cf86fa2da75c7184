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

// tongue is a language with what the switch needs of it.
type tongue struct {
	lang  Lang
	name  string // of itself, in its own script
	staff bool   // the staff's pages are written in it as well
}

// tongues are the languages with complete locales, in the order of the switch.
var tongues = []tongue{
	{German, "Deutsch", true},
	{"de-simple", "Leichte Sprache", true},
	{"en", "English", true},
	{"uk", "Українська", false},
	{"ar", "العربية", true},
	{"tr", "Türkçe", false},
	{"ru", "Русский", false},
	{"fa", "فارسی", false},
	{"pl", "Polski", false},
}

// langs are the languages that seekers can read.
func langs() (all []Lang) {
	for _, t := range tongues {
		all = append(all, t.lang)
	}
	return all
}

// staffLangs are the languages that staff can work in.
func staffLangs() []Lang {
	return slices.DeleteFunc(langs(), func(l Lang) bool { return !l.Staffed() })
}

// langsOf are the languages of the public page whose path below the language is
// rest. Centres are at work when they read theirs, as staff are.
func langsOf(rest string) []Lang {
	if isLinked(rest) {
		return staffLangs()
	}
	return langs()
}

// tongue returns what is known of l; the zero tongue for a language without a locale.
func (l Lang) tongue() tongue {
	i := slices.IndexFunc(tongues, func(t tongue) bool { return t.lang == l })
	if i < 0 {
		return tongue{}
	}
	return tongues[i]
}

// Known reports whether seekers can read l.
func (l Lang) Known() bool { return l.tongue().lang != "" }

// Staffed reports whether the staff's pages are written in l.
func (l Lang) Staffed() bool { return l.tongue().staff }

// Name is what l calls itself.
func (l Lang) Name() string { return l.tongue().name }

// Dir returns the writing direction of l.
func (l Lang) Dir() string {
	if l == "ar" || l == "fa" {
		return "rtl"
	}
	return "ltr"
}

// forStaff reports whether a path is one of the staff's pages.
func forStaff(path string) bool { return path == "/team" || strings.HasPrefix(path, "/team/") }

// langOf returns the language of the answer to r: the first part of the path,
// else the query parameter lang, else the one in the account of the signed-in
// person, else what the browser prefers. On the staff's pages a language that
// they are not written in counts as none.
func langOf(r *http.Request) Lang {
	written := Lang.Known
	if forStaff(r.URL.Path) {
		written = Lang.Staffed
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if l := Lang(first); written(l) {
		return l
	}
	if l := Lang(r.URL.Query().Get("lang")); written(l) {
		return l
	}
	if actor, ok := actorOf(r); ok && written(Lang(actor.Language)) {
		return Lang(actor.Language)
	}
	return negotiate(r.Header.Get("Accept-Language"), written)
}

// negotiate returns the most preferred language of an Accept-Language header
// that is written, or German. Plain language is a choice, never a guess. A
// header beyond 256 bytes is ignored.
func negotiate(header string, written func(Lang) bool) Lang {
	if len(header) > 256 {
		return German
	}
	tags, quality, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return German
	}
	for i, tag := range tags {
		base, _ := tag.Base()
		if l := Lang(base.String()); quality[i] > 0 && written(l) {
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
