package staff

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"lotse/internal/store"
)

const maxPlaces = 8

// clean brings the lists into their stored form and notes what is wrong.
func (k *Skills) clean(bad fields) {
	var topics, languages bool
	k.Topics, topics = cleanTags(k.Topics)
	k.Languages, languages = cleanTags(k.Languages)
	bad.need(topics, "topics", "invalid_list")
	bad.need(languages && !slices.ContainsFunc(k.Languages, func(l string) bool { return !validLanguage(l) }), "languages", "invalid_list")
	bad.need(k.Limit >= 1 && k.Limit <= maxPlaces, "limit", "out_of_range")
}

// Skills returns what every enabled person can take on. The map is small; callers may keep it until a hint on "roster".
func (s *Service) Skills(ctx context.Context) (map[ID]Skills, error) {
	skills := map[ID]Skills{}
	err := s.db.View(ctx, func(tx *store.Tx) (err error) {
		skills, err = readSkills(ctx, tx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read skills: %w", err)
	}
	return skills, nil
}

func readSkills(ctx context.Context, q store.Queryer) (map[ID]Skills, error) {
	skills := map[ID]Skills{}
	rows, err := q.Query(ctx, `SELECT id, places, trainee FROM account WHERE disabled_at IS NULL`)
	_, err = store.Collect(rows, err, func(rows *sql.Rows) (struct{}, error) {
		var id ID
		k := DefaultSkills()
		err := rows.Scan(&id, &k.Limit, &k.Trainee)
		skills[id] = k
		return struct{}{}, err
	})
	if err != nil {
		return nil, err
	}
	rows, err = q.Query(ctx, `SELECT account, kind, value FROM account_tag ORDER BY account, kind, value`)
	_, err = store.Collect(rows, err, func(rows *sql.Rows) (struct{}, error) {
		var id ID
		var kind, value string
		err := rows.Scan(&id, &kind, &value)
		if k, ok := skills[id]; ok {
			skills[id] = k.with(kind, value)
		}
		return struct{}{}, err
	})
	return skills, err
}

func (k Skills) with(kind, value string) Skills {
	if kind == "topic" {
		k.Topics = append(k.Topics, value)
	} else {
		k.Languages = append(k.Languages, value)
	}
	return k
}

// SetSkills changes what a person can take on: by an admin of the provider, or a supervisor of one of the person's
// teams. Errors: Forbidden, Invalid, NotFound (account_unknown).
func (s *Service) SetSkills(ctx context.Context, actor Actor, id ID, k Skills) error {
	bad := fields{}
	k.clean(bad)
	if err := bad.err(); err != nil {
		return err
	}
	err := s.db.Transact(ctx, func(tx *store.Tx) error {
		provider, err := s.mayPlan(ctx, tx, actor, id)
		if err != nil {
			return fmt.Errorf("set skills of %s: %w", id, err)
		}
		if _, err = tx.Exec(ctx, `UPDATE account SET places = $1, trainee = $2 WHERE id = $3`, k.Limit, k.Trainee, id); err == nil {
			err = writeSkills(ctx, tx, id, k)
		}
		if err != nil {
			return fmt.Errorf("set skills of %s: %w", id, err)
		}
		return s.audit.Append(ctx, tx, Entry{Actor: actor.Ref(), Provider: provider, Action: "account.skills", Object: id.String()})
	})
	if err == nil {
		s.hint(ctx, "roster", "people")
	}
	return err
}

// mayPlan checks that the actor leads the person and returns the person's provider.
func (s *Service) mayPlan(ctx context.Context, q store.Queryer, actor Actor, id ID) (provider ProviderID, err error) {
	if !actor.MayAny(Admin) && !actor.MayAny(Supervisor) {
		return provider, errForbidden()
	}
	err = q.QueryRow(ctx, `SELECT provider FROM account WHERE id = $1`, id).Scan(&provider)
	if err != nil {
		return provider, store.NotFound(err, "account_unknown")
	}
	if actor.MayIn(Admin, provider) {
		return provider, nil
	}
	grants, err := readGrants(ctx, q, id)
	if err != nil {
		return provider, err
	}
	if !leads(actor, provider, grants) {
		return provider, errAccountUnknown()
	}
	return provider, nil
}

// leads reports whether the actor supervises one of the teams the grants are for.
func leads(actor Actor, provider ProviderID, grants []Grant) bool {
	return provider == actor.Provider && slices.ContainsFunc(grants, func(g Grant) bool {
		switch {
		case !g.Role.TeamWise():
			return false
		case g.Team.IsZero():
			return actor.MayIn(Supervisor, g.Provider)
		}
		return actor.May(Supervisor, g.Team)
	})
}

func writeSkills(ctx context.Context, tx *store.Tx, id ID, k Skills) error {
	if _, err := tx.Exec(ctx, `DELETE FROM account_tag WHERE account = $1`, id); err != nil {
		return fmt.Errorf("write skills of %s: %w", id, err)
	}
	for kind, values := range map[string][]string{"topic": k.Topics, "language": k.Languages} {
		for _, v := range values {
			if _, err := tx.Exec(ctx, `INSERT INTO account_tag (account, kind, value) VALUES ($1, $2, $3)`, id, kind, v); err != nil {
				return fmt.Errorf("write skills of %s: %w", id, err)
			}
		}
	}
	return nil
}
