package staff

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"

	"lotse/internal/fault"
	"lotse/internal/seal"
	"lotse/internal/store"
)

// PasskeyID names one passkey in the database; its credential id is longer.
type PasskeyID struct{ uuid.UUID }

// UnmarshalText accepts the canonical lower-case form only; its error is fault.Invalid.
func (id *PasskeyID) UnmarshalText(text []byte) (err error) {
	id.UUID, err = parseUUID(string(text))
	return err
}

// Passkey is one of a person's passkeys.
type Passkey struct {
	ID           PasskeyID  `json:"id"`
	CredentialID seal.Bytes `json:"credential_id"`
	Name         string     `json:"name"`
	CreatedAt    time.Time  `json:"created_at"`
	UsedAt       *time.Time `json:"used_at"`
	Unlocks      bool       `json:"unlocks"` // also unlocks the keys, not only the sign-in
}

const passkeysMax = 10

// Passkeys lists the actor's passkeys, oldest first.
func (s *Service) Passkeys(ctx context.Context, actor Actor) ([]Passkey, error) {
	rows, err := s.db.Query(ctx, `SELECT id, credential_id, name, created_at, used_at, length(wrap) > 0 FROM passkey
		WHERE account = $1 ORDER BY created_at, id`, actor.ID)
	list, err := store.Collect(rows, err, func(rows *sql.Rows) (p Passkey, err error) {
		err = rows.Scan(&p.ID, &p.CredentialID, &p.Name, &p.CreatedAt, &p.UsedAt, &p.Unlocks)
		p.CreatedAt = p.CreatedAt.UTC()
		if p.UsedAt != nil {
			utc := p.UsedAt.UTC()
			p.UsedAt = &utc
		}
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("list passkeys: %w", err)
	}
	return list, nil
}

// WrapPasskey stores the wrap of the actor's keys under one of their passkeys. Errors: Forbidden (step_up_required),
// Invalid, NotFound (passkey_unknown).
func (s *Service) WrapPasskey(ctx context.Context, actor Actor, id PasskeyID, wrap seal.KeyWrap) error {
	if err := s.needFresh(actor); err != nil {
		return err
	}
	return s.own(ctx, actor, "passkey.wrapped", func(tx *store.Tx) error {
		var credential seal.Bytes
		err := tx.QueryRow(ctx, `SELECT credential_id FROM passkey WHERE id = $1 AND account = $2`, id, actor.ID).Scan(&credential)
		if err != nil {
			return fmt.Errorf("wrap passkey %s: %w", id, store.NotFound(err, "passkey_unknown"))
		}
		if err := checkPasskeyWrap(wrap, credential); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE passkey SET wrap = $1 WHERE id = $2`, []byte(wrap.CT), id); err != nil {
			return fmt.Errorf("wrap passkey %s: %w", id, err)
		}
		return nil
	})
}

func checkPasskeyWrap(wrap seal.KeyWrap, credential seal.Bytes) error {
	id, _ := credential.MarshalText() // never fails
	if wrap.Kind != seal.WrapPasskey || wrap.ID != string(id) || wrap.Check() != nil {
		return fault.InvalidInput(map[string]string{"wrap": "invalid_wrap"})
	}
	return nil
}

// DeletePasskey removes one of the actor's passkeys. Errors: Forbidden (step_up_required), NotFound (passkey_unknown).
func (s *Service) DeletePasskey(ctx context.Context, actor Actor, id PasskeyID) error {
	if err := s.needFresh(actor); err != nil {
		return err
	}
	return s.own(ctx, actor, "passkey.deleted", func(tx *store.Tx) error {
		n, err := affected(tx.Exec(ctx, `DELETE FROM passkey WHERE id = $1 AND account = $2`, id, actor.ID))
		if err != nil {
			return fmt.Errorf("delete passkey %s: %w", id, err)
		}
		if n == 0 {
			return fault.New(fault.NotFound, "passkey_unknown")
		}
		return nil
	})
}

// passkeyOwner is an account as the WebAuthn library sees it.
type passkeyOwner struct {
	account     ID
	handle      []byte
	email       Email
	name        string
	credentials []webauthn.Credential
}

// WebAuthnID returns the random user handle.
func (o *passkeyOwner) WebAuthnID() []byte { return o.handle }

// WebAuthnName returns what the authenticator shows in its list.
func (o *passkeyOwner) WebAuthnName() string { return o.email.Reveal() }

// WebAuthnDisplayName returns the person's name.
func (o *passkeyOwner) WebAuthnDisplayName() string { return o.name }

// WebAuthnCredentials returns the registered passkeys.
func (o *passkeyOwner) WebAuthnCredentials() []webauthn.Credential { return o.credentials }

// readOwner reads an enabled account by a column of it; NotFound (account_unknown).
func readOwner(ctx context.Context, q store.Queryer, where string, arg any) (*passkeyOwner, error) {
	o := &passkeyOwner{}
	err := q.QueryRow(ctx, `SELECT id, handle, email, name FROM account WHERE disabled_at IS NULL AND `+where, arg).
		Scan(&o.account, &o.handle, &o.email, &o.name)
	if err != nil {
		return nil, store.NotFound(err, "account_unknown")
	}
	rows, err := q.Query(ctx, `SELECT record FROM passkey WHERE account = $1 ORDER BY id`, o.account)
	o.credentials, err = store.Collect(rows, err, func(rows *sql.Rows) (c webauthn.Credential, err error) {
		var record []byte
		if err := rows.Scan(&record); err != nil {
			return c, err
		}
		err = json.Unmarshal(record, &c)
		return c, err
	})
	return o, err
}
