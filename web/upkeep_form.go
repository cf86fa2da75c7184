package web

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"lotse/directory"
	"lotse/directory/upkeep"
	"lotse/internal/fault"
)

// maxEntryForm is the largest form of an entry in bytes.
const maxEntryForm = 128 << 10

// entryView is the form of an entry, for staff and for who came by a link.
type entryView struct {
	ID        string
	Name      string
	Action    string // where the form goes
	Version   string
	Percent   int
	Missing   []string // fields that are empty, the weightiest first
	Parts     []entryPart
	Errors    map[string]string // field → sentence
	Message   string
	Conflict  []diffLine // what has changed since the form was shown; nil: nothing
	Overtaken bool
	Draft     bool   // something is open
	InReview  bool   // and somebody is to look through it
	Note      string // why it was sent back
	Staff     bool
	Admin     bool
	Direct    bool // may publish without a second person
	Protected bool
	Mails     bool
	Nav       entryNav
}

// entryNav are the pages of an entry for staff.
type entryNav struct{ List, Form, Review, History, Public, Ask, Confirm string }

// entryDo is what the buttons of the form do.
type entryDo struct {
	look, save, submit, publish bool
}

func readDo(word string) (entryDo, error) {
	do, ok := map[string]entryDo{"look": {look: true}, "save": {save: true}, "submit": {submit: true}, "publish": {publish: true}}[word]
	if !ok {
		return do, fault.New(fault.Invalid, "malformed")
	}
	return do, nil
}

// entryViewOf fills the form from what the desk shows, or from what was typed.
func (s *Server) entryViewOf(r *http.Request, desk *upkeep.Desk, sheet upkeep.Sheet, flaws map[string]string) (entryView, error) {
	v := voice{lang: langOf(r)}
	e := desk.Entry
	score := upkeep.Complete(sheet, e.Location.Type)
	view := entryView{ID: e.Venue.ID, Name: desk.Published.Name, Version: desk.Version, Percent: score.Percent, Missing: score.Missing,
		Draft: desk.Draft != nil, Direct: desk.Direct, Protected: e.Location.Type == directory.Protected, Errors: map[string]string{}}
	if desk.Draft != nil {
		view.Note, view.InReview = desk.Draft.Note, desk.Draft.State == upkeep.InReview
	}
	for field, code := range flaws {
		view.Errors[field] = s.flawText(v, code)
	}
	view.Message = s.doneText(r)
	var err error
	view.Parts, err = s.entryFields(v, sheet, desk, view.Errors)
	return view, err
}

// flawText puts the code of a field into a sentence, with the part that is meant.
func (s *Server) flawText(v voice, code string) string {
	code, part, named := strings.Cut(code, ":")
	if named {
		return s.texts.say(v.lang, "upkeep.flaw."+code, "part", part)
	}
	text, ok := s.texts.lookup(v, "upkeep.flaw."+code)
	if !ok {
		text = s.texts.errorText(v.lang, code)
	}
	return text
}

// doneText is the text for what was just done, which the address names, or "".
func (s *Server) doneText(r *http.Request) string {
	text, _ := s.texts.lookup(voice{lang: langOf(r)}, "upkeep.done."+r.URL.Query().Get("meldung"))
	return text
}

// saving is what a handler of the form needs: how to keep the sheet, and where to go.
type saving struct {
	desk *upkeep.Desk
	keep func(version string, sheet upkeep.Sheet, do entryDo) error
	done func(do entryDo) string
	view func(*entryView)
	anew func() (*upkeep.Desk, error)
}

// saveEntry reads the form and keeps it. What is wrong, and what somebody else has
// changed meanwhile, is shown with everything that was typed.
func (s *Server) saveEntry(w http.ResponseWriter, r *http.Request, way saving) error {
	do, err := readDo(r.PostForm.Get("do"))
	if err != nil {
		return err
	}
	form := formReader{values: r.PostForm, was: way.desk.Sheet, today: time.Now().In(s.zone).Format(time.DateOnly), flaws: map[string]string{}}
	sheet := form.sheet()
	version := r.PostForm.Get("version")
	if do.look {
		flaws := form.flaws
		if err := s.upkeep.Check(way.desk, sheet); err != nil {
			flaws = fieldsOf(err, flaws)
		}
		return s.showTyped(w, r, http.StatusOK, way, way.desk, sheet, version, flaws)
	}
	if len(form.flaws) > 0 {
		return s.showTyped(w, r, http.StatusUnprocessableEntity, way, way.desk, sheet, version, form.flaws)
	}
	err = way.keep(version, sheet, do)
	switch {
	case err == nil:
		http.Redirect(w, r, way.done(do), http.StatusSeeOther)
		return nil
	case fault.CodeOf(err) == "edit_overtaken":
		desk, err := way.anew()
		if err != nil {
			return err
		}
		return s.showTyped(w, r, http.StatusConflict, way, desk, sheet, desk.Version, nil)
	case fault.KindOf(err) == fault.Invalid:
		return s.showTyped(w, r, http.StatusUnprocessableEntity, way, way.desk, sheet, version, fieldsOf(err, nil))
	}
	return err
}

// fieldsOf adds the field codes of a fault to flaws.
func fieldsOf(err error, flaws map[string]string) map[string]string {
	all := map[string]string{}
	if bad, ok := errors.AsType[*fault.Error](err); ok {
		maps.Copy(all, bad.Fields)
	}
	maps.Copy(all, flaws)
	return all
}

// showTyped shows the form with what was typed into it.
func (s *Server) showTyped(w http.ResponseWriter, r *http.Request, status int, way saving, desk *upkeep.Desk, sheet upkeep.Sheet, version string, flaws map[string]string) error {
	view, err := s.entryViewOf(r, desk, sheet, flaws)
	if err != nil {
		return err
	}
	view.Version = version
	if status == http.StatusConflict {
		view.Overtaken = true
		view.Conflict = s.diffLines(voice{lang: langOf(r)}, upkeep.Compare(desk.Sheet, sheet))
	}
	way.view(&view)
	return s.render(w, r, status, "upkeep_eintrag", view)
}

// onPath is a path of the staff's pages with parameters in pairs and the language
// that the address of r had.
func onPath(r *http.Request, path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	if l := Lang(r.URL.Query().Get("lang")); l.Known() {
		q.Set("lang", string(l))
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}
