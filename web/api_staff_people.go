package web

import (
	"net/http"
	"time"

	"lotse/internal/staff"
)

// InvitePath is the page that accepts an invitation. The token follows it as a fragment, which browsers do not send.
const InvitePath = "/team/einladung#"

// inviteBody is a fresh invitation, shown once to the admin who made it.
type inviteBody struct {
	Token     string    `json:"token"`
	URL       string    `json:"url"`
	ExpiresAt time.Time `json:"expires_at"`
}

func (s *Server) inviteOf(r *http.Request, i staff.Invite) inviteBody {
	origin := s.origin
	if origin == "" {
		origin = "http://" + r.Host
	}
	return inviteBody{Token: i.Token.Reveal(), URL: origin + InvitePath + i.Token.Reveal(), ExpiresAt: i.ExpiresAt}
}

func (s *Server) staffAccounts(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	accounts, err := s.staff.Accounts(r.Context(), actor, actor.Provider)
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusOK, map[string]any{"accounts": accounts})
}

// grantBody is a role for a team, or for all teams of the provider.
type grantBody struct {
	Role staff.Role   `json:"role"`
	Team staff.TeamID `json:"team"`
}

func grantsOf(bodies []grantBody) []staff.Grant {
	grants := make([]staff.Grant, len(bodies))
	for i, b := range bodies {
		grants[i] = staff.Grant{Role: b.Role, Team: b.Team}
	}
	return grants
}

func (s *Server) staffAccountCreate(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	in := struct {
		Email    string       `json:"email"`
		Name     string       `json:"name"`
		Language string       `json:"language"`
		Grants   []grantBody  `json:"grants"`
		Skills   staff.Skills `json:"skills"`
	}{Skills: staff.DefaultSkills()}
	if err := staffBody(w, r, &in); err != nil {
		return err
	}
	account, invite, err := s.staff.CreateAccount(r.Context(), actor, staff.NewAccount{
		Provider: actor.Provider, Email: in.Email, Name: in.Name, Language: in.Language, Grants: grantsOf(in.Grants), Skills: in.Skills,
	})
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusCreated, map[string]any{"account": account, "invite": s.inviteOf(r, invite)})
}

// onAccount runs do on the account the path names, after reading the body into v, and answers 204.
func onAccount(w http.ResponseWriter, r *http.Request, v any, do func(id staff.ID) error) error {
	id, err := staff.ParseID(r.PathValue("id"))
	if err != nil {
		return errNoSuch(err)
	}
	if err := staffBody(w, r, v); err != nil {
		return err
	}
	if err := do(id); err != nil {
		return err
	}
	return noContent(w)
}

func (s *Server) staffAccountUpdate(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	var in struct {
		Name     string `json:"name"`
		Language string `json:"language"`
	}
	return onAccount(w, r, &in, func(id staff.ID) error {
		return s.staff.UpdateAccount(r.Context(), actor, id, in.Name, in.Language)
	})
}

func (s *Server) staffAccountGrants(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	var in struct {
		Grants []grantBody `json:"grants"`
	}
	return onAccount(w, r, &in, func(id staff.ID) error {
		return s.staff.SetGrants(r.Context(), actor, id, grantsOf(in.Grants))
	})
}

func (s *Server) staffAccountDisable(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	return onAccount(w, r, &struct{}{}, func(id staff.ID) error { return s.staff.Disable(r.Context(), actor, id) })
}

func (s *Server) staffAccountEnable(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	return onAccount(w, r, &struct{}{}, func(id staff.ID) error { return s.staff.Enable(r.Context(), actor, id) })
}

func (s *Server) staffAccountInvite(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	return s.freshInvite(w, r, func(id staff.ID) (staff.Invite, error) { return s.staff.Reinvite(r.Context(), actor, id) })
}

func (s *Server) staffAccountReset(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	return s.freshInvite(w, r, func(id staff.ID) (staff.Invite, error) { return s.staff.Reset(r.Context(), actor, id) })
}

func (s *Server) freshInvite(w http.ResponseWriter, r *http.Request, do func(staff.ID) (staff.Invite, error)) error {
	id, err := staff.ParseID(r.PathValue("id"))
	if err != nil {
		return errNoSuch(err)
	}
	if err := noBody(w, r); err != nil {
		return err
	}
	invite, err := do(id)
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusOK, s.inviteOf(r, invite))
}

func (s *Server) staffPeople(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	people, err := s.staff.People(r.Context(), actor)
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusOK, map[string]any{"people": people})
}

func (s *Server) staffSkills(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	var in staff.Skills
	return onAccount(w, r, &in, func(id staff.ID) error { return s.staff.SetSkills(r.Context(), actor, id, in) })
}
