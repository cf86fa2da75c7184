package web

import (
	"net/http"
	"slices"
	"strconv"

	"lotse/internal/fault"
	"lotse/internal/roster"
	"lotse/internal/roster/civil"
	"lotse/internal/staff"
)

// rosterTemplatesView fills a week: from another week or from a template.
type rosterTemplatesView struct {
	*rosterScope
	Message   string
	Templates []rosterTemplate
	Weeks     []choice // weeks to copy from
	Name      string
	MaxName   int
}

// rosterTemplate is one template in the list.
type rosterTemplate struct {
	ID, Name, By, At, Size string
	Days                   []string // a line for each weekday with shifts
}

// weeksAround are how many weeks before the shown one can be copied from.
const weeksAround = 8

// rosterTemplates shows the ways to fill the week.
func (s *Server) rosterTemplates(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	sc, err := s.rosterScope(r, actor)
	if err != nil {
		return err
	}
	return s.showTemplates(w, r, http.StatusOK, rosterTemplatesView{rosterScope: sc})
}

func (s *Server) showTemplates(w http.ResponseWriter, r *http.Request, status int, view rosterTemplatesView) error {
	sc := view.rosterScope
	list, err := s.roster.Templates(r.Context(), sc.Actor, sc.Team.ID)
	if err != nil {
		return err
	}
	names, err := s.staff.Names(r.Context())
	if err != nil {
		return err
	}
	for _, t := range list {
		view.Templates = append(view.Templates, sc.template(t, names))
	}
	for n := 1; n <= weeksAround; n++ {
		week := sc.Week.Add(-n)
		label := sc.t("roster.week.choice", "week", sc.week(week), "dates", sc.dates(week))
		view.Weeks = append(view.Weeks, choice{week.String(), label, n == 1})
	}
	view.Message, view.MaxName = sc.message(r), roster.MaxTemplateName
	if sc.err != nil {
		return sc.err
	}
	return s.render(w, r, status, "roster_vorlagen", view)
}

func (sc *rosterScope) template(t roster.Template, names map[staff.ID]string) rosterTemplate {
	shown := rosterTemplate{ID: t.ID.String(), Name: t.Name, By: names[t.By], At: sc.date(dateIn(t.At, sc)), Size: sc.t("roster.template.size", "n", len(t.Shifts))}
	lines := map[int][]string{}
	for _, slot := range t.Shifts {
		lines[slot.Weekday] = append(lines[slot.Weekday], clockText(slot.Start)+"–"+clockText(slot.End))
	}
	for weekday := range 7 {
		if len(lines[weekday]) > 0 {
			day := sc.t("roster.weekday." + strconv.Itoa(weekday))
			shown.Days = append(shown.Days, sc.t("roster.template.day", "day", day, "hours", sc.Join(lines[weekday])))
		}
	}
	return shown
}

// clockText is minutes since midnight as 08:00.
func clockText(minute int) string {
	minute %= 1440
	return strconv.Itoa(100 + minute/60)[1:] + ":" + strconv.Itoa(100 + minute%60)[1:]
}

// rosterFill copies a week, applies a template, or keeps or deletes one, as the
// form's field "was" says.
func (s *Server) rosterFill(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	f, err := readFields(w, r)
	if err != nil {
		return err
	}
	sc, err := s.rosterScope(r, actor)
	if err != nil {
		return err
	}
	acts := map[string]func(*http.Request, *rosterScope, *rosterFields) (string, roster.Filled, error){
		"kopieren": s.copyWeek, "einsetzen": s.applyTemplate, "merken": s.saveTemplate, "entfernen": s.removeTemplate,
	}
	act, ok := acts[f.text("was")]
	if !ok {
		return fault.New(fault.Invalid, "malformed")
	}
	message, done, err := act(r, sc, f)
	if len(f.flaw) > 0 || f.invalid(err) {
		sc.Errors = sc.flawTexts(f.flaw)
		view := rosterTemplatesView{rosterScope: sc, Name: f.text("name")}
		return s.showTemplates(w, r, http.StatusUnprocessableEntity, view)
	}
	if err != nil {
		return err
	}
	if slices.Contains([]string{"merken", "entfernen"}, f.text("was")) {
		http.Redirect(w, r, sc.URL("/vorlagen", "meldung", message), http.StatusSeeOther)
		return nil
	}
	if done.Lost > 0 {
		message += "_lost"
	}
	return sc.home(w, r, message, done.Made, roster.ShiftID{})
}

func (s *Server) copyWeek(r *http.Request, sc *rosterScope, f *rosterFields) (string, roster.Filled, error) {
	from, err := civil.ParseWeek(f.text("von"))
	if err != nil {
		f.wrong("von", "no_week")
		return "", roster.Filled{}, nil
	}
	done, err := s.roster.CopyWeek(r.Context(), sc.Actor, sc.Team.ID, from, sc.Week, f.text("people") == "1")
	return "filled", done, err
}

func (s *Server) applyTemplate(r *http.Request, sc *rosterScope, f *rosterFields) (string, roster.Filled, error) {
	id, err := roster.ParseTemplateID(f.text("vorlage"))
	if err != nil {
		return "", roster.Filled{}, fault.New(fault.NotFound, "template_not_found")
	}
	done, err := s.roster.Apply(r.Context(), sc.Actor, sc.Team.ID, id, sc.Week)
	return "filled", done, err
}

func (s *Server) saveTemplate(r *http.Request, sc *rosterScope, f *rosterFields) (string, roster.Filled, error) {
	_, err := s.roster.SaveTemplate(r.Context(), sc.Actor, sc.Team.ID, sc.Week, f.text("name"))
	return "kept", roster.Filled{}, err
}

func (s *Server) removeTemplate(r *http.Request, sc *rosterScope, f *rosterFields) (string, roster.Filled, error) {
	id, err := roster.ParseTemplateID(f.text("vorlage"))
	if err != nil {
		return "", roster.Filled{}, fault.New(fault.NotFound, "template_not_found")
	}
	return "forgotten", roster.Filled{}, s.roster.RemoveTemplate(r.Context(), sc.Actor, sc.Team.ID, id)
}
