package staff

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"lotse/internal/fault"
	"lotse/internal/seal"
	"lotse/internal/store"
)

const (
	// InviteLife is how long an invitation can be accepted.
	InviteLife = 7 * 24 * time.Hour
	// inviteKept is how long a dead link is still told from a wrong one.
	inviteKept = 30 * 24 * time.Hour
)

// Purpose is what an invitation is for.
type Purpose string

// The purposes.
const (
	PurposeInvite Purpose = "invite" // a new account
	PurposeReset  Purpose = "reset"  // an account that lost everything, or may be in wrong hands
)

// Invite is a single-use link to an account. Token is all of the secret; the database keeps its hash.
type Invite struct {
	Token     Token
	ExpiresAt time.Time
}

// Invitation is what the holder of a token is shown before accepting.
type Invitation struct {
	Account   ID        `json:"-"`
	Email     Email     `json:"email"`
	Name      string    `json:"name"`
	Provider  Provider  `json:"provider"`
	Purpose   Purpose   `json:"purpose"`
	ExpiresAt time.Time `json:"expires_at"`
}

// Password is what the server learns of a password: how the browser derives from it, and the auth secret to compare with.
type Password struct {
	Salt       seal.Bytes
	Iterations int
	Auth       Secret // 32 bytes
}

// Acceptance is what a browser sends to accept an invitation. Everything in it was made there.
type Acceptance struct {
	Token    string
	Language string
	Password Password
	Recovery Secret       // the auth part of the recovery code, 32 bytes
	Keys     seal.KeyFile // with exactly the wraps "password" and "recovery"
}

// invite replaces the open invitations of an account by a new one.
func (s *Service) invite(ctx context.Context, tx *store.Tx, account ID, purpose Purpose) (Invite, error) {
	i := Invite{Token: NewToken(), ExpiresAt: s.now().Add(InviteLife)}
	_, err := tx.Exec(ctx, `DELETE FROM invite WHERE account = $1 AND used_at IS NULL`, account)
	if err == nil {
		_, err = tx.Exec(ctx, `INSERT INTO invite (hash, account, purpose, expires_at) VALUES ($1, $2, $3, $4)`,
			i.Token.hash(), account, purpose, i.ExpiresAt)
	}
	if err != nil {
		return Invite{}, fmt.Errorf("invite %s: %w", account, err)
	}
	return i, nil
}

// Reinvite makes a new link for an account nobody has accepted yet; the old one dies. Errors: Forbidden, NotFound
// (account_unknown), Conflict (already_active).
func (s *Service) Reinvite(ctx context.Context, actor Actor, id ID) (i Invite, err error) {
	if err := s.needFresh(actor); err != nil {
		return Invite{}, err
	}
	err = s.managed(ctx, actor, id, "account.invited", func(tx *store.Tx, _ ProviderID) error {
		var active int
		err := tx.QueryRow(ctx, `SELECT count(*) FROM account_password WHERE account = $1`, id).Scan(&active)
		if err == nil && active > 0 {
			return fault.New(fault.Conflict, "already_active")
		}
		if err == nil {
			i, err = s.invite(ctx, tx, id, PurposeInvite)
		}
		return err
	})
	return i, err
}

// Reset ends all sessions of an account, takes away every way to sign in and the keys, and makes a link to begin anew.
// Nothing is delivered to the old keys from now on, and the person must be admitted to the team chains again. Errors: Forbidden, NotFound (account_unknown).
func (s *Service) Reset(ctx context.Context, actor Actor, id ID) (i Invite, err error) {
	if err := s.needFresh(actor); err != nil {
		return Invite{}, err
	}
	err = s.managed(ctx, actor, id, "account.reset", func(tx *store.Tx, _ ProviderID) error {
		if err := dropCredentials(ctx, tx, id); err != nil {
			return err
		}
		if _, err := endSessions(ctx, tx, id, SessionID{}); err != nil {
			return err
		}
		i, err = s.invite(ctx, tx, id, PurposeReset)
		return err
	})
	if err == nil {
		s.changed(ctx, id)
	}
	return i, err
}

