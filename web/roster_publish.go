package web

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"lotse/internal/fault"
	"lotse/internal/roster"
	"lotse/internal/staff"
)

// rosterPublishView shows what publishing would change.
type rosterPublishView struct {
	*rosterScope
	Changes  []rosterChange
	Counts   []string
	Affected []string // names, each with what changes for them
	Findings []rosterFinding
	Digest   string
	Whole    bool // all weeks, not only this one
	Moved    bool // the drafts have changed since they were shown
	Others   int  // changes of other weeks that are left out
}

// rosterChange is one shift before and after.
type rosterChange struct {
	Kind          string // locale key
	Before, After string
	Joined, Left  string
	URL           string
}

// publishScope limits the drafts to the week unless the form or address asks
// for all of them.
func (sc *rosterScope) publishScope(r *http.Request) (scope roster.Scope, whole bool) {
	if r.FormValue("umfang") == "alles" {
		return roster.Scope{}, true
	}
	scope.From, scope.To = sc.Week.Span(sc.zone)
	return scope, false
}

// rosterPublishPage shows the drafts of a week, or all of them, as a diff.
func (s *Server) rosterPublishPage(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	sc, err := s.rosterScope(r, actor)
	if err != nil {
		return err
	}
	return s.showDiff(w, r, http.StatusOK, sc, false)
}

func (s *Server) showDiff(w http.ResponseWriter, r *http.Request, status int, sc *rosterScope, moved bool) error {
	scope, whole := sc.publishScope(r)
	diff, err := s.roster.Diff(r.Context(), sc.Actor, sc.Team.ID, scope)
	if err != nil {
		return err
	}
	view := rosterPublishView{rosterScope: sc, Digest: diff.Digest, Whole: whole, Moved: moved}
	if !whole {
		all, err := s.roster.Diff(r.Context(), sc.Actor, sc.Team.ID, roster.Scope{})
		if err != nil {
			return err
		}
		view.Others = len(all.Changes) - len(diff.Changes)
	}
	view.Changes, view.Counts = sc.changes(diff.Changes, diff.Names, true)
	spans := map[roster.ShiftID][2]time.Time{}
	for _, c := range diff.Changes {
		spans[c.Shift().ID] = [2]time.Time{c.Shift().Start, c.Shift().End}
	}
	view.Findings = sc.findingsOf(diff.Findings, diff.Names, spans)
	for _, person := range diff.Affected() {
		view.Affected = append(view.Affected, diff.Names[person])
	}
	slices.Sort(view.Affected)
	if sc.err != nil {
		return sc.err
	}
	return s.render(w, r, status, "roster_veroeffentlichen", view)
}

// changes puts changes into words and counts them by kind.
func (sc *rosterScope) changes(all []roster.Change, names map[staff.ID]string, links bool) (list []rosterChange, counts []string) {
	number := map[roster.ChangeKind]int{}
	for _, c := range all {
		number[c.Kind()]++
		shown := rosterChange{Kind: "roster.change." + string(c.Kind()), Joined: sc.people(c.Joined(), names), Left: sc.people(c.Left(), names)}
		if c.Before != nil {
			shown.Before = sc.planned(*c.Before, names)
		}
		if c.After != nil {
			shown.After = sc.planned(*c.After, names)
		}
		if links {
			shown.URL = sc.ShiftURL(c.Shift().ID)
		}
		list = append(list, shown)
	}
	for _, kind := range []roster.ChangeKind{roster.Added, roster.Changed, roster.Removed} {
		if n := number[kind]; n > 0 {
			counts = append(counts, sc.t("roster.changes."+string(kind), "n", n))
		}
	}
	return list, counts
}

func (sc *rosterScope) people(ids []staff.ID, names map[staff.ID]string) string {
	var list []string
	for _, id := range ids {
		list = append(list, names[id])
	}
	slices.Sort(list)
	return sc.Join(list)
}

// rosterPublish puts the drafts that were shown in force.
func (s *Server) rosterPublish(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	return s.settleDrafts(w, r, actor, func(sc *rosterScope, scope roster.Scope, digest string) (string, int, error) {
		diff, err := s.roster.Publish(r.Context(), actor, sc.Team.ID, scope, digest)
		return "published", len(diff.Changes), err
	})
}

// rosterDiscard drops the drafts that were shown.
func (s *Server) rosterDiscard(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	return s.settleDrafts(w, r, actor, func(sc *rosterScope, scope roster.Scope, digest string) (string, int, error) {
		return "discarded", 1, s.roster.Discard(r.Context(), actor, sc.Team.ID, scope, digest)
	})
}

// settleDrafts publishes or discards. When the drafts are no longer those that
// were shown, it shows them as they are now.
func (s *Server) settleDrafts(w http.ResponseWriter, r *http.Request, actor staff.Actor,
	settle func(sc *rosterScope, scope roster.Scope, digest string) (message string, n int, err error)) error {
	f, err := readFields(w, r)
	if err != nil {
		return err
	}
	sc, err := s.rosterScope(r, actor)
	if err != nil {
		return err
	}
	scope, _ := sc.publishScope(r)
	message, n, err := settle(sc, scope, f.text("digest"))
	if errors.Is(err, fault.New(fault.Conflict, "plan_changed")) {
		return s.showDiff(w, r, http.StatusConflict, sc, true)
	}
	if err != nil {
		return err
	}
	return sc.home(w, r, message, n, roster.ShiftID{})
}

// Scope is the value of umfang that keeps the choice between week and all.
func (v rosterPublishView) Scope() string {
	if v.Whole {
		return "alles"
	}
	return ""
}

// rosterHistoryView is who published what and when.
type rosterHistoryView struct {
	*rosterScope
	Publications []rosterPublication
	Older        string // address of older ones, or empty
}

type rosterPublication struct {
	At, By  string
	Counts  []string
	Changes []rosterChange
}

// rosterHistory lists a team's publications, newest first.
func (s *Server) rosterHistory(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	sc, err := s.rosterScope(r, actor)
	if err != nil {
		return err
	}
	var before time.Time
	if text := r.FormValue("vor"); text != "" {
		if before, err = time.Parse(time.RFC3339Nano, text); err != nil {
			return fault.Wrap(fault.Invalid, "malformed", err)
		}
	}
	past, err := s.roster.History(r.Context(), actor, sc.Team.ID, before)
	if err != nil {
		return err
	}
	view := rosterHistoryView{rosterScope: sc}
	for _, p := range past.Publications {
		shown := rosterPublication{At: sc.t("roster.moment", "day", sc.date(dateIn(p.At, sc)), "time", sc.clock(p.At)), By: past.Names[p.By]}
		shown.Changes, shown.Counts = sc.changes(p.Changes, past.Names, false)
		view.Publications = append(view.Publications, shown)
		if past.More {
			view.Older = sc.URL("/verlauf", "vor", p.At.Format(time.RFC3339Nano))
		}
	}
	if sc.err != nil {
		return sc.err
	}
	return s.render(w, r, http.StatusOK, "roster_verlauf", view)
}
