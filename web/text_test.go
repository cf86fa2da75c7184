package web

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// loaded returns the texts of the program.
func loaded(t *testing.T) *texts {
	t.Helper()
	all, err := loadTexts(staticFS)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var (
	pluralSuffix = regexp.MustCompile(`\.(zero|one|two|few|many|other)$`)
	placeholder  = regexp.MustCompile(`\{[a-z_]+\}`)
)

// bases returns the keys without plural forms and forms of address.
func bases(texts map[string]string) map[string]bool {
	out := map[string]bool{}
	for key := range texts {
		key = strings.TrimSuffix(key, ".du")
		if _, plural := texts[pluralSuffix.ReplaceAllString(key, "")+".other"]; plural {
			key = pluralSuffix.ReplaceAllString(key, "")
		}
		out[key] = true
	}
	return out
}

// worlds says for each area of texts, which is a file and the first part of its
// keys, in which languages people read it. A new file needs a row.
var worlds = map[string]func() []Lang{
	"centres": langs, "chat": langs, "common": langs, "error": langs, "finder": langs, "public": langs, "themes": langs,
	"coverage": langs,
	"board":    staffLangs, "roster": staffLangs, "team": staffLangs, "upkeep": staffLangs,
}

// readIn reports whether people read the text of key in a language.
func readIn(key string, lang Lang) bool {
	area, _, _ := strings.Cut(key, ".")
	return worlds[area] != nil && slices.Contains(worlds[area](), lang)
}

// forSeekers reports whether the text of key is in the seekers' world.
func forSeekers(key string) bool {
	return !slices.ContainsFunc(langs(), func(l Lang) bool { return !readIn(key, l) })
}

func TestEveryAreaHasItsWorld(t *testing.T) {
	for _, lang := range langs() {
		files, err := filepath.Glob("locale/" + string(lang) + "/*.json")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			area := strings.TrimSuffix(filepath.Base(file), ".json")
			if !readIn(area, lang) {
				t.Errorf("%s: say in the table of worlds who reads it", file)
			}
			own, err := readTable(os.DirFS("."), filepath.ToSlash(file))
			if err != nil {
				t.Error(err)
			}
			for key := range own {
				if !strings.HasPrefix(key, area+".") {
					t.Errorf("%s holds %s, a key of another area", file, key)
				}
			}
		}
	}
}

func TestEveryLocaleIsOffered(t *testing.T) {
	folders, err := filepath.Glob("locale/*")
	if err != nil || len(folders) == 0 {
		t.Fatalf("%v, %v", folders, err)
	}
	for _, folder := range folders {
		if lang := Lang(filepath.Base(folder)); !lang.Known() || lang.Name() == "" {
			t.Errorf("%s is no language of the switch", lang)
		}
	}
}

func TestEveryLanguageHasTheSameKeys(t *testing.T) {
	all := loaded(t)
	german := bases(all.of(German))
	for _, lang := range langs() {
		own := bases(all.of(lang))
		for _, key := range slices.Sorted(maps.Keys(german)) {
			if !own[key] && readIn(key, lang) {
				t.Errorf("%s lacks %s", lang, key)
			}
		}
		for _, key := range slices.Sorted(maps.Keys(own)) {
			if !german[key] {
				t.Errorf("%s has %s, which German lacks", lang, key)
			}
		}
	}
}

func TestTextsAreWholeInEveryLanguage(t *testing.T) {
	all := loaded(t)
	for _, lang := range langs() {
		for key, text := range all.of(lang) {
			if strings.TrimSpace(text) != text || text == "" {
				t.Errorf("%s %s: empty or with space around it", lang, key)
			}
			if strings.ContainsAny(text, "<>") {
				t.Errorf("%s %s holds markup", lang, key)
			}
			german, ok := all.of(German)[key]
			if !ok || pluralSuffix.MatchString(key) {
				continue
			}
			if want, got := fields(german), fields(text); !slices.Equal(want, got) {
				t.Errorf("%s %s has the placeholders %v, German has %v", lang, key, got, want)
			}
		}
	}
}

