package web

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"lotse/internal/fault"
	"lotse/internal/roster"
	"lotse/internal/roster/civil"
	"lotse/internal/staff"
)

// rosterShiftView is the page of one shift: who is on it, when it is and what
// it asks for.
type rosterShiftView struct {
	*rosterScope
	Message string
	Heading string
	Form    shiftForm

	// Of a shift that exists already:
	Entry    *roster.Entry
	Change   string // locale key of the draft's kind, or empty
	Was      string // the published form in words, where it differs
	By, At   string // who changed the draft last, and when
	Assigned []rosterCandidate
	Free     []rosterCandidate
	Busy     []rosterCandidate
	CopyDate string

	// After somebody else was faster:
	Theirs []rosterDifference
}

// shiftForm is what the form of a shift holds, as it was typed.
type shiftForm struct {
	ID, Team, Week         string
	Revision               int
	Date, Start, End       string
	Min, Opt, Note         string
	Channels               []choice
	Topics, Languages      []choice
	MaxNote, MaxStaff      int
	channels, topics, lang []string
}

// rosterCandidate is somebody who could be on the shift.
type rosterCandidate struct {
	ID, Name string
	Trainee  bool
	Week     string   // duty in that week
	Against  []string // what speaks against it
	StandIn  string   // where a stand-in is entered at once, or empty
}

// rosterDifference is a field that two people have set differently.
type rosterDifference struct{ Field, Mine, Theirs string }

// rosterShiftNew is the empty form for a shift on a day.
func (s *Server) rosterShiftNew(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	sc, err := s.rosterScope(r, actor)
	if err != nil {
		return err
	}
	date, err := civil.ParseDate(r.FormValue("tag"))
	if err != nil {
		date = sc.Week.Monday()
	}
	form := shiftForm{
		ID: roster.NewShiftID().String(), Date: date.String(), Start: "08:00", End: "12:00", Min: "1", Opt: "1",
		channels: []string{string(roster.Chat)},
	}
	return s.renderShift(w, r, http.StatusOK, sc, rosterShiftView{Form: form})
}

// rosterShiftPage shows a shift that exists.
func (s *Server) rosterShiftPage(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	sc, e, err := s.shiftOf(r, actor)
	if err != nil {
		return err
	}
	return s.showShift(w, r, http.StatusOK, sc, e, rosterShiftView{Form: sc.formOf(e)})
}

// shiftOf reads the shift that the address names, and its team and week.
func (s *Server) shiftOf(r *http.Request, actor staff.Actor) (*rosterScope, roster.Entry, error) {
	id, err := roster.ParseShiftID(r.PathValue("id"))
	if err != nil {
		return nil, roster.Entry{}, fault.New(fault.NotFound, "shift_not_found")
	}
	e, err := s.roster.Shift(r.Context(), actor, id)
	if err != nil {
		return nil, e, err
	}
	sc, err := s.rosterWorld(r, actor)
	if err != nil {
		return nil, e, err
	}
	i := slices.IndexFunc(sc.Teams, func(t staff.Team) bool { return t.ID == e.Team })
	if i < 0 {
		return nil, e, fault.New(fault.Forbidden, "forbidden")
	}
	sc.Team = sc.Teams[i]
	return sc.weekOf(e.Start), e, nil
}

// formOf fills the form from a shift.
func (sc *rosterScope) formOf(e roster.Entry) shiftForm {
	date := civil.DateOf(e.Start, sc.zone)
	f := shiftForm{
		ID: e.ID.String(), Revision: e.Revision, Date: date.String(), Start: sc.clock(e.Start), End: sc.clock(e.End),
		Min: strconv.Itoa(e.Min), Opt: strconv.Itoa(e.Opt), Note: e.Note, topics: e.Topics, lang: e.Languages,
	}
	for _, c := range e.Channels {
		f.channels = append(f.channels, string(c))
	}
	return f
}

// rosterShiftSave plans a new shift or changes one.
func (s *Server) rosterShiftSave(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	f, err := readFields(w, r)
	if err != nil {
		return err
	}
	sc, err := s.rosterScope(r, actor)
	if err != nil {
		return err
	}
	form, shift := sc.readShift(f)
	if len(f.flaw) == 0 {
		e, err := s.roster.Save(r.Context(), actor, shift)
		if err == nil {
			return sc.weekOf(e.Start).afterSave(w, r, e, form.Revision == 0)
		}
		if taken, ok := errors.AsType[*fault.Error](err); ok && taken.Kind == fault.Conflict && taken.Code == "shift_changed" {
			return s.shiftTaken(w, r, sc, form, shift)
		}
		if !f.invalid(err) {
			return err
		}
	}
	sc.Errors = sc.flawTexts(f.flaw)
	view := rosterShiftView{Form: form}
	if form.Revision == 0 {
		return s.renderShift(w, r, http.StatusUnprocessableEntity, sc, view)
	}
	e, err := s.roster.Shift(r.Context(), actor, shift.ID)
	if err != nil {
		return err
	}
	return s.showShift(w, r, http.StatusUnprocessableEntity, sc, e, view)
}

