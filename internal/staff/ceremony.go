package staff

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"lotse/internal/fault"
	"lotse/internal/store"
)

// Ceremony is the first half of a passkey sign-in or registration.
type Ceremony struct {
	Ceremony  string `json:"ceremony"`  // to be sent back with the second half; single use
	PublicKey any    `json:"publicKey"` // WebAuthn options in their JSON form
}

const ceremonyLife = 5 * time.Minute

// The purposes of a ceremony.
const (
	forLogin    = "login"
	forStepUp   = "step-up"
	forRegister = "register"
)

// newWebAuthn returns nil when no origin has a host name: WebAuthn does not work on IP addresses.
func newWebAuthn(origins []string) (*webauthn.WebAuthn, error) {
	var id string
	var allowed []string
	for _, o := range origins {
		u, err := url.Parse(o)
		if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
			return nil, fmt.Errorf("malformed origin (%d bytes)", len(o))
		}
		if _, err := netip.ParseAddr(u.Hostname()); err == nil {
			continue
		}
		if id == "" {
			id = u.Hostname()
		}
		if u.Hostname() == id {
			allowed = append(allowed, u.Scheme+"://"+u.Host)
		}
	}
	if id == "" {
		return nil, nil
	}
	return webauthn.New(&webauthn.Config{
		RPID: id, RPDisplayName: "Lotse", RPOrigins: allowed,
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			RequireResidentKey: protocol.ResidentKeyRequired(), ResidentKey: protocol.ResidentKeyRequirementRequired,
			UserVerification: protocol.VerificationRequired,
		},
		// The browser asks for the PRF by itself, so that the options need not carry it.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
}

func (s *Service) passkeys() (*webauthn.WebAuthn, error) {
	if s.webauthn == nil {
		return nil, fault.New(fault.Unavailable, "passkeys_unavailable")
	}
	return s.webauthn, nil
}

// BeginPasskeyLogin starts a sign-in by any discoverable passkey; Unavailable (passkeys_unavailable) on an address
// without a name.
func (s *Service) BeginPasskeyLogin(ctx context.Context) (Ceremony, error) {
	return s.beginAssertion(ctx, forLogin, ID{})
}

// BeginPasskeyStepUp starts a fresh proof of the actor's identity.
func (s *Service) BeginPasskeyStepUp(ctx context.Context, actor Actor) (Ceremony, error) {
	if actor.Limited {
		return Ceremony{}, errForbidden()
	}
	return s.beginAssertion(ctx, forStepUp, actor.ID)
}

func (s *Service) beginAssertion(ctx context.Context, purpose string, account ID) (Ceremony, error) {
	wa, err := s.passkeys()
	if err != nil {
		return Ceremony{}, err
	}
	options, session, err := wa.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Ceremony{}, fmt.Errorf("begin passkey %s: %w", purpose, err)
	}
	return s.keepCeremony(ctx, purpose, account, session, options.Response)
}

func (s *Service) keepCeremony(ctx context.Context, purpose string, account ID, session *webauthn.SessionData, options any) (Ceremony, error) {
	data, err := json.Marshal(session)
	if err != nil {
		return Ceremony{}, fmt.Errorf("keep ceremony: %w", err)
	}
	var owner any
	if !account.IsZero() {
		owner = account
	}
	token := NewToken()
	_, err = s.db.Exec(ctx, `INSERT INTO ceremony (hash, purpose, account, data, expires_at) VALUES ($1, $2, $3, $4, $5)`,
		token.hash(), purpose, owner, data, s.now().Add(ceremonyLife))
	if err != nil {
		return Ceremony{}, fmt.Errorf("keep ceremony: %w", err)
	}
	return Ceremony{Ceremony: token.Reveal(), PublicKey: options}, nil
}

// takeCeremony uses up the first half; Gone (ceremony_gone) when there is none for this purpose and account.
func (s *Service) takeCeremony(ctx context.Context, ceremony, purpose string, account ID) (session webauthn.SessionData, err error) {
	gone := fault.New(fault.Gone, "ceremony_gone")
	token, err := ParseToken(ceremony)
	if err != nil {
		return session, gone
	}
	var data []byte
	var owner ID
	err = s.db.Transact(ctx, func(tx *store.Tx) error {
		owner = ID{}
		return tx.QueryRow(ctx, `DELETE FROM ceremony WHERE hash = $1 AND purpose = $2 AND expires_at > $3 RETURNING data, account`,
			token.hash(), purpose, s.now()).Scan(&data, &owner)
	})
	if errors.Is(err, sql.ErrNoRows) || (err == nil && owner != account) {
		return session, gone
	}
	if err == nil {
		err = json.Unmarshal(data, &session)
	}
	if err != nil {
		return session, fmt.Errorf("take ceremony: %w", err)
	}
	return session, nil
}
