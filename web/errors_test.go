package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"lotse/internal/fault"
)

func TestFaultsBecomeProblems(t *testing.T) {
	s := testServer(t)
	for _, c := range []struct {
		err    error
		status int
		code   string
	}{
		{fault.New(fault.NotFound, "not_found"), 404, "not_found"},
		{fmt.Errorf("read x: %w", fault.New(fault.Conflict, "closed")), 409, "closed"},
		{fault.New(fault.Forbidden, "role_missing"), 403, "role_missing"},
		{fault.New(fault.Unauthenticated, "unauthenticated"), 401, "unauthenticated"},
		{fault.New(fault.Gone, "deleted"), 410, "deleted"},
		{fault.RetryAfter(fault.TooMany, "too_many", 1500*time.Millisecond), 429, "too_many"},
		{fault.New(fault.TooLarge, "too_large"), 413, "too_large"},
		{fault.New(fault.Unavailable, "draining"), 503, "draining"},
		{fault.InvalidInput(map[string]string{"postcode": "postcode_invalid"}), 422, "invalid_input"},
		{fault.NotFound, 404, "not_found"},
		{errors.New("secret path /var/lib"), 500, "internal"},
		{context.DeadlineExceeded, 500, "internal"},
		{withExtra(fault.New(fault.Conflict, "queue_full"), map[string]int{"position": 3}), 409, "queue_full"},
	} {
		w := httptest.NewRecorder()
		s.fail(w, httptest.NewRequest("GET", "/api/v1/x", nil), c.err)
		p := checkProblem(t, c.err.Error(), w, c.status, c.code)
		if strings.Contains(w.Body.String(), "secret") {
			t.Error("an internal error is told to the caller")
		}
		if c.code == "too_many" && (p.RetryS != 2 || w.Header().Get("Retry-After") != "2") {
			t.Errorf("retry after %d, %q", p.RetryS, w.Header().Get("Retry-After"))
		}
		if c.code == "queue_full" && !strings.Contains(w.Body.String(), `"detail_data":{"position":3}`) {
			t.Errorf("no detail: %s", w.Body)
		}
		if c.code == "invalid_input" && p.Fields["postcode"] != "postcode_invalid" {
			t.Errorf("fields are %v", p.Fields)
		}
	}
}

func TestErrorsSpeakTheReadersLanguage(t *testing.T) {
	s := testServer(t)
	for _, lang := range langs() {
		want := s.texts.of(lang)["error.not_found"]
		if body := get(s, "/"+string(lang)+"/nowhere").Body.String(); !strings.Contains(body, want) {
			t.Errorf("the page in %s does not say %q", lang, want)
		}
		if lang == "de-simple" {
			continue // never guessed
		}
		r := httptest.NewRequest("GET", "/api/v1/nowhere", nil)
		r.Header.Set("Accept-Language", string(lang))
		if p := checkProblem(t, string(lang), do(s, r), 404, "not_found"); p.Title != want {
			t.Errorf("the problem in %s says %q", lang, p.Title)
		}
	}
}

func TestErrorPagesAreNeverADeadEnd(t *testing.T) {
	s := testServer(t)
	for _, path := range []string{"/de/nowhere", "/nowhere"} {
		body := get(s, path).Body.String()
		if !strings.Contains(body, `href="/de/"`) || !strings.Contains(body, "tel:112") {
			t.Errorf("%s leads nowhere", path)
		}
	}
}

func TestPanicIsAnErrorPageAndAnAbortIsNot(t *testing.T) {
	s := testServer(t)
	s.mux.HandleFunc("GET /api/v1/panic", func(http.ResponseWriter, *http.Request) { panic("private words") })
	s.mux.HandleFunc("GET /abort", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	w := get(s, "/api/v1/panic")
	checkProblem(t, "panic", w, 500, "internal")
	if strings.Contains(w.Body.String(), "private") {
		t.Error("the panic is told to the caller")
	}
	defer func() {
		if p := recover(); p != http.ErrAbortHandler {
			t.Errorf("got %v", p)
		}
	}()
	get(s, "/abort")
}
