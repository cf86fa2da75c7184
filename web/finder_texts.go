package web

import (
	"io/fs"
	"maps"
	"strings"
)

// loadRules finds the texts of the finder's rules, texts/<lang>/*.json. They
// come with the rules and not with the pages; a language may lack some.
func (t *texts) loadRules(files fs.FS) error {
	t.rules = tablesIn(files, "texts")
	_, err := t.rules[German]()
	return err
}

// rule returns a text of the rules, in German where the language lacks it, and
// the key itself when there is none, so that a hole costs a word and not the
// page.
func (t *texts) rule(lang Lang, key string) string {
	if text, ok := t.known(lang, key); ok {
		return text
	}
	return key
}

// known returns a text of the rules if there is one.
func (t *texts) known(lang Lang, key string) (string, bool) {
	for _, l := range []Lang{lang, German} {
		if text, ok := read(t.rules, l)[key]; ok {
			return text, true
		}
	}
	return "", false
}

// ruleTexts are all texts of the rules in a language, holes filled in German.
func (t *texts) ruleTexts(lang Lang) map[string]string {
	all := map[string]string{}
	maps.Copy(all, read(t.rules, German))
	maps.Copy(all, read(t.rules, lang))
	return all
}

// say returns a text of the pages; one that is missing is found by the tests.
func (t *texts) say(lang Lang, key string, args ...any) string {
	text, err := t.text(voice{lang: lang}, key, args...)
	if err != nil {
		return key
	}
	return text
}

// unit names a unit after a number, or is empty for what needs none.
func (t *texts) unit(lang Lang, unit string) string {
	key := "finder.unit." + strings.ToLower(strings.ReplaceAll(unit, "/", "_"))
	text, _ := t.lookup(voice{lang: lang}, key)
	return text
}
