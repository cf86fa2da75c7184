package staff

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"lotse/internal/fault"
	"lotse/internal/store"
)

func errPasskey(cause error) error {
	return fault.Wrap(fault.Unauthenticated, "passkey_failed", cause)
}

// FinishPasskeyLogin signs in whoever the answer of the authenticator proves to be. A passkey with user verification
// counts as two factors. Errors: Gone (ceremony_gone), Invalid (prf_results_sent), Unauthenticated (passkey_failed).
func (s *Service) FinishPasskeyLogin(ctx context.Context, c Client, ceremony string, answer json.RawMessage) (SignIn, error) {
	owner, cred, err := s.assertion(ctx, forLogin, ID{}, ceremony, answer)
	if err != nil {
		return SignIn{}, err
	}
	return s.enter(ctx, c, ByPasskey, func(tx *store.Tx) (ID, error) { return owner.account, s.usePasskey(ctx, tx, cred) })
}

// FinishPasskeyStepUp gives the actor's session a new token. Errors as for FinishPasskeyLogin.
func (s *Service) FinishPasskeyStepUp(ctx context.Context, actor Actor, ceremony string, answer json.RawMessage) (SignIn, error) {
	if actor.Limited {
		return SignIn{}, errForbidden()
	}
	owner, cred, err := s.assertion(ctx, forStepUp, actor.ID, ceremony, answer)
	if err != nil {
		return SignIn{}, err
	}
	if owner.account != actor.ID {
		return SignIn{}, errPasskey(errors.New("the passkey belongs to another account"))
	}
	return s.renewed(ctx, actor, "session.step_up", func(tx *store.Tx) error { return s.usePasskey(ctx, tx, cred) })
}

// assertion verifies the answer of an authenticator and finds its owner.
func (s *Service) assertion(ctx context.Context, purpose string, account ID, ceremony string, answer json.RawMessage) (*passkeyOwner, *webauthn.Credential, error) {
	wa, err := s.passkeys()
	if err != nil {
		return nil, nil, err
	}
	session, err := s.takeCeremony(ctx, ceremony, purpose, account)
	if err != nil {
		return nil, nil, err
	}
	if err := refuseSecrets(answer); err != nil {
		return nil, nil, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return nil, nil, errPasskey(err)
	}
	var owner *passkeyOwner
	var broken error
	_, cred, err := wa.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
		owner, broken = readOwner(ctx, s.db, `handle = $1`, handle)
		return owner, broken
	}, session, parsed)
	switch {
	case broken != nil && !errors.Is(broken, fault.NotFound):
		return nil, nil, fmt.Errorf("read owner of passkey: %w", broken)
	case err != nil:
		return nil, nil, errPasskey(err)
	case cred.Authenticator.CloneWarning:
		return nil, nil, errPasskey(errors.New("the signature counter went back: a copy of the passkey may exist"))
	}
	return owner, cred, nil
}

// refuseSecrets rejects an answer that carries the PRF output: the key that unlocks a person's keys must not be sent,
// so a browser that does so is broken or tampered with.
func refuseSecrets(answer json.RawMessage) error {
	var a struct {
		Results struct {
			PRF struct {
				Results json.RawMessage `json:"results"`
			} `json:"prf"`
		} `json:"clientExtensionResults"`
	}
	if err := json.Unmarshal(answer, &a); err != nil {
		return errPasskey(errors.New("the answer is malformed"))
	}
	if len(a.Results.PRF.Results) > 0 && string(a.Results.PRF.Results) != "null" {
		return fault.New(fault.Invalid, "prf_results_sent")
	}
	return nil
}

// usePasskey keeps the new counter; Unauthenticated (passkey_failed) when the passkey was deleted meanwhile.
func (s *Service) usePasskey(ctx context.Context, tx *store.Tx, cred *webauthn.Credential) error {
	record, err := json.Marshal(cred)
	if err != nil {
		return fmt.Errorf("use passkey: %w", err)
	}
	n, err := affected(tx.Exec(ctx, `UPDATE passkey SET record = $1, used_at = $2 WHERE credential_id = $3`, record, s.now(), cred.ID))
	if err != nil {
		return fmt.Errorf("use passkey: %w", err)
	}
	if n == 0 {
		return errPasskey(errors.New("the passkey was deleted"))
	}
	return nil
}
