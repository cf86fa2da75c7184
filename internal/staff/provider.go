package staff

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"lotse/internal/fault"
	"lotse/internal/store"
)

// CreateProvider adds a provider. Only the operator may: Forbidden. A name that is taken is a Conflict
// (provider_exists), a malformed one Invalid.
func (s *Service) CreateProvider(ctx context.Context, actor Actor, name string) (Provider, error) {
	if !actor.operator {
		return Provider{}, errForbidden()
	}
	if !validName(name) {
		return Provider{}, fault.InvalidInput(map[string]string{"name": "invalid_name"})
	}
	p := Provider{ID: NewProviderID(), Name: name}
	err := s.db.Transact(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO provider (id, name, created_at) VALUES ($1, $2, $3)`, p.ID, p.Name, s.now())
		if store.IsUnique(err) {
			return fault.Wrap(fault.Conflict, "provider_exists", err)
		}
		if err != nil {
			return fmt.Errorf("create provider %s: %w", p.ID, err)
		}
		return s.audit.Append(ctx, tx, Entry{Actor: actor.Ref(), Provider: p.ID, Action: "provider.created", Object: p.ID.String()})
	})
	return p, err
}

// Providers lists all providers by name.
func (s *Service) Providers(ctx context.Context) ([]Provider, error) {
	return readProviders(ctx, s.db)
}

// OwnProvider is the provider of the actor; Forbidden for a limited session.
func (s *Service) OwnProvider(ctx context.Context, actor Actor) (Provider, error) {
	if actor.Limited {
		return Provider{}, errForbidden()
	}
	list, err := s.Providers(ctx)
	if err != nil {
		return Provider{}, err
	}
	i := slices.IndexFunc(list, func(p Provider) bool { return p.ID == actor.Provider })
	if i < 0 {
		return Provider{}, errProviderUnknown()
	}
	return list[i], nil
}

func readProviders(ctx context.Context, q store.Queryer) ([]Provider, error) {
	rows, err := q.Query(ctx, `SELECT id, name, keep_live_h, keep_message_d FROM provider ORDER BY name, id`)
	list, err := store.Collect(rows, err, func(rows *sql.Rows) (p Provider, err error) {
		var live, message sql.NullInt64
		err = rows.Scan(&p.ID, &p.Name, &live, &message)
		p.Keep = Keep{LiveHours: int(live.Int64), MessageDays: int(message.Int64)}
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("list providers: %w", err)
	}
	return list, nil
}
