package web

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// wantHeaders stand on every answer without exception.
var wantHeaders = map[string]string{
	"Content-Security-Policy":      policy,
	"Permissions-Policy":           permissions,
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Referrer-Policy":              "no-referrer",
	"X-Content-Type-Options":       "nosniff",
	"Cache-Control":                "no-store",
}

// checkHeaders compares the headers of an answer, except those in other.
func checkHeaders(t *testing.T, what string, h http.Header, other map[string]string) {
	t.Helper()
	for name, want := range wantHeaders {
		if v, ok := other[name]; ok {
			want = v
		}
		if got := h.Values(name); len(got) != 1 || got[0] != want {
			t.Errorf("%s: %s is %q, want %q", what, name, got, want)
		}
	}
}

func TestPolicyAllowsNothingUnsafe(t *testing.T) {
	for _, word := range []string{"unsafe", "data:", "http:", "https:", "*", "nonce", "eval"} {
		if strings.Contains(policy, word) {
			t.Errorf("the policy holds %q", word)
		}
	}
	for _, need := range []string{"default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'",
		"require-trusted-types-for 'script'", "trusted-types 'none'"} {
		if !strings.Contains(policy, need) {
			t.Errorf("the policy lacks %q", need)
		}
	}
}

func TestHeadersStandOnEveryRoute(t *testing.T) {
	s := testServer(t)
	probe(t, s)
	for _, route := range s.routeList {
		for _, pattern := range perLanguage(route.Pattern) {
			r := requestFor(pattern)
			for _, token := range []string{"", string(route.Who)} {
				if token != "" {
					r.AddCookie(&http.Cookie{Name: s.cookieName(), Value: token})
				}
				checkHeaders(t, pattern, do(s, r).Header(), nil)
			}
		}
	}
}

// openHeaders are what the open interface, and nothing else, says otherwise: other
// sites may read it and embed it, and whoever keeps an answer asks whether it still
// holds.
var openHeaders = map[string]string{"Cross-Origin-Resource-Policy": "cross-origin", "Cache-Control": "public, no-cache"}

// TestHandlersKeepTheHeaders runs the handlers themselves, for nobody and for somebody
// with every right: none of them loosens what stands on every answer, but for what
// openHeaders says, and only what is open may be read by other sites.
func TestHandlersKeepTheHeaders(t *testing.T) {
	o := testOptions(t)
	o.Chat = newChatSite(t).server.chat
	s := serverOf(t, o)
	opened := 0
	for _, route := range s.routeList {
		if strings.HasSuffix(route.Pattern, "/stream") || route.Pattern == "GET "+rosterChanges || route.Pattern == "GET /ws" {
			continue // they do not end; TestHeadersStandOnEveryRoute asks before they begin
		}
		for _, pattern := range perLanguage(route.Pattern) {
			for _, r := range []*http.Request{requestFor(pattern), withSeat(as(s, everyRole, requestFor(pattern)))} {
				w := do(s, r)
				other, reader := map[string]string{}, []string(nil)
				if strings.HasPrefix(r.URL.Path, "/hsds/") {
					reader = []string{"*"}
					other["Cross-Origin-Resource-Policy"] = openHeaders["Cross-Origin-Resource-Policy"]
					if w.Code < 400 {
						other["Cache-Control"] = openHeaders["Cache-Control"]
						opened++
					}
				}
				if w.Code >= 500 {
					t.Errorf("%s: %d", pattern, w.Code)
				}
				checkHeaders(t, pattern, w.Header(), other)
				if got := w.Header().Values("Access-Control-Allow-Origin"); !slices.Equal(got, reader) {
					t.Errorf("%s: sites that may read it are %q, want %q", pattern, got, reader)
				}
			}
		}
	}
	if opened == 0 {
		t.Error("nothing of the open interface has answered")
	}
}

// withSeat lets r come from the seeker that the test server knows.
func withSeat(r *http.Request) *http.Request {
	r.Header.Set("Authorization", "Bearer "+seekerToken)
	return r
}

func TestHeadersStandOnErrorsFilesAndPanics(t *testing.T) {
	s := testServer(t)
	s.mux.HandleFunc("GET /panic", func(http.ResponseWriter, *http.Request) { panic("on purpose") })
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/nowhere", 404}, {"GET", "/de/nowhere", 404}, {"GET", "/api/v1/nowhere", 404}, {"GET", "/xx/", 404},
		{"POST", "/de/", 405}, {"DELETE", "/de/feedback", 405}, {"GET", "/static/none.js", 404}, {"GET", "/panic", 500},
		{"GET", "/", 303}, {"GET", "/robots.txt", 200}, {"HEAD", "/de/", 200}, {"OPTIONS", "/de/", 405}, {"TRACE", "/de/", 405},
	} {
		w := do(s, httptest.NewRequest(c.method, c.path, nil))
		if w.Code != c.status {
			t.Errorf("%s %s: %d, want %d", c.method, c.path, w.Code, c.status)
		}
		checkHeaders(t, c.method+" "+c.path, w.Header(), nil)
		if c.method == "HEAD" && w.Body.Len() > 0 {
			t.Errorf("HEAD %s has a body", c.path)
		}
	}
	for _, hashed := range s.assets.byName {
		w := get(s, "/static/"+hashed)
		checkHeaders(t, hashed, w.Header(), map[string]string{"Cache-Control": "public, max-age=31536000, immutable"})
	}
}

func TestMethodNotAllowedNamesTheMethods(t *testing.T) {
	w := do(testServer(t), httptest.NewRequest("PUT", "/de/feedback", nil))
	if got := w.Header().Get("Allow"); w.Code != 405 || got != "GET, HEAD, POST" {
		t.Errorf("%d, Allow %q", w.Code, got)
	}
}

func TestHSTSOnlyWithTLS(t *testing.T) {
	o := testOptions(t)
	if got := get(serverOf(t, o), "/de/").Header().Get("Strict-Transport-Security"); got != "" {
		t.Errorf("plain http: %q", got)
	}
	o.PublicURL = "https://beratung.example"
	want := "max-age=31536000; includeSubDomains"
	if got := get(serverOf(t, o), "/de/nowhere").Header().Get("Strict-Transport-Security"); got != want {
		t.Errorf("https: %q", got)
	}
}
