package staff

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"

	"lotse/internal/fault"
	"lotse/internal/seal"
	"lotse/internal/store"
)

// BeginPasskey starts the registration of a further passkey. Errors: Forbidden (step_up_required), Conflict
// (passkeys_full), Unavailable (passkeys_unavailable).
func (s *Service) BeginPasskey(ctx context.Context, actor Actor) (Ceremony, error) {
	if err := s.needFresh(actor); err != nil {
		return Ceremony{}, err
	}
	wa, err := s.passkeys()
	if err != nil {
		return Ceremony{}, err
	}
	if actor.Limited {
		return Ceremony{}, errForbidden()
	}
	owner, err := readOwner(ctx, s.db, `id = $1`, actor.ID)
	if err != nil {
		return Ceremony{}, fmt.Errorf("begin passkey: %w", err)
	}
	if len(owner.credentials) >= passkeysMax {
		return Ceremony{}, fault.New(fault.Conflict, "passkeys_full")
	}
	options, session, err := wa.BeginRegistration(owner, webauthn.WithExclusions(webauthn.Credentials(owner.credentials).CredentialDescriptors()))
	if err != nil {
		return Ceremony{}, fmt.Errorf("begin passkey: %w", err)
	}
	return s.keepCeremony(ctx, forRegister, actor.ID, session, options.Response)
}

// NewPasskey is the second half of a registration.
type NewPasskey struct {
	Ceremony string
	Name     string
	Answer   json.RawMessage
	Wrap     *seal.KeyWrap // nil when the authenticator has no PRF
}

// FinishPasskey stores a new passkey. Errors: Forbidden (step_up_required), Invalid, Gone (ceremony_gone),
// Unauthenticated (passkey_failed), Conflict (passkey_exists).
func (s *Service) FinishPasskey(ctx context.Context, actor Actor, n NewPasskey) (Passkey, error) {
	if err := s.needFresh(actor); err != nil {
		return Passkey{}, err
	}
	if !validName(n.Name) {
		return Passkey{}, fault.InvalidInput(map[string]string{"name": "invalid_name"})
	}
	cred, err := s.attestation(ctx, actor, n)
	if err != nil {
		return Passkey{}, err
	}
	p := Passkey{ID: PasskeyID{uuid.Must(uuid.NewV7())}, CredentialID: cred.ID, Name: n.Name, CreatedAt: s.now()}
	wrap := []byte{}
	if n.Wrap != nil {
		if err := checkPasskeyWrap(*n.Wrap, p.CredentialID); err != nil {
			return Passkey{}, err
		}
		wrap, p.Unlocks = n.Wrap.CT, true
	}
	return p, s.own(ctx, actor, "passkey.added", func(tx *store.Tx) error { return insertPasskey(ctx, tx, actor.ID, p, cred, wrap) })
}

func (s *Service) attestation(ctx context.Context, actor Actor, n NewPasskey) (*webauthn.Credential, error) {
	wa, err := s.passkeys()
	if err != nil {
		return nil, err
	}
	session, err := s.takeCeremony(ctx, n.Ceremony, forRegister, actor.ID)
	if err != nil {
		return nil, err
	}
	if err := refuseSecrets(n.Answer); err != nil {
		return nil, err
	}
	owner, err := readOwner(ctx, s.db, `id = $1`, actor.ID)
	if err != nil {
		return nil, fmt.Errorf("finish passkey: %w", err)
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(n.Answer)
	if err != nil {
		return nil, errPasskey(err)
	}
	cred, err := wa.CreateCredential(owner, session, parsed)
	if err != nil {
		return nil, errPasskey(err)
	}
	// What attestation would prove is of no interest here and may identify the device.
	cred.Attestation = webauthn.CredentialAttestation{}
	return cred, nil
}

func insertPasskey(ctx context.Context, tx *store.Tx, account ID, p Passkey, cred *webauthn.Credential, wrap []byte) error {
	record, err := json.Marshal(cred)
	if err != nil {
		return fmt.Errorf("add passkey: %w", err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO passkey (id, account, credential_id, record, name, wrap, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		p.ID, account, []byte(p.CredentialID), record, p.Name, wrap, p.CreatedAt)
	if store.IsUnique(err) {
		return fault.Wrap(fault.Conflict, "passkey_exists", err)
	}
	if err != nil {
		return fmt.Errorf("add passkey: %w", err)
	}
	return nil
}
