package web

import (
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"

	"lotse/internal/fault"
)

// errMethod is the answer to a path that exists for another method.
var errMethod = fault.New(fault.Invalid, "method_not_allowed")

// statusByKind is the HTTP status of each fault kind; no kind means 500.
var statusByKind = map[fault.Kind]int{
	fault.NotFound:        http.StatusNotFound,
	fault.Conflict:        http.StatusConflict,
	fault.Forbidden:       http.StatusForbidden,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Gone:            http.StatusGone,
	fault.TooMany:         http.StatusTooManyRequests,
	fault.TooLarge:        http.StatusRequestEntityTooLarge,
	fault.Unavailable:     http.StatusServiceUnavailable,
	fault.Invalid:         http.StatusUnprocessableEntity,
}

// statusByCode is for the few codes that HTTP tells apart more finely than the
// fault kinds do.
var statusByCode = map[string]int{
	"method_not_allowed": http.StatusMethodNotAllowed,
	"malformed":          http.StatusBadRequest,
	"unsupported_media":  http.StatusUnsupportedMediaType,
}

// Problem is the body of a failed API call (RFC 9457). Title is in the
// language of the caller; programs branch on Code.
type Problem struct {
	Type   string            `json:"type"`
	Title  string            `json:"title"`
	Status int               `json:"status"`
	Code   string            `json:"code"`
	Fields map[string]string `json:"fields,omitempty"`  // field → code
	RetryS int               `json:"retry_s,omitempty"` // seconds
	Extra  any               `json:"detail_data,omitempty"`
}

// extraError carries a value for the problem's detail_data beside a fault.
type extraError struct {
	error
	extra any
}

// Unwrap returns the fault.
func (e *extraError) Unwrap() error { return e.error }

// withExtra attaches a value that the caller may need to act on err; it appears
// as detail_data of the problem.
func withExtra(err error, extra any) error { return &extraError{err, extra} }

// problem describes err to the caller in the language of r.
func (s *Server) problem(r *http.Request, err error) Problem {
	var f *fault.Error
	if !errors.As(err, &f) {
		f = &fault.Error{Kind: fault.KindOf(err), Code: string(fault.KindOf(err))}
	}
	p := Problem{Type: "about:blank", Status: statusByKind[f.Kind], Code: f.Code, Fields: f.Fields}
	if status, ok := statusByCode[f.Code]; ok {
		p.Status = status
	}
	if p.Status == 0 {
		p.Status, p.Code = http.StatusInternalServerError, "internal"
	}
	if extra, ok := errors.AsType[*extraError](err); ok {
		p.Extra = extra.extra
	}
	p.RetryS = int(math.Ceil(f.Retry.Seconds()))
	p.Title = s.texts.errorText(langOf(r), p.Code)
	return p
}

// fail answers err as a page, or as a problem under /api/, and logs it when it
// is not the caller's doing.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		err = fault.Wrap(fault.TooLarge, "too_large", err)
	}
	p := s.problem(r, err)
	if p.Status >= 500 && p.Status != http.StatusServiceUnavailable && r.Context().Err() == nil {
		s.log.Error("request failed", slog.String("route", r.Pattern), slog.Any("err", err))
	}
	w.Header().Set("Cache-Control", "no-store")
	if p.Status == http.StatusRequestEntityTooLarge {
		w.Header().Set("Connection", "close") // or net/http waits for the rest of the body before it answers
	}
	if p.RetryS > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(p.RetryS))
	}
	if isAPI(r) {
		s.write(w, r, p.Status, "application/problem+json", encode(p))
		return
	}
	if err := s.render(w, r, p.Status, "error", p); err != nil {
		s.log.Error("render error page", slog.Any("err", err))
		http.Error(w, p.Title, p.Status)
	}
}

// isAPI reports whether the caller of r is a program.
func isAPI(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/api/") || strings.HasPrefix(r.URL.Path, "/hsds/")
}
