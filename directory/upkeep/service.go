package upkeep

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"lotse/directory"
	"lotse/directory/duplicate"
	"lotse/internal/mail"
	"lotse/internal/staff"
	"lotse/internal/store"
)

// Mailer hands one letter to a mail server. It returns a fault of the kind
// Unavailable when trying again later makes sense and nothing was sent, of the kind
// Invalid when the server refuses the letter for good, and any other error when
// nobody knows whether the letter was taken.
type Mailer interface {
	Send(ctx context.Context, letter mail.Letter) error
}

// Audit notes what was done; *staff.Audit is one.
type Audit interface {
	Append(ctx context.Context, tx *store.Tx, e staff.Entry) error
}

// Rules are the spans of the upkeep.
type Rules struct {
	Every  time.Duration // between a confirmation, or a mail, and the next mail
	Expire time.Duration // between the first mail without an answer and the warning on the entry
}

// Spans that are no setting.
const (
	LinkLife    = 30 * 24 * time.Hour // of the link in a mail
	SessionLife = 2 * time.Hour       // of the cookie for which a browser exchanges it
	linkKept    = 90 * 24 * time.Hour // after its end, to tell an old link from a wrong one
	askAgain    = 24 * time.Hour      // between two mails that are asked for by hand
	lookEvery   = time.Minute
)

// Options are what a Service needs.
type Options struct {
	DB        *store.DB
	Log       *slog.Logger
	Directory *directory.Service
	Audit     Audit
	Mailer    Mailer // nil: no mail is sent and nobody is asked
	Origin    string // where the links of mails lead, such as https://beratung.example
	From      string // the name under a mail
	Zone      *time.Location
	Rules     Rules
}

// Service keeps entries true. It is safe for concurrent use, on any number of nodes.
type Service struct {
	Options
	pairs  atomic.Pointer[foundPairs]
	counts atomic.Pointer[map[string]int]
	wake   chan struct{} // something is to be done before the next tick
}

// foundPairs are the duplicates of one revision of the directory.
type foundPairs struct {
	revision int64
	pairs    []duplicate.Pair
}

// New returns a service; Run does what is due.
func New(o Options) *Service { return &Service{Options: o, wake: make(chan struct{}, 1)} }

// hurry lets Run of this node look at once; without it the mail waits for the tick.
func (s *Service) hurry() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Mails reports whether centres are asked by mail at all.
func (s *Service) Mails() bool { return s.Mailer != nil }

// Run asks, sends, and marks entries as expired when it is time, until ctx ends.
// Every node may run it: each mail is sent by one of them.
func (s *Service) Run(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		if err := s.round(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("upkeep", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-s.wake:
		}
	}
}

func (s *Service) round(ctx context.Context) error {
	var all []error
	if s.Mails() {
		_, err := s.AskDue(ctx)
		all = append(all, err, s.DeliverAll(ctx), s.expire(ctx))
	}
	return errors.Join(append(all, s.sweep(ctx), s.count(ctx))...)
}

// concealDrafts drops what is open about the address of a place that has been
// protected since.
const concealDrafts = `UPDATE upkeep_draft SET state = 'dropped', before = '{}', after = '{}', decided_by = 'system', changed_at = $1
	WHERE state IN ('draft', 'review')
	AND (before || after LIKE '%"street"%' OR before || after LIKE '%"postcode"%' OR before || after LIKE '%"city"%' OR before || after LIKE '%"transport"%')
	AND centre_id IN (SELECT c.id FROM directory_centre c JOIN directory_location l ON l.id = c.location_id WHERE l.facts LIKE '%"type":"protected"%')`

// sweep gives up mails whose sender is gone, and forgets what is long over.
func (s *Service) sweep(ctx context.Context) error {
	return s.DB.Transact(ctx, func(tx *store.Tx) error {
		for _, q := range []struct {
			sql  string
			args []any
		}{
			{`UPDATE upkeep_mail SET state = 'unclear', code = 'node_lost', done_at = $1 WHERE state = 'sending' AND lease_until < $1`, []any{tx.Now}},
			{concealDrafts, []any{tx.Now}},
			{`DELETE FROM upkeep_link WHERE expires_at < $1`, []any{tx.Now.Add(-linkKept)}},
			{`DELETE FROM upkeep_mail WHERE done_at < $1`, []any{tx.Now.AddDate(-2, 0, 0)}},
		} {
			if _, err := tx.Exec(ctx, q.sql, q.args...); err != nil {
				return fmt.Errorf("sweep upkeep: %w", err)
			}
		}
		return nil
	})
}

// Counts are how many mails are in each state: queued, sending, sent, failed,
// unclear. They are as old as the last round.
func (s *Service) Counts() map[string]int {
	if counts := s.counts.Load(); counts != nil {
		return *counts
	}
	return nil
}

func (s *Service) count(ctx context.Context) error {
	counts := map[string]int{"queued": 0, "sending": 0, "sent": 0, "failed": 0, "unclear": 0}
	rows, err := s.DB.Query(ctx, `SELECT state, COUNT(*) FROM upkeep_mail GROUP BY state`)
	_, err = store.Collect(rows, err, func(rows *sql.Rows) (struct{}, error) {
		var state string
		var n int
		err := rows.Scan(&state, &n)
		counts[state] = n
		return struct{}{}, err
	})
	s.counts.Store(&counts)
	return err
}

func (s *Service) today(tx *store.Tx) string { return tx.Now.In(s.Zone).Format(time.DateOnly) }

// note appends to the audit log what was done to an entry.
func (s *Service) note(ctx context.Context, tx *store.Tx, actor, keeper, action, centreID string, meta ...string) error {
	e := staff.Entry{Actor: actor, Action: action, Object: centreID}
	if keeper != "" {
		if err := e.Provider.UnmarshalText([]byte(keeper)); err != nil {
			return err
		}
	}
	if len(meta) == 2 {
		e.Meta = map[string]string{meta[0]: meta[1]}
	}
	return s.Audit.Append(ctx, tx, e)
}

// Names of who acts without an account, in the history and in the audit log.
const (
	ByLink   = "centre" // a person who came by the link in a mail
	bySystem = "system"
)
