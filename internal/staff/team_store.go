package staff

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"lotse/internal/fault"
	"lotse/internal/store"
)

// Teams lists the teams of all providers, ordered by id. The list is small; callers may keep it until a hint on
// "team/<id>" or "roster".
func (s *Service) Teams(ctx context.Context) ([]Team, error) {
	var teams []Team
	err := s.db.View(ctx, func(tx *store.Tx) (err error) {
		teams, err = readTeams(ctx, tx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list teams: %w", err)
	}
	return teams, nil
}

// OwnTeams lists the teams of the actor's provider; Forbidden for a limited session.
func (s *Service) OwnTeams(ctx context.Context, actor Actor) ([]Team, error) {
	if actor.Limited {
		return nil, errForbidden()
	}
	teams, err := s.Teams(ctx)
	return slices.DeleteFunc(teams, func(t Team) bool { return t.Provider != actor.Provider }), err
}

// Team returns one team; NotFound (team_unknown).
func (s *Service) Team(ctx context.Context, id TeamID) (Team, error) {
	teams, err := s.Teams(ctx)
	if err != nil {
		return Team{}, err
	}
	i := slices.IndexFunc(teams, func(t Team) bool { return t.ID == id })
	if i < 0 {
		return Team{}, errTeamUnknown()
	}
	return teams[i], nil
}

func errTeamUnknown() error { return fault.New(fault.NotFound, "team_unknown") }

// CreateTeam adds a team to the provider of t; its ID is set by the call. It returns Forbidden for anybody but the
// provider's admin, Invalid for a malformed team and Conflict (team_exists) for a name that is taken.
func (s *Service) CreateTeam(ctx context.Context, actor Actor, t Team) (Team, error) {
	t.ID = NewTeamID()
	err := s.saveTeam(ctx, actor, &t, "team.created", func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO team (id, provider, name, reach, policy, queue_max, last_chat_s, formal, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			t.ID, t.Provider, t.Name, t.Reach, t.Policy, t.QueueMax, int(t.LastChatBefore/time.Second), t.Formal, s.now())
		return err
	})
	return t, err
}

// UpdateTeam replaces everything about a team but its provider. It returns what CreateTeam does, and NotFound
// (team_unknown).
func (s *Service) UpdateTeam(ctx context.Context, actor Actor, t Team) (Team, error) {
	old, err := s.Team(ctx, t.ID)
	if err != nil {
		return Team{}, err
	}
	if !actor.operator && actor.Provider != old.Provider {
		return Team{}, errTeamUnknown()
	}
	t.Provider = old.Provider
	err = s.saveTeam(ctx, actor, &t, "team.updated", func(tx *store.Tx) error {
		n, err := affected(tx.Exec(ctx, `UPDATE team SET name = $1, reach = $2, policy = $3, queue_max = $4, last_chat_s = $5, formal = $6 WHERE id = $7`,
			t.Name, t.Reach, t.Policy, t.QueueMax, int(t.LastChatBefore/time.Second), t.Formal, t.ID))
		if err == nil && n == 0 {
			return errTeamUnknown()
		}
		return err
	})
	return t, err
}

// AttachCentres replaces the centres whose catchments the team serves; errors as for UpdateTeam.
func (s *Service) AttachCentres(ctx context.Context, actor Actor, id TeamID, centres []string) (Team, error) {
	t, err := s.Team(ctx, id)
	if err != nil {
		return Team{}, err
	}
	t.Centres = centres
	return s.UpdateTeam(ctx, actor, t)
}

func (s *Service) saveTeam(ctx context.Context, actor Actor, t *Team, action string, write func(*store.Tx) error) error {
	if !actor.MayIn(Admin, t.Provider) {
		return errForbidden()
	}
	if err := t.clean(); err != nil {
		return err
	}
	err := s.db.Transact(ctx, func(tx *store.Tx) error {
		err := write(tx)
		if store.IsUnique(err) {
			return fault.Wrap(fault.Conflict, "team_exists", err)
		}
		if err == nil {
			err = writeTags(ctx, tx, *t)
		}
		if err != nil {
			return fmt.Errorf("save team %s: %w", t.ID, err)
		}
		return s.audit.Append(ctx, tx, Entry{Actor: actor.Ref(), Provider: t.Provider, Action: action, Object: t.ID.String(),
			Meta: map[string]string{"policy": string(t.Policy), "reach": string(t.Reach)}})
	})
	if err == nil {
		s.hint(ctx, "team/"+t.ID.String(), "team")
		s.hint(ctx, "roster", "team")
	}
	return err
}

// clean brings the team into its stored form or says what is wrong with it.
func (t *Team) clean() error {
	bad := fields{}
	var ok [3]bool
	t.Topics, ok[0] = cleanTags(t.Topics)
	t.Languages, ok[1] = cleanTags(t.Languages)
	t.Centres, ok[2] = cleanTags(t.Centres)
	bad.need(ok[0], "topics", "invalid_list")
	bad.need(ok[1] && !slices.ContainsFunc(t.Languages, func(l string) bool { return !validLanguage(l) }), "languages", "invalid_list")
	bad.need(ok[2], "centres", "invalid_list")
	bad.need(validName(t.Name), "name", "invalid_name")
	bad.need(t.Reach == Catchment || t.Reach == Pool || t.Reach == Nationwide, "reach", "invalid_choice")
	bad.need(t.Policy == PolicyTeam || t.Policy == PolicyDuty, "policy", "invalid_choice")
	bad.need(t.QueueMax >= 1 && t.QueueMax <= 500, "queue_max", "out_of_range")
	bad.need(t.LastChatBefore >= 0 && t.LastChatBefore <= 4*time.Hour, "last_chat_before_s", "out_of_range")
	t.LastChatBefore = t.LastChatBefore.Truncate(time.Second)
	return bad.err()
}

func writeTags(ctx context.Context, tx *store.Tx, t Team) error {
	if _, err := tx.Exec(ctx, `DELETE FROM team_tag WHERE team = $1`, t.ID); err != nil {
		return err
	}
	for kind, values := range map[string][]string{"topic": t.Topics, "language": t.Languages, "centre": t.Centres} {
		for _, v := range values {
			if _, err := tx.Exec(ctx, `INSERT INTO team_tag (team, kind, value) VALUES ($1, $2, $3)`, t.ID, kind, v); err != nil {
				return err
			}
		}
	}
	return nil
}

func readTeams(ctx context.Context, q store.Queryer) ([]Team, error) {
	rows, err := q.Query(ctx, `SELECT id, provider, name, reach, policy, queue_max, last_chat_s, formal FROM team ORDER BY id`)
	teams, err := store.Collect(rows, err, scanTeam)
	if err != nil {
		return nil, err
	}
	type tag struct {
		team        TeamID
		kind, value string
	}
	rows, err = q.Query(ctx, `SELECT team, kind, value FROM team_tag ORDER BY team, kind, value`)
	tags, err := store.Collect(rows, err, func(rows *sql.Rows) (t tag, err error) {
		err = rows.Scan(&t.team, &t.kind, &t.value)
		return t, err
	})
	if err != nil {
		return nil, err
	}
	for _, tag := range tags {
		if i := slices.IndexFunc(teams, func(t Team) bool { return t.ID == tag.team }); i >= 0 {
			teams[i].tag(tag.kind, tag.value)
		}
	}
	return teams, nil
}

func (t *Team) tag(kind, value string) {
	switch kind {
	case "topic":
		t.Topics = append(t.Topics, value)
	case "language":
		t.Languages = append(t.Languages, value)
	case "centre":
		t.Centres = append(t.Centres, value)
	}
}

func scanTeam(rows *sql.Rows) (Team, error) {
	t := Team{Topics: []string{}, Languages: []string{}, Centres: []string{}}
	var seconds int
	err := rows.Scan(&t.ID, &t.Provider, &t.Name, &t.Reach, &t.Policy, &t.QueueMax, &seconds, &t.Formal)
	t.LastChatBefore = time.Duration(seconds) * time.Second
	return t, err
}
