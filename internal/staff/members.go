package staff

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"lotse/internal/seal"
	"lotse/internal/store"
)

// keyHolder is a person of the team's provider who has keys.
type keyHolder struct {
	ID       ID
	Name     string
	KID      seal.KID
	KEMPub   seal.Bytes
	SigPub   seal.Bytes
	Roles    []Role // on the team
	admin    bool   // of the provider
	disabled bool
}

// belongs reports whether the person works in the team.
func (p keyHolder) belongs() bool { return !p.disabled && len(p.Roles) > 0 }

// fits reports whether the person may be this member: a reader must be a counsellor of the team; somebody who only signs
// may also be a supervisor or an admin, neither of whom sees content.
func (p keyHolder) fits(m seal.Member) bool {
	if m.Reads {
		return !p.disabled && slices.Contains(p.Roles, Counsellor)
	}
	return !p.disabled && (len(p.Roles) > 0 || p.admin)
}

func holderOf(people []keyHolder, m seal.Member) int {
	return slices.IndexFunc(people, func(p keyHolder) bool { return p.KID == m.KID })
}

func readKeyHolders(ctx context.Context, q store.Queryer, team TeamID) ([]keyHolder, error) {
	provider, err := teamProvider(ctx, q, team)
	if err != nil {
		return nil, err
	}
	rows, err := q.Query(ctx, `SELECT a.id, a.name, k.kem_pub, k.sig_pub, a.disabled_at IS NOT NULL FROM account a
		JOIN account_key k ON k.account = a.id WHERE a.provider = $1 ORDER BY a.name, a.id`, provider)
	people, err := store.Collect(rows, err, func(rows *sql.Rows) (p keyHolder, err error) {
		err = rows.Scan(&p.ID, &p.Name, &p.KEMPub, &p.SigPub, &p.disabled)
		p.KID = seal.KIDOf(p.KEMPub)
		return p, err
	})
	if err != nil {
		return nil, err
	}
	grants, err := readAllGrants(ctx, q, provider)
	for i := range people {
		own := grants[people[i].ID]
		people[i].Roles = rolesOn(team, own)
		people[i].admin = slices.ContainsFunc(own, func(g Grant) bool { return g.Role == Admin })
	}
	return people, err
}

// rolesOn lists the roles that make somebody a member of the team: counsellor and supervisor.
func rolesOn(team TeamID, grants []Grant) []Role {
	roles := []Role{}
	for _, g := range grants {
		if g.Role.TeamWise() && (g.Team.IsZero() || g.Team == team) && !slices.Contains(roles, g.Role) {
			roles = append(roles, g.Role)
		}
	}
	return roles
}

// Pending is somebody who works in the team and has keys, but is not in its chain.
type Pending struct {
	ID     ID         `json:"id"`
	Name   string     `json:"name"`
	KID    seal.KID   `json:"kid"`
	KEMPub seal.Bytes `json:"kem_pub"`
	SigPub seal.Bytes `json:"sig_pub"`
	Roles  []Role     `json:"roles"`
}

// Leaving is a member of the chain who should no longer be one.
type Leaving struct {
	KID    seal.KID `json:"kid"`
	Name   string   `json:"name"`
	Reason string   `json:"reason"` // disabled, no_grant, or new_keys for a key that belongs to no account any more
}

// Pending compares the head of a team's chain with its people; errors as for AppendState.
func (s *Service) Pending(ctx context.Context, actor Actor, team TeamID) ([]Pending, []Leaving, error) {
	if err := s.mayAdmit(ctx, actor, team); err != nil {
		return nil, nil, err
	}
	var people []keyHolder
	var members []seal.Member
	err := s.db.View(ctx, func(tx *store.Tx) (err error) {
		people, members, err = readTeam(ctx, tx, team)
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("pending members of team %s: %w", team, err)
	}
	pending, leaving := compareTeam(people, members)
	return pending, leaving, nil
}

func readTeam(ctx context.Context, tx *store.Tx, team TeamID) (people []keyHolder, members []seal.Member, err error) {
	if people, err = readKeyHolders(ctx, tx, team); err != nil {
		return nil, nil, err
	}
	chain, err := readChain(ctx, tx, team)
	if len(chain) > 0 {
		members = chain[len(chain)-1].Members
	}
	return people, members, err
}

func compareTeam(people []keyHolder, members []seal.Member) ([]Pending, []Leaving) {
	pending, leaving := []Pending{}, []Leaving{}
	for _, p := range people {
		in := slices.ContainsFunc(members, func(m seal.Member) bool { return m.KID == p.KID })
		if p.belongs() && !in {
			pending = append(pending, Pending{ID: p.ID, Name: p.Name, KID: p.KID, KEMPub: p.KEMPub, SigPub: p.SigPub, Roles: p.Roles})
		}
	}
	for _, m := range members {
		if why := whyLeaving(people, m); why != "" {
			leaving = append(leaving, Leaving{KID: m.KID, Name: m.Name, Reason: why})
		}
	}
	return pending, leaving
}

func whyLeaving(people []keyHolder, m seal.Member) string {
	i := holderOf(people, m)
	switch {
	case m.Recovery:
		return ""
	case i < 0:
		return "new_keys"
	case people[i].disabled:
		return "disabled"
	case !people[i].fits(m):
		return "no_grant"
	}
	return ""
}

// Readers returns the chain of a team and those of its readers whom the server still delivers to: members of the newest
// state whose time is not over and who are enabled counsellors of the team, and the recovery key. A team without a
// chain has no readers. NotFound (team_unknown).
func (s *Service) Readers(ctx context.Context, team TeamID) (chain []seal.SignedState, readers []seal.Member, err error) {
	var people []keyHolder
	err = s.db.View(ctx, func(tx *store.Tx) (err error) {
		if people, err = readKeyHolders(ctx, tx, team); err == nil {
			chain, err = readChain(ctx, tx, team)
		}
		return err
	})
	if err == nil && len(chain) > 0 {
		readers, err = s.readersOf(team, chain, people)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("readers of team %s: %w", team, err)
	}
	return chain, readers, nil
}

func (s *Service) readersOf(team TeamID, chain []seal.SignedState, people []keyHolder) ([]seal.Member, error) {
	verified, err := seal.Verify(team.String(), chain, seal.Hash{})
	if err != nil {
		return nil, errors.Join(errors.New("the stored chain does not verify"), err)
	}
	readers := verified.Readers(s.now())
	return slices.DeleteFunc(readers, func(m seal.Member) bool { return whyLeaving(people, m) != "" }), nil
}
