package web

import (
	"cmp"
	"net/http"
)

// defaultExit is the weather service: a page that anybody may have open.
const defaultExit = "https://www.dwd.de/"

// exit leaves the site at once: it makes the browser forget what it holds of
// this site and leads to a neutral one. It is a plain link, so it works without
// script. A request that another site caused is led away but clears nothing,
// so that no third party can sign staff out.
func (s *Server) exit(w http.ResponseWriter, r *http.Request) error {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "cross-site" && site != "same-site" {
		w.Header().Set("Clear-Site-Data", `"cache", "cookies", "storage"`)
	}
	w.Header().Set("Location", cmp.Or(s.exitURL, defaultExit))
	w.WriteHeader(http.StatusSeeOther)
	return nil
}
