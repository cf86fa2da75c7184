package staff

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"lotse/internal/fault"
	"lotse/internal/seal"
	"lotse/internal/store"
)

// TeamName is a team by name.
type TeamName struct {
	ID   TeamID `json:"id"`
	Name string `json:"name"`
}

// Profile is what a person's own browser needs to know after signing in.
type Profile struct {
	ID          ID            `json:"id"`
	Name        string        `json:"name"`
	Email       Email         `json:"email"`
	Language    string        `json:"language"`
	Provider    Provider      `json:"provider"`
	Grants      []Grant       `json:"grants"`
	Teams       []TeamName    `json:"teams"` // of the provider
	Session     Session       `json:"session"`
	StepUpUntil *time.Time    `json:"step_up_until"`
	Limited     bool          `json:"limited"`
	TOTP        bool          `json:"totp"`
	KDF         *KDF          `json:"kdf"`
	Keys        *seal.KeyFile `json:"keys"`
}

// Profile returns the actor's own profile; Unauthenticated (signed_out) when the session has just ended.
func (s *Service) Profile(ctx context.Context, actor Actor) (Profile, error) {
	p := Profile{ID: actor.ID, Name: actor.Name, Language: actor.Language, Grants: append([]Grant{}, actor.Grants...), Limited: actor.Limited}
	if until := actor.StepUp.Add(StepUpFor); until.After(s.now()) && !actor.Limited {
		p.StepUpUntil = &until
	}
	sessions, err := s.Sessions(ctx, actor)
	if err != nil {
		return p, err
	}
	i := slices.IndexFunc(sessions, func(x Session) bool { return x.Current })
	if i < 0 {
		return p, errSignedOut()
	}
	p.Session = sessions[i]
	err = s.db.View(ctx, func(tx *store.Tx) error { return p.read(ctx, tx, actor) })
	if err != nil {
		return p, fmt.Errorf("read profile of %s: %w", actor.ID, err)
	}
	cred, err := s.credential(ctx, `id = $1`, actor.ID)
	if err != nil {
		return p, err
	}
	p.TOTP = cred.totp.secret != nil
	if cred.hash != "" {
		p.KDF = &KDF{KDF: kdfName, Salt: cred.salt, Iterations: cred.rounds}
	}
	return p, nil
}

func (p *Profile) read(ctx context.Context, tx *store.Tx, actor Actor) error {
	err := tx.QueryRow(ctx, `SELECT a.email, p.id, p.name FROM account a JOIN provider p ON p.id = a.provider WHERE a.id = $1`, actor.ID).
		Scan(&p.Email, &p.Provider.ID, &p.Provider.Name)
	if err != nil {
		return err
	}
	teams, err := readTeams(ctx, tx)
	if err != nil {
		return err
	}
	p.Teams = []TeamName{}
	for _, t := range teams {
		if t.Provider == actor.Provider {
			p.Teams = append(p.Teams, TeamName{t.ID, t.Name})
		}
	}
	keys, err := readKeys(ctx, tx, actor.ID)
	switch {
	case err == nil:
		p.Keys = &keys
	case !errors.Is(err, fault.NotFound):
		return err
	}
	return nil
}
