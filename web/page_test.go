package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"lotse/directory"
	"lotse/internal/feedback"
	"lotse/internal/staff"
)

// variants are further states of pages, as queries below the language.
var variants = []string{
	"?topic=schulden&language=de&postcode=12345", "feedback?danke", "feedback?seite=chat", "feedback?seite=%3Cscript%3E",
	"stellen?topic=schulden&postcode=50667", "stellen?postcode=1", "stellen?postcode=Nirgendheim", "stellen?q=ich+habe+schulden+50667",
	"stellen?q=schulden+sucht&without=sucht&open=1&speaks=gsg&accessible=step_free", "stellen?q=ich+will+nicht+mehr+leben", "stellen?q=xqzv",
	"stellen?topic=reha&postcode=17489", "feedback?seite=stellen/1", "leistungen/wohngeld", "leistungen/nirgends", "themen/gesundheit", "themen/hilfe-zum-lebensunterhalt", "themen/betaeubungsmittel-erlaubnis", "chat?topic=schulden", "chat?topic=none", "nowhere",
}

// aCentre returns the id of some centre.
func aCentre(s *Server) string {
	found, err := s.directory.Find(context.Background(), directory.Query{Postcode: "50667", Limit: 1})
	if err != nil || len(found.Results) == 0 {
		panic("the fixture has no centre")
	}
	return found.Results[0].ID
}

// pageRequests are requests for every page of the route table in one language,
// each by somebody who may see it, and for the variants.
func pageRequests(s *Server, lang Lang) []*http.Request {
	var out []*http.Request
	for _, route := range s.routeList {
		path, ok := strings.CutPrefix(route.Pattern, "GET ")
		if !ok || strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/hsds/") || strings.HasPrefix(path, "/static/") || path == "/ws" || strings.Contains(path, ".") {
			continue
		}
		path = strings.NewReplacer("{lang}", string(lang), "{$}", "", "{id}", aCentre(s), "{token}", linkToken(s)).Replace(path)
		if strings.HasPrefix(path, "/team") {
			path += "?lang=" + string(lang)
		}
		r := as(s, everyRole, httptest.NewRequest(http.MethodGet, path, nil))
		out = append(out, withLink(s, r))
	}
	for _, variant := range variants {
		out = append(out, httptest.NewRequest(http.MethodGet, "/"+string(lang)+"/"+variant, nil))
	}
	return out
}

func TestEveryPageInEveryLanguageIsWellMade(t *testing.T) {
	o := newRosterHouse(t).furnished()
	if err := o.Feedback.Leave(t.Context(), feedback.Report{Page: "chat", Text: "zu klein", Contact: "post"}); err != nil {
		t.Fatal(err)
	}
	s := serverOf(t, o)
	for _, lang := range langs() {
		for _, r := range pageRequests(s, lang) {
			w := do(s, r)
			if w.Code == http.StatusSeeOther {
				continue // the exit, the choice of language
			}
			lang := lang
			if forStaff(r.URL.Path) && !lang.Staffed() {
				lang = German // what staff read whose language has no pages for them
			}
			if w.Code >= 500 || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
				t.Errorf("%s: %d %s", r.URL, w.Code, w.Header().Get("Content-Type"))
				continue
			}
			for _, wrong := range pageFacts(w.Body, lang) {
				t.Errorf("%s: %s", r.URL, wrong)
			}
		}
	}
	checkAllRendered(t, s)
}

// checkAllRendered fails for each page that has not been shown so far in some
// frame, and in that frame in each language it is written in.
func checkAllRendered(t *testing.T, s *Server) {
	t.Helper()
	frames := map[string]func() []Lang{"layout": langs, "layout_team": staffLangs}
	files, err := templateFS.ReadDir("template")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name, found := strings.TrimSuffix(file.Name(), ".html"), false
		for layout, written := range frames {
			if !isPage(file.Name()) || !shown(t, s, German, layout, name) {
				continue
			}
			found = true
			if strings.HasPrefix(name, "upkeep_") {
				written = staffLangs // read by centres
			}
			for _, lang := range written() {
				if !shown(t, s, lang, layout, name) {
					t.Errorf("%s was never shown in %s in %s", name, layout, lang)
				}
			}
		}
		if isPage(file.Name()) && !found {
			t.Errorf("%s was never shown", name)
		}
	}
}

