package web

import (
	"encoding/json"
	"net/http"

	"lotse/internal/fault"
	"lotse/internal/staff"
)

// historyView is what was changed in an entry.
type historyView struct {
	Name, Message string
	Protected     bool
	Steps         []historyStep
	Nav           entryNav
}

// historyStep is a change in words.
type historyStep struct {
	diffLine
	ID, By, At string
	Undo       bool // nothing newer touched the fact
}

// entryHistory lists the changes of an entry, the newest first.
func (s *Server) entryHistory(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	return s.showHistory(w, r, actor, http.StatusOK, s.doneText(r))
}

func (s *Server) showHistory(w http.ResponseWriter, r *http.Request, actor staff.Actor, status int, message string) error {
	e, steps, err := s.upkeep.History(r.Context(), actor, r.PathValue("id"))
	if err != nil {
		return err
	}
	names, err := s.staff.Names(r.Context())
	if err != nil {
		return err
	}
	v := voice{lang: langOf(r)}
	view := historyView{Name: e.Offer.Name, Message: message, Protected: public(e.Centre()).Type == "protected", Nav: navOf(r, e.Venue.ID)}
	for _, step := range steps {
		line := diffLine{Field: step.Fact, Before: s.factText(v, step.Fact, raw(step.Before)), After: s.factText(v, step.Fact, raw(step.After))}
		view.Steps = append(view.Steps, historyStep{line, step.ID, s.authorName(v, step.Author, names), step.At.In(s.zone).Format("2.1.2006 15:04"), step.Latest})
	}
	return s.render(w, r, status, "upkeep_verlauf", view)
}

// raw is a value of the history; an empty one was not there.
func raw(text string) json.RawMessage {
	if text == "" {
		return nil
	}
	return json.RawMessage(text)
}

// entryTakeBack undoes one change.
func (s *Server) entryTakeBack(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	if err := parseForm(w, r, 1<<10); err != nil {
		return err
	}
	err := s.upkeep.TakeBack(r.Context(), actor, r.PathValue("id"), r.PostForm.Get("change"))
	if fault.CodeOf(err) == "change_overtaken" {
		return s.showHistory(w, r, actor, http.StatusConflict, s.texts.errorText(langOf(r), "change_overtaken"))
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, onPath(r, entryPath+"/"+r.PathValue("id")+"/verlauf", "meldung", "undone"), http.StatusSeeOther)
	return nil
}
