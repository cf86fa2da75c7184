package staff

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"lotse/internal/fault"
	"lotse/internal/store"
)

// State is where an account stands.
type State string

// The states.
const (
	Invited  State = "invited"  // nobody has accepted the invitation yet, or a reset waits to be
	Active   State = "active"   // can sign in
	Disabled State = "disabled" // cannot
)

// Account is what an admin sees of a person.
type Account struct {
	ID            ID         `json:"id"`
	Provider      ProviderID `json:"-"`
	Email         Email      `json:"email"`
	Name          string     `json:"name"` // the name seekers see
	Language      string     `json:"language"`
	State         State      `json:"state"`
	KID           string     `json:"kid"`
	TOTP          bool       `json:"totp"`
	Passkeys      int        `json:"passkeys"`
	InviteExpires *time.Time `json:"invite_expires_at"`
	Grants        []Grant    `json:"grants"`
	Skills        Skills     `json:"skills"`
}

// NewAccount is what is needed to invite a person. Grants without a provider are for the account's provider.
type NewAccount struct {
	Provider ProviderID
	Email    string
	Name     string
	Language string
	Grants   []Grant
	Skills   Skills // the zero value stands for DefaultSkills
}

// CreateAccount makes an account without any way to sign in and an invitation to it. It returns Forbidden for anybody
// but the provider's admin, Invalid for malformed input and Conflict (email_taken).
func (s *Service) CreateAccount(ctx context.Context, actor Actor, n NewAccount) (Account, Invite, error) {
	if err := s.mayManage(actor, n.Provider); err != nil {
		return Account{}, Invite{}, err
	}
	if n.Skills.Limit == 0 {
		n.Skills.Limit = DefaultSkills().Limit
	}
	email, err := n.clean()
	if err != nil {
		return Account{}, Invite{}, err
	}
	account := Account{ID: NewID(), Provider: n.Provider, Email: email, Name: n.Name, Language: n.Language, State: Invited, Grants: n.Grants, Skills: n.Skills}
	var invite Invite
	err = s.db.Transact(ctx, func(tx *store.Tx) error {
		if err := s.insertAccount(ctx, tx, account); err != nil {
			return err
		}
		if account.Grants, err = replaceGrants(ctx, tx, account.ID, n.Provider, n.Grants); err != nil {
			return err
		}
		if err := writeSkills(ctx, tx, account.ID, n.Skills); err != nil {
			return err
		}
		if invite, err = s.invite(ctx, tx, account.ID, PurposeInvite); err != nil {
			return err
		}
		return s.auditGrants(ctx, tx, actor, "account.invited", account)
	})
	if err != nil {
		return Account{}, Invite{}, err
	}
	account.InviteExpires = &invite.ExpiresAt
	s.hint(ctx, "roster", "people")
	return account, invite, nil
}

func (n *NewAccount) clean() (Email, error) {
	bad := fields{}
	email, err := ParseEmail(n.Email)
	bad.need(err == nil, "email", "invalid_email")
	bad.need(validName(n.Name), "name", "invalid_name")
	bad.need(validLanguage(n.Language), "language", "invalid_language")
	bad.need(len(n.Grants) > 0 && grantsValid(n.Grants), "grants", "invalid_grants")
	n.Skills.clean(bad)
	return email, bad.err()
}

