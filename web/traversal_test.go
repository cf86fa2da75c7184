package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path"
	"strings"
	"testing"
)

// climbs are paths that try to leave what they are below.
var climbs = []string{
	"../../../../etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", "..%5c..%5cetc%5cpasswd", "....//....//etc/passwd",
	"..%252f..%252fetc%252fpasswd", "%c0%ae%c0%ae/etc/passwd", "..;/etc/passwd", "lotse.db", "../secret", "keys/", "%00", "x%00.js", ".git/config",
	"../go.mod", "../template/layout.html", "../locale/de/common.json",
}

// TestNoPathLeadsOut tries to read files of the machine and of the program by
// every public address that ends in something free, and to be led to another
// site by what the path looks like.
func TestNoPathLeadsOut(t *testing.T) {
	s := testServer(t)
	secrets := []string{"root:x:0", "module lotse", "{{define"}
	if passwd, err := os.ReadFile("/etc/passwd"); err == nil {
		secrets = append(secrets, string(passwd))
	}
	for _, below := range []string{"/", "/static/", "/de/", "/de/stellen/", "/.well-known/", "/api/v1/", "/team/", "//evil.example/", `/\evil.example/`, "/%2f/evil.example/"} {
		for _, climb := range climbs {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			target, err := url.ParseRequestURI(below + climb)
			if err != nil {
				continue // no server would get it
			}
			r.URL, r.RequestURI = target, below+climb
			w := do(s, r)
			for _, secret := range secrets {
				if strings.Contains(w.Body.String(), secret) {
					t.Errorf("%s%s gives away %q", below, climb, secret)
				}
			}
			staysHere(t, below+climb, w)
			if w.Code == http.StatusOK && path.Base(climb) != "" && strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
				t.Errorf("%s%s is a page", below, climb)
			}
			if w.Code >= 500 {
				t.Errorf("%s%s: %d", below, climb, w.Code)
			}
		}
	}
}

// staysHere checks that a redirect leads to a path of this server.
func staysHere(t *testing.T, from string, w *httptest.ResponseRecorder) {
	t.Helper()
	to := w.Header().Get("Location")
	if to == "" {
		return
	}
	u, err := url.Parse(to)
	if err != nil || u.Host != "" || u.Scheme != "" || strings.HasPrefix(to, "//") || strings.HasPrefix(to, `/\`) || !strings.HasPrefix(to, "/") {
		t.Errorf("%s leads to %q", from, to)
	}
}

// Only the exit leads to another site, and where is the operator's word alone.
func TestOnlyTheExitLeadsElsewhere(t *testing.T) {
	s := testServer(t)
	probes := "?weiter=https://evil.example/&next=//evil.example&url=https://evil.example&seite=https://evil.example&lang=//evil.example"
	for _, route := range s.routeList {
		method, pattern, _ := strings.Cut(route.Pattern, " ")
		if method != http.MethodGet || strings.HasSuffix(pattern, "/verlassen") || strings.Contains(pattern, "stream") || pattern == "/ws" || strings.HasPrefix(pattern, "/api/v1/availability") ||
			strings.HasPrefix(pattern, "/api/v1/recipients") {
			continue
		}
		for _, path := range perLanguage(route.Pattern) {
			r := requestFor(path)
			r.URL.RawQuery = probes[1:]
			staysHere(t, path, do(s, r))
		}
	}
}
