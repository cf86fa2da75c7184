package web

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"lotse/internal/fault"
	"lotse/internal/feedback"
	"lotse/internal/staff"
)

// feedbackView is the form to report a barrier.
type feedbackView struct {
	Page, Text, Contact string
	Errors              map[string]string
	MaxText, MaxContact int
}

// Entry reports whether the form was opened from the page of a centre, so that it
// asks for what is wrong there.
func (v feedbackView) Entry() bool { return strings.HasPrefix(v.Page, "stellen/") }

// feedbackPage is the form, with the page it was opened from.
func (s *Server) feedbackPage(w http.ResponseWriter, r *http.Request) error {
	if r.URL.Query().Has("danke") {
		return s.render(w, r, http.StatusOK, "feedback_danke", nil)
	}
	view := feedbackView{Page: pageName(r.URL.Query().Get("seite"))}
	return s.renderFeedback(w, r, http.StatusOK, view)
}

// feedbackLeave stores a report. It works without script, name and e-mail.
func (s *Server) feedbackLeave(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r, 64<<10); err != nil {
		return err
	}
	view := feedbackView{Page: pageName(r.PostForm.Get("seite")), Text: r.PostForm.Get("text"), Contact: r.PostForm.Get("contact")}
	if err := s.limit(r, "feedback", 5, 2*time.Minute); err != nil {
		return err
	}
	err := s.feedback.Leave(r.Context(), feedback.Report{
		Page: view.Page, Language: string(langOf(r)), Text: view.Text, Contact: view.Contact,
	})
	if bad, ok := errors.AsType[*fault.Error](err); ok && bad.Kind == fault.Invalid {
		view.Errors = bad.Fields
		return s.renderFeedback(w, r, http.StatusUnprocessableEntity, view)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/"+string(langOf(r))+"/feedback?danke", http.StatusSeeOther)
	return nil
}

// renderFeedback shows the form.
func (s *Server) renderFeedback(w http.ResponseWriter, r *http.Request, status int, view feedbackView) error {
	view.MaxText, view.MaxContact = feedback.MaxText, feedback.MaxContact
	return s.render(w, r, status, "feedback", view)
}

// pageName returns the path of a page of this site, or "" for anything else. A
// query is cut off, for it may hold what the person chose.
func pageName(s string) string {
	s, _, _ = strings.Cut(s, "?")
	allowed := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '/' || c == '-' || c == '_'
	}
	if len(s) > 100 || strings.ContainsFunc(s, func(c rune) bool { return !allowed(c) }) {
		return ""
	}
	return s
}

// feedbackShown is how many reports the list holds.
const feedbackShown = 200

// feedbackList shows the operator's people what was reported.
func (s *Server) feedbackList(w http.ResponseWriter, r *http.Request, _ staff.Actor) error {
	reports, err := s.feedback.List(r.Context(), feedbackShown)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, "team_rueckmeldungen", reports)
}

// feedbackSettle deletes a report that has been dealt with.
func (s *Server) feedbackSettle(w http.ResponseWriter, r *http.Request, _ staff.Actor) error {
	if err := s.feedback.Settle(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	http.Redirect(w, r, "/team/rueckmeldungen", http.StatusSeeOther)
	return nil
}
