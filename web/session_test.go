package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"lotse/internal/staff"
)

func TestLocalPathStaysInTheStaffsPages(t *testing.T) {
	for in, want := range map[string]string{
		"/team": "/team", "/team/konto": "/team/konto", "/team/dienstplan?woche=2026-W48": "/team/dienstplan?woche=2026-W48",
		"": "/team", "/": "/team", "/de/": "/team", "//evil.example/team": "/team", "https://evil.example/team": "/team",
		"/team/../de": "/team", `/team\..\x`: "/team", "/teamx": "/team", "javascript:alert(1)": "/team", "/\t/evil.example": "/team",
		"/team/%2e%2e/x": "/team", "/team//evil.example": "/team",
	} {
		if got := localPath(in); got != want {
			t.Errorf("%q leads to %q, want %q", in, got, want)
		}
	}
}

func FuzzLocalPath(f *testing.F) {
	for _, seed := range []string{"/team", "//x", "/team/../..", "/team?x=//y", "/team#x", "\\\\x", "/team/\r\nLocation: x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got := localPath(in)
		if got != "/team" && !strings.HasPrefix(got, "/team/") && !strings.HasPrefix(got, "/team?") || strings.ContainsAny(got, "\r\n\\") {
			t.Errorf("%q leads to %q", in, got)
		}
	})
}

func TestStrangersSignInFirstAndComeBack(t *testing.T) {
	s := testServer(t)
	w := get(s, "/team/rueckmeldungen?seite=2")
	if got := w.Header().Get("Location"); w.Code != 303 || got != "/team/anmelden?weiter=%2Fteam%2Frueckmeldungen%3Fseite%3D2" {
		t.Errorf("%d to %q", w.Code, got)
	}
	r := httptest.NewRequest("GET", "/team/rueckmeldungen", nil)
	r.AddCookie(&http.Cookie{Name: "lotse", Value: "forged"})
	if w := do(s, r); w.Code != 303 {
		t.Errorf("a forged session: %d", w.Code)
	}
	if w := do(s, as(s, staff.Auditor, httptest.NewRequest("GET", "/team/rueckmeldungen", nil))); w.Code != 403 {
		t.Errorf("another role: %d", w.Code)
	}
}

func TestCookieIsBoundToHostAndTLS(t *testing.T) {
	o := testOptions(t)
	o.PublicURL = "https://beratung.example"
	s := serverOf(t, o)
	c := s.sessionCookie("token", 0)
	if c.Name != "__Host-lotse" || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" {
		t.Errorf("%+v", c)
	}
	plain := testServer(t).sessionCookie("token", 0)
	if plain.Name != "lotse" || plain.Secure || !plain.HttpOnly || plain.SameSite != http.SameSiteStrictMode {
		t.Errorf("%+v", plain)
	}
	r := httptest.NewRequest("GET", "/team/rueckmeldungen", nil)
	r.AddCookie(&http.Cookie{Name: "lotse", Value: string(staff.Admin)})
	if w := do(s, r); w.Code != 303 {
		t.Errorf("the weaker cookie counts behind TLS: %d", w.Code)
	}
}

func TestWithoutTLSStaffSignInOnThisMachineOnly(t *testing.T) {
	o := testOptions(t)
	plain := serverOf(t, o)
	o.PublicURL = "https://beratung.example"
	secure := serverOf(t, o)
	ask := func(s *Server, host, path string) int {
		r := httptest.NewRequest("GET", path, nil)
		r.Host = host
		return do(s, r).Code
	}
	for host, allowed := range map[string]bool{
		"localhost": true, "localhost:8080": true, "127.0.0.1:8080": true, "127.9.9.9": true, "[::1]:8080": true, "[::1]": true,
		"beratung.example": false, "10.0.0.5:8080": false, "localhost.evil.example": false, "": false, "0.0.0.0:8080": false,
	} {
		for _, path := range []string{"/team/anmelden", "/team", "/api/v1/staff/session"} {
			if code := ask(plain, host, path); (code != http.StatusForbidden) != allowed {
				t.Errorf("%s on %q: %d", path, host, code)
			}
			if code := ask(secure, host, path); code == http.StatusForbidden {
				t.Errorf("%s on %q is refused behind TLS", path, host)
			}
		}
		if code := ask(plain, host, "/de/"); code != http.StatusOK {
			t.Errorf("the start page on %q: %d", host, code)
		}
	}
}