// fields returns the placeholders of a text, sorted.
func fields(text string) []string {
	found := placeholder.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func TestEveryPluralHasTheFormsOfItsLanguage(t *testing.T) {
	all := loaded(t)
	for _, lang := range langs() {
		for key := range all.of(lang) {
			base, ok := strings.CutSuffix(key, ".other")
			if _, counted := all.of(German)[base+".one"]; !ok || !counted {
				continue // "other" is a word of its own
			}
			for n := range 200 {
				if pluralForm(lang, n) == "zero" || !forSeekers(key) {
					continue // may be said with other
				}
				form := base + "." + pluralForm(lang, n)
				if all.of(lang)[form] == "" {
					t.Errorf("%s lacks %s, for %d", lang, form, n)
					break
				}
			}
		}
	}
}

// sources returns the templates, scripts and Go files that may use a text.
func sources(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, root := range []string{".", "../chat", "../directory", "../internal"} {
		err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				if entry != nil && (entry.Name() == "node_modules" || entry.Name() == "vendor" || entry.Name() == "dist" || entry.Name() == "e2e") {
					return fs.SkipDir
				}
				return err
			}
			if strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, ".test.ts") {
				return nil
			}
			if ext := filepath.Ext(name); ext == ".go" || ext == ".html" || ext == ".ts" {
				b, err := os.ReadFile(name)
				out[name] = string(b)
				return err
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

var (
	keyPattern    = regexp.MustCompile("[\"'`]([a-z_]+(?:\\.[A-Za-z0-9_-]+)+)[\"'`]")
	prefixPattern = regexp.MustCompile("[\"'`]([a-z_]+\\.(?:[a-z0-9_.-]*[._-])?)(?:%s[^\"'`]*|\\$\\{[^\"'`]*)?[\"'`]")
	stemPattern   = regexp.MustCompile("[\"'`]([a-z_]+\\.[a-z0-9_.]+)(?:%s|\\$\\{)")
)

func TestEveryTextIsUsed(t *testing.T) {
	exact, prefixes := map[string]bool{}, map[string]bool{}
	for name, source := range sources(t) {
		for _, m := range keyPattern.FindAllStringSubmatch(source, -1) {
			exact[m[1]] = true
		}
		for _, m := range stemPattern.FindAllStringSubmatch(source, -1) {
			prefixes[m[1]] = true
		}
		// A prefix that only hands texts to a script is no use of them.
		for _, m := range prefixPattern.FindAllStringSubmatch(withoutTexts(name, source), -1) {
			prefixes[m[1]] = true
		}
	}
	codes, everything := errorCodes(t), allText(t)
	for key := range bases(loaded(t).of(German)) {
		if code, ok := strings.CutPrefix(key, "error."); ok {
			if !codes[code] && !exact[key] && !strings.Contains(everything, `"`+code+`"`) {
				t.Errorf("%s is the text of a code that nothing returns", key)
			}
			continue
		}
		used := func(prefix string) bool { return strings.HasPrefix(key, prefix) }
		if !exact[key] && !slices.ContainsFunc(slices.Collect(maps.Keys(prefixes)), used) {
			t.Errorf("%s is used nowhere", key)
		}
	}
}

// withoutTexts drops from a template the calls that hand texts to a script.
func withoutTexts(name, source string) string {
	if filepath.Ext(name) != ".html" {
		return source
	}
	return regexp.MustCompile(`\(texts [^)]*\)`).ReplaceAllString(source, "")
}

// allText is the text of all Go and TypeScript sources.
func allText(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	for _, source := range sources(t) {
		b.WriteString(source)
	}
	return b.String()
}

func TestEveryKeyInTheSourcesHasAText(t *testing.T) {
	german := loaded(t).of(German)
	known := bases(german)
	areas := map[string]bool{}
	for key := range known {
		area, _, _ := strings.Cut(key, ".")
		areas[area] = true
	}
	call := regexp.MustCompile("(?:\\bt|\\bin|text|describe|add)\\s*\\(?\\s*(?:v, |\\$?[A-Za-z.]+ )?[\"'`]([a-z_]+(?:\\.[A-Za-z0-9_-]+)+)[\"'`]")
	for name, source := range sources(t) {
		for _, m := range call.FindAllStringSubmatch(source, -1) {
			if area, _, _ := strings.Cut(m[1], "."); areas[area] && !known[m[1]] && !strings.HasSuffix(m[1], ".html") {
				t.Errorf("%s uses %s, which has no text", name, m[1])
			}
		}
	}
}

func TestEveryErrorCodeHasAText(t *testing.T) {
	german := loaded(t).of(German)
	for code := range errorCodes(t) {
		if german["error."+code] == "" {
			t.Errorf("error.%s has no text", code)
		}
	}
}

// errorCodes returns the codes of all faults and fields that the Go sources
// make: the literals in calls of fault.New, Wrap, RetryAfter and InvalidInput,
// and what is assigned to an entry of a map that goes there.
func errorCodes(t *testing.T) map[string]bool {
	t.Helper()
	codes := map[string]bool{}
	for name, source := range sources(t) {
		if filepath.Ext(name) != ".go" || strings.HasPrefix(name, "build/") || strings.Contains(name, "testenv") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, source, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			collectCodes(n, codes)
			return true
		})
	}
	return codes
}

