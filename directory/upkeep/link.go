package upkeep

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"time"

	"lotse/directory"
	"lotse/internal/fault"
	"lotse/internal/staff"
	"lotse/internal/store"
)

// Link is what the token in a mail stands for.
type Link struct {
	CentreID  string
	Address   string    // the mail went there
	Expires   time.Time // UTC
	Confirmed time.Time // when it was used to confirm; zero: not yet
	Muted     bool      // the address wants no more mails
}

// hashOf is what the database keeps of a token. Tokens are 256 bits of chance, so
// that a hash without salt cannot be guessed back.
func hashOf(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// Open returns what a token stands for, and changes nothing: mail scanners follow
// links. It returns NotFound (link_unknown) and Gone (link_expired) when its time is
// over, or the entry now has another address.
func (s *Service) Open(ctx context.Context, token string) (Link, error) {
	var l Link
	err := s.DB.View(ctx, func(tx *store.Tx) (err error) {
		l, err = s.readLink(ctx, tx, `hash = $1`, token)
		return err
	})
	return l, err
}

func (s *Service) readLink(ctx context.Context, tx *store.Tx, where, token string) (l Link, err error) {
	if _, err := staff.ParseToken(token); err != nil {
		return l, fault.New(fault.NotFound, "link_unknown")
	}
	var confirmed sql.Null[time.Time]
	err = tx.QueryRow(ctx, `SELECT centre_id, address, expires_at, confirmed_at FROM upkeep_link WHERE `+where, hashOf(token)).
		Scan(&l.CentreID, &l.Address, &l.Expires, &confirmed)
	if err != nil {
		return l, store.NotFound(err, "link_unknown")
	}
	l.Confirmed = confirmed.V
	e, err := s.Directory.EntryIn(ctx, tx, l.CentreID)
	if err != nil {
		return l, err
	}
	if !tx.Now.Before(l.Expires) || SheetOf(e).Email != l.Address || e.Venue.MergedInto != "" {
		return l, fault.New(fault.Gone, "link_expired")
	}
	row, err := readCentre(ctx, tx, l.CentreID)
	l.Muted = row.mutedAddress == l.Address
	return l, err
}

// Confirm notes that the entry of a token's centre is right as it stands. Doing it
// again changes nothing but the date. Errors are those of Open.
func (s *Service) Confirm(ctx context.Context, token string) error {
	err := s.DB.Transact(ctx, func(tx *store.Tx) error {
		l, err := s.readLink(ctx, tx, `hash = $1`, token)
		if err != nil {
			return err
		}
		if err := s.assure(ctx, tx, ByLink, "self", l.CentreID); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE upkeep_link SET confirmed_at = $2 WHERE hash = $1`, hashOf(token), tx.Now)
		return err
	})
	if err != nil {
		return err
	}
	return s.Directory.Announce(ctx)
}

// ConfirmByStaff notes that the keeper has made sure that the entry is right, by
// telephone or otherwise. Errors: NotFound.
func (s *Service) ConfirmByStaff(ctx context.Context, actor staff.Actor, id string) error {
	err := s.DB.Transact(ctx, func(tx *store.Tx) error {
		if _, err := keptBy(ctx, tx, actor, id); err != nil {
			return err
		}
		return s.assure(ctx, tx, actor.Ref(), "phone", id)
	})
	if err != nil {
		return err
	}
	return s.Directory.Announce(ctx)
}

// assure sets the date of the last confirmation, by whom and how.
func (s *Service) assure(ctx context.Context, tx *store.Tx, author, how, id string) error {
	row, err := readCentre(ctx, tx, id)
	if err != nil {
		return err
	}
	err = s.Directory.EditIn(ctx, tx, author, id, func(e *directory.Entry) error {
		s.assured(tx, e, how)
		return nil
	})
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE upkeep_centre SET asked_at = NULL WHERE centre_id = $1`, id); err != nil {
		return err
	}
	return s.note(ctx, tx, author, row.keeper, "centre.confirmed", id)
}

// assured makes an entry confirmed today; one that was expired is approved again.
func (s *Service) assured(tx *store.Tx, e *directory.Entry, how string) {
	e.Venue.Assured, e.Venue.AssuredBy = s.today(tx), how
	if e.Venue.State == directory.Expired {
		e.Venue.State = directory.Approved
	}
}

// Stop notes that a token's address wants no more mails. The link goes on working.
func (s *Service) Stop(ctx context.Context, token string) error {
	return s.DB.Transact(ctx, func(tx *store.Tx) error {
		l, err := s.readLink(ctx, tx, `hash = $1`, token)
		if err != nil {
			return err
		}
		row, err := readCentre(ctx, tx, l.CentreID)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE upkeep_centre SET muted = $2 WHERE centre_id = $1`, l.CentreID, l.Address); err != nil {
			return err
		}
		return s.note(ctx, tx, ByLink, row.keeper, "centre.mails_stopped", l.CentreID)
	})
}

// Begin exchanges a token for a session of a browser that edits the entry. A session
// that the token had before ends.
func (s *Service) Begin(ctx context.Context, token string) (session string, err error) {
	session = staff.NewToken().Reveal()
	err = s.DB.Transact(ctx, func(tx *store.Tx) error {
		if _, err := s.readLink(ctx, tx, `hash = $1`, token); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE upkeep_link SET session_hash = $2, session_until = $3 WHERE hash = $1`,
			hashOf(token), hashOf(session), tx.Now.Add(SessionLife))
		return err
	})
	return session, err
}

// Visitor returns the centre that a session may edit; Unauthenticated
// (link_session) when there is none or it is over.
func (s *Service) Visitor(ctx context.Context, session string) (centreID string, err error) {
	err = s.DB.View(ctx, func(tx *store.Tx) error {
		centreID, err = s.visitor(ctx, tx, session)
		return err
	})
	return centreID, err
}

func (s *Service) visitor(ctx context.Context, tx *store.Tx, session string) (string, error) {
	l, err := s.readLink(ctx, tx, `session_hash = $1`, session)
	var until sql.Null[time.Time]
	if err == nil {
		err = tx.QueryRow(ctx, `SELECT session_until FROM upkeep_link WHERE session_hash = $1`, hashOf(session)).Scan(&until)
	}
	if kind := fault.KindOf(err); kind == fault.NotFound || kind == fault.Gone || err == nil && !tx.Now.Before(until.V) {
		return "", fault.New(fault.Unauthenticated, "link_session")
	}
	return l.CentreID, err
}
