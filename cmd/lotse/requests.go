package main

import (
	"bufio"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"
)

// observe logs and counts each request by method, pattern, status and duration.
// Path, query, address and user agent say who asked for what and appear nowhere.
func (s *server) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		seen := &observer{ResponseWriter: w, status: http.StatusOK}
		if r.Body != nil && r.Body != http.NoBody {
			_ = http.NewResponseController(w).SetReadDeadline(began.Add(bodyTimeout))
		}
		next.ServeHTTP(seen, r)
		pattern := r.Pattern // set by the mux inside next
		if pattern == "" {
			pattern = "none"
		}
		took := time.Since(began)
		s.metrics.request(r.Method, pattern, seen.status, took)
		s.log.Log(r.Context(), requestLevel(pattern, seen.status), "request",
			slog.String("method", method(r.Method)), slog.String("pattern", pattern),
			slog.Int("status", seen.status), slog.Duration("took", took.Round(time.Microsecond)))
	})
}

func requestLevel(pattern string, status int) slog.Level {
	switch {
	case status >= http.StatusInternalServerError && status != http.StatusServiceUnavailable:
		return slog.LevelError
	case strings.Contains(pattern, "/static/"):
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

// method keeps what a client invents out of logs and metrics.
func method(name string) string {
	switch name {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return name
	}
	return "other"
}

// observer notes the status of an answer.
type observer struct {
	http.ResponseWriter
	status int
	wrote  bool
}

// WriteHeader implements http.ResponseWriter.
func (o *observer) WriteHeader(status int) {
	if !o.wrote && status >= http.StatusOK { // 1xx come before the answer
		o.status, o.wrote = status, true
	}
	o.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (o *observer) Write(p []byte) (int, error) {
	o.wrote = true
	return o.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController find what is inside.
func (o *observer) Unwrap() http.ResponseWriter { return o.ResponseWriter }

// Flush implements http.Flusher for event streams.
func (o *observer) Flush() { _ = http.NewResponseController(o.ResponseWriter).Flush() }

// Hijack implements http.Hijacker for sockets. Such a request counts as 101.
func (o *observer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(o.ResponseWriter).Hijack()
	if err == nil && !o.wrote {
		o.status = http.StatusSwitchingProtocols
	}
	return conn, rw, err
}
