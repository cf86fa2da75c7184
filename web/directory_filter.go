package web

import (
	"cmp"
	"slices"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"lotse/directory"
)

// option is one choice of a list.
type option struct {
	Value, Label string
	Chosen       bool
}

// filterChoices are the lists that a search can be narrowed by.
type filterChoices struct {
	Channels, Languages, Accessible, Targets []option
}

// filterChoices lists what a person may choose. Target groups are words of the
// sources, so only those of the results are offered.
func (s *Server) filterChoices(lang Lang, f directory.Filter, found []directory.Hit) (c filterChoices) {
	v := voice{lang: lang}
	for _, channel := range channels {
		label, _ := s.texts.lookup(v, "centres.channel."+string(channel))
		c.Channels = append(c.Channels, option{string(channel), label, channel == f.Channel})
	}
	for _, code := range spokenCodes(f.Language) {
		c.Languages = append(c.Languages, option{code, s.languageName(lang, code), code == f.Language})
	}
	for _, mark := range directory.Accessibilities {
		label, _ := s.texts.lookup(v, "centres.access."+mark)
		c.Accessible = append(c.Accessible, option{mark, label, slices.Contains(f.Accessible, mark)})
	}
	for _, target := range targetsOf(found, f.Target) {
		c.Targets = append(c.Targets, option{target, s.targetName(lang, target), target == f.Target})
	}
	return c
}

// spokenFilter are the languages that can be asked for: those most spoken by
// people who come for counselling, and German Sign Language.
var spokenFilter = []string{"de", "gsg", "en", "ar", "tr", "uk", "ru", "fa", "pl", "ro", "bg", "fr", "es", "it", "ku", "sr", "vi"}

// spokenCodes are these and the one that is chosen.
func spokenCodes(chosen string) []string {
	if chosen == "" || slices.Contains(spokenFilter, chosen) || len(chosen) > 8 {
		return spokenFilter
	}
	return append(slices.Clone(spokenFilter), chosen)
}

// targetsOf are the target groups of the results and the chosen one, sorted.
func targetsOf(found []directory.Hit, chosen string) []string {
	var all []string
	if chosen != "" {
		all = append(all, chosen)
	}
	for _, hit := range found {
		all = append(all, hit.Targets...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// targetName names a target group. Sources that write codes are put into words;
// what others write stays as it is.
func (s *Server) targetName(lang Lang, target string) string {
	if name, ok := s.texts.lookup(voice{lang: lang}, "centres.targets."+target); ok {
		return name
	}
	return target
}

// languageName names a language in the language of the page; a code that is not
// known stays as it is.
func (s *Server) languageName(lang Lang, code string) string {
	if code == "gsg" {
		name, _ := s.texts.lookup(voice{lang: lang}, "centres.sign_language")
		return name
	}
	tag, err := language.Parse(code)
	if err != nil {
		return code
	}
	return cmp.Or(display.Languages(language.Make(spoken(lang))).Name(tag), code)
}

// languageNames names several languages, in their order.
func (s *Server) languageNames(lang Lang, codes []string) []string {
	var names []string
	for _, code := range codes {
		names = append(names, s.languageName(lang, code))
	}
	return names
}
