package web

import (
	"context"
	"math"
	"net/http"
	"time"

	"lotse/internal/seal"
	"lotse/internal/staff"
)

// teamBody is a team as the team pages write it.
type teamBody struct {
	Name      string       `json:"name"`
	Topics    []string     `json:"topics"`
	Languages []string     `json:"languages"`
	Centres   []string     `json:"centres"`
	Reach     staff.Reach  `json:"reach"`
	Policy    staff.Policy `json:"policy"`
	QueueMax  int          `json:"queue_max"`
	LastChatS int          `json:"last_chat_before_s"`
	Formal    bool         `json:"formal"`
}

// teamView is a team as it is read.
type teamView struct {
	ID       staff.TeamID     `json:"id"`
	Provider staff.ProviderID `json:"provider"`
	teamBody
	Chain *staff.ChainHead `json:"chain"` // nil before the first state
}

func (b teamBody) team() staff.Team {
	seconds := min(max(b.LastChatS, math.MinInt32), math.MaxInt32) // out of range either way, and no overflow
	return staff.Team{
		Name: b.Name, Topics: b.Topics, Languages: b.Languages, Centres: b.Centres, Reach: b.Reach, Policy: b.Policy,
		QueueMax: b.QueueMax, LastChatBefore: time.Duration(seconds) * time.Second, Formal: b.Formal,
	}
}

func viewTeam(t staff.Team, heads map[staff.TeamID]staff.ChainHead) teamView {
	v := teamView{ID: t.ID, Provider: t.Provider, teamBody: teamBody{
		Name: t.Name, Topics: t.Topics, Languages: t.Languages, Centres: t.Centres, Reach: t.Reach, Policy: t.Policy,
		QueueMax: t.QueueMax, LastChatS: int(t.LastChatBefore / time.Second), Formal: t.Formal,
	}}
	if head, ok := heads[t.ID]; ok {
		v.Chain = &head
	}
	return v
}

func (s *Server) staffTeams(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	teams, err := s.staff.OwnTeams(r.Context(), actor)
	if err != nil {
		return err
	}
	heads, err := s.staff.Heads(r.Context())
	if err != nil {
		return err
	}
	views := []teamView{}
	for _, t := range teams {
		views = append(views, viewTeam(t, heads))
	}
	return s.json(w, r, http.StatusOK, map[string]any{"teams": views})
}

func (s *Server) staffTeamCreate(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	var in teamBody
	if err := staffBody(w, r, &in); err != nil {
		return err
	}
	team := in.team()
	team.Provider = actor.Provider
	team, err := s.staff.CreateTeam(r.Context(), actor, team)
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusCreated, viewTeam(team, nil))
}

func (s *Server) staffTeamUpdate(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	var in teamBody
	return s.onTeam(w, r, &in, func(ctx context.Context, id staff.TeamID) (staff.Team, error) {
		team := in.team()
		team.ID = id
		return s.staff.UpdateTeam(ctx, actor, team)
	})
}

func (s *Server) staffTeamCentres(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	var in struct {
		Centres []string `json:"centres"`
	}
	return s.onTeam(w, r, &in, func(ctx context.Context, id staff.TeamID) (staff.Team, error) {
		return s.staff.AttachCentres(ctx, actor, id, in.Centres)
	})
}

// onTeam runs do on the team the path names, after reading the body into v, and answers with the team as it is then.
func (s *Server) onTeam(w http.ResponseWriter, r *http.Request, v any, do func(context.Context, staff.TeamID) (staff.Team, error)) error {
	id, err := staff.ParseTeamID(r.PathValue("id"))
	if err != nil {
		return errNoSuch(err)
	}
	if err := staffBody(w, r, v); err != nil {
		return err
	}
	team, err := do(r.Context(), id)
	if err != nil {
		return err
	}
	heads, err := s.staff.Heads(r.Context())
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusOK, viewTeam(team, heads))
}

func (s *Server) staffChain(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, err := staff.ParseTeamID(r.PathValue("id"))
	if err != nil {
		return errNoSuch(err)
	}
	chain, err := s.staff.OwnChain(r.Context(), actor, id)
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusOK, map[string]any{"chain": chain})
}

func (s *Server) staffChainAppend(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, err := staff.ParseTeamID(r.PathValue("id"))
	if err != nil {
		return errNoSuch(err)
	}
	var in seal.SignedState
	if err := staffBody(w, r, &in); err != nil {
		return err
	}
	head, err := s.staff.AppendState(r.Context(), actor, id, in)
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusCreated, head)
}

func (s *Server) staffPending(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, err := staff.ParseTeamID(r.PathValue("id"))
	if err != nil {
		return errNoSuch(err)
	}
	pending, leaving, err := s.staff.Pending(r.Context(), actor, id)
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusOK, map[string]any{"pending": pending, "leaving": leaving})
}
