package web

import (
	"fmt"
	"net/http"
)

// Who is the least a caller has to be to use a route.
type Who string

// Who may call a route. The staff roles stand for "holds this role in at least
// one team"; the handler's feature checks the team.
const (
	Anyone     Who = "anyone"
	Seeker     Who = "seeker"    // Authorization: Bearer <token of a conversation>
	SignedIn   Who = "signed in" // any staff session
	Counsellor Who = "counsellor"
	Supervisor Who = "supervisor"
	Admin      Who = "admin"
	Auditor    Who = "auditor"
)

// Route is one line of the table in routes.go.
type Route struct {
	Pattern string // method and path, as for http.ServeMux
	Who     Who
	// Handler is one of
	//   func(http.ResponseWriter, *http.Request) error   for Anyone
	Handler any
}

// guard wraps the handler of a route: it finds the acting person, checks Who
// and turns the returned error into an answer. It reports a handler whose form
// does not fit Who.
func (s *Server) guard(route Route) (http.Handler, error) {
	call, err := s.caller(route)
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := call(w, r); err != nil {
			s.fail(w, r, err)
		}
	}), nil
}

// plain is the form of a handler that needs to know no person.
type plain = func(http.ResponseWriter, *http.Request) error

// caller returns the handler of a route with the acting person bound.
func (s *Server) caller(route Route) (plain, error) {
	switch h := route.Handler.(type) {
	case plain:
		if route.Who != Anyone {
			return nil, fmt.Errorf("%s needs a handler that takes the person", route.Who)
		}
		return h, nil
	}
	return nil, fmt.Errorf("handler has form %T", route.Handler)
}
