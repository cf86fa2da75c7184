package web

import (
	"net/http"
	"slices"

	"lotse/internal/roster"
	"lotse/internal/roster/civil"
	"lotse/internal/staff"
)

// showShift renders the page of a shift that exists, with its people.
func (s *Server) showShift(w http.ResponseWriter, r *http.Request, status int, sc *rosterScope, e roster.Entry, view rosterShiftView) error {
	candidates, err := s.roster.Candidates(r.Context(), sc.Actor, e.ID)
	if err != nil {
		return err
	}
	names, err := s.staff.Names(r.Context())
	if err != nil {
		return err
	}
	view.Entry = &e
	view.CopyDate = civil.DateOf(e.Start, sc.zone).Add(7).String()
	view.Heading = sc.t("roster.shift.heading", "when", sc.t("roster.moment", "day", sc.longDay(civil.DateOf(e.Start, sc.zone)), "time", sc.hours(e.Start, e.End)))
	if e.Change != "" {
		view.Change = "roster.change." + string(e.Change)
		view.By, view.At = names[e.By], sc.moment(e.At)
	}
	if e.Change == roster.Changed {
		view.Was = sc.planned(*e.Before, names)
	}
	for _, c := range candidates {
		shown := sc.candidate(c)
		if c.Assigned && e.Before != nil && e.Change != roster.Removed && e.End.After(sc.now) {
			shown.StandIn = sc.standInURL(c.ID, e.Before.Start, e.Before.End)
		}
		view.place(shown, c)
	}
	for _, person := range e.Unfit {
		view.Assigned = append(view.Assigned, rosterCandidate{ID: person.String(), Name: names[person], Against: []string{sc.t("roster.place.unfit")}})
	}
	return s.renderShift(w, r, status, sc, view)
}

// place puts a candidate into the list it belongs to.
func (v *rosterShiftView) place(shown rosterCandidate, c roster.Candidate) {
	switch {
	case c.Assigned:
		v.Assigned = append(v.Assigned, shown)
	case c.Free():
		v.Free = append(v.Free, shown)
	default:
		v.Busy = append(v.Busy, shown)
	}
}

func (sc *rosterScope) candidate(c roster.Candidate) rosterCandidate {
	shown := rosterCandidate{ID: c.ID.String(), Name: c.Name, Trainee: c.Trainee, Week: sc.duration(c.Week)}
	for _, d := range c.Clashes {
		shown.Against = append(shown.Against, sc.t("roster.against.duty", "team", sc.names[d.Team], "hours", sc.hours(d.Start, d.End)))
	}
	for _, a := range c.Away {
		shown.Against = append(shown.Against, sc.t("roster.against.away", "period", sc.period(a.Start, a.End)))
	}
	return shown
}

// planned is a shift in one line: when, channels, how many, who.
func (sc *rosterScope) planned(p roster.Planned, names map[staff.ID]string) string {
	var people []string
	for _, id := range p.People {
		people = append(people, names[id])
	}
	slices.Sort(people)
	who := sc.Join(people)
	if who == "" {
		who = sc.t("roster.nobody")
	}
	return sc.t("roster.planned", "when", sc.span(p.Start, p.End), "channels", sc.channels(p.Channels), "min", p.Min, "opt", p.Opt, "who", who)
}

// renderShift fills in what both forms need and renders the page.
func (s *Server) renderShift(w http.ResponseWriter, r *http.Request, status int, sc *rosterScope, view rosterShiftView) error {
	view.rosterScope, view.Message = sc, sc.message(r)
	if view.Heading == "" {
		view.Heading = sc.t("roster.shift.new", "team", sc.Team.Name)
	}
	f := &view.Form
	f.Team, f.Week, f.MaxNote, f.MaxStaff = sc.Team.ID.String(), sc.Week.String(), roster.MaxNote, roster.MaxStaff
	for _, c := range roster.Channels() {
		f.Channels = append(f.Channels, choice{string(c), sc.t("roster.channel." + string(c)), slices.Contains(f.channels, string(c))})
	}
	f.Topics = choices(sc.Team.Topics, f.topics, sc.topic)
	f.Languages = choices(sc.Team.Languages, f.lang, sc.language)
	if sc.err != nil {
		return sc.err
	}
	return s.render(w, r, status, "roster_schicht", view)
}

// choices offers all codes and marks those chosen.
func choices(all, chosen []string, name func(string) string) []choice {
	var list []choice
	for _, code := range all {
		list = append(list, choice{code, name(code), slices.Contains(chosen, code)})
	}
	slices.SortFunc(list, func(a, b choice) int { return slices.Compare([]string{a.Label}, []string{b.Label}) })
	return list
}

// Locked reports whether nothing but taking the change back can be done: the
// shift is to be removed.
func (v rosterShiftView) Locked() bool { return v.Entry != nil && v.Entry.Change == roster.Removed }

// New reports whether the shift does not exist yet.
func (v rosterShiftView) New() bool { return v.Entry == nil }

// Act is the address of an act on the shift.
func (v rosterShiftView) Act(verb string) string {
	return v.Plain("/schicht/", v.Entry.ID.String(), "/", verb)
}

// Narrowed reports whether the shift has topics or languages of its own.
func (v rosterShiftView) Narrowed() bool { return len(v.Form.topics)+len(v.Form.lang) > 0 }
