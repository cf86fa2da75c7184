package web

import (
	"encoding/xml"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"lotse/directory"
	"lotse/internal/fault"
)

// The map of the site for search engines (sitemaps.org 0.9): a list of parts, one
// with the pages and as many with centres as it takes. Each page stands there in
// every language, with the others beside it (hreflang). Centres stand there as
// the search shows them to everybody; the page of a protected place is public and
// tells its Kreis and its telephone.

// centresPerPart keeps a part below the limits of the standard: 50,000 addresses
// and 50 MB.
const centresPerPart = 5000

type sitemapIndex struct {
	XMLName xml.Name      `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 sitemapindex"`
	Parts   []sitemapSite `xml:"sitemap"`
}

type sitemapSite struct {
	Loc string `xml:"loc"`
}

type sitemapSet struct {
	XMLName xml.Name      `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
	XHTML   string        `xml:"xmlns:xhtml,attr"`
	Pages   []sitemapPage `xml:"url"`
}

type sitemapPage struct {
	Loc     string        `xml:"loc"`
	LastMod string        `xml:"lastmod,omitempty"`
	Others  []sitemapLink `xml:"xhtml:link"`
}

type sitemapLink struct {
	Rel  string `xml:"rel,attr"`
	Lang string `xml:"hreflang,attr"`
	Href string `xml:"href,attr"`
}

// sitemap lists the parts, or is the part that the query names. All stand at the
// root, since a map speaks only of what lies below its own folder.
func (s *Server) sitemap(w http.ResponseWriter, r *http.Request) error {
	if r.URL.Query().Has("part") {
		return s.sitemapPart(w, r, r.URL.Query().Get("part"))
	}
	part := s.base(r) + "/sitemap.xml?part="
	index := sitemapIndex{Parts: []sitemapSite{{part + "pages"}}}
	centres := len(s.directory.Listed(directory.Selection{}))
	for n := 1; (n-1)*centresPerPart < centres; n++ {
		index.Parts = append(index.Parts, sitemapSite{part + strconv.Itoa(n)})
	}
	return s.xml(w, r, index)
}

// sitemapPart is one part. It returns NotFound for one that is not there.
func (s *Server) sitemapPart(w http.ResponseWriter, r *http.Request, part string) error {
	if err := s.limit(r, "sitemap", 60, time.Second); err != nil {
		return err
	}
	if part == "pages" {
		return s.xml(w, r, s.sitemapOf(r, s.pagePaths(), nil))
	}
	n, err := strconv.Atoi(part)
	all := s.directory.Listed(directory.Selection{})
	if err != nil || n < 1 || n > len(all) || (n-1)*centresPerPart >= len(all) {
		return fault.New(fault.NotFound, "not_found")
	}
	var paths []string
	changed := map[string]time.Time{}
	for _, c := range all[(n-1)*centresPerPart : min(n*centresPerPart, len(all))] {
		path := "stellen/" + c.ID
		paths, changed[path] = append(paths, path), c.Updated
	}
	return s.xml(w, r, s.sitemapOf(r, paths, changed))
}

// unlisted are public pages that search engines have nothing to do on.
var unlisted = []string{"chat", "rueckkehr", "feedback"}

// pagePaths are the paths below the language of the pages that search engines may
// show.
func (s *Server) pagePaths() (paths []string) {
	for _, page := range PublicPages() {
		path, german := strings.CutPrefix(page, "/"+string(German)+"/")
		if german && !slices.Contains(unlisted, path) && (path != "leistungen" || s.finder != nil) {
			paths = append(paths, path)
		}
	}
	for _, theme := range s.services.themes() {
		paths = append(paths, "themen/"+theme.ID)
		for _, one := range theme.Services {
			if one.ID != theme.ID {
				paths = append(paths, "themen/"+one.ID)
			}
		}
	}
	return paths
}

// sitemapOf lists each path in every language.
func (s *Server) sitemapOf(r *http.Request, paths []string, changed map[string]time.Time) sitemapSet {
	set := sitemapSet{XHTML: "http://www.w3.org/1999/xhtml"}
	for _, path := range paths {
		var others []sitemapLink
		for _, lang := range langs() {
			others = append(others, sitemapLink{"alternate", hreflang(lang), s.base(r) + "/" + string(lang) + "/" + path})
		}
		for _, one := range others {
			page := sitemapPage{Loc: one.Href, Others: others}
			if at := changed[path]; !at.IsZero() {
				page.LastMod = at.UTC().Format(time.DateOnly)
			}
			set.Pages = append(set.Pages, page)
		}
	}
	return set
}

// hreflang is the name of a language for search engines. Plain German is German of
// a kind of its own (BCP 47, subtag "simple" of private use).
func hreflang(l Lang) string {
	if l == "de-simple" {
		return "de-x-simple"
	}
	return string(l)
}

// xml answers with a document.
func (s *Server) xml(w http.ResponseWriter, r *http.Request, document any) error {
	text, err := xml.Marshal(document)
	if err != nil {
		return err
	}
	s.write(w, r, http.StatusOK, "application/xml; charset=utf-8", append([]byte(xml.Header), text...))
	return nil
}
