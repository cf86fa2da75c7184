package upkeep

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"lotse/directory"
	"lotse/internal/fault"
	"lotse/internal/staff"
	"lotse/internal/store"
)

// centreRow is what upkeep knows of a centre.
type centreRow struct {
	keeper        string
	mailed, asked sql.Null[time.Time]
	mutedAddress  string
}

func readCentre(ctx context.Context, q store.Queryer, id string) (c centreRow, err error) {
	err = q.QueryRow(ctx, `SELECT keeper, mailed_at, asked_at, muted FROM upkeep_centre WHERE centre_id = $1`, id).
		Scan(&c.keeper, &c.mailed, &c.asked, &c.mutedAddress)
	if errors.Is(err, sql.ErrNoRows) {
		return centreRow{}, nil
	}
	if err != nil {
		return c, fmt.Errorf("read upkeep of %s: %w", id, err)
	}
	return c, nil
}

// may reports whether the actor keeps entries for the provider: its admins and
// supervisors do.
func may(actor staff.Actor, keeper string) bool {
	id, err := staff.ParseProviderID(keeper)
	return err == nil && (actor.MayIn(staff.Admin, id) || actor.MayIn(staff.Supervisor, id))
}

// keptBy returns the row of a centre that the actor keeps. For every other centre it
// returns [fault.NotFound], as if there were none.
func keptBy(ctx context.Context, q store.Queryer, actor staff.Actor, id string) (centreRow, error) {
	c, err := readCentre(ctx, q, id)
	if err == nil && !may(actor, c.keeper) {
		err = fault.New(fault.NotFound, "centre_unknown")
	}
	return c, err
}

// Assign makes a provider the keeper of centres; the zero provider takes the keeper
// away. Only the operator may: Forbidden. [fault.NotFound] names no centre; then
// nothing is assigned.
func (s *Service) Assign(ctx context.Context, actor staff.Actor, provider staff.ProviderID, centres []string) error {
	if actor.Ref() != staff.Operator().Ref() {
		return fault.New(fault.Forbidden, "forbidden")
	}
	keeper := ""
	if !provider.IsZero() {
		keeper = provider.String()
	}
	return s.DB.Transact(ctx, func(tx *store.Tx) error {
		for _, id := range centres {
			if _, err := s.Directory.EntryIn(ctx, tx, id); err != nil {
				return fmt.Errorf("%s: %w", id, err)
			}
			row, err := readCentre(ctx, tx, id)
			if err != nil {
				return err
			}
			if row.keeper == keeper {
				continue
			}
			_, err = tx.Exec(ctx, `INSERT INTO upkeep_centre (centre_id, keeper) VALUES ($1, $2)
				ON CONFLICT (centre_id) DO UPDATE SET keeper = excluded.keeper`, id, keeper)
			if err != nil {
				return fmt.Errorf("assign %s: %w", id, err)
			}
			if err := s.note(ctx, tx, actor.Ref(), keeper, "centre.assigned", id); err != nil {
				return err
			}
		}
		return nil
	})
}

// keptIDs are the centres a provider keeps, by id.
func keptIDs(ctx context.Context, q store.Queryer, keeper string) ([]string, error) {
	rows, err := q.Query(ctx, `SELECT centre_id FROM upkeep_centre WHERE keeper = $1 ORDER BY centre_id`, keeper)
	return store.Collect(rows, err, store.Value[string])
}

// Overview is a line of the list of a provider's entries.
type Overview struct {
	Entry *directory.Entry
	Sheet Sheet
	Score Score
	Draft *Draft    // what is open, or nil
	Asked time.Time // when the mail that waits for an answer went out; zero: none waits
	Mail  Mail      // the last one; zero: none
	Muted bool      // the centre wants no more mails
}

// Overviews lists the entries that the actor's provider keeps. [fault.Forbidden] for
// who keeps none by role.
func (s *Service) Overviews(ctx context.Context, actor staff.Actor) ([]Overview, error) {
	keeper := actor.Provider.String()
	if !may(actor, keeper) {
		return nil, fault.New(fault.Forbidden, "role_missing")
	}
	var list []Overview
	err := s.DB.View(ctx, func(tx *store.Tx) error {
		list = nil
		ids, err := keptIDs(ctx, tx, keeper)
		if err != nil {
			return err
		}
		for _, id := range ids {
			one, err := s.overview(ctx, tx, id)
			if err != nil {
				return err
			}
			list = append(list, one)
		}
		return nil
	})
	return list, err
}

func (s *Service) overview(ctx context.Context, tx *store.Tx, id string) (o Overview, err error) {
	if o.Entry, err = s.Directory.EntryIn(ctx, tx, id); err != nil {
		return o, err
	}
	row, err := readCentre(ctx, tx, id)
	if err != nil {
		return o, err
	}
	o.Sheet, o.Asked = SheetOf(o.Entry), row.asked.V
	o.Muted = row.mutedAddress != "" && row.mutedAddress == o.Sheet.Email
	o.Score = Complete(o.Sheet, o.Entry.Location.Type)
	if o.Draft, err = readOpenDraft(ctx, tx, id); err != nil {
		return o, err
	}
	o.Mail, err = lastMail(ctx, tx, id)
	return o, err
}

// FourEyes reports whether a provider wants a second person for every change of its
// staff. It does not unless it says so.
func (s *Service) FourEyes(ctx context.Context, provider staff.ProviderID) (bool, error) {
	return fourEyes(ctx, s.DB, provider.String())
}

func fourEyes(ctx context.Context, q store.Queryer, keeper string) (on bool, err error) {
	err = q.QueryRow(ctx, `SELECT four_eyes FROM upkeep_provider WHERE provider = $1`, keeper).Scan(&on)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return on, err
}

// SetFourEyes sets the rule for the actor's provider; its admins may.
func (s *Service) SetFourEyes(ctx context.Context, actor staff.Actor, on bool) error {
	if !actor.MayIn(staff.Admin, actor.Provider) {
		return fault.New(fault.Forbidden, "role_missing")
	}
	return s.DB.Transact(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO upkeep_provider (provider, four_eyes) VALUES ($1, $2)
			ON CONFLICT (provider) DO UPDATE SET four_eyes = excluded.four_eyes`, actor.Provider, on)
		if err != nil {
			return err
		}
		word := "off"
		if on {
			word = "on"
		}
		return s.note(ctx, tx, actor.Ref(), actor.Provider.String(), "upkeep.four_eyes", actor.Provider.String(), "set", word)
	})
}
