package web

import (
	"cmp"
	"context"
	"slices"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// languageChoice is a language to be counselled in, in its own name.
type languageChoice struct{ ID, Label string }

// answering is in which languages somebody answers, for a reader of one.
type answering struct {
	Languages []languageChoice // to choose from, in the order of the switch
	Reader    string           // the language of the reader
	Answered  bool             // somebody answers in it
}

// Language is what is chosen before the reader chooses: the reader's own language
// where somebody answers in it, else German.
func (a answering) Language() string {
	if a.Answered {
		return a.Reader
	}
	return string(German)
}

// answering asks the teams in which languages they answer. German is always one
// of them: it is what counsellors here have in common, also while the teams
// cannot be asked.
func (s *Server) answering(ctx context.Context, lang Lang) answering {
	codes := []string{string(German)}
	if s.lookout != nil {
		if said, err := s.lookout.Languages(ctx); err == nil {
			codes = append(codes, said...)
		}
	}
	slices.SortFunc(codes, func(a, b string) int { return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a, b)) })
	a := answering{Reader: spoken(lang)}
	for _, code := range slices.Compact(codes) {
		a.Languages = append(a.Languages, languageChoice{code, ownName(code)})
		a.Answered = a.Answered || code == a.Reader
	}
	return a
}

// place is where a language stands in the switch; those without pages come last.
func place(code string) int {
	if i := slices.Index(langs(), Lang(code)); i >= 0 {
		return i
	}
	return len(tongues)
}

// ownName is what a language calls itself; a code that is not known stays as it is.
func ownName(code string) string {
	tag, err := language.Parse(code)
	if err != nil {
		return code
	}
	return cmp.Or(Lang(code).Name(), display.Self.Name(tag), code)
}

// spoken returns the language a reader of l speaks: plain German is German.
func spoken(l Lang) string {
	if l == "de-simple" {
		return string(German)
	}
	return string(l)
}
