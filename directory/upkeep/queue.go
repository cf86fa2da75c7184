package upkeep

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"lotse/internal/fault"
	"lotse/internal/mail"
	"lotse/internal/staff"
	"lotse/internal/store"
)

const (
	// maxTries is how often a mail server may say "later": over about two days.
	maxTries = 6
	// lease is how long a node may take for one mail.
	lease = 5 * time.Minute
)

// pauseAfter is how long to wait after a try: 5 min, 20 min, 80 min, 5 h, 21 h.
func pauseAfter(tries int) time.Duration { return 5 * time.Minute << (2 * (tries - 1)) }

// DeliverAll sends what is due until nothing is.
func (s *Service) DeliverAll(ctx context.Context) error {
	for ctx.Err() == nil {
		more, err := s.deliver(ctx)
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// deliver sends the next mail that is due and reports whether there was one. The
// lease makes it this node's alone, and no other node takes it over: whether a mail
// went out before its node died nobody knows, and twice is worse than once too few.
func (s *Service) deliver(ctx context.Context) (bool, error) {
	m, token, err := s.claim(ctx)
	if err != nil || m.ID == "" {
		return false, err
	}
	letter, err := s.letter(ctx, m, token)
	if err == nil {
		err = s.Mailer.Send(ctx, letter)
	}
	// The outcome is written down even when the server is told to stop meanwhile.
	return true, s.settle(context.WithoutCancel(ctx), m, err)
}

// claim takes the next mail and makes the token for its link.
func (s *Service) claim(ctx context.Context) (m Mail, token staff.Token, err error) {
	err = s.DB.Transact(ctx, func(tx *store.Tx) error {
		m, err = scanMail(tx.QueryRow(ctx, `SELECT `+mailColumns+` FROM upkeep_mail WHERE state = 'queued' AND next_at <= $1 ORDER BY next_at, id LIMIT 1`, tx.Now))
		if errors.Is(err, sql.ErrNoRows) {
			m = Mail{}
			return nil
		}
		if err != nil {
			return err
		}
		m.Tries++
		err := step(tx.Exec(ctx, `UPDATE upkeep_mail SET state = 'sending', tries = $2, lease_until = $3 WHERE id = $1 AND state = 'queued'`,
			m.ID, m.Tries, tx.Now.Add(lease)))
		if err != nil {
			return err
		}
		token = staff.NewToken()
		_, err = tx.Exec(ctx, `INSERT INTO upkeep_link (hash, mail_id, centre_id, address, expires_at) VALUES ($1, $2, $3, $4, $5)`,
			hashOf(token.Reveal()), m.ID, m.CentreID, m.Address, tx.Now.Add(LinkLife))
		return err
	})
	if err != nil {
		return Mail{}, "", fmt.Errorf("take a mail: %w", err)
	}
	return m, token, nil
}

// step turns the result of a compare-and-swap into a Conflict when nothing moved.
func step(done sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, fault.New(fault.Conflict, "state_moved"))
	}
	return nil
}

// letter writes the mail. An address that the entry has no more gets none.
func (s *Service) letter(ctx context.Context, m Mail, token staff.Token) (mail.Letter, error) {
	e, err := s.Directory.Entry(ctx, m.CentreID)
	if err != nil {
		return mail.Letter{}, err
	}
	if SheetOf(e).Email != m.Address {
		return mail.Letter{}, fault.New(fault.Invalid, "address_changed")
	}
	return s.write(e, m, s.Origin+"/de/angaben/"+token.Reveal())
}

// settle writes down what became of a mail.
func (s *Service) settle(ctx context.Context, m Mail, sent error) error {
	if sent != nil {
		s.Log.Warn("mail not sent", "mail", m.ID, "try", m.Tries, "code", fault.CodeOf(sent))
	}
	return s.DB.Transact(ctx, func(tx *store.Tx) error {
		switch kind := fault.KindOf(sent); {
		case sent == nil:
			return delivered(ctx, tx, m)
		case kind == fault.Unavailable && m.Tries < maxTries:
			return failed(ctx, tx, m, `state = 'queued', next_at = $3`, fault.CodeOf(sent), tx.Now.Add(pauseAfter(m.Tries)))
		case kind == fault.Unavailable || kind == fault.Invalid || kind == fault.NotFound:
			return failed(ctx, tx, m, `state = 'failed', done_at = $3`, fault.CodeOf(sent), tx.Now)
		}
		return step(tx.Exec(ctx, `UPDATE upkeep_mail SET state = 'unclear', code = 'broken_off', done_at = $2 WHERE id = $1 AND state = 'sending'`, m.ID, tx.Now))
	})
}

// delivered ends a mail that was taken. Its link takes the place of all before.
func delivered(ctx context.Context, tx *store.Tx, m Mail) error {
	err := step(tx.Exec(ctx, `UPDATE upkeep_mail SET state = 'sent', code = '', done_at = $2 WHERE id = $1 AND state = 'sending'`, m.ID, tx.Now))
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM upkeep_link WHERE centre_id = $1 AND mail_id <> $2`, m.CentreID, m.ID); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE upkeep_centre SET asked_at = COALESCE(asked_at, $2) WHERE centre_id = $1`, m.CentreID, tx.Now)
	return err
}

// failed ends a try; its token was never read by anybody.
func failed(ctx context.Context, tx *store.Tx, m Mail, set, code string, at time.Time) error {
	err := step(tx.Exec(ctx, `UPDATE upkeep_mail SET code = $2, lease_until = NULL, `+set+` WHERE id = $1 AND state = 'sending'`, m.ID, code, at))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM upkeep_link WHERE mail_id = $1`, m.ID)
	return err
}