func (s *Service) insertAccount(ctx context.Context, tx *store.Tx, a Account) error {
	handle := make([]byte, 32)
	_, _ = rand.Read(handle) // never fails
	_, err := tx.Exec(ctx, `INSERT INTO account (id, provider, email, name, language, handle, places, trainee, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		a.ID, a.Provider, a.Email.Reveal(), a.Name, a.Language, handle, a.Skills.Limit, a.Skills.Trainee, s.now())
	if store.IsUnique(err) {
		return fault.Wrap(fault.Conflict, "email_taken", err)
	}
	if err != nil {
		return fmt.Errorf("create account %s: %w", a.ID, err)
	}
	return nil
}

// UpdateAccount changes the name seekers see and the language of the person's pages. Errors: Forbidden, Invalid,
// NotFound (account_unknown).
func (s *Service) UpdateAccount(ctx context.Context, actor Actor, id ID, name, language string) error {
	bad := fields{}
	bad.need(validName(name), "name", "invalid_name")
	bad.need(validLanguage(language), "language", "invalid_language")
	if err := bad.err(); err != nil {
		return err
	}
	err := s.managed(ctx, actor, id, "account.updated", func(tx *store.Tx, _ ProviderID) error {
		_, err := tx.Exec(ctx, `UPDATE account SET name = $1, language = $2 WHERE id = $3`, name, language, id)
		return err
	})
	if err == nil {
		s.hint(ctx, "roster", "people")
	}
	return err
}

// SetLanguage changes the language of the actor's own pages, "" for the browser's; Invalid.
func (s *Service) SetLanguage(ctx context.Context, actor Actor, language string) error {
	if !validLanguage(language) {
		return fault.InvalidInput(map[string]string{"language": "invalid_language"})
	}
	if _, err := s.db.Exec(ctx, `UPDATE account SET language = $1 WHERE id = $2`, language, actor.ID); err != nil {
		return fmt.Errorf("set language of %s: %w", actor.ID, err)
	}
	return nil
}

// Disable ends all sessions of an account and refuses new ones. Errors: Forbidden, NotFound (account_unknown),
// Conflict (own_account, last_admin).
func (s *Service) Disable(ctx context.Context, actor Actor, id ID) error {
	if err := s.needFresh(actor); err != nil {
		return err
	}
	if id == actor.ID {
		return fault.New(fault.Conflict, "own_account")
	}
	err := s.managed(ctx, actor, id, "account.disabled", func(tx *store.Tx, provider ProviderID) error {
		if _, err := tx.Exec(ctx, `UPDATE account SET disabled_at = $1 WHERE id = $2 AND disabled_at IS NULL`, s.now(), id); err != nil {
			return err
		}
		if _, err := endSessions(ctx, tx, id, SessionID{}); err != nil {
			return err
		}
		return keepAdmin(ctx, tx, actor, provider)
	})
	if err == nil {
		s.changed(ctx, id)
	}
	return err
}

// Enable lets a disabled account sign in again, with the credentials it had. Errors: Forbidden, NotFound.
func (s *Service) Enable(ctx context.Context, actor Actor, id ID) error {
	if err := s.needFresh(actor); err != nil {
		return err
	}
	err := s.managed(ctx, actor, id, "account.enabled", func(tx *store.Tx, _ ProviderID) error {
		_, err := tx.Exec(ctx, `UPDATE account SET disabled_at = NULL WHERE id = $1`, id)
		return err
	})
	if err == nil {
		s.changed(ctx, id)
	}
	return err
}

// changed tells sockets to ask again who the person is, and snapshots to read the people anew.
func (s *Service) changed(ctx context.Context, id ID) {
	s.hint(ctx, "session/"+id.String(), "*")
	s.hint(ctx, "roster", "people")
}

// mayManage allows the provider's admin, after a fresh proof of identity.
func (s *Service) mayManage(actor Actor, provider ProviderID) error {
	if !actor.MayIn(Admin, provider) {
		return errForbidden()
	}
	return s.needFresh(actor)
}

// managed runs do on an account the actor administers, and writes the audit entry. An account of another provider looks
// as if it did not exist.
func (s *Service) managed(ctx context.Context, actor Actor, id ID, action string, do func(*store.Tx, ProviderID) error) error {
	if !actor.MayAny(Admin) {
		return errForbidden()
	}
	return s.db.Transact(ctx, func(tx *store.Tx) error {
		var provider ProviderID
		err := tx.QueryRow(ctx, `SELECT provider FROM account WHERE id = $1`, id).Scan(&provider)
		if err == nil && !actor.MayIn(Admin, provider) {
			err = errAccountUnknown()
		}
		if err == nil {
			err = do(tx, provider)
		}
		if err != nil {
			return fmt.Errorf("%s %s: %w", action, id, store.NotFound(err, "account_unknown"))
		}
		return s.audit.Append(ctx, tx, Entry{Actor: actor.Ref(), Provider: provider, Action: action, Object: id.String()})
	})
}

func errAccountUnknown() error { return fault.New(fault.NotFound, "account_unknown") }
