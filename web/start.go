package web

import "net/http"

// startPage shows the three doors and whether somebody is there now.
func (s *Server) startPage(w http.ResponseWriter, r *http.Request) error {
	return s.render(w, r, http.StatusOK, "start", nil)
}
