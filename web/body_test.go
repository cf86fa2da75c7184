package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"lotse/internal/fault"
)

// echo is a route that takes a body and gives it back.
func echo(t *testing.T) *Server {
	t.Helper()
	s := testServer(t)
	list := []Route{{"POST /api/v1/echo", Anyone, func(w http.ResponseWriter, r *http.Request) error {
		var body struct {
			Name string `json:"name"`
			N    uint8  `json:"n"`
		}
		if err := decode(r, &body); err != nil {
			return err
		}
		return s.json(w, r, http.StatusCreated, body)
	}}}
	if err := s.install(list); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestWrongBodiesAreRefusedWithACode(t *testing.T) {
	s := echo(t)
	for _, c := range []struct {
		name, contentType, encoding, body string
		status                            int
		code                              string
	}{
		{"good", "application/json", "", `{"name":"ä","n":3}`, 201, ""},
		{"good with charset", "application/json; charset=utf-8", "", `{}`, 201, ""},
		{"space around", "application/json", "", " {} \n", 201, ""},
		{"no type", "", "", `{}`, 415, "unsupported_media"},
		{"form", "application/x-www-form-urlencoded", "", `name=x`, 415, "unsupported_media"},
		{"text", "text/plain", "", `{}`, 415, "unsupported_media"},
		{"other charset", "application/json; charset=utf-16", "", `{}`, 415, "unsupported_media"},
		{"broken type", "application/json; =", "", `{}`, 415, "unsupported_media"},
		{"compressed", "application/json", "gzip", `{}`, 415, "unsupported_media"},
		{"empty", "application/json", "", ``, 400, "malformed"},
		{"half", "application/json", "", `{"name":`, 400, "malformed"},
		{"two", "application/json", "", `{}{}`, 400, "malformed"},
		{"tail", "application/json", "", `{} x`, 400, "malformed"},
		{"unknown field", "application/json", "", `{"nam":"x"}`, 400, "malformed"},
		{"wrong type", "application/json", "", `{"n":"3"}`, 400, "malformed"},
		{"out of range", "application/json", "", `{"n":300}`, 400, "malformed"},
		{"a list", "application/json", "", `[]`, 400, "malformed"},
		{"deep", "application/json", "", strings.Repeat("[", 20000), 400, "malformed"},
		{"too large", "application/json", "", `{"name":"` + strings.Repeat("x", maxBody) + `"}`, 413, "too_large"},
	} {
		r := httptest.NewRequest("POST", "/api/v1/echo", strings.NewReader(c.body))
		r.Header.Set("Content-Type", c.contentType)
		r.Header.Set("Content-Encoding", c.encoding)
		w := do(s, r)
		checkProblem(t, c.name, w, c.status, c.code)
		if ends := w.Header().Get("Connection") == "close"; ends != (c.status == 413) {
			t.Errorf("%s: the connection ends: %v", c.name, ends)
		}
	}
}

// checkProblem checks status and problem of an answer; no code means that it
// went well.
func checkProblem(t *testing.T, name string, w *httptest.ResponseRecorder, status int, code string) Problem {
	t.Helper()
	if w.Code != status {
		t.Errorf("%s: status %d, want %d", name, w.Code, status)
	}
	var p Problem
	if code == "" {
		return p
	}
	if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("%s: content type %q", name, got)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || p.Code != code || p.Status != status || p.Title == "" || p.Type != "about:blank" {
		t.Errorf("%s: %+v, %v", name, p, err)
	}
	return p
}

func TestWrongFormsAreRefused(t *testing.T) {
	s := testServer(t)
	for _, c := range []struct {
		contentType, body string
		status            int
	}{
		{"multipart/form-data; boundary=x", "--x--", 415},
		{"application/json", `{"text":"x"}`, 415},
		{"", "text=x", 415},
		{"application/x-www-form-urlencoded", "text=%zz", 400},
		{"application/x-www-form-urlencoded", "text=" + strings.Repeat("x", 65<<10), 413},
	} {
		r := httptest.NewRequest("POST", "/en/feedback", strings.NewReader(c.body))
		r.Header.Set("Content-Type", c.contentType)
		w := do(s, r)
		if w.Code != c.status || !strings.Contains(w.Body.String(), `<html lang="en"`) {
			t.Errorf("%s %.20q: %d", c.contentType, c.body, w.Code)
		}
	}
	if left, err := s.feedback.List(t.Context(), 1); err != nil || len(left) > 0 {
		t.Errorf("a wrong form left %v, %v", left, err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`{}`, `{"name":"x"}`, `{"name":1}`, `[`, `{"n":1e400}`, "\xff", `{"name":"\ud800"}`} {
		f.Add("application/json", seed)
	}
	f.Fuzz(func(t *testing.T, contentType, body string) {
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.Header.Set("Content-Type", contentType)
		var v struct {
			Name string `json:"name"`
		}
		if err := decode(r, &v); err != nil && fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", body, err)
		}
	})
}
