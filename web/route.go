package web

import (
	"fmt"
	"net/http"
	"strings"

	"lotse/chat"
	"lotse/internal/fault"
	"lotse/internal/staff"
)

// Who is the least a caller has to be to use a route.
type Who string

// Who may call a route. The staff roles stand for "holds this role in at least
// one team"; the handler's feature checks the team.
const (
	Anyone     Who = "anyone"
	Seeker     Who = "seeker"    // Authorization: Bearer <token of a conversation>
	SignedIn   Who = "signed in" // any staff session
	Counsellor Who = Who(staff.Counsellor)
	Supervisor Who = Who(staff.Supervisor)
	Admin      Who = Who(staff.Admin)
	Auditor    Who = Who(staff.Auditor)
)

// Route is one line of the table in routes.go. The form of the handler goes
// with Who, so that a handler cannot forget who is acting:
//
//	Anyone   func(http.ResponseWriter, *http.Request) error
//	Seeker   func(http.ResponseWriter, *http.Request, chat.Seat) error
//	staff    func(http.ResponseWriter, *http.Request, staff.Actor) error
type Route struct {
	Pattern string // method and path, as for http.ServeMux
	Who     Who
	Handler any
}

// The forms of a handler.
type (
	plain   = func(http.ResponseWriter, *http.Request) error
	seated  = func(http.ResponseWriter, *http.Request, chat.Seat) error
	staffed = func(http.ResponseWriter, *http.Request, staff.Actor) error
)

// guard wraps the handler of a route: it finds the acting person, checks Who
// and turns the returned error into an answer. It reports a handler whose form
// does not fit Who.
func (s *Server) guard(route Route) (http.Handler, error) {
	call, err := s.bind(route)
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := call(w, r); err != nil {
			s.fail(w, r, err)
		}
	}), nil
}

// bind returns the handler of a route with the acting person looked up before
// each call.
func (s *Server) bind(route Route) (plain, error) {
	switch h := route.Handler.(type) {
	case plain:
		if route.Who == Anyone {
			return h, nil
		}
	case seated:
		if route.Who == Seeker {
			return s.asSeeker(h), nil
		}
	case staffed:
		if route.Who != Anyone && route.Who != Seeker {
			return s.asStaff(route.Who, h), nil
		}
	}
	return nil, fmt.Errorf("a handler of the form %T does not fit %q", route.Handler, route.Who)
}

// asSeeker lets the holder of a conversation's token through. Others get
// Unauthenticated, or Gone when the conversation is deleted.
func (s *Server) asSeeker(h seated) plain {
	return func(w http.ResponseWriter, r *http.Request) error {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if !strings.EqualFold(scheme, "Bearer") || token == "" {
			return fault.New(fault.Unauthenticated, "unauthenticated")
		}
		seat, err := s.seats.Seat(r.Context(), token)
		if err != nil {
			return err
		}
		return h(w, r, seat)
	}
}

// asStaff lets signed-in staff with the role of who through. Others get
// Unauthenticated, or Forbidden with the code role_missing.
func (s *Server) asStaff(who Who, h staffed) plain {
	return func(w http.ResponseWriter, r *http.Request) error {
		actor, err := s.actor(r)
		if err != nil {
			return s.signInFirst(w, r, err)
		}
		if who != SignedIn && !actor.MayAny(staff.Role(who)) {
			return fault.New(fault.Forbidden, "role_missing")
		}
		return h(w, withActor(r, actor), actor)
	}
}