// dropCredentials deletes every way to sign in and the keys, which nobody could unlock without one.
func dropCredentials(ctx context.Context, tx *store.Tx, id ID) error {
	for _, q := range []string{
		`DELETE FROM account_password WHERE account = $1`, `DELETE FROM account_recovery WHERE account = $1`,
		`DELETE FROM account_totp WHERE account = $1`, `DELETE FROM passkey WHERE account = $1`,
		`DELETE FROM account_key WHERE account = $1`,
	} {
		if _, err := tx.Exec(ctx, q, id); err != nil {
			return err
		}
	}
	return nil
}

// Invitation shows what a token is for. It returns NotFound (invite_unknown), or Gone with invite_used or
// invite_expired.
func (s *Service) Invitation(ctx context.Context, token string) (i Invitation, err error) {
	err = s.db.View(ctx, func(tx *store.Tx) error {
		i, err = s.readInvite(ctx, tx, token)
		return err
	})
	return i, err
}

func (s *Service) readInvite(ctx context.Context, tx *store.Tx, text string) (i Invitation, err error) {
	token, err := ParseToken(text)
	if err != nil {
		return i, fault.New(fault.NotFound, "invite_unknown")
	}
	var used *time.Time
	err = tx.QueryRow(ctx, `SELECT a.id, a.email, a.name, p.id, p.name, i.purpose, i.expires_at, i.used_at
		FROM invite i JOIN account a ON a.id = i.account JOIN provider p ON p.id = a.provider
		WHERE i.hash = $1 AND a.disabled_at IS NULL`, token.hash()).
		Scan(&i.Account, &i.Email, &i.Name, &i.Provider.ID, &i.Provider.Name, &i.Purpose, &i.ExpiresAt, &used)
	i.ExpiresAt = i.ExpiresAt.UTC()
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Invitation{}, fault.New(fault.NotFound, "invite_unknown")
	case err != nil:
		return Invitation{}, fmt.Errorf("read invitation: %w", err)
	case used != nil:
		return Invitation{}, fault.New(fault.Gone, "invite_used")
	case !s.now().Before(i.ExpiresAt):
		return Invitation{}, fault.New(fault.Gone, "invite_expired")
	}
	return i, nil
}

// Accept gives an account its first password, recovery code and keys, and signs the person in. It returns Invalid, and
// what Invitation returns; of two who accept the same token one succeeds.
func (s *Service) Accept(ctx context.Context, c Client, a Acceptance) (SignIn, error) {
	if err := a.check(); err != nil {
		return SignIn{}, err
	}
	if _, err := s.Invitation(ctx, a.Token); err != nil { // before the costly hash
		return SignIn{}, err
	}
	hash, err := s.hasher.hash(ctx, a.Password.Auth)
	if err != nil {
		return SignIn{}, err
	}
	in, err := s.enter(ctx, c, ByInvite, func(tx *store.Tx) (ID, error) {
		i, err := s.readInvite(ctx, tx, a.Token)
		if err != nil {
			return ID{}, err
		}
		return i.Account, s.accept(ctx, tx, i.Account, a, hash)
	})
	if err == nil {
		s.hint(ctx, "roster", "people")
	}
	return in, err
}

func (a Acceptance) check() error {
	bad := fields{}
	bad.need(validLanguage(a.Language), "language", "invalid_language")
	a.Password.check(bad)
	bad.need(len(a.Recovery) == authSize, "recovery", "invalid_secret")
	checkNewKeys(a.Keys, bad)
	return bad.err()
}

func (s *Service) accept(ctx context.Context, tx *store.Tx, id ID, a Acceptance, hash string) error {
	if err := dropCredentials(ctx, tx, id); err != nil {
		return fmt.Errorf("accept invitation of %s: %w", id, err)
	}
	now := s.now()
	token := Token(a.Token)
	for _, q := range []struct {
		sql  string
		args []any
	}{
		{`UPDATE invite SET used_at = $1 WHERE hash = $2`, []any{now, token.hash()}},
		{`UPDATE account SET language = $1 WHERE id = $2`, []any{a.Language, id}},
	} {
		if _, err := tx.Exec(ctx, q.sql, q.args...); err != nil {
			return fmt.Errorf("accept invitation of %s: %w", id, err)
		}
	}
	if err := s.writePassword(ctx, tx, id, a.Password, hash); err != nil {
		return err
	}
	if err := writeRecovery(ctx, tx, id, a.Recovery); err != nil {
		return err
	}
	return s.writeKeys(ctx, tx, id, a.Keys)
}