// afterSave leads to the people of a new shift, or back to the week.
func (sc *rosterScope) afterSave(w http.ResponseWriter, r *http.Request, e roster.Entry, isNew bool) error {
	if !isNew {
		return sc.home(w, r, "saved", 1, e.ID)
	}
	http.Redirect(w, r, sc.at(rosterPath+"/schicht/"+e.ID.String(), "meldung", "created")+"#leute", http.StatusSeeOther)
	return nil
}

// readShift reads the form, keeping what was typed beside what it means.
func (sc *rosterScope) readShift(f *rosterFields) (shiftForm, roster.Shift) {
	form := shiftForm{
		ID: f.text("id"), Date: f.text("date"), Start: f.text("start"), End: f.text("end"), Min: f.text("min"), Opt: f.text("opt"),
		Note: f.text("note"), channels: f.some("channel"), topics: f.some("topic"), lang: f.some("language"),
	}
	shift := roster.Shift{Team: sc.Team.ID, Min: f.number("min"), Opt: f.number("opt"), Note: form.Note, Topics: form.topics, Languages: form.lang}
	id, err := roster.ParseShiftID(form.ID)
	revision, revErr := strconv.Atoi(f.text("revision"))
	if err != nil || revErr != nil || revision < 0 {
		f.wrong("schicht", "unknown") // the heading: there is no field to mend
		revision = 0
	}
	shift.ID, shift.Revision, form.Revision = id, revision, revision
	for _, c := range form.channels {
		shift.Channels = append(shift.Channels, roster.Channel(c))
	}
	shift.Start, shift.End = sc.readSpan(f, "date")
	return form, shift
}

// readSpan reads a date and two times; an end at or before the start is on the
// day after, unless both are the same.
func (sc *rosterScope) readSpan(f *rosterFields, dateField string) (start, end time.Time) {
	date, from, to := f.date(dateField), f.minute("start"), f.minute("end")
	if len(f.flaw) > 0 {
		return start, end
	}
	if to < from {
		to += 1440
	}
	start = civil.Resolve(date, from, sc.zone, civil.Start)
	end = civil.Resolve(date, to, sc.zone, civil.End)
	if !start.Before(end) && to > from {
		f.wrong("end", "clock_change")
	}
	return start, end
}

// shiftTaken shows both versions when somebody else has saved in between. What
// was typed stays in the form; saving again replaces the other version.
func (s *Server) shiftTaken(w http.ResponseWriter, r *http.Request, sc *rosterScope, form shiftForm, mine roster.Shift) error {
	e, err := s.roster.Shift(r.Context(), sc.Actor, mine.ID)
	if err != nil {
		return err
	}
	form.Revision = e.Revision
	view := rosterShiftView{Form: form, Theirs: sc.differences(mine, e.Shift)}
	return s.showShift(w, r, http.StatusConflict, sc, e, view)
}

// differences lists the fields in which two versions of a shift differ.
func (sc *rosterScope) differences(mine, theirs roster.Shift) []rosterDifference {
	number := strconv.Itoa
	fields := []rosterDifference{
		{"when", sc.span(mine.Start, mine.End), sc.span(theirs.Start, theirs.End)},
		{"channels", sc.channels(mine.Channels), sc.channels(theirs.Channels)},
		{"min", number(mine.Min), number(theirs.Min)},
		{"opt", number(mine.Opt), number(theirs.Opt)},
		{"topics", sc.named(mine.Topics, sc.topic), sc.named(theirs.Topics, sc.topic)},
		{"languages", sc.named(mine.Languages, sc.language), sc.named(theirs.Languages, sc.language)},
		{"note", mine.Note, theirs.Note},
	}
	return slices.DeleteFunc(fields, func(d rosterDifference) bool { return d.Mine == d.Theirs })
}

// named joins the names of codes in their order.
func (sc *rosterScope) named(codes []string, name func(string) string) string {
	var names []string
	for _, code := range slices.Sorted(slices.Values(codes)) {
		names = append(names, name(code))
	}
	return sc.Join(names)
}
