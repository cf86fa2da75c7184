package web

import (
	"net/http"

	"lotse/internal/fault"
	"lotse/internal/roster"
	"lotse/internal/staff"
)

// absencePath is the page of absences, open to everybody on the staff.
const absencePath = rosterPath + "/abwesenheit"

// rosterAbsenceView is the form for an absence, the own absences and, for a
// supervisor, those of the team.
type rosterAbsenceView struct {
	*rosterScope
	Message string
	Form    absenceForm
	Own     []rosterAbsence
	Crew    []rosterAbsence // of the team, without the own
}

// absenceForm is what the form holds, as it was typed.
type absenceForm struct {
	People, Classes      []choice // People is empty when it can only be oneself
	From, To, Start, End string
	person, class        string
}

// rosterAbsence is a line of a list.
type rosterAbsence struct {
	Name, Period, Class string
	Missed              string // how many duties it touches, in words
	Shifts              []string
	RemoveURL, Team     string
}

// rosterAbsences shows the form and the lists.
func (s *Server) rosterAbsences(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	sc, err := s.absenceScope(r, actor)
	if err != nil {
		return err
	}
	form := absenceForm{From: sc.today.String(), To: sc.today.String(), class: string(roster.Holiday), person: actor.ID.String()}
	return s.showAbsences(w, r, http.StatusOK, rosterAbsenceView{rosterScope: sc, Form: form})
}

// absenceScope is a scope with a team for supervisors, without one for others.
func (s *Server) absenceScope(r *http.Request, actor staff.Actor) (*rosterScope, error) {
	if len(actor.TeamsAs(staff.Supervisor)) > 0 {
		return s.rosterScope(r, actor)
	}
	return s.rosterWorld(r, actor)
}

func (s *Server) showAbsences(w http.ResponseWriter, r *http.Request, status int, view rosterAbsenceView) error {
	sc := view.rosterScope
	from, _ := sc.daySpan(sc.today)
	own, err := s.roster.Own(r.Context(), sc.Actor, from, from.AddDate(0, 0, 1))
	if err != nil {
		return err
	}
	for _, a := range own.Absences {
		view.Own = append(view.Own, sc.absence(a, sc.Actor.Name, own.Missed[a.ID]))
	}
	if !sc.Team.ID.IsZero() {
		if err := s.crewAbsences(r, &view); err != nil {
			return err
		}
	}
	for _, c := range roster.AbsenceClasses() {
		view.Form.Classes = append(view.Form.Classes, choice{string(c), sc.t("roster.class." + string(c)), view.Form.class == string(c)})
	}
	view.Message = sc.message(r)
	if sc.err != nil {
		return sc.err
	}
	return s.render(w, r, status, "roster_abwesenheit", view)
}

// crewAbsences adds what the team's supervisor sees.
func (s *Server) crewAbsences(r *http.Request, view *rosterAbsenceView) error {
	sc := view.rosterScope
	away, err := s.roster.TeamAbsences(r.Context(), sc.Actor, sc.Team.ID, sc.now)
	if err != nil {
		return err
	}
	names := map[staff.ID]string{}
	self := sc.Actor.ID.String()
	view.Form.People = []choice{{self, sc.t("roster.absence.self"), view.Form.person == self}}
	for _, p := range away.People {
		names[p.ID] = p.Name
		if p.ID != sc.Actor.ID {
			view.Form.People = append(view.Form.People, choice{p.ID.String(), p.Name, p.ID.String() == view.Form.person})
		}
	}
	for _, a := range away.Absences {
		if a.Person != sc.Actor.ID {
			view.Crew = append(view.Crew, sc.absence(a, names[a.Person], away.Missed[a.ID]))
		}
	}
	return nil
}

func (sc *rosterScope) absence(a roster.Absence, name string, missed []roster.Duty) rosterAbsence {
	shown := rosterAbsence{
		Name: name, Period: sc.period(a.Start, a.End), Class: sc.t("roster.class." + string(a.Class)),
		RemoveURL: sc.at(absencePath + "/" + a.ID.String() + "/aufheben"),
	}
	if !sc.Team.ID.IsZero() {
		shown.Team = sc.Team.ID.String()
	}
	if len(missed) > 0 {
		shown.Missed = sc.t("roster.absence.missed", "n", len(missed))
	}
	for _, d := range missed {
		shown.Shifts = append(shown.Shifts, sc.t("roster.place", "team", sc.names[d.Team], "hours", sc.span(d.Start, d.End)))
	}
	return shown
}

// rosterAbsenceAdd enters an absence at once.
func (s *Server) rosterAbsenceAdd(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	f, err := readFields(w, r)
	if err != nil {
		return err
	}
	sc, err := s.absenceScope(r, actor)
	if err != nil {
		return err
	}
	a := roster.Absence{Person: actor.ID, Class: roster.Class(f.text("class"))}
	if who := f.text("person"); who != "" {
		if a.Person, err = staff.ParseID(who); err != nil {
			return fault.New(fault.Forbidden, "forbidden") // no choice of the form
		}
	}
	a.Start, a.End = sc.readPeriod(f)
	if len(f.flaw) == 0 {
		if _, err = s.roster.AddAbsence(r.Context(), actor, a); err == nil {
			http.Redirect(w, r, sc.absenceURL("absence"), http.StatusSeeOther)
			return nil
		}
	}
	if len(f.flaw) == 0 && !f.invalid(err) {
		return err
	}
	sc.Errors = sc.flawTexts(f.flaw)
	form := absenceForm{From: f.text("from"), To: f.text("to"), Start: f.text("start"), End: f.text("end"), person: f.text("person"), class: f.text("class")}
	return s.showAbsences(w, r, http.StatusUnprocessableEntity, rosterAbsenceView{rosterScope: sc, Form: form})
}

func (sc *rosterScope) absenceURL(message string) string {
	team := ""
	if !sc.Team.ID.IsZero() {
		team = sc.Team.ID.String()
	}
	return sc.at(absencePath, "team", team, "meldung", message)
}

// rosterAbsenceRemove takes an absence back.
func (s *Server) rosterAbsenceRemove(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	if _, err := readFields(w, r); err != nil {
		return err
	}
	id, err := roster.ParseAbsenceID(r.PathValue("id"))
	if err != nil {
		return fault.New(fault.NotFound, "not_found")
	}
	sc, err := s.absenceScope(r, actor)
	if err != nil {
		return err
	}
	if err := s.roster.RemoveAbsence(r.Context(), actor, id); err != nil {
		return err
	}
	http.Redirect(w, r, sc.absenceURL("absence_gone"), http.StatusSeeOther)
	return nil
}

// Planner reports whether the reader supervises a team.
func (v rosterAbsenceView) Planner() bool { return !v.Team.ID.IsZero() }
