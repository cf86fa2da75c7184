package web

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"lotse/chat"
	"lotse/internal/staff"
)

// admitted is the status of a probe: the handler was reached.
const admitted = http.StatusTeapot

// probe replaces every handler of s by one that only says it was reached, so
// that what stands before the handlers can be tested alone.
func probe(t *testing.T, s *Server) {
	t.Helper()
	reached := func(w http.ResponseWriter) error {
		w.WriteHeader(admitted)
		return nil
	}
	list := slices.Clone(s.routeList)
	for i, route := range list {
		switch route.Handler.(type) {
		case plain:
			list[i].Handler = func(w http.ResponseWriter, _ *http.Request) error { return reached(w) }
		case seated:
			list[i].Handler = func(w http.ResponseWriter, _ *http.Request, _ chat.Seat) error { return reached(w) }
		case staffed:
			list[i].Handler = func(w http.ResponseWriter, _ *http.Request, _ staff.Actor) error { return reached(w) }
		}
	}
	if err := s.install(list); err != nil {
		t.Fatal(err)
	}
}

// requestFor returns a request that pattern matches.
func requestFor(pattern string) *http.Request {
	method, path, _ := strings.Cut(pattern, " ")
	path = strings.ReplaceAll(path, "{$}", "")
	for {
		before, after, ok := strings.Cut(path, "{")
		if !ok {
			break
		}
		_, after, _ = strings.Cut(after, "}")
		path = before + "x" + after
	}
	r := httptest.NewRequest(method, path, nil)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return r
}

func TestEveryRouteSaysWhoItIsFor(t *testing.T) {
	s := testServer(t)
	seen := map[string]bool{}
	for _, route := range s.routeList {
		want, ok := rights[route.Pattern]
		if !ok {
			t.Errorf("%q is missing in the table of rights", route.Pattern)
		} else if want != route.Who {
			t.Errorf("%q is for %q, want %q", route.Pattern, route.Who, want)
		}
		seen[route.Pattern] = true
	}
	for pattern := range rights {
		if !seen[pattern] {
			t.Errorf("%q is in the table of rights but no route", pattern)
		}
	}
}

// personas are the callers that every route is tried with.
var personas = []string{"nobody", "seeker", "forged", "counsellor", "supervisor", "admin", "auditor"}

// mayCall is the rule: what each persona may reach.
func mayCall(persona string, who Who) bool {
	switch who {
	case Anyone:
		return true
	case Seeker:
		return persona == "seeker"
	case SignedIn:
		return staff.Role(persona).Valid()
	}
	return persona == string(who)
}

func TestOnlyTheRightPeopleReachAHandler(t *testing.T) {
	s := testServer(t)
	probe(t, s)
	for _, route := range s.routeList {
		for _, persona := range personas {
			r := requestFor(perLanguage(route.Pattern)[0])
			switch persona {
			case "nobody":
			case "forged":
				r.Header.Set("Authorization", "Bearer nobody")
				r.AddCookie(&http.Cookie{Name: s.cookieName(), Value: "nobody"})
			case "seeker":
				r.Header.Set("Authorization", "Bearer "+seekerToken)
			default:
				r.AddCookie(&http.Cookie{Name: s.cookieName(), Value: persona})
			}
			w := do(s, r)
			if got, want := w.Code == admitted, mayCall(persona, route.Who); got != want {
				t.Errorf("%s on %q: reached=%v, want %v (status %d)", persona, route.Pattern, got, want, w.Code)
			}
			checkRefusal(t, route, persona, w)
		}
	}
}

// checkRefusal checks how a caller without the right is turned away.
func checkRefusal(t *testing.T, route Route, persona string, w *httptest.ResponseRecorder) {
	t.Helper()
	if w.Code == admitted {
		return
	}
	page := strings.HasPrefix(route.Pattern, "GET /team")
	want := http.StatusUnauthorized
	switch {
	case staff.Role(persona).Valid() && route.Who != Seeker:
		want = http.StatusForbidden
	case page:
		want = http.StatusSeeOther
	}
	if w.Code != want {
		t.Errorf("%s on %q: status %d, want %d", persona, route.Pattern, w.Code, want)
	}
	if want == http.StatusSeeOther && !strings.HasPrefix(w.Header().Get("Location"), signInPath) {
		t.Errorf("%s on %q is led to %q", persona, route.Pattern, w.Header().Get("Location"))
	}
}

