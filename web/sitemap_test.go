package web

import (
	"encoding/xml"
	"maps"
	"net/http"
	"strings"
	"testing"

	"lotse/directory"
)

// siteAddresses reads a map and returns its addresses with the languages beside
// them.
func siteAddresses(t *testing.T, s *Server, path string) map[string][]string {
	t.Helper()
	w := get(s, path)
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/xml; charset=utf-8" {
		t.Fatalf("%s: %d %s", path, w.Code, w.Header().Get("Content-Type"))
	}
	var set struct {
		Parts []string `xml:"sitemap>loc"`
		Pages []struct {
			Loc    string `xml:"loc"`
			Others []struct {
				Lang string `xml:"hreflang,attr"`
				Href string `xml:"href,attr"`
			} `xml:"http://www.w3.org/1999/xhtml link"`
		} `xml:"url"`
	}
	if err := xml.Unmarshal(w.Body.Bytes(), &set); err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	for _, part := range set.Parts {
		found[part] = nil
	}
	for _, page := range set.Pages {
		for _, other := range page.Others {
			found[page.Loc] = append(found[page.Loc], other.Lang+" "+other.Href)
		}
	}
	return found
}

func TestSitemapListsWhatIsThere(t *testing.T) {
	o := testOptions(t)
	o.PublicURL = "https://beratung.example"
	s := serverOf(t, o)
	if robots := get(s, "/robots.txt").Body.String(); !strings.Contains(robots, "\nSitemap: https://beratung.example/sitemap.xml\n") {
		t.Errorf("robots.txt says %s", robots)
	}
	listed := map[string][]string{}
	for part := range siteAddresses(t, s, "/sitemap.xml") {
		path, ours := strings.CutPrefix(part, "https://beratung.example")
		if !ours {
			t.Fatalf("a part elsewhere: %s", part)
		}
		maps.Copy(listed, siteAddresses(t, s, path))
	}
	for loc, others := range listed {
		path, ours := strings.CutPrefix(loc, "https://beratung.example")
		if w := get(s, path); !ours || w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `content="index"`) {
			t.Errorf("%s: %d, or not for search engines", loc, w.Code)
		}
		if len(others) != len(langs()) {
			t.Errorf("%s has %d languages beside it", loc, len(others))
		}
	}
	for _, c := range o.Directory.Listed(directory.Selection{}) {
		if listed["https://beratung.example/ar/stellen/"+c.ID] == nil {
			t.Errorf("the page of %s is missing", c.Name)
		}
	}
	for _, path := range []string{"de/", "de-simple/stellen", "de/themen/gesundheit", "en/themen/schuldnerberatung", "de/abdeckung", "de/leistungen"} {
		if listed["https://beratung.example/"+path] == nil {
			t.Errorf("%s is missing", path)
		}
	}
	for loc := range listed {
		for _, part := range []string{"/chat", "/rueckkehr", "/team", "/api/", "?"} {
			if strings.Contains(loc, part) {
				t.Errorf("%s is none of the search engines' business", loc)
			}
		}
	}
}

func TestSitemapHasNoOtherParts(t *testing.T) {
	s := testServer(t)
	for _, part := range []string{"", "0", "-1", "2", "x", "9999999999999999999", "../1"} {
		if w := get(s, "/sitemap.xml?part="+part); w.Code != http.StatusNotFound {
			t.Errorf("part %q: %d", part, w.Code)
		}
	}
}
