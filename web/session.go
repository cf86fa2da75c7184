package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"path"
	"strings"

	"lotse/chat"
	"lotse/internal/fault"
	"lotse/internal/staff"
)

// Sessions finds the person behind a session token. Its errors are
// Unauthenticated for a token that is unknown, expired or revoked.
type Sessions interface {
	Actor(ctx context.Context, token string) (staff.Actor, error)
}

// Seats finds the seeker behind the token of a conversation. Its errors are
// Unauthenticated for an unknown token and Gone for a deleted conversation.
type Seats interface {
	Seat(ctx context.Context, token string) (chat.Seat, error)
}

// signInPath is where staff sign in.
const signInPath = "/team/anmelden"

// cookieName is the name of the session cookie. The prefix __Host- binds the
// cookie to this host and to TLS; on plain http, which only a loopback address
// may use, browsers would refuse it.
func (s *Server) cookieName() string {
	if s.secure {
		return "__Host-lotse"
	}
	return "lotse"
}

// actor returns the person whose session the cookie of r names.
func (s *Server) actor(r *http.Request) (staff.Actor, error) {
	cookie, err := r.Cookie(s.cookieName())
	if err != nil || cookie.Value == "" {
		return staff.Actor{}, fault.New(fault.Unauthenticated, "unauthenticated")
	}
	return s.sessions.Actor(r.Context(), cookie.Value)
}

// setSession gives the browser the token of a session. The cookie has no
// lifetime of its own; the server decides when a session ends.
func (s *Server) setSession(w http.ResponseWriter, token string) {
	http.SetCookie(w, s.sessionCookie(token, 0))
}

// clearSession makes the browser forget the session.
func (s *Server) clearSession(w http.ResponseWriter) {
	http.SetCookie(w, s.sessionCookie("", -1))
}

// sessionCookie returns the cookie with every protection the address allows.
func (s *Server) sessionCookie(value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: s.cookieName(), Value: value, Path: "/", MaxAge: maxAge,
		Secure: s.secure, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	}
}

// signInFirst leads a reader without a session to the sign-in page and back
// afterwards; programs get the error itself.
func (s *Server) signInFirst(w http.ResponseWriter, r *http.Request, err error) error {
	if !errors.Is(err, fault.Unauthenticated) || isAPI(r) || r.Method != http.MethodGet {
		return err
	}
	target := signInPath
	if r.URL.Path != "/team" {
		target += "?weiter=" + url.QueryEscape(r.URL.RequestURI())
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
	return nil
}

// localPath returns target when it is a path of the staff's pages on this
// server, else /team: what comes in a query must not lead anywhere else.
func localPath(target string) string {
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "" || u.Host != "" || strings.Contains(target, `\`) {
		return "/team"
	}
	if u.Path != "/team" && !strings.HasPrefix(u.Path, "/team/") || path.Clean(u.Path) != u.Path {
		return "/team"
	}
	return u.RequestURI()
}
