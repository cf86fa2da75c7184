package staff

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"

	"lotse/internal/fault"
	"lotse/internal/seal"
	"lotse/internal/store"
)

// KDF tells a browser how to derive the auth secret and the key secret from a password.
type KDF struct {
	KDF        string     `json:"kdf"`
	Salt       seal.Bytes `json:"salt"`
	Iterations int        `json:"iterations"`
}

const (
	kdfName  = "pbkdf2-sha256"
	authSize = 32
)

func (p Password) check(bad fields) {
	bad.need(len(p.Salt) == seal.SaltSize, "salt", "invalid_salt")
	bad.need(p.Iterations >= seal.Iterations && p.Iterations <= seal.MaxIterations, "iterations", "out_of_range")
	bad.need(len(p.Auth) == authSize, "auth", "invalid_secret")
}

// credential is what sign-in needs to know of an account. The zero value stands for "no such account".
type credential struct {
	account  ID
	provider ProviderID
	salt     []byte
	rounds   int
	hash     string // "" without a password
	recovery []byte // nil without a recovery code
	totp     totpState
}

type totpState struct {
	secret []byte // sealed; nil when not enrolled
	last   int64
}

// credential reads what is kept for an address. An unknown, disabled or merely invited account gives what it has, at
// the cost of the same query.
func (s *Service) credential(ctx context.Context, where string, arg any) (c credential, err error) {
	var salt []byte
	var rounds, last sql.Null[int64]
	var hash sql.Null[string]
	err = s.db.QueryRow(ctx, `SELECT a.id, a.provider, p.salt, p.iterations, p.hash, r.hash, t.secret, t.last_step
		FROM account a LEFT JOIN account_password p ON p.account = a.id LEFT JOIN account_recovery r ON r.account = a.id
		LEFT JOIN account_totp t ON t.account = a.id AND t.confirmed_at IS NOT NULL
		WHERE a.disabled_at IS NULL AND a.`+where, arg).
		Scan(&c.account, &c.provider, &salt, &rounds, &hash, &c.recovery, &c.totp.secret, &last)
	if errors.Is(err, sql.ErrNoRows) {
		return credential{}, nil
	}
	if err != nil {
		return credential{}, fmt.Errorf("read credential: %w", err)
	}
	c.salt, c.rounds, c.hash, c.totp.last = salt, int(rounds.V), hash.V, last.V
	return c, nil
}

// LoginStart returns how to derive the auth secret for an address. For one without a password it makes up a salt that
// is always the same, so that the answer does not tell who has an account. Malformed addresses are Invalid.
func (s *Service) LoginStart(ctx context.Context, address string) (KDF, error) {
	email, err := ParseEmail(address)
	if err != nil {
		return KDF{}, errEmail()
	}
	c, err := s.credential(ctx, `email = $1`, email.Reveal())
	if err != nil {
		return KDF{}, err
	}
	fake := hmac.New(sha256.New, s.keys.salt)
	writeField(fake, []byte(email))
	kdf := KDF{KDF: kdfName, Salt: fake.Sum(nil)[:seal.SaltSize], Iterations: seal.Iterations}
	if c.hash != "" {
		kdf.Salt, kdf.Iterations = c.salt, c.rounds
	}
	return kdf, nil
}

func errEmail() error { return fault.InvalidInput(map[string]string{"email": "invalid_email"}) }

func (s *Service) writePassword(ctx context.Context, tx *store.Tx, id ID, p Password, hash string) error {
	_, err := tx.Exec(ctx, `INSERT INTO account_password (account, salt, iterations, hash, changed_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (account) DO UPDATE SET salt = excluded.salt, iterations = excluded.iterations, hash = excluded.hash, changed_at = excluded.changed_at`,
		id, []byte(p.Salt), p.Iterations, hash, s.now())
	if err != nil {
		return fmt.Errorf("write password of %s: %w", id, err)
	}
	return nil
}

