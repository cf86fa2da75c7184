package web

import (
	"fmt"
	"net/http"
	"time"

	"lotse/internal/staff"
)

// rosterChanges is the stream of changes, which only the script reads.
const rosterChanges = "/api/v1/staff/roster/changes"

// watchBeat is how often a quiet stream sends a comment, so that proxies keep it
// and a lost browser is noticed.
const watchBeat = 25 * time.Second

// rosterWatch streams the version of a week: once at the beginning and after
// each change, by whomever. A page that shows another version reads it anew.
func (s *Server) rosterWatch(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	sc, err := s.rosterScope(r, actor)
	if err != nil {
		return err
	}
	changes, stop := s.roster.Watch(sc.Team.ID)
	defer stop()
	plan, err := s.roster.Week(r.Context(), actor, sc.Team.ID, sc.Week)
	if err != nil {
		return err
	}
	out := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	beat := time.NewTicker(watchBeat)
	defer beat.Stop()
	for line := fmt.Sprintf("data: %s\n\n", plan.Version); ; {
		if _, err := fmt.Fprint(w, line); err != nil || out.Flush() != nil {
			return nil // the browser has gone
		}
		select {
		case <-r.Context().Done():
			return nil
		case <-beat.C:
			line = ": \n\n"
		case <-changes:
			if plan, err = s.roster.Week(r.Context(), actor, sc.Team.ID, sc.Week); err != nil {
				return nil // the browser connects again and then gets the error
			}
			line = fmt.Sprintf("data: %s\n\n", plan.Version)
		}
	}
}
