package web

import (
	"net/http"
	"net/http/httptest"
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
