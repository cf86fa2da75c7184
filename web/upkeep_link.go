package web

import (
	"net/http"
	"strings"
	"time"

	"lotse/directory/upkeep"
	"lotse/internal/fault"
)

// linkedView is the page that a mail to a centre leads to.
type linkedView struct {
	centreShow
	Action    string
	Confirmed bool // just now or by an earlier click
	Stopped   bool // just now
	Muted     bool // no more mails go to the address
	Until     string
}

// isLinked reports whether a page belongs to a link in a mail: no search engine may
// show it.
func isLinked(rest string) bool { return rest == "angaben" || strings.HasPrefix(rest, "angaben/") }

// linkLimit counts one use of links by the network r comes from. Tokens cannot be
// guessed; this keeps the database from being asked for nothing.
func (s *Server) linkLimit(r *http.Request) error { return s.limit(r, "link", 30, 2*time.Second) }

// linkedPage shows the entry as the public sees it. It changes nothing, since mail
// scanners follow links.
func (s *Server) linkedPage(w http.ResponseWriter, r *http.Request) error {
	if err := s.linkLimit(r); err != nil {
		return err
	}
	link, err := s.upkeep.Open(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	c, err := s.directory.Centre(link.CentreID)
	if err != nil {
		return err
	}
	show, err := s.showCentre(r, public(c))
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, "upkeep_bestaetigen", linkedView{centreShow: show, Action: linkedPath(r),
		Confirmed: !link.Confirmed.IsZero(), Muted: link.Muted, Stopped: r.URL.Query().Has("abbestellt"), Until: link.Expires.In(s.zone).Format("2.1.2006")})
}

// linkedPath is the page of the link of r.
func linkedPath(r *http.Request) string {
	return "/" + string(langOf(r)) + "/angaben/" + r.PathValue("token")
}

// linkedAct confirms the entry, or begins to edit it.
func (s *Server) linkedAct(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r, 1<<10); err != nil {
		return err
	}
	if err := s.linkLimit(r); err != nil {
		return err
	}
	switch r.PostForm.Get("do") {
	case "confirm":
		if err := s.upkeep.Confirm(r.Context(), r.PathValue("token")); err != nil {
			return err
		}
		http.Redirect(w, r, linkedPath(r), http.StatusSeeOther)
		return nil
	case "edit":
		return s.linkedBegin(w, r)
	}
	return fault.New(fault.Invalid, "malformed")
}

// linkedBegin exchanges the token for a cookie, so that the token stands in no
// address while somebody edits.
func (s *Server) linkedBegin(w http.ResponseWriter, r *http.Request) error {
	session, err := s.upkeep.Begin(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	http.SetCookie(w, &http.Cookie{Name: s.linkedCookie(), Value: session, Path: "/", MaxAge: int(upkeep.SessionLife.Seconds()),
		Secure: s.secure, HttpOnly: true, SameSite: http.SameSiteStrictMode})
	http.Redirect(w, r, "/"+string(langOf(r))+"/angaben", http.StatusSeeOther)
	return nil
}

// linkedCookie is the name of the cookie of who edits by a link.
func (s *Server) linkedCookie() string { return s.cookieName() + "-eintrag" }

// linkedStop ends the mails to the address. Mail programs call it by themselves when a
// person asks them to (RFC 8058), with a body of any kind.
func (s *Server) linkedStop(w http.ResponseWriter, r *http.Request) error {
	if err := s.linkLimit(r); err != nil {
		return err
	}
	if err := s.upkeep.Stop(r.Context(), r.PathValue("token")); err != nil {
		return err
	}
	http.Redirect(w, r, linkedPath(r)+"?abbestellt", http.StatusSeeOther)
	return nil
}

// linkedDesk finds the entry that the cookie of r is for.
func (s *Server) linkedDesk(r *http.Request) (session string, desk *upkeep.Desk, err error) {
	if cookie, err := r.Cookie(s.linkedCookie()); err == nil {
		session = cookie.Value
	}
	desk, err = s.upkeep.DeskByLink(r.Context(), session)
	return session, desk, err
}

// linkedForm is the editor for who came by a link.
func (s *Server) linkedForm(w http.ResponseWriter, r *http.Request) error {
	if err := s.linkLimit(r); err != nil {
		return err
	}
	_, desk, err := s.linkedDesk(r)
	if err != nil {
		return err
	}
	view, err := s.entryViewOf(r, desk, desk.Sheet, nil)
	if err != nil {
		return err
	}
	forLinked(r)(&view)
	return s.render(w, r, http.StatusOK, "upkeep_eintrag", view)
}

// forLinked adds what who came by a link needs.
func forLinked(r *http.Request) func(*entryView) {
	return func(view *entryView) { view.Action = "/" + string(langOf(r)) + "/angaben" }
}

// linkedSave keeps what somebody with a link has changed.
func (s *Server) linkedSave(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r, maxEntryForm); err != nil {
		return err
	}
	if err := s.linkLimit(r); err != nil {
		return err
	}
	session, desk, err := s.linkedDesk(r)
	if err != nil {
		return err
	}
	return s.saveEntry(w, r, saving{
		desk: desk, view: forLinked(r),
		keep: func(version string, sheet upkeep.Sheet, do entryDo) error {
			if do.publish {
				return fault.New(fault.Forbidden, "forbidden")
			}
			return s.upkeep.SaveByLink(r.Context(), session, version, sheet, do.submit)
		},
		done: func(do entryDo) string {
			return "/" + string(langOf(r)) + "/angaben?meldung=" + map[bool]string{true: "submitted", false: "saved"}[do.submit]
		},
		anew: func() (*upkeep.Desk, error) { return s.upkeep.DeskByLink(r.Context(), session) },
	})
}
