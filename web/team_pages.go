package web

import (
	"net/http"
	"slices"

	"lotse/directory"
	"lotse/internal/fault"
	"lotse/internal/staff"
)

// teamData is what the scripts of the staff's pages need beside the texts.
type teamData struct {
	Topics  map[string]string // id → name in the page's language
	Centres []teamCentre      // the centres attached to the provider's teams
	Skills  staff.Skills      // what may be offered to the reader
	Places  int               // how many conversations at once, at most
}

// teamCentre names a centre that a team answers for.
type teamCentre struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Place string `json:"place"`
}

// signOutData tells whether the person asked for it on a page of this server;
// a link from elsewhere must not sign anybody out.
type signOutData struct{ Asked bool }

// signInData tells whether this browser holds a session already, so that only
// the keys are missing.
type signInData struct{ SignedIn bool }

// teamSignIn is the sign-in page. The password becomes secrets in the browser;
// nothing on the page depends on who may exist.
func (s *Server) teamSignIn(w http.ResponseWriter, r *http.Request) error {
	_, err := s.actor(r)
	return s.render(w, r, http.StatusOK, "team_anmelden", signInData{SignedIn: err == nil})
}

// teamSignOut wipes the keys in the browser and ends the session.
func (s *Server) teamSignOut(w http.ResponseWriter, r *http.Request) error {
	asked := r.Header.Get("Sec-Fetch-Site") == "same-origin"
	return s.render(w, r, http.StatusOK, "team_abmelden", signOutData{Asked: asked})
}

// teamInvite accepts an invitation. Its token stands in the fragment of the
// address and never reaches this handler.
func (s *Server) teamInvite(w http.ResponseWriter, r *http.Request) error {
	return s.render(w, r, http.StatusOK, "team_einladung", nil)
}

// teamConsole is the counsellors' desk. Who does not counsel is led to the
// first page of the own menu.
func (s *Server) teamConsole(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	if !actor.MayAny(staff.Counsellor) {
		http.Redirect(w, r, menu(actor, r.URL.Path)[0].Path, http.StatusSeeOther)
		return nil
	}
	return s.teamOwn(w, r, actor, "team")
}

// teamAccount is the page of the own account.
func (s *Server) teamAccount(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	return s.teamOwn(w, r, actor, "team_konto")
}

// teamOwn renders a page that tells what may be offered to its reader.
func (s *Server) teamOwn(w http.ResponseWriter, r *http.Request, actor staff.Actor, page string) error {
	skills, err := s.staff.Skills(r.Context())
	if err != nil {
		return err
	}
	data := s.topicData(r)
	data.Skills = skills[actor.ID]
	data.Places = data.Skills.Places()
	return s.render(w, r, http.StatusOK, page, data)
}

// teamTeams is the page where supervisors and admins keep their teams. It
// returns Forbidden for everybody else.
func (s *Server) teamTeams(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	if !actor.MayAny(staff.Supervisor) && !actor.MayAny(staff.Admin) {
		return fault.New(fault.Forbidden, "role_missing")
	}
	data := s.topicData(r)
	teams, err := s.staff.Teams(r.Context())
	if err != nil {
		return err
	}
	for _, team := range teams {
		if team.Provider == actor.Provider {
			data.Centres = s.namedCentres(data.Centres, team.Centres)
		}
	}
	return s.render(w, r, http.StatusOK, "team_teams", data)
}

// teamAccounts is the admins' page of accounts and invitations.
func (s *Server) teamAccounts(w http.ResponseWriter, r *http.Request, _ staff.Actor) error {
	return s.render(w, r, http.StatusOK, "team_konten", s.topicData(r))
}

// teamAudit is the auditors' page.
func (s *Server) teamAudit(w http.ResponseWriter, r *http.Request, _ staff.Actor) error {
	return s.render(w, r, http.StatusOK, "team_pruefpfad", nil)
}

// topicData names all topics in the language of r.
func (s *Server) topicData(r *http.Request) teamData {
	data := teamData{Topics: map[string]string{}, Centres: []teamCentre{}}
	for _, topic := range s.topicChoices(r) {
		data.Topics[topic.ID] = topic.Label
	}
	return data
}

// namedCentres adds the centres with these ids to list, each once; a centre
// that the last import no longer has is left out and shown by its id.
func (s *Server) namedCentres(list []teamCentre, ids []string) []teamCentre {
	for _, id := range ids {
		same := func(c teamCentre) bool { return c.ID == id }
		if slices.ContainsFunc(list, same) {
			continue
		}
		if c, err := s.directory.Centre(id); err == nil {
			list = append(list, nameCentre(c))
		}
	}
	return list
}

func nameCentre(c *directory.Centre) teamCentre {
	return teamCentre{ID: c.ID, Name: c.Name, Place: c.City}
}
