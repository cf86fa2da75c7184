package web

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func TestExitLeavesNothingAndLeadsAway(t *testing.T) {
	s := testServer(t)
	for _, site := range []string{"", "same-origin", "none"} {
		r := httptest.NewRequest("GET", "/de/verlassen", nil)
		r.Header.Set("Sec-Fetch-Site", site)
		w := do(s, r)
		if w.Code != 303 || w.Header().Get("Location") != defaultExit || w.Body.Len() > 0 {
			t.Errorf("from %q: %d to %q, %d bytes", site, w.Code, w.Header().Get("Location"), w.Body.Len())
		}
		if got := w.Header().Get("Clear-Site-Data"); got != `"cache", "cookies", "storage"` {
			t.Errorf("from %q: clears %q", site, got)
		}
	}
}

func TestNoOtherSiteCanSignStaffOutByTheExit(t *testing.T) {
	for _, site := range []string{"cross-site", "same-site"} {
		r := httptest.NewRequest("GET", "/de/verlassen", nil)
		r.Header.Set("Sec-Fetch-Site", site)
		w := do(testServer(t), r)
		if w.Code != 303 || w.Header().Get("Clear-Site-Data") != "" {
			t.Errorf("from %q: %d, clears %q", site, w.Code, w.Header().Get("Clear-Site-Data"))
		}
	}
}

func TestExitTargetIsTheOperatorsAlone(t *testing.T) {
	o := testOptions(t)
	o.ExitURL = "https://wetter.example/"
	w := get(serverOf(t, o), "/ar/verlassen?weiter=https://evil.example&url=//evil.example")
	if got := w.Header().Get("Location"); got != o.ExitURL {
		t.Errorf("leads to %q", got)
	}
}

func TestTitlesOfSeekerPagesAreNeutral(t *testing.T) {
	s := testServer(t)
	for _, path := range []string{"", "chat", "rueckkehr"} {
		body := get(s, "/de/"+path).Body.String()
		_, title, _ := strings.Cut(body, "<title>")
		title, _, _ = strings.Cut(title, "</title>")
		for _, word := range []string{"Beratung", "Hilfe", "Seelsorge", "Krise", "Schulden", "Sucht"} {
			if strings.Contains(title, word) {
				t.Errorf("/%s has the title %q", path, title)
			}
		}
	}
}