// SetPassword replaces the password and the wrap of the keys under it, ends every other session and gives this one a
// new token. It opens a session limited by a recovery sign-in. Errors: Forbidden (step_up_required), Invalid.
func (s *Service) SetPassword(ctx context.Context, actor Actor, p Password, wrap seal.KeyWrap) (SignIn, error) {
	if !actor.Limited {
		if err := s.needFresh(actor); err != nil {
			return SignIn{}, err
		}
	}
	bad := fields{}
	p.check(bad)
	bad.need(wrap.Kind == seal.WrapPassword && wrap.Check() == nil, "wrap", "invalid_wrap")
	if err := bad.err(); err != nil {
		return SignIn{}, err
	}
	hash, err := s.hasher.hash(ctx, p.Auth)
	if err != nil {
		return SignIn{}, err
	}
	return s.renewed(ctx, actor, "password.changed", func(tx *store.Tx) error {
		if err := s.writePassword(ctx, tx, actor.ID, p, hash); err != nil {
			return err
		}
		if err := updateWrap(ctx, tx, actor.ID, wrap); err != nil {
			return err
		}
		_, err := endSessions(ctx, tx, actor.ID, actor.Session)
		return err
	})
}

// renewed runs do, gives the actor's session a new token and returns who it stands for now.
func (s *Service) renewed(ctx context.Context, actor Actor, action string, do func(*store.Tx) error) (in SignIn, err error) {
	err = s.db.Transact(ctx, func(tx *store.Tx) error {
		if err := do(tx); err != nil {
			return err
		}
		if in.Token, err = s.rotate(ctx, tx, actor.Session); err != nil {
			return err
		}
		return s.audit.Append(ctx, tx, s.entry(actor, action, actor.ID.String(), nil))
	})
	if err != nil {
		return SignIn{}, err
	}
	if action == "password.changed" {
		s.hint(ctx, "session/"+actor.ID.String(), "*")
	}
	in.Actor, _, err = s.readActor(ctx, `id = $1`, actor.Session)
	return in, err
}

// SetRecovery replaces the recovery code: its auth part and the wrap of the keys under it. Errors: Forbidden
// (step_up_required), Invalid.
func (s *Service) SetRecovery(ctx context.Context, actor Actor, auth Secret, wrap seal.KeyWrap) error {
	if err := s.needFresh(actor); err != nil {
		return err
	}
	bad := fields{}
	bad.need(len(auth) == authSize, "auth", "invalid_secret")
	bad.need(wrap.Kind == seal.WrapRecovery && wrap.Check() == nil, "wrap", "invalid_wrap")
	if err := bad.err(); err != nil {
		return err
	}
	return s.own(ctx, actor, "recovery.changed", func(tx *store.Tx) error {
		if err := writeRecovery(ctx, tx, actor.ID, auth); err != nil {
			return err
		}
		return updateWrap(ctx, tx, actor.ID, wrap)
	})
}

func writeRecovery(ctx context.Context, tx *store.Tx, id ID, auth Secret) error {
	sum := sha256.Sum256(auth)
	_, err := tx.Exec(ctx, `INSERT INTO account_recovery (account, hash) VALUES ($1, $2) ON CONFLICT (account) DO UPDATE SET hash = excluded.hash`, id, sum[:])
	if err != nil {
		return fmt.Errorf("write recovery of %s: %w", id, err)
	}
	return nil
}

// own runs do on the actor's own account and writes the audit entry. A limited session may not.
func (s *Service) own(ctx context.Context, actor Actor, action string, do func(*store.Tx) error) error {
	if actor.Limited {
		return errForbidden()
	}
	return s.db.Transact(ctx, func(tx *store.Tx) error {
		if err := do(tx); err != nil {
			return err
		}
		return s.audit.Append(ctx, tx, s.entry(actor, action, actor.ID.String(), nil))
	})
}
