package web

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// texts holds every text of every language, by key. The texts of a language are
// read when somebody first reads it: a server whose readers speak three of nine
// languages keeps three.
type texts struct {
	pages map[Lang]table
	rules map[Lang]table // of the finder's rules (finder_texts.go)
}

// table returns the texts of one language by key. It reads them at the first
// call and says the same ever after.
type table func() (map[string]string, error)

// loadTexts finds the texts of the pages in the embedded files. Those of German,
// the language of every fallback, are read at once, so that a broken file stops
// the start.
func loadTexts(files fs.FS) (*texts, error) {
	locale, err := localeFS(files)
	if err != nil {
		return nil, fmt.Errorf("texts: %w", err)
	}
	t := &texts{pages: tablesIn(locale, "locale")}
	_, err = t.pages[German]()
	return t, err
}

// localeFS opens the texts that go generate has packed: locale/<lang>/<area>.json.
func localeFS(files fs.FS) (fs.FS, error) {
	archive, err := fs.ReadFile(files, path.Join(distDir, "locale.zip"))
	if err != nil {
		return nil, err
	}
	return zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
}

// tablesIn returns a table for each language, of dir/<lang>/*.json.
func tablesIn(files fs.FS, dir string) map[Lang]table {
	all := map[Lang]table{}
	for _, lang := range langs() {
		all[lang] = sync.OnceValues(func() (map[string]string, error) { return readTable(files, path.Join(dir, string(lang), "*.json")) })
	}
	return all
}

// readTable reads flat objects from key to text. A key that two files define is
// an error.
func readTable(files fs.FS, pattern string) (map[string]string, error) {
	names, err := fs.Glob(files, pattern)
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	for _, name := range names {
		if err := addTexts(all, files, name); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return all, nil
}

// addTexts adds the texts of one file.
func addTexts(all map[string]string, files fs.FS, name string) error {
	b, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	var area map[string]string
	if err := json.Unmarshal(b, &area); err != nil {
		return err
	}
	for key, text := range area {
		if _, dup := all[key]; dup {
			return fmt.Errorf("key %q is defined twice", key)
		}
		all[key] = text
	}
	return nil
}

// of returns the texts of the pages in a language: none for a language without
// a locale, or for one that cannot be read (see text).
func (t *texts) of(lang Lang) map[string]string { return read(t.pages, lang) }

// read returns a table of all, empty when it is missing or broken.
func read(all map[Lang]table, lang Lang) map[string]string {
	if one, ok := all[lang]; ok {
		texts, _ := one()
		return texts
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

// lookup returns the text of key as it stands in the locale.
func (t *texts) lookup(v voice, key string) (string, bool) {
	all := t.of(v.lang)
	if v.informal {
		if text, ok := all[key+".du"]; ok {
			return text, true
		}
	}
	text, ok := all[key]
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
		return "", t.missing(v.lang, key)
	}
	for i := 0; i < len(args); i += 2 {
		text = strings.ReplaceAll(text, fmt.Sprintf("{%v}", args[i]), fmt.Sprint(args[i+1]))
	}
	return text, nil
}

// missing says why there is no text of key.
func (t *texts) missing(lang Lang, key string) error {
	if all, ok := t.pages[lang]; ok {
		if _, err := all(); err != nil {
			return err
		}
	}
	return fmt.Errorf("text %q is missing in %s", key, lang)
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
	for key := range t.of(v.lang) {
		for _, prefix := range prefixes {
			if strings.HasPrefix(key, prefix) && !strings.HasSuffix(key, ".du") {
				out[key], _ = t.lookup(v, key)
			}
		}
	}
	return out
}
