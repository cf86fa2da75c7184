package staff

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"lotse/internal/store"
)

// Person is what a supervisor sees of somebody they plan for.
type Person struct {
	ID       ID      `json:"id"`
	Name     string  `json:"name"`
	KID      string  `json:"kid"`
	Disabled bool    `json:"disabled"`
	Grants   []Grant `json:"grants"`
	Skills   Skills  `json:"skills"`
}

// Accounts lists the accounts of a provider by name; Forbidden for anybody but its admin.
func (s *Service) Accounts(ctx context.Context, actor Actor, provider ProviderID) ([]Account, error) {
	if !actor.MayIn(Admin, provider) {
		return nil, errForbidden()
	}
	var list []Account
	err := s.db.View(ctx, func(tx *store.Tx) (err error) {
		list, err = s.readAccounts(ctx, tx, provider)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	return list, nil
}

func (s *Service) readAccounts(ctx context.Context, tx *store.Tx, provider ProviderID) ([]Account, error) {
	rows, err := tx.Query(ctx, `SELECT a.id, a.email, a.name, a.language, a.places, a.trainee, a.disabled_at IS NOT NULL, coalesce(k.kid, ''),
			EXISTS (SELECT 1 FROM account_password p WHERE p.account = a.id),
			EXISTS (SELECT 1 FROM account_totp t WHERE t.account = a.id AND t.confirmed_at IS NOT NULL),
			(SELECT count(*) FROM passkey p WHERE p.account = a.id),
			(SELECT max(i.expires_at) FROM invite i WHERE i.account = a.id AND i.used_at IS NULL AND i.expires_at > $2)
		FROM account a LEFT JOIN account_key k ON k.account = a.id WHERE a.provider = $1 ORDER BY a.name, a.id`, provider, s.now())
	list, err := store.Collect(rows, err, scanAccount)
	if err != nil {
		return nil, err
	}
	grants, err := readAllGrants(ctx, tx, provider)
	if err != nil {
		return nil, err
	}
	tags, err := readTags(ctx, tx, provider)
	if err != nil {
		return nil, err
	}
	for i := range list {
		a := &list[i]
		a.Provider, a.Grants = provider, append([]Grant{}, grants[a.ID]...)
		for _, t := range tags[a.ID] {
			a.Skills = a.Skills.with(t.kind, t.value)
		}
	}
	return list, nil
}

func scanAccount(rows *sql.Rows) (Account, error) {
	a := Account{Skills: DefaultSkills(), State: Invited}
	var disabled, password bool
	err := rows.Scan(&a.ID, &a.Email, &a.Name, &a.Language, &a.Skills.Limit, &a.Skills.Trainee, &disabled, &a.KID,
		&password, &a.TOTP, &a.Passkeys, &a.InviteExpires)
	if password {
		a.State = Active
	}
	if disabled {
		a.State = Disabled
	}
	if a.InviteExpires != nil {
		utc := a.InviteExpires.UTC()
		a.InviteExpires = &utc
	}
	return a, err
}

type accountTag struct{ kind, value string }

func readTags(ctx context.Context, q store.Queryer, provider ProviderID) (map[ID][]accountTag, error) {
	tags := map[ID][]accountTag{}
	rows, err := q.Query(ctx, `SELECT t.account, t.kind, t.value FROM account_tag t JOIN account a ON a.id = t.account
		WHERE a.provider = $1 ORDER BY t.account, t.kind, t.value`, provider)
	_, err = store.Collect(rows, err, func(rows *sql.Rows) (struct{}, error) {
		var id ID
		var t accountTag
		err := rows.Scan(&id, &t.kind, &t.value)
		tags[id] = append(tags[id], t)
		return struct{}{}, err
	})
	return tags, err
}

// People lists those whom the actor supervises, by name; Forbidden for anybody who supervises no team.
func (s *Service) People(ctx context.Context, actor Actor) ([]Person, error) {
	if !actor.MayAny(Supervisor) {
		return nil, errForbidden()
	}
	var accounts []Account
	err := s.db.View(ctx, func(tx *store.Tx) (err error) {
		accounts, err = s.readAccounts(ctx, tx, actor.Provider)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list people: %w", err)
	}
	people := []Person{}
	for _, a := range accounts {
		if leads(actor, a.Provider, a.Grants) {
			people = append(people, Person{ID: a.ID, Name: a.Name, KID: a.KID, Disabled: a.State == Disabled, Grants: a.Grants, Skills: a.Skills})
		}
	}
	return people, nil
}

// KIDs returns the key id of every enabled person who has keys. Callers may keep the map until a hint on "roster".
func (s *Service) KIDs(ctx context.Context) (map[ID]string, error) {
	kids := map[ID]string{}
	rows, err := s.db.Query(ctx, `SELECT a.id, k.kid FROM account a JOIN account_key k ON k.account = a.id WHERE a.disabled_at IS NULL`)
	_, err = store.Collect(rows, err, func(rows *sql.Rows) (struct{}, error) {
		var id ID
		var kid string
		err := rows.Scan(&id, &kid)
		kids[id] = kid
		return struct{}{}, err
	})
	if err != nil {
		return nil, fmt.Errorf("read key ids: %w", err)
	}
	return kids, nil
}

// Names returns the name of every person, disabled or not. Callers may keep the map until a hint on "roster".
func (s *Service) Names(ctx context.Context) (map[ID]string, error) {
	names := map[ID]string{}
	rows, err := s.db.Query(ctx, `SELECT id, name FROM account`)
	_, err = store.Collect(rows, err, func(rows *sql.Rows) (struct{}, error) {
		var id ID
		var name string
		err := rows.Scan(&id, &name)
		names[id] = name
		return struct{}{}, err
	})
	if err != nil {
		return nil, fmt.Errorf("read names: %w", err)
	}
	return names, nil
}

// AccountByEmail finds an account by its address. Errors: Invalid, Forbidden for anybody but an admin of its provider,
// NotFound (account_unknown).
func (s *Service) AccountByEmail(ctx context.Context, actor Actor, address string) (Account, error) {
	email, err := ParseEmail(address)
	if err != nil {
		return Account{}, errEmail()
	}
	var id ID
	var provider ProviderID
	err = s.db.QueryRow(ctx, `SELECT id, provider FROM account WHERE email = $1`, email.Reveal()).Scan(&id, &provider)
	if err != nil {
		return Account{}, fmt.Errorf("find account: %w", store.NotFound(err, "account_unknown"))
	}
	list, err := s.Accounts(ctx, actor, provider)
	if err != nil {
		return Account{}, err
	}
	i := slices.IndexFunc(list, func(a Account) bool { return a.ID == id })
	if i < 0 {
		return Account{}, errAccountUnknown()
	}
	return list[i], nil
}
