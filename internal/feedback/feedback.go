// Package feedback keeps what people report about the site itself: barriers,
// mistakes, wishes.
//
// It stores the page, the language, the text and, only when the person gives
// one, a way to answer. It stores no address of a device and no link to a
// conversation, and it keeps nothing longer than [Keep]. It refuses to be a
// channel for counselling: nobody answers here in a hurry.
//
// Goroutines: none of its own; [Service.Run] deletes old reports while its
// caller runs it.
package feedback

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"lotse/internal/fault"
	"lotse/internal/store"
)

// Limits of a report, in characters.
const (
	MaxText    = 4000
	MaxContact = 200
	maxPage    = 200
)

// Keep is how long a report stays: long enough to answer within the month that
// the accessibility statement promises, and to see what comes up again.
const Keep = 180 * 24 * time.Hour

// Report is one thing somebody told us.
type Report struct {
	ID       string
	At       time.Time
	Page     string // path below the language, without a query
	Language string
	Text     string
	Contact  string // e-mail, telephone, anything; may be empty
}

// Service keeps reports. It is safe for concurrent use.
type Service struct {
	db  *store.DB
	log *slog.Logger
}

// New returns a service on db.
func New(db *store.DB, log *slog.Logger) *Service { return &Service{db, log} }

// Leave stores a report; ID and At are set here. It returns Invalid with the
// fields text (feedback_empty, feedback_long) and contact (contact_long).
func (s *Service) Leave(ctx context.Context, r Report) error {
	r.Text, r.Contact, r.Page = tidy(r.Text), tidy(r.Contact), tidy(r.Page)
	fields := map[string]string{}
	switch n := utf8.RuneCountInString(r.Text); {
	case n == 0:
		fields["text"] = "feedback_empty"
	case n > MaxText:
		fields["text"] = "feedback_long"
	}
	if utf8.RuneCountInString(r.Contact) > MaxContact {
		fields["contact"] = "contact_long"
	}
	if len(fields) > 0 {
		return fault.InvalidInput(fields)
	}
	if r.Page, _, _ = strings.Cut(r.Page, "?"); len(r.Page) > maxPage {
		r.Page = ""
	}
	_, err := s.db.Exec(ctx, `INSERT INTO feedback (id, at, page, language, text, contact) VALUES ($1, $2, $3, $4, $5, $6)`,
		uuid.Must(uuid.NewV7()).String(), s.db.Now(), r.Page, r.Language, r.Text, r.Contact)
	if err != nil {
		return fmt.Errorf("leave feedback: %w", err)
	}
	return nil
}

// tidy makes text storable on both databases: valid UTF-8, no NUL, no space
// around it.
func tidy(s string) string {
	return strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", ""))
}

// List returns up to limit reports, the newest first.
func (s *Service) List(ctx context.Context, limit int) ([]Report, error) {
	rows, err := s.db.Query(ctx,
		`SELECT id, at, page, language, text, contact FROM feedback ORDER BY at DESC, id DESC LIMIT $1`, limit)
	reports, err := store.Collect(rows, err, func(rows *sql.Rows) (r Report, err error) {
		err = rows.Scan(&r.ID, &r.At, &r.Page, &r.Language, &r.Text, &r.Contact)
		return r, err
	})
	if err != nil {
		return nil, fmt.Errorf("list feedback: %w", err)
	}
	return reports, nil
}

// Settle deletes a report that has been dealt with. It returns NotFound
// (not_found) when there is none of that id.
func (s *Service) Settle(ctx context.Context, id string) error {
	result, err := s.db.Exec(ctx, `DELETE FROM feedback WHERE id = $1`, id)
	if err != nil {
		return fmt.Errorf("settle feedback %s: %w", id, err)
	}
	if n, err := result.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return fault.New(fault.NotFound, "not_found")
}

// Forget deletes the reports that are older than Keep.
func (s *Service) Forget(ctx context.Context) error {
	if _, err := s.db.Exec(ctx, `DELETE FROM feedback WHERE at < $1`, s.db.Now().Add(-Keep)); err != nil {
		return fmt.Errorf("forget old feedback: %w", err)
	}
	return nil
}

// Run forgets old reports now and every six hours until ctx ends. A failure is
// logged and tried again. It always returns nil.
func (s *Service) Run(ctx context.Context) error {
	tick := time.NewTicker(6 * time.Hour)
	defer tick.Stop()
	for {
		if err := s.Forget(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("forget old feedback", slog.Any("err", err))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
