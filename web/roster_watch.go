package web

import (
	"context"
	"net/http"
	"time"

	"lotse/internal/staff"
)

// rosterChanges is the stream of changes, which only the script reads.
const rosterChanges = "/api/v1/staff/roster/changes"

const (
	// watchBeat is how often a quiet stream sends a comment, so that proxies
	// keep it and a lost browser is noticed.
	watchBeat = 25 * time.Second
	// watchFor is how long a stream lasts. The script begins a new one only
	// while somebody works on the page, so that a forgotten page does not keep
	// its session alive.
	watchFor = 10 * time.Minute
)

// rosterWatch streams the version of a week: once at the beginning and after
// each change, by whomever. A page that shows another version reads it anew.
func (s *Server) rosterWatch(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	sc, err := s.rosterScope(r, actor)
	if err != nil {
		return err
	}
	changes, stop := s.roster.Watch(sc.Team.ID)
	defer stop()
	out := newEventStream(w)
	if err := s.sendVersion(r.Context(), out, sc); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), watchFor)
	defer cancel()
	beat := time.NewTicker(watchBeat)
	defer beat.Stop()
	for err == nil { // an error means that the browser has gone, or will get it when it comes again
		select {
		case <-ctx.Done():
			return nil
		case <-beat.C:
			err = out.comment()
		case <-changes:
			err = s.sendVersion(ctx, out, sc)
		}
	}
	return nil
}

// sendVersion sends the version of the week as it is now.
func (s *Server) sendVersion(ctx context.Context, out *eventStream, sc *rosterScope) error {
	plan, err := s.roster.Week(ctx, sc.Actor, sc.Team.ID, sc.Week)
	if err != nil {
		return err
	}
	return out.event("version", []byte(plan.Version))
}
