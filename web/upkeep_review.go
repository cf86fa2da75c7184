package web

import (
	"encoding/json"
	"net/http"
	"strings"

	"lotse/directory"
	"lotse/directory/upkeep"
	"lotse/internal/fault"
	"lotse/internal/staff"
)

// reviewView is a draft beside what is published.
type reviewView struct {
	Name, By, At string
	Version      string
	Lines        []diffLine
	Note         string // that was typed
	NoteFlaw     string
	InReview     bool
	Own          bool // of the reader, who may not approve it alone
	Nav          entryNav
}

// diffLine is a fact that changes, in words.
type diffLine struct {
	Field         string
	Before, After string // empty: nothing
	Overtaken     bool   // somebody else has changed it meanwhile
}

// diffLines puts differences into words.
func (s *Server) diffLines(v voice, changes []upkeep.Difference) []diffLine {
	var lines []diffLine
	for _, c := range changes {
		lines = append(lines, diffLine{Field: c.Field, Before: s.factText(v, c.Field, c.Before), After: s.factText(v, c.Field, c.After)})
	}
	return lines
}

// factText puts the value of a fact into words.
func (s *Server) factText(v voice, field string, raw json.RawMessage) string {
	var value any
	if raw == nil || json.Unmarshal(raw, &value) != nil {
		return ""
	}
	if field == "areas" {
		return areasText(raw)
	}
	words := map[string]func(string) string{
		"topics":    func(id string) string { return s.topicLabel(id, string(v.lang)) },
		"languages": func(code string) string { return s.languageName(v.lang, code) }, "accessibility": s.named(v, "centres.access."),
		"type": s.named(v, "upkeep.type."), "channels": s.named(v, "centres.channel."), "target": func(code string) string { return s.targetName(v.lang, code) },
		"status": func(word string) string { return s.named(v, "upkeep.status.")(strings.ReplaceAll(word, " ", "_")) },
	}[field]
	if words == nil {
		words = func(text string) string { return text }
	}
	return s.plainValue(v, value, words)
}

// areasText writes a catchment as it is entered: "50667-50670, ags:05315".
func areasText(raw json.RawMessage) string {
	var lines []string
	if json.Unmarshal(raw, &lines) == nil {
		return strings.Join(lines, ", ")
	}
	var areas []directory.Area
	if json.Unmarshal(raw, &areas) != nil {
		return ""
	}
	return strings.Join(directory.Stated(areas), ", ")
}

// plainValue writes a value of JSON for people.
func (s *Server) plainValue(v voice, value any, words func(string) string) string {
	switch value := value.(type) {
	case string:
		return words(value)
	case bool:
		text, _ := s.texts.lookup(v, map[bool]string{true: "upkeep.yes", false: "upkeep.no"}[value])
		return text
	case []any:
		var parts []string
		for _, one := range value {
			parts = append(parts, s.plainValue(v, one, words))
		}
		return strings.Join(parts, ", ")
	case map[string]any:
		var parts []string
		for _, name := range []string{"number", "name", "note", "lat", "lon", "available", "maximum", "unit", "day", "time", "stated", "updated"} {
			if one, ok := value[name]; ok {
				parts = append(parts, s.plainValue(v, one, words))
			}
		}
		return strings.Join(parts, " · ")
	}
	text, _ := json.Marshal(value) // a number
	return string(text)
}

// entryReview shows what a draft changes.
func (s *Server) entryReview(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	return s.showReview(w, r, actor, http.StatusOK, "", "")
}

func (s *Server) showReview(w http.ResponseWriter, r *http.Request, actor staff.Actor, status int, note, flaw string) error {
	desk, err := s.upkeep.Desk(r.Context(), actor, r.PathValue("id"))
	if err != nil {
		return err
	}
	if desk.Draft == nil {
		http.Redirect(w, r, onPath(r, entryPath+"/"+r.PathValue("id"), "meldung", "nothing_open"), http.StatusSeeOther)
		return nil
	}
	names, err := s.staff.Names(r.Context())
	if err != nil {
		return err
	}
	v := voice{lang: langOf(r)}
	view := reviewView{Name: desk.Published.Name, By: s.authorName(v, desk.Draft.Author, names), At: desk.Draft.At.In(s.zone).Format("2.1.2006 15:04"),
		Version: desk.Version, Lines: s.diffLines(v, upkeep.Compare(desk.Published, desk.Sheet)), Note: note, NoteFlaw: flaw,
		InReview: desk.Draft.State == upkeep.InReview, Own: !desk.Direct && desk.Draft.Author == actor.Ref(), Nav: navOf(r, desk.Entry.Venue.ID)}
	for i, line := range view.Lines {
		for _, field := range desk.Overtaken {
			view.Lines[i].Overtaken = view.Lines[i].Overtaken || field == line.Field
		}
	}
	return s.render(w, r, status, "upkeep_pruefung", view)
}

// entryDecide approves a draft, sends it back with a note, or drops it.
func (s *Server) entryDecide(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	if err := parseForm(w, r, 16<<10); err != nil {
		return err
	}
	ctx, id, version := r.Context(), r.PathValue("id"), r.PostForm.Get("version")
	note := strings.TrimSpace(r.PostForm.Get("note"))
	deeds := map[string]func() error{
		"approve": func() error { return s.upkeep.Approve(ctx, actor, id, version) },
		"back":    func() error { return s.upkeep.SendBack(ctx, actor, id, version, note) },
		"drop":    func() error { return s.upkeep.Drop(ctx, actor, id, version) },
	}
	do, ok := deeds[r.PostForm.Get("do")]
	if !ok {
		return fault.New(fault.Invalid, "malformed")
	}
	err := do()
	if fault.KindOf(err) == fault.Invalid {
		return s.showReview(w, r, actor, http.StatusUnprocessableEntity, note, s.flawText(voice{lang: langOf(r)}, "note"))
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, onPath(r, entryPath, "meldung", r.PostForm.Get("do")), http.StatusSeeOther)
	return nil
}
