package web

import (
	"net/http"

	"lotse/directory/upkeep"
	"lotse/internal/staff"
)

// entryPath is where the staff keep entries.
const entryPath = "/team/eintraege"

// navOf are the pages of an entry.
func navOf(r *http.Request, id string) entryNav {
	at := func(rest string) string { return onPath(r, entryPath+"/"+id+rest) }
	return entryNav{List: onPath(r, entryPath), Form: at(""), Review: at("/pruefung"), History: at("/verlauf"),
		Public: "/" + string(langOf(r)) + "/stellen/" + id, Ask: at("/fragen"), Confirm: at("/bestaetigen")}
}

// entryForm is the editor of an entry that the provider keeps.
func (s *Server) entryForm(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	desk, err := s.upkeep.Desk(r.Context(), actor, r.PathValue("id"))
	if err != nil {
		return err
	}
	view, err := s.entryViewOf(r, desk, desk.Sheet, nil)
	if err != nil {
		return err
	}
	s.forStaff(r, actor)(&view)
	return s.render(w, r, http.StatusOK, "upkeep_eintrag", view)
}

// forStaff adds what only staff see.
func (s *Server) forStaff(r *http.Request, actor staff.Actor) func(*entryView) {
	return func(view *entryView) {
		view.Staff, view.Admin, view.Mails = true, actor.MayIn(staff.Admin, actor.Provider), s.upkeep.Mails()
		view.Nav = navOf(r, view.ID)
		view.Action = view.Nav.Form
	}
}

// entrySave keeps or publishes what staff have changed.
func (s *Server) entrySave(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	if err := parseForm(w, r, maxEntryForm); err != nil {
		return err
	}
	id, ctx := r.PathValue("id"), r.Context()
	desk, err := s.upkeep.Desk(ctx, actor, id)
	if err != nil {
		return err
	}
	return s.saveEntry(w, r, saving{
		desk: desk, view: s.forStaff(r, actor),
		keep: func(version string, sheet upkeep.Sheet, do entryDo) error {
			if do.publish {
				return s.upkeep.Publish(ctx, actor, id, version, sheet)
			}
			return s.upkeep.Save(ctx, actor, id, version, sheet, do.submit)
		},
		done: func(do entryDo) string {
			word := "saved"
			if do.submit {
				word = "submitted"
			} else if do.publish {
				word = "published"
			}
			return onPath(r, entryPath+"/"+id, "meldung", word)
		},
		anew: func() (*upkeep.Desk, error) { return s.upkeep.Desk(ctx, actor, id) },
	})
}

// entryAsk asks the centre by mail.
func (s *Server) entryAsk(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	return s.entryDone(w, r, "asked", s.upkeep.Ask(r.Context(), actor, r.PathValue("id")))
}

// entryConfirm notes that somebody has made sure of the entry, by telephone say.
func (s *Server) entryConfirm(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	return s.entryDone(w, r, "confirmed", s.upkeep.ConfirmByStaff(r.Context(), actor, r.PathValue("id")))
}

// entryDone leads back to the entry with a word about what was done.
func (s *Server) entryDone(w http.ResponseWriter, r *http.Request, word string, err error) error {
	if err != nil {
		return err
	}
	http.Redirect(w, r, onPath(r, entryPath+"/"+r.PathValue("id"), "meldung", word), http.StatusSeeOther)
	return nil
}
