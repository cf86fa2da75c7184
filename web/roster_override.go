package web

import (
	"cmp"
	"net/http"
	"time"

	"lotse/internal/fault"
	"lotse/internal/roster"
	"lotse/internal/roster/civil"
	"lotse/internal/staff"
)

// rosterOverrideView is the form for a departure from the plan, and those that
// are in force or to come.
type rosterOverrideView struct {
	*rosterScope
	Message   string
	Form      overrideForm
	Overrides []rosterOverride
}

// overrideForm is what the form holds, as it was typed.
type overrideForm struct {
	Remove, Add, Channels, Classes []choice
	From, Start, To, End           string
	remove, add, channel, class    string
}

// rosterOverride is a line of the list.
type rosterOverride struct{ ID, Text, Class string }

// rosterOverrides shows the form; the address may fill in a person and a span.
func (s *Server) rosterOverrides(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	sc, err := s.rosterScope(r, actor)
	if err != nil {
		return err
	}
	form := overrideForm{
		From: cmp.Or(r.FormValue("from"), sc.today.String()), To: cmp.Or(r.FormValue("to"), sc.today.String()),
		Start: cmp.Or(r.FormValue("start"), sc.clock(sc.now)), End: r.FormValue("end"),
		remove: r.FormValue("remove"), class: string(roster.Sick),
	}
	return s.showOverrides(w, r, http.StatusOK, rosterOverrideView{rosterScope: sc, Form: form})
}

// standInURL is the form filled in for a person and the span of a shift.
func (sc *rosterScope) standInURL(person staff.ID, start, end time.Time) string {
	last, until := sc.end(end)
	if until == "24:00" {
		until = "" // a time field knows no 24:00; empty is the end of the day
	}
	return sc.URL("/vertretung", "remove", person.String(), "from", dateIn(start, sc).String(), "start", sc.clock(start),
		"to", last.String(), "end", until)
}

func (s *Server) showOverrides(w http.ResponseWriter, r *http.Request, status int, view rosterOverrideView) error {
	sc := view.rosterScope
	away, err := s.roster.TeamAbsences(r.Context(), sc.Actor, sc.Team.ID, sc.now)
	if err != nil {
		return err
	}
	list, err := s.roster.Overrides(r.Context(), sc.Actor, sc.Team.ID, sc.now)
	if err != nil {
		return err
	}
	names, err := s.staff.Names(r.Context())
	if err != nil {
		return err
	}
	for _, o := range list {
		view.Overrides = append(view.Overrides, rosterOverride{o.ID.String(), sc.overrideText(o, names), sc.t("roster.class." + string(o.Class))})
	}
	f := &view.Form
	f.Remove, f.Add = personChoices(away.People, f.remove), personChoices(away.People, f.add)
	for _, c := range roster.Channels() {
		f.Channels = append(f.Channels, choice{string(c), sc.t("roster.channel." + string(c)), f.channel == string(c)})
	}
	for _, c := range roster.OverrideClasses() {
		f.Classes = append(f.Classes, choice{string(c), sc.t("roster.class." + string(c)), f.class == string(c)})
	}
	view.Message = sc.message(r)
	if sc.err != nil {
		return sc.err
	}
	return s.render(w, r, status, "roster_vertretung", view)
}

func personChoices(people []roster.Person, chosen string) []choice {
	var list []choice
	for _, p := range people {
		list = append(list, choice{p.ID.String(), p.Name, p.ID.String() == chosen})
	}
	return list
}

// overrideText is an override in one line: who, when, which channel.
func (sc *rosterScope) overrideText(o roster.Override, names map[staff.ID]string) string {
	key := "roster.override.add"
	switch {
	case !o.Add.IsZero() && !o.Remove.IsZero():
		key = "roster.override.replace"
	case o.Add.IsZero():
		key = "roster.override.remove"
	}
	channel := sc.t("roster.channel.all")
	if o.Channel != "" {
		channel = sc.t("roster.channel." + string(o.Channel))
	}
	return sc.t(key, "add", names[o.Add], "remove", names[o.Remove], "period", sc.period(o.Start, o.End), "channel", channel)
}

// rosterOverrideAdd departs from the plan at once.
func (s *Server) rosterOverrideAdd(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	f, err := readFields(w, r)
	if err != nil {
		return err
	}
	sc, err := s.rosterScope(r, actor)
	if err != nil {
		return err
	}
	o := roster.Override{
		Team: sc.Team.ID, Remove: f.person("remove"), Add: f.person("add"),
		Channel: roster.Channel(f.text("channel")), Class: roster.Class(f.text("class")),
	}
	o.Start, o.End = sc.readPeriod(f)
	if len(f.flaw) == 0 {
		if _, err = s.roster.AddOverride(r.Context(), actor, o); err == nil {
			http.Redirect(w, r, sc.URL("/vertretung", "meldung", "override"), http.StatusSeeOther)
			return nil
		}
	}
	if len(f.flaw) == 0 && !f.invalid(err) {
		return err
	}
	sc.Errors = sc.flawTexts(f.flaw)
	form := overrideForm{
		From: f.text("from"), Start: f.text("start"), To: f.text("to"), End: f.text("end"),
		remove: f.text("remove"), add: f.text("add"), channel: f.text("channel"), class: f.text("class"),
	}
	return s.showOverrides(w, r, http.StatusUnprocessableEntity, rosterOverrideView{rosterScope: sc, Form: form})
}

// readPeriod reads two dates with times. A missing time is the beginning of the
// first day, or the end of the last.
func (sc *rosterScope) readPeriod(f *rosterFields) (start, end time.Time) {
	first, last := f.date("from"), f.date("to")
	from, to := 0, 1440
	if f.text("start") != "" {
		from = f.minute("start")
	}
	if f.text("end") != "" {
		to = f.minute("end")
	}
	if len(f.flaw) > 0 {
		return start, end
	}
	if last.Before(first) {
		f.wrong("to", "span_empty")
	}
	return civil.Resolve(first, from, sc.zone, civil.Start), civil.Resolve(last, to, sc.zone, civil.End)
}

// rosterOverrideRemove takes an override back.
func (s *Server) rosterOverrideRemove(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	if _, err := readFields(w, r); err != nil {
		return err
	}
	id, err := roster.ParseOverrideID(r.PathValue("id"))
	if err != nil {
		return fault.New(fault.NotFound, "not_found")
	}
	sc, err := s.rosterScope(r, actor)
	if err != nil {
		return err
	}
	if err := s.roster.RemoveOverride(r.Context(), actor, id); err != nil {
		return err
	}
	http.Redirect(w, r, sc.URL("/vertretung", "meldung", "override_gone"), http.StatusSeeOther)
	return nil
}
