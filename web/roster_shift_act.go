package web

import (
	"errors"
	"net/http"
	"strconv"

	"lotse/internal/fault"
	"lotse/internal/roster"
	"lotse/internal/roster/civil"
	"lotse/internal/staff"
)

// shiftAct does one thing to the shift that the address names and says where to
// go then.
type shiftAct func(r *http.Request, sc *rosterScope, f *rosterFields, e roster.Entry) (http.HandlerFunc, error)

// onShift reads shift and form, acts, and answers a refusal with the shift as
// it is now.
func (s *Server) onShift(act shiftAct) staffed {
	return func(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
		f, err := readFields(w, r)
		if err != nil {
			return err
		}
		sc, e, err := s.shiftOf(r, actor)
		if err != nil {
			return err
		}
		then, err := act(r, sc, f, e)
		if len(f.flaw) > 0 || f.invalid(err) {
			f.rename("person", "leute")
			sc.Errors = sc.flawTexts(f.flaw)
			return s.showShift(w, r, http.StatusUnprocessableEntity, sc, e, rosterShiftView{Form: sc.formOf(e)})
		}
		if fault.KindOf(err) == fault.Conflict {
			return s.shiftMoved(w, r, sc, err)
		}
		if err != nil {
			return err
		}
		then(w, r)
		return nil
	}
}

// shiftMoved shows the shift as it is now, with the reason why nothing was done.
func (s *Server) shiftMoved(w http.ResponseWriter, r *http.Request, sc *rosterScope, cause error) error {
	sc, e, err := s.shiftOf(r, sc.Actor)
	if err != nil {
		return err
	}
	code := "shift_changed"
	if f, ok := errors.AsType[*fault.Error](cause); ok {
		code = f.Code
	}
	sc.Errors = map[string]string{"leute": sc.t("error." + code)}
	return s.showShift(w, r, http.StatusConflict, sc, e, rosterShiftView{Form: sc.formOf(e)})
}

func (sc *rosterScope) then(message string, id roster.ShiftID) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { _ = sc.home(w, r, message, 1, id) }
}

// stay leads back to the page of the shift.
func (sc *rosterScope) stay(message string, id roster.ShiftID, anchor string) http.HandlerFunc {
	target := sc.at(rosterPath+"/schicht/"+id.String(), "meldung", message) + anchor
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, target, http.StatusSeeOther) }
}

// rosterAssign puts a person on the shift.
func (s *Server) rosterAssign(r *http.Request, sc *rosterScope, f *rosterFields, e roster.Entry) (http.HandlerFunc, error) {
	person := f.person("person")
	if len(f.flaw) > 0 {
		return nil, nil
	}
	_, err := s.roster.Assign(r.Context(), sc.Actor, e.ID, person)
	return sc.stay("assigned", e.ID, "#leute"), err
}

// rosterUnassign takes a person off the shift.
func (s *Server) rosterUnassign(r *http.Request, sc *rosterScope, f *rosterFields, e roster.Entry) (http.HandlerFunc, error) {
	person := f.person("person")
	if len(f.flaw) > 0 {
		return nil, nil
	}
	_, err := s.roster.Unassign(r.Context(), sc.Actor, e.ID, person)
	return sc.stay("unassigned", e.ID, "#leute"), err
}

// rosterMove puts the shift on another date, or plans the same there too.
func (s *Server) rosterMove(r *http.Request, sc *rosterScope, f *rosterFields, e roster.Entry) (http.HandlerFunc, error) {
	date, revision := f.date("target"), f.revision()
	if len(f.flaw) > 0 {
		return nil, nil
	}
	if f.text("what") == "copy" {
		made, err := s.roster.Copy(r.Context(), sc.Actor, e.ID, date, f.text("people") == "1")
		return sc.onDate(date).then("copied", made.ID), asField(err, "target")
	}
	_, err := s.roster.Move(r.Context(), sc.Actor, e.ID, revision, date)
	return sc.onDate(date).then("moved", e.ID), asField(err, "target")
}

// onDate turns the scope to the week of a date.
func (sc *rosterScope) onDate(date civil.Date) *rosterScope {
	other := *sc
	other.Week = civil.WeekOf(date)
	return &other
}

// asField blames a date that the roster refuses on the field it came from.
func asField(err error, name string) error {
	bad, ok := errors.AsType[*fault.Error](err)
	if !ok || bad.Kind != fault.Invalid {
		return err
	}
	for _, code := range bad.Fields {
		return fault.InvalidInput(map[string]string{name: code})
	}
	return err
}

// revision reads which version of the shift the page has shown.
func (f *rosterFields) revision() int {
	n, err := strconv.Atoi(f.text("revision"))
	if err != nil {
		f.wrong("leute", "unknown")
	}
	return n
}

// rosterRemove plans that the shift goes.
func (s *Server) rosterRemove(r *http.Request, sc *rosterScope, f *rosterFields, e roster.Entry) (http.HandlerFunc, error) {
	revision := f.revision()
	if len(f.flaw) > 0 {
		return nil, nil
	}
	err := s.roster.Remove(r.Context(), sc.Actor, e.ID, revision)
	message := "removed"
	if e.Before == nil {
		message = "deleted"
	}
	return sc.then(message, e.ID), err
}

// rosterRevert takes the change of the shift back.
func (s *Server) rosterRevert(r *http.Request, sc *rosterScope, _ *rosterFields, e roster.Entry) (http.HandlerFunc, error) {
	err := s.roster.Revert(r.Context(), sc.Actor, e.ID)
	if e.Before != nil {
		sc = sc.weekOf(e.Before.Start)
	}
	return sc.then("reverted", e.ID), err
}
