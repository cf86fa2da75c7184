package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"time"
)

// readyTimeout bounds the checks of one question for readiness.
const readyTimeout = 2 * time.Second

// handler answers the questions of load balancers itself and leaves the rest to
// web. Neither is counted or logged.
func (s *server) handler() http.Handler {
	rest := s.observe(s.web)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/healthz":
			answer(w, http.StatusOK, "ok")
		case "/readyz":
			s.ready(w, r)
		default:
			rest.ServeHTTP(w, r)
		}
	})
}

// ready says whether this node wants new work: it is not draining, and database
// and bus answer.
func (s *server) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	switch {
	case s.draining.Load():
		answer(w, http.StatusServiceUnavailable, "draining")
	case s.db.Ping(ctx) != nil:
		answer(w, http.StatusServiceUnavailable, "database")
	case s.bus.Ping(ctx) != nil:
		answer(w, http.StatusServiceUnavailable, "bus")
	default:
		answer(w, http.StatusOK, "ready")
	}
}

func answer(w http.ResponseWriter, status int, word string) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, word+"\n")
}

// quietHandler drops the message of a record and keeps only that it happened:
// what net/http writes about a failed connection names the client's address.
type quietHandler struct{ slog.Handler }

// Handle implements slog.Handler.
func (h quietHandler) Handle(ctx context.Context, r slog.Record) error {
	return h.Handler.Handle(ctx, slog.NewRecord(r.Time, r.Level, "connection failed", r.PC))
}
