package crowd

import (
	"fmt"
	"net/http"

	"lotse/internal/testenv/staffed"
)

// Visitor makes requests as one browser: from a network of its own (10.x.y.0/24), as
// the proxy in front of a server would name it, and with a session if there is one.
type Visitor struct {
	Number  int
	Session string
	Base    http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (v Visitor) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("X-Forwarded-For", fmt.Sprintf("10.%d.%d.%d", v.Number&255, v.Number>>8&255, v.Number>>16&255))
	if v.Session != "" {
		r.AddCookie(&http.Cookie{Name: staffed.Cookie, Value: v.Session})
	}
	return v.Base.RoundTrip(r)
}
