package web

import "net/http"

// returnPage takes a return code. The code is read by the script and never sent:
// what goes to the server is a proof derived from it.
func (s *Server) returnPage(w http.ResponseWriter, r *http.Request) error {
	return s.render(w, r, http.StatusOK, "rueckkehr", nil)
}
