package web

import (
	"net"
	"net/http"
	"net/netip"

	"lotse/internal/fault"
	"lotse/internal/seal"
	"lotse/internal/staff"
)

// maxStaffBody is the limit of a body under /api/v1/staff in bytes.
const maxStaffBody = 64 << 10

// staffBody reads the JSON body of a staff request; the errors are those of decode.
func staffBody(w http.ResponseWriter, r *http.Request, v any) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxStaffBody)
	return decode(r, v)
}

// noBody reads the {} of a request that says everything by its address.
func noBody(w http.ResponseWriter, r *http.Request) error {
	return staffBody(w, r, &struct{}{})
}

// noContent answers 204.
func noContent(w http.ResponseWriter) error {
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// deviceLife is how long a browser stays a known device, in seconds: half a year.
const deviceLife = 180 * 24 * 60 * 60

func (s *Server) deviceCookieName() string { return s.cookieName() + "-device" }

// staffClient is what the limits of sign-in may know of the caller.
func (s *Server) staffClient(r *http.Request) staff.Client {
	c := staff.Client{Prefix: s.clientPrefix(r)}
	if cookie, err := r.Cookie(s.deviceCookieName()); err == nil {
		c.Device = cookie.Value
	}
	if cookie, err := r.Cookie(s.cookieName()); err == nil {
		c.Previous = cookie.Value
	}
	return c
}

// needTLS refuses to hand out a session over a connection that others can read. Plain http is for loopback only.
func (s *Server) needTLS(r *http.Request) error {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	addr, err := netip.ParseAddr(host)
	if s.secure || host == "localhost" || (err == nil && addr.IsLoopback()) {
		return nil
	}
	return fault.New(fault.Forbidden, "tls_required")
}

// signedIn gives the browser its session and answers with the person's profile.
func (s *Server) signedIn(w http.ResponseWriter, r *http.Request, status int, in staff.SignIn) error {
	profile, err := s.staff.Profile(r.Context(), in.Actor)
	if err != nil {
		return err
	}
	s.setSession(w, in.Token.Reveal())
	if in.Device != "" {
		device := s.sessionCookie(in.Device, deviceLife)
		device.Name = s.deviceCookieName()
		http.SetCookie(w, device)
	}
	return s.json(w, r, status, profile)
}

// passwordBody is a password as the browser describes it; it never sends the password itself.
type passwordBody struct {
	Salt       seal.Bytes `json:"salt"`
	Iterations int        `json:"iterations"`
	Auth       seal.Bytes `json:"auth"`
}

func (b passwordBody) password() staff.Password {
	return staff.Password{Salt: b.Salt, Iterations: b.Iterations, Auth: staff.Secret(b.Auth)}
}

// recoveryBody is the part of a recovery code that the server may know.
type recoveryBody struct {
	Auth seal.Bytes `json:"auth"`
}
