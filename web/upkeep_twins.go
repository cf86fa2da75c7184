package web

import (
	"math"
	"net/http"
	"slices"

	"lotse/directory"
	"lotse/directory/upkeep"
	"lotse/internal/fault"
	"lotse/internal/staff"
)

// twinsPath is where duplicates are settled.
const twinsPath = "/team/dubletten"

// twinsView are the pairs that may be the same place, and the merges so far.
type twinsView struct {
	Message string
	Action  string
	List    string
	Pairs   []twinsPair
	Merged  []twinsMerged
}

// twinsPair are two entries side by side.
type twinsPair struct {
	A, B    twin
	N       int
	Percent int
	Agrees  []string
	Rows    []twinsRow
}

type twin struct{ ID, Name, URL string }

// twinsRow is a fact of both. Open: they differ, so that one of the two is chosen.
type twinsRow struct {
	Field, A, B string
	Open        bool
}

// twinsMerged is a merge that can be undone.
type twinsMerged struct{ Kept, Merged, By, At, Action string }

// twinsList shows the pairs of the provider.
func (s *Server) twinsList(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	pairs, merged, err := s.upkeep.Twins(r.Context(), actor)
	if err != nil {
		return err
	}
	names, err := s.staff.Names(r.Context())
	if err != nil {
		return err
	}
	v := voice{lang: langOf(r)}
	view := twinsView{Message: s.doneText(r), Action: onPath(r, twinsPath), List: onPath(r, entryPath)}
	for i, p := range pairs {
		pair := twinsPair{A: twinOf(r, p.A), B: twinOf(r, p.B), N: i + 1, Percent: int(math.Round(100 * p.Score)), Agrees: p.Agrees}
		pair.Rows = s.twinsRows(v, upkeep.SheetOf(p.A), upkeep.SheetOf(p.B))
		view.Pairs = append(view.Pairs, pair)
	}
	for _, m := range merged {
		view.Merged = append(view.Merged, twinsMerged{m.KeptName, m.MergedName, s.authorName(v, m.Author, names),
			m.At.In(s.zone).Format("2.1.2006 15:04"), onPath(r, twinsPath+"/"+m.ID+"/trennen")})
	}
	return s.render(w, r, http.StatusOK, "upkeep_dubletten", view)
}

func twinOf(r *http.Request, e *directory.Entry) twin {
	return twin{e.Venue.ID, e.Offer.Name, "/" + string(langOf(r)) + "/stellen/" + e.Venue.ID}
}

// twinsRows lists the facts that one of the two has.
func (s *Server) twinsRows(v voice, a, b upkeep.Sheet) []twinsRow {
	ours, theirs := a.Facts(), b.Facts()
	var rows []twinsRow
	for _, field := range upkeep.Fields {
		if ours[field] == nil && theirs[field] == nil {
			continue
		}
		rows = append(rows, twinsRow{field, s.factText(v, field, ours[field]), s.factText(v, field, theirs[field]),
			ours[field] != nil && theirs[field] != nil && string(ours[field]) != string(theirs[field])})
	}
	return rows
}

// twinsSettle merges a pair or notes that it is none.
func (s *Server) twinsSettle(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	if err := parseForm(w, r, 16<<10); err != nil {
		return err
	}
	a, b := r.PostForm.Get("a"), r.PostForm.Get("b")
	var err error
	word := r.PostForm.Get("do")
	switch word {
	case "distinct":
		err = s.upkeep.Distinct(r.Context(), actor, a, b)
	case "merge":
		err = s.mergeTwins(r, actor, a, b)
	default:
		err = fault.New(fault.Invalid, "malformed")
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, onPath(r, twinsPath, "meldung", word), http.StatusSeeOther)
	return nil
}

// mergeTwins merges into the entry that was chosen, which takes from the other the
// fields for which the other was chosen.
func (s *Server) mergeTwins(r *http.Request, actor staff.Actor, a, b string) error {
	kept, merged, other := a, b, "b"
	switch r.PostForm.Get("keep") {
	case "a":
	case "b":
		kept, merged, other = b, a, "a"
	default:
		return fault.New(fault.Invalid, "malformed")
	}
	var fields []string
	for _, field := range upkeep.Fields {
		if r.PostForm.Get("f-"+field) == other {
			fields = append(fields, field)
		}
	}
	return s.upkeep.Merge(r.Context(), actor, kept, merged, slices.Clip(fields))
}

// twinsPart undoes a merge.
func (s *Server) twinsPart(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	if err := s.upkeep.Part(r.Context(), actor, r.PathValue("id")); err != nil {
		return err
	}
	http.Redirect(w, r, onPath(r, twinsPath, "meldung", "parted"), http.StatusSeeOther)
	return nil
}
