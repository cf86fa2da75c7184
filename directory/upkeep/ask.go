package upkeep

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"lotse/directory"
	"lotse/directory/check"
	"lotse/internal/fault"
	"lotse/internal/staff"
	"lotse/internal/store"
)

// Mail is a mail in the queue. Its text is made when it is sent, so that no table
// ever holds the token in it.
type Mail struct {
	ID, CentreID, Address string
	State                 string // queued, sending, sent, failed or unclear
	Code                  string // why it failed or waits, such as smtp_550
	Tries                 int
	Made                  time.Time
}

const mailColumns = `id, centre_id, address, state, code, tries, made_at`

func scanMail(row interface{ Scan(...any) error }) (m Mail, err error) {
	err = row.Scan(&m.ID, &m.CentreID, &m.Address, &m.State, &m.Code, &m.Tries, &m.Made)
	return m, err
}

// lastMail returns the last mail to a centre, or the zero Mail.
func lastMail(ctx context.Context, q store.Queryer, centreID string) (Mail, error) {
	m, err := scanMail(q.QueryRow(ctx, `SELECT `+mailColumns+` FROM upkeep_mail WHERE centre_id = $1 ORDER BY made_at DESC, id DESC LIMIT 1`, centreID))
	if errors.Is(err, sql.ErrNoRows) {
		return Mail{}, nil
	}
	return m, err
}

// Ask asks a centre by mail, on behalf of an admin of its keeper or the operator.
//
// It returns Conflict: mail_off, no_address, mail_muted, mail_open (one waits in the
// queue); TooMany (asked_lately); NotFound for a centre that the actor does not keep.
func (s *Service) Ask(ctx context.Context, actor staff.Actor, id string) error {
	if !s.Mails() {
		return fault.New(fault.Conflict, "mail_off")
	}
	err := s.DB.Transact(ctx, func(tx *store.Tx) error {
		row, err := readCentre(ctx, tx, id)
		if err != nil {
			return err
		}
		keeper, err := staff.ParseProviderID(row.keeper)
		if err != nil || !actor.MayIn(staff.Admin, keeper) {
			return fault.New(fault.NotFound, "centre_unknown")
		}
		if wait := row.mailed.V.Add(askAgain).Sub(tx.Now); row.mailed.Valid && wait > 0 {
			return fault.RetryAfter(fault.TooMany, "asked_lately", wait)
		}
		return s.enqueue(ctx, tx, id, row, actor.Ref())
	})
	if err == nil {
		s.hurry()
	}
	return err
}

// enqueue puts a mail to the centre into the queue.
func (s *Service) enqueue(ctx context.Context, tx *store.Tx, id string, row centreRow, author string) error {
	e, err := s.Directory.EntryIn(ctx, tx, id)
	if err != nil {
		return err
	}
	address := SheetOf(e).Email
	switch {
	case !check.Mail(address):
		return fault.New(fault.Conflict, "no_address")
	case address == row.mutedAddress:
		return fault.New(fault.Conflict, "mail_muted")
	}
	_, err = tx.Exec(ctx, `INSERT INTO upkeep_mail (id, centre_id, address, author, state, tries, next_at, code, made_at)
		VALUES ($1, $2, $3, $4, 'queued', 0, $5, '', $5)`, uuid.Must(uuid.NewV7()).String(), id, address, author, tx.Now)
	if store.IsUnique(err) {
		return fault.Wrap(fault.Conflict, "mail_open", err)
	}
	if err != nil {
		return fmt.Errorf("queue mail to %s: %w", id, err)
	}
	if _, err := tx.Exec(ctx, `UPDATE upkeep_centre SET mailed_at = $2 WHERE centre_id = $1`, id, tx.Now); err != nil {
		return err
	}
	return s.note(ctx, tx, author, row.keeper, "centre.asked", id)
}

// askAtOnce bounds how many mails one round puts into the queue.
const askAtOnce = 100

// AskDue asks the centres whose entries nobody has confirmed for the interval, and
// who were not asked within it. It returns how many it asked.
func (s *Service) AskDue(ctx context.Context) (int, error) {
	kept, err := s.unasked(ctx)
	if err != nil {
		return 0, fmt.Errorf("who is to be asked: %w", err)
	}
	asked := 0
	for _, k := range kept {
		c, err := s.Directory.Centre(k.id)
		if asked == askAtOnce || ctx.Err() != nil {
			break
		}
		if err != nil || c.ID != k.id || !s.due(c) || !k.reached(c) {
			continue
		}
		done, err := s.askOne(ctx, k.id)
		if err != nil {
			return asked, err
		}
		if done {
			asked++
		}
	}
	return asked, nil
}

// keptCentre is a centre with a keeper, and the address that wants no mail.
type keptCentre struct{ id, muted string }

// unasked lists the kept centres that were not asked within the interval.
func (s *Service) unasked(ctx context.Context) ([]keptCentre, error) {
	rows, err := s.DB.Query(ctx, `SELECT centre_id, muted FROM upkeep_centre WHERE keeper <> '' AND (mailed_at IS NULL OR mailed_at <= $1)
		ORDER BY centre_id`, s.DB.Now().Add(-s.Rules.Every))
	return store.Collect(rows, err, func(r *sql.Rows) (k keptCentre, err error) {
		err = r.Scan(&k.id, &k.muted)
		return k, err
	})
}

// reached reports whether a mail can reach the centre. Those it cannot reach stay due
// for good, and are not to cost a transaction each minute.
func (k keptCentre) reached(c *directory.Centre) bool {
	return check.Mail(c.Email) && c.Email != k.muted
}

// due reports whether a centre's last confirmation is too old.
func (s *Service) due(c *directory.Centre) bool {
	day, err := time.ParseInLocation(time.DateOnly, c.Assured, s.Zone)
	return err != nil || s.DB.Now().Sub(day) >= s.Rules.Every
}

// askOne asks a centre unless another node was first or there is no way to.
func (s *Service) askOne(ctx context.Context, id string) (done bool, err error) {
	err = s.DB.Transact(ctx, func(tx *store.Tx) error {
		row, err := readCentre(ctx, tx, id)
		if err != nil || row.mailed.Valid && row.mailed.V.Add(s.Rules.Every).After(tx.Now) {
			return err
		}
		done = true
		return s.enqueue(ctx, tx, id, row, bySystem)
	})
	if err != nil && fault.KindOf(err) == fault.Conflict {
		return false, nil
	}
	return done && err == nil, err
}

// expire marks entries that nobody has confirmed although they were asked.
func (s *Service) expire(ctx context.Context) error {
	rows, err := s.DB.Query(ctx, `SELECT u.centre_id, u.keeper FROM upkeep_centre u JOIN directory_centre c ON c.id = u.centre_id
		WHERE c.state = 'approved' AND u.asked_at <= $1`, s.DB.Now().Add(-s.Rules.Expire))
	late, err := store.Collect(rows, err, func(rows *sql.Rows) (pair [2]string, err error) {
		err = rows.Scan(&pair[0], &pair[1])
		return pair, err
	})
	if err != nil || len(late) == 0 {
		return err
	}
	for _, one := range late {
		err := s.DB.Transact(ctx, func(tx *store.Tx) error {
			if err := s.Directory.MoveIn(ctx, tx, one[0], directory.Approved, directory.Expired); err != nil {
				return err
			}
			return s.note(ctx, tx, bySystem, one[1], "centre.expired", one[0])
		})
		if err != nil && fault.KindOf(err) != fault.Conflict {
			return err
		}
	}
	return s.Directory.Announce(ctx)
}
