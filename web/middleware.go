package web

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"runtime/debug"
	"strings"

	"lotse/internal/fault"
)

// maxBody is the limit of a request body in bytes. A handler may lower it; the
// largest honest body is an epoch with its wraps.
const maxBody = 256 << 10

// ServeHTTP runs a request through the middleware and the route table: headers
// first, so that they stand on every answer, then the origin check, the body
// limit and the route.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer s.recover(w, r)
	s.secureHeaders(w.Header())
	if err := s.csrf.Check(r); err != nil {
		s.fail(w, r, fault.Wrap(fault.Forbidden, "cross_origin", err))
		return
	}
	if isStaffs(r) && !s.secure && !isLoopback(r.Host) {
		s.fail(w, r, fault.New(fault.Forbidden, "tls_required"))
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if _, pattern := s.mux.Handler(r); pattern == "" {
		s.unrouted(w, r)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// isStaffs reports whether r is for a page or call of the staff, which need a
// session cookie.
func isStaffs(r *http.Request) bool {
	path := r.URL.Path
	return path == "/team" || strings.HasPrefix(path, "/team/") || strings.HasPrefix(path, "/api/v1/staff/")
}

// isLoopback reports whether host, with or without a port, is this machine. A
// session cookie without TLS goes nowhere else.
func isLoopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.Unmap().IsLoopback() || host == "localhost"
}

// recover answers a panic with the error page and logs the stack. A handler
// that aborts on purpose is let through.
func (s *Server) recover(w http.ResponseWriter, r *http.Request) {
	p := recover()
	if p == nil {
		return
	}
	if p == http.ErrAbortHandler {
		panic(p)
	}
	s.log.Error("panic", slog.String("route", r.Pattern), slog.String("stack", string(debug.Stack())))
	s.fail(w, r, fmt.Errorf("panic: %v", p))
}

// unrouted answers what no route matches: 404, or 405 with Allow when the path
// exists for another method. The mux knows which; its plain text is dropped.
func (s *Server) unrouted(w http.ResponseWriter, r *http.Request) {
	h, _ := s.mux.Handler(r)
	probe := httptest.NewRecorder()
	h.ServeHTTP(probe, r)
	if probe.Code == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", probe.Header().Get("Allow"))
		s.fail(w, r, errMethod)
		return
	}
	s.fail(w, r, fault.New(fault.NotFound, "not_found"))
}
