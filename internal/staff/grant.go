package staff

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"lotse/internal/fault"
	"lotse/internal/store"
)

// SetGrants replaces the roles of an account. Grants without a provider are for the account's own. When a role is taken
// away the person's sessions end, because sockets were opened with the old roles; only the session that makes the change
// to its own account stays. Errors: Forbidden (also step_up_required), Invalid,
// NotFound (account_unknown), Conflict (last_admin).
func (s *Service) SetGrants(ctx context.Context, actor Actor, id ID, grants []Grant) error {
	if err := s.needFresh(actor); err != nil {
		return err
	}
	if !grantsValid(grants) {
		return errGrants()
	}
	err := s.managed(ctx, actor, id, "account.grants", func(tx *store.Tx, provider ProviderID) error {
		before, err := readGrants(ctx, tx, id)
		if err != nil {
			return err
		}
		after, err := replaceGrants(ctx, tx, id, provider, grants)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(before, func(g Grant) bool { return !slices.Contains(after, g) }) {
			if _, err := endSessions(ctx, tx, id, actor.Session); err != nil {
				return err
			}
		}
		return keepAdmin(ctx, tx, actor, provider)
	})
	if err == nil {
		s.changed(ctx, id)
	}
	return err
}

func errGrants() error { return fault.InvalidInput(map[string]string{"grants": "invalid_grants"}) }

func grantsValid(grants []Grant) bool {
	return len(grants) <= 100 && !slices.ContainsFunc(grants, func(g Grant) bool {
		return !g.Role.Valid() || (!g.Team.IsZero() && !g.Role.TeamWise())
	})
}

// replaceGrants writes the grants within one provider and returns them completed. A team of another provider, or a
// grant for another provider, is Invalid.
func replaceGrants(ctx context.Context, tx *store.Tx, id ID, provider ProviderID, grants []Grant) ([]Grant, error) {
	if _, err := tx.Exec(ctx, `DELETE FROM account_grant WHERE account = $1`, id); err != nil {
		return nil, fmt.Errorf("replace grants of %s: %w", id, err)
	}
	done := []Grant{}
	for _, g := range grants {
		if g.Provider.IsZero() {
			g.Provider = provider
		}
		if slices.Contains(done, g) {
			continue
		}
		if err := insertGrant(ctx, tx, id, provider, g); err != nil {
			return nil, err
		}
		done = append(done, g)
	}
	return done, nil
}

func insertGrant(ctx context.Context, tx *store.Tx, id ID, provider ProviderID, g Grant) error {
	if g.Provider != provider {
		return errGrants()
	}
	var team any
	if !g.Team.IsZero() {
		var owner ProviderID
		err := tx.QueryRow(ctx, `SELECT provider FROM team WHERE id = $1`, g.Team).Scan(&owner)
		if err == sql.ErrNoRows || (err == nil && owner != provider) {
			return errGrants()
		}
		if err != nil {
			return fmt.Errorf("grant to %s: %w", id, err)
		}
		team = g.Team
	}
	_, err := tx.Exec(ctx, `INSERT INTO account_grant (account, role, provider, team) VALUES ($1, $2, $3, $4)`, id, g.Role, g.Provider, team)
	if err != nil {
		return fmt.Errorf("grant to %s: %w", id, err)
	}
	return nil
}

// keepAdmin refuses to leave a provider without an admin who can sign in; the operator may.
func keepAdmin(ctx context.Context, tx *store.Tx, actor Actor, provider ProviderID) error {
	if actor.operator {
		return nil
	}
	var admins int
	err := tx.QueryRow(ctx, `SELECT count(*) FROM account_grant g JOIN account a ON a.id = g.account
		WHERE g.provider = $1 AND g.role = 'admin' AND a.disabled_at IS NULL`, provider).Scan(&admins)
	if err == nil && admins == 0 {
		return fault.New(fault.Conflict, "last_admin")
	}
	return err
}

func readGrants(ctx context.Context, q store.Queryer, id ID) ([]Grant, error) {
	rows, err := q.Query(ctx, `SELECT account, role, provider, team FROM account_grant WHERE account = $1 ORDER BY role, team`, id)
	owned, err := store.Collect(rows, err, scanGrant)
	grants := make([]Grant, len(owned))
	for i, g := range owned {
		grants[i] = g.Grant
	}
	return grants, err
}

// readAllGrants returns the grants of every account of a provider.
func readAllGrants(ctx context.Context, q store.Queryer, provider ProviderID) (map[ID][]Grant, error) {
	rows, err := q.Query(ctx, `SELECT account, role, provider, team FROM account_grant WHERE provider = $1 ORDER BY account, role, team`, provider)
	owned, err := store.Collect(rows, err, scanGrant)
	grants := map[ID][]Grant{}
	for _, g := range owned {
		grants[g.account] = append(grants[g.account], g.Grant)
	}
	return grants, err
}

type ownedGrant struct {
	account ID
	Grant
}

// scanGrant reads a NULL team as the zero TeamID, which uuid's Scan leaves alone.
func scanGrant(rows *sql.Rows) (g ownedGrant, err error) {
	err = rows.Scan(&g.account, &g.Role, &g.Provider, &g.Team)
	return g, err
}

// auditGrants writes an entry that names the account's roles.
func (s *Service) auditGrants(ctx context.Context, tx *store.Tx, actor Actor, action string, a Account) error {
	meta := map[string]string{}
	for _, g := range a.Grants {
		meta[string(g.Role)] = "provider"
		if !g.Team.IsZero() {
			meta[string(g.Role)] = g.Team.String()
		}
	}
	return s.audit.Append(ctx, tx, Entry{Actor: actor.Ref(), Provider: a.Provider, Action: action, Object: a.ID.String(), Meta: meta})
}