// shown reports whether a page has been executed: html/template adds what escapes
// the values when it first executes a template, and not before.
func shown(t *testing.T, s *Server, lang Lang, layout, name string) bool {
	t.Helper()
	page, err := s.pages.get(voice{lang: lang}, layout, name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Contains(page.Tree.Root.String(), "_html_template_")
}

func TestPublicPagesSetNoCookie(t *testing.T) {
	s := testServer(t)
	for _, lang := range langs() {
		for _, r := range pageRequests(s, lang) {
			if strings.HasPrefix(r.URL.Path, "/team") {
				continue
			}
			r.Header.Del("Cookie")
			if got := do(s, r).Header().Values("Set-Cookie"); len(got) > 0 {
				t.Errorf("%s sets %q", r.URL, got)
			}
		}
	}
}

// storage matches what would leave something in the browser.
var storage = regexp.MustCompile(`(local|session)Storage\.setItem|indexedDB\.open|document\.cookie`)

func TestPublicScriptStoresNothing(t *testing.T) {
	s := testServer(t)
	if found := storage.FindString(content(t, s, "start.js")); found != "" {
		t.Errorf("start.js holds %q", found)
	}
}

func TestLanguageSwitchKeepsThePage(t *testing.T) {
	body := get(testServer(t), "/de/stellen?topic=sucht&postcode=12345").Body.String()
	for _, lang := range langs() {
		want := `href="/` + string(lang) + `/stellen?topic=sucht&amp;postcode=12345"`
		if !strings.Contains(body, want) {
			t.Errorf("no link %s", want)
		}
	}
}

func TestEveryPageLeadsToWhatTheLawAsksFor(t *testing.T) {
	s := testServer(t)
	for _, r := range pageRequests(s, German) {
		w := do(s, r)
		if w.Code == http.StatusSeeOther {
			continue
		}
		body := w.Body.String()
		for _, path := range []string{"/de/barrierefreiheit", "/de-simple/", "/de/feedback", "/de/sicherheit", "/de/impressum", "/de/datenschutz"} {
			if !strings.Contains(body, `href="`+path) {
				t.Errorf("%s does not link %s", r.URL, path)
			}
		}
		if !strings.HasPrefix(r.URL.Path, "/team") && !strings.Contains(body, `href="/de/verlassen"`) {
			t.Errorf("%s has no exit", r.URL)
		}
	}
}

func TestFirstViewIsLight(t *testing.T) {
	s := testServer(t)
	r := httptest.NewRequest(http.MethodGet, "/de/", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	total := do(s, r).Body.Len()
	script := 0
	for _, name := range []string{"lotse.css", "start.js", "favicon.svg", "fira-sans-latin-400-normal.woff2", "fira-sans-latin-600-normal.woff2",
		"icon-danger.svg", "form-input.svg"} {
		hashed, ok := s.assets.byName[name]
		if !ok {
			continue
		}
		size := len(s.assets.files[hashed].stored)
		total += size
		if strings.HasSuffix(name, ".js") {
			script += size
		}
	}
	if total > 100_000 || script > 15_000 {
		t.Errorf("the first view weighs %d bytes, %d of them script", total, script)
	}
	t.Logf("first view: %d bytes over the wire, %d of them script", total, script)
}

func TestSuggestionsWeighLittle(t *testing.T) {
	s := testServer(t)
	if n := len(s.assets.files[s.assets.byName["centres.js"]].stored); n == 0 || n > 4_000 {
		t.Errorf("the script of the search weighs %d bytes", n)
	}
}

func TestPagesAreCompressedWhenTheBrowserTakesIt(t *testing.T) {
	s := testServer(t)
	plain := get(s, "/en/sicherheit").Body.String()
	for encoding, compressed := range map[string]bool{
		"gzip": true, "br, gzip;q=0.5": true, "GZIP": true, "gzip;q=0": false, "gzip; q=0": false, "br": false, "": false,
	} {
		r := httptest.NewRequest(http.MethodGet, "/en/sicherheit", nil)
		r.Header.Set("Accept-Encoding", encoding)
		w := do(s, r)
		if got := w.Header().Get("Content-Encoding") == "gzip"; got != compressed {
			t.Errorf("Accept-Encoding %q: compressed %v", encoding, got)
		}
		if w.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("Vary is %q", w.Header().Get("Vary"))
		}
		body := w.Body.String()
		if compressed {
			body = gunzip(t, w.Body)
		}
		if body != plain {
			t.Errorf("Accept-Encoding %q changes the page", encoding)
		}
	}
}

func TestSignedInPeopleSeeTheirMenu(t *testing.T) {
	s := testServer(t)
	w := do(s, as(s, staff.Admin, httptest.NewRequest(http.MethodGet, "/team/rueckmeldungen?lang=de", nil)))
	body := w.Body.String()
	if !strings.Contains(body, `href="/team/rueckmeldungen" aria-current="page"`) || !strings.Contains(body, "Mira Muster") {
		t.Error("the admin's menu lacks the page it is on, or the name")
	}
	if strings.Contains(body, `href="/team/pruefpfad"`) {
		t.Error("the admin's menu shows the auditor's page")
	}
}
