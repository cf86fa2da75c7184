package web

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"lotse/internal/staff"
)

// Page is the dot of every template. Data is the page's own part.
type Page struct {
	Lang     Lang
	Dir      string // ltr or rtl
	Informal bool   // addresses the reader with du
	Name     string // file name of the template without .html
	Rest     string // path below the language, "" for the start page, "chat", …
	Query    string // raw query, "" or "?…"
	Status   int
	Operator Operator
	Staff    bool         // stands in the staff's frame
	Indexed  bool         // search engines may show it
	Actor    *staff.Actor // who is signed in, on the staff's pages
	Menu     []MenuItem   // the staff's navigation, by role
	Data     any
}

// Informal is implemented by page data whose provider addresses people with du.
type Informal interface{ Informal() bool }

// voice is how the page speaks.
func (p Page) voice() voice { return voiceOf(p.Lang, p.Informal) }

// funcs are the functions of the templates:
//
//	t key [name value]…   the text of key; texts prefix… a map of texts for scripts
//	rule key              the text of the finder's rules of that key
//	in lang key           the text of key in another language
//	path rest             the address of a page in this language
//	asset name, sri name  the address and the digest of a built file
//	args name value…      what a part needs, as a map
//	list, items, join, day, digits   small forms of lists, dates and telephone numbers
func funcs(v voice, t *texts, a *assets) template.FuncMap {
	return template.FuncMap{
		"t":     func(key string, args ...any) (string, error) { return t.text(v, key, args...) },
		"rule":  func(key string) string { return t.rule(v.lang, key) },
		"texts": func(prefixes ...string) map[string]string { return t.prefixed(v, prefixes...) },
		"path":  func(rest string) string { return "/" + string(v.lang) + "/" + rest },
		"asset": a.url,
		"sri":   a.integrity,
		"in":    func(l Lang, key string) (string, error) { return t.text(voice{lang: l}, key) },
		"list":  func(items ...string) []string { return items },
		"args":  args,
		"items": func(items ...any) []any { return items },
		"join":  func(items []string) string { return strings.Join(items, ", ") },
		"day":   func(t time.Time) string { return t.Format("2.1.2006") },
		// digits leaves of a telephone number what can be dialled.
		"digits": func(number string) string { return strings.ReplaceAll(number, " ", "") },
	}
}

// render answers with the page in the language of r. Nothing is written when
// the template fails, so that the caller can still show an error page.
func (s *Server) render(w http.ResponseWriter, r *http.Request, status int, name string, data any) error {
	p := s.page(r, status, name, data)
	layout := "layout"
	if p.Staff {
		layout = "layout_team"
	}
	tmpl, err := s.pages.get(p.voice(), layout, name)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := tmpl.Execute(&out, p); err != nil {
		return fmt.Errorf("render %s in %s: %w", name, p.Lang, err)
	}
	s.write(w, r, status, "text/html; charset=utf-8", out.Bytes())
	return nil
}

// page fills the dot of the templates.
func (s *Server) page(r *http.Request, status int, name string, data any) Page {
	lang := langOf(r)
	p := Page{
		Lang: lang, Dir: lang.Dir(), Name: name, Status: status, Operator: s.operator, Data: data,
		Rest: strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/"+string(lang)), "/"),
	}
	p.Staff = forStaff(r.URL.Path)
	p.Indexed = status == http.StatusOK && strings.HasPrefix(r.URL.Path, "/"+string(lang)+"/") && !isLinked(p.Rest)
	if actor, ok := actorOf(r); ok {
		p.Actor, p.Menu = &actor, menu(actor, r.URL.Path)
	}
	if r.URL.RawQuery != "" {
		p.Query = "?" + r.URL.RawQuery
	}
	if d, ok := data.(Informal); ok {
		p.Informal = d.Informal()
	}
	return p
}

// Languages are those that the page can be read in, in the order of the switch.
func (p Page) Languages() []Lang { return langsOf(p.Rest) }

// args makes a map of names and values that come in pairs.
func args(pairs ...any) map[string]any {
	out := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		out[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return out
}
