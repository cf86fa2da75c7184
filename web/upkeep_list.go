package web

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"lotse/directory"
	"lotse/directory/upkeep"
	"lotse/internal/fault"
	"lotse/internal/staff"
)

// entryListView are the entries of a provider: first those that wait for a look.
type entryListView struct {
	Message  string
	Waiting  []entryLine
	Entries  []entryLine
	FourEyes bool
	Admin    bool
	Mails    bool
	Action   string
	Twins    string
}

// entryLine is an entry in a list.
type entryLine struct {
	ID, Name, City string
	Percent        int
	Missing        []string
	Assured        string // date of the last confirmation, or empty
	Expired        bool
	Asked          string // date of the mail without an answer, or empty
	Mail           string // state of the last mail, when it needs a look
	Code           string
	Muted          bool
	Draft          string // draft or review, or empty
	By, At         string // of the draft
	Nav            entryNav
}

// entryList lists the entries that the provider keeps.
func (s *Server) entryList(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	all, err := s.upkeep.Overviews(r.Context(), actor)
	if err != nil {
		return err
	}
	names, err := s.staff.Names(r.Context())
	if err != nil {
		return err
	}
	view := entryListView{Message: s.doneText(r), Admin: actor.MayIn(staff.Admin, actor.Provider), Mails: s.upkeep.Mails(),
		Action: onPath(r, entryPath), Twins: onPath(r, twinsPath)}
	if view.FourEyes, err = s.upkeep.FourEyes(r.Context(), actor.Provider); err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b upkeep.Overview) int {
		return cmp.Or(cmp.Compare(a.Sheet.Name, b.Sheet.Name), cmp.Compare(a.Entry.Venue.ID, b.Entry.Venue.ID))
	})
	for _, o := range all {
		line := s.entryLine(r, o, names)
		if line.Draft == upkeep.InReview {
			view.Waiting = append(view.Waiting, line)
		}
		view.Entries = append(view.Entries, line)
	}
	return s.render(w, r, http.StatusOK, "upkeep_eintraege", view)
}

func (s *Server) entryLine(r *http.Request, o upkeep.Overview, names map[staff.ID]string) entryLine {
	line := entryLine{ID: o.Entry.Venue.ID, Name: o.Sheet.Name, City: o.Sheet.City, Percent: o.Score.Percent, Missing: o.Score.Missing,
		Expired: o.Entry.Venue.State == directory.Expired, Muted: o.Muted, Nav: navOf(r, o.Entry.Venue.ID)}
	if day, err := time.Parse(time.DateOnly, o.Entry.Venue.Assured); err == nil {
		line.Assured = day.Format("2.1.2006")
	}
	if !o.Asked.IsZero() {
		line.Asked = o.Asked.In(s.zone).Format("2.1.2006")
	}
	if o.Mail.State != "sent" && o.Mail.State != "" {
		line.Mail, line.Code = o.Mail.State, o.Mail.Code
	}
	if o.Draft != nil {
		line.Draft, line.By, line.At = o.Draft.State, s.authorName(voice{lang: langOf(r)}, o.Draft.Author, names), o.Draft.At.In(s.zone).Format("2.1.2006 15:04")
	}
	return line
}

// authorName names who changed something: a person, or what else an author may be.
func (s *Server) authorName(v voice, author string, names map[staff.ID]string) string {
	if id, err := staff.ParseID(author); err == nil {
		if name, ok := names[id]; ok {
			return name
		}
	}
	key := "import"
	switch {
	case author == upkeep.ByLink:
		key = "link"
	case len(author) > 6 && author[:6] == "merge:":
		key = "merge"
	case author == staff.Operator().Ref():
		key = "operator"
	}
	text, _ := s.texts.lookup(v, "upkeep.by."+key)
	return text
}

// entryRule sets whether every change needs two people.
func (s *Server) entryRule(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	if err := parseForm(w, r, 1<<10); err != nil {
		return err
	}
	word := r.PostForm.Get("four_eyes")
	if word != "on" && word != "off" {
		return fault.New(fault.Invalid, "malformed")
	}
	if err := s.upkeep.SetFourEyes(r.Context(), actor, word == "on"); err != nil {
		return err
	}
	http.Redirect(w, r, onPath(r, entryPath, "meldung", "rule"), http.StatusSeeOther)
	return nil
}
