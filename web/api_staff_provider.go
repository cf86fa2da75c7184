package web

import (
	"net/http"

	"lotse/internal/staff"
)

// providerView is a provider as its staff reads it: what is set about retention,
// and what holds.
type providerView struct {
	staff.Provider
	KeptS keptView `json:"kept_s"`
}

// keptView is how long conversations are kept after their end, in seconds.
type keptView struct {
	Live    int64 `json:"live"`
	Message int64 `json:"message"`
}

func (s *Server) staffProvider(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	p, err := s.staff.OwnProvider(r.Context(), actor)
	if err != nil {
		return err
	}
	kept := s.staff.Retention(p.Keep)
	return s.json(w, r, http.StatusOK, providerView{p, keptView{int64(kept.Live.Seconds()), int64(kept.Message.Seconds())}})
}

func (s *Server) staffProviderKeep(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	var in staff.Keep
	if err := staffBody(w, r, &in); err != nil {
		return err
	}
	if err := s.staff.SetKeep(r.Context(), actor, actor.Provider, in); err != nil {
		return err
	}
	return s.staffProvider(w, r, actor)
}