// collectCodes adds the codes in one call or assignment.
func collectCodes(n ast.Node, codes map[string]bool) {
	switch n := n.(type) {
	case *ast.CallExpr:
		sel, ok := n.Fun.(*ast.SelectorExpr)
		pkg, isName := any(nil), false
		if ok {
			pkg, isName = sel.X.(*ast.Ident)
		}
		if !isName || pkg.(*ast.Ident).Name != "fault" {
			return
		}
		switch sel.Sel.Name {
		case "New", "Wrap", "RetryAfter":
			addCode(n.Args[1], codes)
		case "InvalidInput":
			ast.Inspect(n, func(m ast.Node) bool {
				if kv, ok := m.(*ast.KeyValueExpr); ok {
					addCode(kv.Value, codes)
				}
				return true
			})
		}
	case *ast.AssignStmt:
		index, ok := n.Lhs[0].(*ast.IndexExpr)
		if !ok || len(n.Rhs) != 1 {
			return
		}
		if name, ok := index.X.(*ast.Ident); ok && slices.Contains([]string{"fields", "errs", "bad", "wrong"}, name.Name) {
			addCode(n.Rhs[0], codes)
		}
	}
}

// addCode adds a literal code.
func addCode(e ast.Expr, codes map[string]bool) {
	if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
		if code, err := strconv.Unquote(lit.Value); err == nil {
			codes[code] = true
		}
	}
}

func TestPluralsAndNames(t *testing.T) {
	all := &texts{pages: map[Lang]table{
		"de": func() (map[string]string, error) {
			return map[string]string{"x.one": "eine", "x.other": "{n} Stück", "y": "{a} und {b}", "z": "Sie", "z.du": "du"}, nil
		},
		"ar": func() (map[string]string, error) {
			return map[string]string{"x.zero": "صفر", "x.two": "اثنان", "x.few": "{n} قليل", "x.other": "{n}"}, nil
		},
		"uk": func() (map[string]string, error) {
			return map[string]string{"x.one": "{n} раз", "x.few": "{n} рази", "x.many": "{n} разів", "x.other": "{n} разу"}, nil
		},
		"en": func() (map[string]string, error) { return nil, errors.New("locale/en/x.json is broken") },
	}}
	for _, c := range []struct {
		v    voice
		key  string
		args []any
		want string
	}{
		{voice{lang: "de"}, "x", []any{"n", 1}, "eine"},
		{voice{lang: "de"}, "x", []any{"n", 0}, "0 Stück"},
		{voice{lang: "ar"}, "x", []any{"n", 0}, "صفر"},
		{voice{lang: "ar"}, "x", []any{"n", 2}, "اثنان"},
		{voice{lang: "ar"}, "x", []any{"n", 5}, "5 قليل"},
		{voice{lang: "ar"}, "x", []any{"n", 100}, "100"},
		{voice{lang: "uk"}, "x", []any{"n", 21}, "21 раз"},
		{voice{lang: "uk"}, "x", []any{"n", 22}, "22 рази"},
		{voice{lang: "uk"}, "x", []any{"n", 12}, "12 разів"},
		{voice{lang: "uk"}, "x", []any{"n", 0}, "0 разів"},
		{voice{lang: "de"}, "y", []any{"a", "eins", "b", 2}, "eins und 2"},
		{voice{lang: "de"}, "z", nil, "Sie"},
		{voice{lang: "de", informal: true}, "z", nil, "du"},
		{voice{lang: "de", informal: true}, "y", []any{"a", 1, "b", 2}, "1 und 2"},
	} {
		if got, err := all.text(c.v, c.key, c.args...); got != c.want || err != nil {
			t.Errorf("%v %s %v: %q, %v", c.v, c.key, c.args, got, err)
		}
	}
	if _, err := all.text(voice{lang: "de"}, "none"); err == nil {
		t.Error("a missing text is no error")
	}
	if _, err := all.text(voice{lang: "en"}, "x"); err == nil || !strings.Contains(err.Error(), "broken") {
		t.Errorf("a broken locale says %v", err)
	}
	if _, err := all.text(voice{lang: "de"}, "y", "a"); err == nil {
		t.Error("half a pair is no error")
	}
}
