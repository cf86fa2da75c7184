package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

// climbs are paths that try to leave what they are below.
var climbs = []string{
	"../../../../etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", "..%5c..%5cetc%5cpasswd", "....//....//etc/passwd",
	"..%252f..%252fetc%252fpasswd", "%c0%ae%c0%ae/etc/passwd", "..;/etc/passwd", "lotse.db", "../secret", "keys/", "%00", "x%00.js", ".git/config",
	"../go.mod", "../template/layout.html", "../locale/de/common.json",
}

// free is the part of a pattern that an address fills with what it likes.
var free = regexp.MustCompile(`\{[^$}]+\}`)

// openEnds are the addresses in which something is free, in one language, split
// around it, and those below which there is nothing.
func openEnds(s *Server) (ends [][2]string) {
	for _, below := range []string{"/", "/de/", "/.well-known/", "/api/v1/", "/team/", "//evil.example/", `/\evil.example/`, "/%2f/evil.example/"} {
		ends = append(ends, [2]string{below})
	}
	for _, route := range s.routeList {
		method, path, _ := strings.Cut(perLanguage(route.Pattern)[0], " ")
		if at := free.FindStringIndex(path); at != nil && method == http.MethodGet {
			ends = append(ends, [2]string{path[:at[0]], path[at[1]:]})
		}
	}
	return ends
}

// TestNoPathLeadsOut tries to read files of the machine and of the program by
// every address with something free in it, as somebody with every right, and to be
// led to another site by what the path looks like.
func TestNoPathLeadsOut(t *testing.T) {
	s := testServer(t)
	secrets := []string{"root:x:0", "module lotse", "{{define"}
	if passwd, err := os.ReadFile("/etc/passwd"); err == nil {
		secrets = append(secrets, string(passwd))
	}
	for i, end := range openEnds(s) {
		for _, climb := range climbs {
			r := as(s, everyRole, httptest.NewRequest(http.MethodGet, "/", nil))
			r.RemoteAddr = fmt.Sprintf("10.0.%d.1:1", i) // each address with its own limits
			address := end[0] + climb + end[1]
			target, err := url.ParseRequestURI(address)
			if err != nil {
				continue // no server would get it
			}
			r.URL, r.RequestURI = target, address
			w := do(s, r)
			for _, secret := range secrets {
				if strings.Contains(w.Body.String(), secret) {
					t.Errorf("%s gives away %q", address, secret)
				}
			}
			staysHere(t, address, w)
			if w.Code == http.StatusOK && path.Base(climb) != "" && strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
				t.Errorf("%s is a page", address)
			}
			if w.Code >= 500 || w.Code == http.StatusTooManyRequests {
				t.Errorf("%s: %d", address, w.Code)
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
