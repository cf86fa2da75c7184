package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestGeneratedFilesAreFresh builds twice and compares with what is committed.
func TestGeneratedFilesAreFresh(t *testing.T) {
	t.Chdir("..")
	first, err := build()
	if err != nil {
		t.Fatal(err)
	}
	second, err := build()
	if err != nil {
		t.Fatal(err)
	}
	if len(first.files["locale.zip"]) == 0 || !maps.EqualFunc(first.files, second.files, bytes.Equal) || !maps.Equal(first.manifest, second.manifest) {
		t.Error("two builds of the same sources differ")
	}
	first.dir = filepath.Join(t.TempDir(), "dist")
	if err := first.write(); err != nil {
		t.Fatal(err)
	}
	want, got := readDir(t, first.dir), readDir(t, "static/dist")
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if !bytes.Equal(want[name], got[name]) {
			t.Errorf("static/dist/%s is not what the sources make; run go generate ./web", name)
		}
		delete(got, name)
	}
	for name := range got {
		t.Errorf("static/dist/%s comes from nowhere", name)
	}
}

// readDir returns the files in dir.
func readDir(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, entry := range entries {
		if files[entry.Name()], err = os.ReadFile(filepath.Join(dir, entry.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func TestWriteReplacesAndRemoves(t *testing.T) {
	out := newOutput(t.TempDir())
	hashed := out.add("a.js", []byte("new"))
	if err := os.WriteFile(filepath.Join(out.dir, "a.00000000.js"), []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := out.write(); err != nil {
			t.Fatal(err)
		}
	}
	got := readDir(t, out.dir)
	if len(got) != 2 || string(got[hashed]) != "new" || !strings.Contains(string(got["manifest.json"]), `"a.js": "`+hashed+`"`) {
		t.Errorf("%q", got)
	}
}

func TestWhatShrinksIsCompressed(t *testing.T) {
	content := strings.Repeat("the same again ", 99)
	name, small, err := packed("a.js", []byte(content))
	if err != nil || name != "a.js.gz" {
		t.Fatalf("%s, %v", name, err)
	}
	z, err := gzip.NewReader(bytes.NewReader(small))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := io.ReadAll(z); err != nil || string(plain) != content {
		t.Errorf("%q, %v", plain, err)
	}
	if name, same, err := packed("b.woff2", small); err != nil || name != "b.woff2" || !bytes.Equal(same, small) {
		t.Errorf("%s, %v", name, err)
	}
}

// parsed reads a sheet.
func parsed(t *testing.T, css string) []*rule {
	t.Helper()
	rules, err := parseCSS(css)
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

func TestSheetComesBackAsItWas(t *testing.T) {
	for in, want := range map[string]string{
		`a{b:c}`: "a{b:c;}\n",
		`@charset "x"; /* ; { */ a , b { c : d ; }`: "a , b{c:d;}\n",
		`@media (x:y){a{b:c}d{e:f}}`:                "@media (x:y){a{b:c;}\nd{e:f;}\n}\n",
		`a{b:url("data:x;{}")}`:                     "a{b:url(\"data:x;{}\");}\n",
		`a[b="}"]{c:d}`:                             "a[b=\"}\"]{c:d;}\n",
		`@keyframes r{0%{a:b}100%{a:c}}`:            "@keyframes r{0%{a:b;}\n100%{a:c;}\n}\n",
	} {
		rules, err := parseCSS(in)
		if got := printCSS(rules); got != want || err != nil {
			t.Errorf("%s: %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"a{b:c", "a{b:c}}", "a{nonsense}"} {
		if _, err := parseCSS(in); err == nil {
			t.Errorf("%s is taken", in)
		}
	}
}

func TestSidesBecomeLogical(t *testing.T) {
	for in, want := range map[string]string{
		"a{margin-left:1px}":                     "a{margin-inline-start:1px;}\n",
		"a{padding-right:var(--x, 1px)}":         "a{padding-inline-end:var(--x, 1px);}\n",
		"a{left:0}":                              "a{inset-inline-start:0;}\n",
		"a{float:left}":                          "a{float:inline-start;}\n",
		"a{text-align:right !important}":         "a{text-align:end !important;}\n",
		"a{border-top-left-radius:1px}":          "a{border-start-start-radius:1px;}\n",
		"a{padding:1px 2px 3px 4px}":             "a{padding-block:1px 3px;padding-inline:4px 2px;}\n",
		"a{padding:1px 2px 3px 2px}":             "a{padding:1px 2px 3px 2px;}\n",
		"a{margin:0 var(--a, 1px) 0 0}":          "a{margin-block:0 0;margin-inline:0 var(--a, 1px);}\n",
		"a{left:3px;transform:rotate(47deg)}":    "a{left:3px;transform:rotate(47deg);}\n",
		"@media x{a{right:0}}":                   "@media x{a{inset-inline-end:0;}\n}\n",
		"a{--left:1px;background-position:left}": "a{--left:1px;background-position:left;}\n",
	} {
		rules := parsed(t, in)
		makeLogical(rules)
		if got := printCSS(rules); got != want {
			t.Errorf("%s: %q", in, got)
		}
	}
}

func TestPurgeKeepsWhatMayOccur(t *testing.T) {
	used := readWords([][]byte{[]byte(`class="kern-btn" "kern-alert--" + tone; icon("close") data-open`)})
	for in, want := range map[string]string{
		".kern-btn{a:b}":                                       ".kern-btn{a:b;}\n",
		".kern-card{a:b}":                                      "",
		".kern-btn,.kern-card{a:b}":                            ".kern-btn{a:b;}\n",
		".kern-alert--danger{a:b}":                             ".kern-alert--danger{a:b;}\n",
		".kern-icon--close{a:b}":                               ".kern-icon--close{a:b;}\n",
		".kern-icon--open{a:b}":                                "",
		"body:not(.kern-card){a:b}":                            "body:not(.kern-card){a:b;}\n",
		":is(body,.kern-card):not([class*=x]){a:b}":            ":is(body,.kern-card):not([class*=x]){a:b;}\n",
		"[data-theme=dark]{a:b}":                               "",
		"[data-open]{a:b}":                                     "[data-open]{a:b;}\n",
		":root{--a:1;--b:var(--a);--c:2}.kern-btn{x:var(--b)}": ":root{--a:1;--b:var(--a);}\n.kern-btn{x:var(--b);}\n",
		":root{--a:1;--b:var(--a)}":                            "",
		":root{--own:1}":                                       ":root{--own:1;}\n",
		"@media x{.kern-card{a:b}}":                            "",
		"@keyframes r{0%{a:b}}":                                "",
		"@keyframes r{0%{a:b}}.kern-btn{animation:r 1s}":       "@keyframes r{0%{a:b;}\n}\n.kern-btn{animation:r 1s;}\n",
	} {
		if got := printCSS(purge(parsed(t, in), used, parsed(t, ".own{a:var(--own)}"))); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func TestIconsBecomeFiles(t *testing.T) {
	out := newOutput("")
	rules := parsed(t, `.kern-icon--add{mask:url("data:image/svg+xml,%3Csvg height='' viewBox='0 0 1 1'%3E%3C/svg%3E") no-repeat}`+
		`.kern-icon--add2{mask:url("data:image/svg+xml,%3Csvg height='' viewBox='0 0 1 1'%3E%3C/svg%3E")}`)
	if err := extractIcons(rules, out); err != nil {
		t.Fatal(err)
	}
	hashed := out.manifest["icon-add.svg"]
	if len(out.files) != 1 || string(out.files[hashed]) != `<svg viewBox='0 0 1 1'></svg>` {
		t.Errorf("%q", out.files)
	}
	if got := printCSS(rules); strings.Contains(got, "data:") || strings.Count(got, "url("+hashed+")") != 2 {
		t.Errorf("%s", got)
	}
}
