package web

import "net/http"

// Fingerprint is the six words by which people recognise a team's keys.
type Fingerprint struct {
	Team  string
	Words []string
}

// securityView is the page on what the server sees.
type securityView struct{ Teams []Fingerprint }

// securityPage says what the server sees and what encryption does not protect
// against, and shows the words of each team.
func (s *Server) securityPage(w http.ResponseWriter, r *http.Request) error {
	return s.render(w, r, http.StatusOK, "sicherheit", securityView{})
}

// privacyPage is the privacy notice.
func (s *Server) privacyPage(w http.ResponseWriter, r *http.Request) error {
	return s.render(w, r, http.StatusOK, "datenschutz", nil)
}

// imprintPage says who answers for this server.
func (s *Server) imprintPage(w http.ResponseWriter, r *http.Request) error {
	return s.render(w, r, http.StatusOK, "impressum", nil)
}