func TestSeekersShowTheirToken(t *testing.T) {
	s := testServer(t)
	sit := func(w http.ResponseWriter, _ *http.Request, seat chat.Seat) error {
		return s.json(w, nil, http.StatusOK, seat.Who)
	}
	if err := s.install([]Route{{"GET /api/v1/conversation", Seeker, sit}}); err != nil {
		t.Fatal(err)
	}
	for header, want := range map[string]int{
		"Bearer " + seekerToken: 200, "bearer " + seekerToken: 200, "": 401, seekerToken: 401, "Basic " + seekerToken: 401,
		"Bearer": 401, "Bearer ": 401, "Bearer  " + seekerToken: 401, "Bearer deleted": 410, "Bearer x": 401,
	} {
		r := httptest.NewRequest("GET", "/api/v1/conversation", nil)
		r.Header.Set("Authorization", header)
		if w := do(s, r); w.Code != want {
			t.Errorf("%q: %d, want %d", header, w.Code, want)
		}
	}
	if w := get(s, "/api/v1/conversation?token="+seekerToken); w.Code != 401 {
		t.Errorf("a token in the address: %d", w.Code)
	}
}

func TestHandlerOfTheWrongFormIsRefusedAtStart(t *testing.T) {
	s := testServer(t)
	open := func(http.ResponseWriter, *http.Request) error { return nil }
	for _, route := range []Route{
		{"GET /x", Counsellor, open}, {"GET /x", Seeker, open},
		{"GET /x", Anyone, func(http.ResponseWriter, *http.Request, staff.Actor) error { return nil }},
		{"GET /x", Anyone, func(http.ResponseWriter, *http.Request, chat.Seat) error { return nil }},
		{"GET /x", Admin, func(http.ResponseWriter, *http.Request, chat.Seat) error { return nil }},
		{"GET /x", Anyone, http.NotFound},
	} {
		if err := s.install([]Route{route}); err == nil {
			t.Errorf("%T as %q was taken", route.Handler, route.Who)
		}
	}
}

// originCases is what browsers and others send, and whether a write may pass.
var originCases = []struct {
	name    string
	headers map[string]string
	passes  bool
}{
	{"same origin", map[string]string{"Sec-Fetch-Site": "same-origin"}, true},
	{"typed by hand", map[string]string{"Sec-Fetch-Site": "none"}, true},
	{"another site", map[string]string{"Sec-Fetch-Site": "cross-site"}, false},
	{"a sister subdomain", map[string]string{"Sec-Fetch-Site": "same-site"}, false},
	{"old browser, own origin", map[string]string{"Origin": "http://localhost:8080"}, true},
	{"old browser, foreign origin", map[string]string{"Origin": "https://evil.example"}, false},
	{"old browser, opaque origin", map[string]string{"Origin": "null"}, false},
	{"another site with own origin", map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost:8080"}, false},
	{"no browser", nil, true},
}

func TestNoOtherSiteCanWrite(t *testing.T) {
	s := testServer(t)
	probe(t, s)
	writes := 0
	for _, route := range s.routeList {
		if strings.HasPrefix(route.Pattern, "GET ") {
			continue
		}
		for _, pattern := range perLanguage(route.Pattern) {
			writes++
			for _, c := range originCases {
				checkOrigin(t, s, pattern, c.name, c.headers, c.passes)
			}
		}
	}
	if writes == 0 {
		t.Error("no route that writes was tried")
	}
}

// checkOrigin sends a write with the headers of one case.
func checkOrigin(t *testing.T, s *Server, pattern, name string, headers map[string]string, passes bool) {
	t.Helper()
	r := requestFor(pattern)
	r.Header.Del("Sec-Fetch-Site")
	for key, value := range headers {
		r.Header.Set(key, value)
	}
	w := do(s, r)
	refused := w.Code == http.StatusForbidden && strings.Contains(w.Body.String(), s.texts.errorText(langOf(r), "cross_origin"))
	if refused == passes {
		t.Errorf("%s, %s: status %d, passes should be %v", pattern, name, w.Code, passes)
	}
}

func TestPublicAddressIsATrustedOrigin(t *testing.T) {
	o := testOptions(t)
	o.PublicURL = "https://beratung.example"
	s := serverOf(t, o)
	probe(t, s)
	r := requestFor("POST /de/feedback")
	r.Header.Del("Sec-Fetch-Site")
	r.Header.Set("Origin", "https://beratung.example")
	if w := do(s, r); w.Code != admitted {
		t.Errorf("behind a proxy that rewrites Host: %d", w.Code)
	}
}
