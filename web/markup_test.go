package web

import (
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// sinks turn text into markup or code. Trusted Types forbid most of them in the
// browser; nobody should get as far as to find out.
var sinks = regexp.MustCompile(`\.(innerHTML|outerHTML|srcdoc)\b|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|setHTMLUnsafe|\beval\(|new Function|setTimeout\(\s*["'` + "`" + `]|javascript:`)

func TestScriptsMakeNoMarkupOfText(t *testing.T) {
	files := 0
	err := filepath.WalkDir("app", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".ts" || strings.Contains(path, "vendor") {
			return err
		}
		files++
		source, err := os.ReadFile(path)
		if found := sinks.Find(source); found != nil {
			t.Errorf("%s uses %s", path, found)
		}
		return err
	})
	if err != nil || files < 20 {
		t.Errorf("%d files, %v", files, err)
	}
}

// hostile are texts that have broken out of pages elsewhere.
var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `javascript:alert(1)`, `</title><script>alert(1)</script>`,
	`{{.}}{{printf "%s" "x"}}`, `<svg/onload=alert(1)>`, `<base href=//evil.example/>`, `--><script>alert(1)</script>`, `"autofocus onfocus=alert(1) x="`,
	`<iframe srcdoc="<script>alert(1)</script>">`, "\u2028</script>", "<a href=\"java\tscript:alert(1)\">", `</textarea><script>alert(1)</script>`, `<style>@import '//evil.example'</style>`,
}

// TestMarkupInInputStaysText sends such texts by every way that comes back in a
// page: queries, a form that was wrong, and what others wrote for admins to read.
func TestMarkupInInputStaysText(t *testing.T) {
	s := testServer(t)
	for _, text := range hostile {
		q := url.QueryEscape(text)
		for _, path := range []string{
			"/de/stellen?topic=" + q + "&postcode=" + q, "/de/chat?topic=" + q + "&language=" + q, "/de/feedback?seite=" + q, "/de/" + url.PathEscape(text),
			"/team/anmelden?weiter=" + q, "/team/einladung?" + q, "/de/rueckkehr?" + q,
		} {
			isText(t, path, do(s, requestFor("GET "+path)).Body.String(), text)
		}
		wrong := do(s, form("/de/feedback", url.Values{"text": {""}, "contact": {text}, "page": {text}}))
		isText(t, "a form that was wrong", wrong.Body.String(), text)
		do(s, form("/de/feedback", url.Values{"text": {text + " und noch etwas"}, "contact": {text}, "page": {"/"}}))
	}
	isText(t, "the list of reports", do(s, as(s, "admin", requestFor("GET /team/rueckmeldungen"))).Body.String(), "")
}

// isText checks that a page runs and loads nothing but what its template says.
func isText(t *testing.T, where, page, text string) {
	t.Helper()
	d, err := readPage(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	d.noInline()
	for _, link := range d.all("a") {
		if href := attr(link, "href"); strings.Contains(strings.ToLower(href), "script:") && !strings.HasPrefix(href, "/") {
			d.fail("a link leads to %q", href)
		}
	}
	for _, image := range d.all("img") {
		d.fail("a picture of %q", attr(image, "src")) // no page has one
	}
	for _, fact := range d.wrong {
		t.Errorf("%s with %q: %s", where, text, fact)
	}
}
