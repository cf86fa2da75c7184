package web

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

//go:embed locale
var localeFS embed.FS

// texts holds every text of every language, by key.
type texts struct {
	byLang map[Lang]map[string]string
	rules  map[Lang]map[string]string // of the finder's rules (finder_texts.go)
}

// loadTexts reads locale/<lang>/<area>.json, flat objects from key to text. A
// key that two areas define is an error.
func loadTexts(files fs.FS) (*texts, error) {
	t := &texts{byLang: map[Lang]map[string]string{}}
	for _, lang := range langs() {
		t.byLang[lang] = map[string]string{}
		names, err := fs.Glob(files, path.Join("locale", string(lang), "*.json"))
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if err := t.read(files, lang, name); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return t, nil
}

// read adds the texts of one file.
func (t *texts) read(files fs.FS, lang Lang, name string) error {
	b, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	var area map[string]string
	if err := json.Unmarshal(b, &area); err != nil {
		return err
	}
	for key, text := range area {
		if _, dup := t.byLang[lang][key]; dup {
			return fmt.Errorf("key %q is defined twice", key)
		}
		t.byLang[lang][key] = text
	}
	return nil
}

// voice is a language and the way it addresses the reader. Informal makes
// "key.du" win over "key" where a text has both.
type voice struct {
	lang     Lang
	informal bool
}

// voiceOf returns the voice for a language. Only German tells the forms of
// address apart.
func voiceOf(lang Lang, informal bool) voice { return voice{lang, informal && lang == German} }

// voices are all that pages can speak in.
func voices() []voice {
	out := []voice{{German, true}}
	for _, lang := range langs() {
		out = append(out, voice{lang: lang})
	}
	return out
}

// lookup returns the text of key as it stands in the locale.
func (t *texts) lookup(v voice, key string) (string, bool) {
	if v.informal {
		if text, ok := t.byLang[v.lang][key+".du"]; ok {
			return text, true
		}
	}
	text, ok := t.byLang[v.lang][key]
	return text, ok
}

// text returns the text of key with {name} replaced by the values in args,
// which come in pairs name, value. With an argument n the plural form key.one,
// key.few … key.other of the language wins. A missing key is an error, so that
// a page with a hole fails its test instead of reaching a reader.
func (t *texts) text(v voice, key string, args ...any) (string, error) {
	if len(args)%2 != 0 {
		return "", fmt.Errorf("text %q: arguments do not come in pairs", key)
	}
	text, ok := t.plural(v, key, args)
	if !ok {
		text, ok = t.lookup(v, key)
	}
	if !ok {
		return "", fmt.Errorf("text %q is missing in %s", key, v.lang)
	}
	for i := 0; i < len(args); i += 2 {
		text = strings.ReplaceAll(text, fmt.Sprintf("{%v}", args[i]), fmt.Sprint(args[i+1]))
	}
	return text, nil
}

// plural returns the form of key that fits the argument n, if there is one.
func (t *texts) plural(v voice, key string, args []any) (string, bool) {
	for i := 0; i < len(args); i += 2 {
		n, ok := args[i+1].(int)
		if args[i] != "n" || !ok {
			continue
		}
		if text, ok := t.lookup(v, key+"."+pluralForm(v.lang, n)); ok {
			return text, true
		}
		return t.lookup(v, key+".other")
	}
	return "", false
}

// pluralForm returns the CLDR category of n.
func pluralForm(lang Lang, n int) string {
	tag := language.Make(string(lang))
	names := map[plural.Form]string{
		plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many",
	}
	if name, ok := names[plural.Cardinal.MatchPlural(tag, n, 0, 0, 0, 0)]; ok {
		return name
	}
	return "other"
}

// errorText returns the text of an error code, or the general one for a code
// that has none.
func (t *texts) errorText(lang Lang, code string) string {
	v := voice{lang: lang}
	if text, ok := t.lookup(v, "error."+code); ok {
		return text
	}
	text, _ := t.lookup(v, "error.internal")
	return text
}

// prefixed returns all texts whose keys start with one of prefixes, for the
// scripts of a page.
func (t *texts) prefixed(v voice, prefixes ...string) map[string]string {
	out := map[string]string{}
	for key := range t.byLang[v.lang] {
		for _, prefix := range prefixes {
			if strings.HasPrefix(key, prefix) && !strings.HasSuffix(key, ".du") {
				out[key], _ = t.lookup(v, key)
			}
		}
	}
	return out
}
