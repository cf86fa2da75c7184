package staff

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"

	"lotse/internal/fault"
	"lotse/internal/store"
)

// Enrolment is a new TOTP secret, shown once.
type Enrolment struct {
	Secret string `json:"secret"` // base32
	URI    string `json:"uri"`    // otpauth://, for a QR code drawn by the browser
}

// BeginTOTP makes a secret that counts only after ConfirmTOTP. Errors: Forbidden (step_up_required), Conflict
// (totp_enrolled).
func (s *Service) BeginTOTP(ctx context.Context, actor Actor) (e Enrolment, err error) {
	if err := s.needFresh(actor); err != nil {
		return Enrolment{}, err
	}
	secret := make([]byte, 20)
	_, _ = rand.Read(secret) // never fails
	var email Email
	err = s.own(ctx, actor, "totp.begun", func(tx *store.Tx) error {
		if err := tx.QueryRow(ctx, `SELECT email FROM account WHERE id = $1`, actor.ID).Scan(&email); err != nil {
			return fmt.Errorf("begin totp of %s: %w", actor.ID, err)
		}
		n, err := affected(tx.Exec(ctx, `INSERT INTO account_totp (account, secret, last_step) VALUES ($1, $2, 0)
			ON CONFLICT (account) DO UPDATE SET secret = excluded.secret, last_step = 0 WHERE account_totp.confirmed_at IS NULL`,
			actor.ID, s.sealTOTP(actor.ID, secret)))
		if err != nil {
			return fmt.Errorf("begin totp of %s: %w", actor.ID, err)
		}
		if n == 0 {
			return fault.New(fault.Conflict, "totp_enrolled")
		}
		return nil
	})
	if err != nil {
		return Enrolment{}, err
	}
	return Enrolment{Secret: base32Secret(secret), URI: totpURI(secret, email)}, nil
}

// ConfirmTOTP turns TOTP on after a first right code. Errors: Forbidden (step_up_required), Invalid (totp_wrong),
// NotFound (totp_not_begun), Conflict (totp_enrolled).
func (s *Service) ConfirmTOTP(ctx context.Context, actor Actor, digits string) error {
	if err := s.needFresh(actor); err != nil {
		return err
	}
	code, err := parseTOTP(digits)
	if err != nil {
		return fault.InvalidInput(map[string]string{"code": "invalid_totp"})
	}
	return s.own(ctx, actor, "totp.enrolled", func(tx *store.Tx) error {
		var box []byte
		var confirmed bool
		err := tx.QueryRow(ctx, `SELECT secret, confirmed_at IS NOT NULL FROM account_totp WHERE account = $1`, actor.ID).Scan(&box, &confirmed)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.NotFound, "totp_not_begun")
		}
		if err != nil {
			return fmt.Errorf("confirm totp of %s: %w", actor.ID, err)
		}
		if confirmed {
			return fault.New(fault.Conflict, "totp_enrolled")
		}
		return s.confirm(ctx, tx, actor.ID, box, code)
	})
}

func (s *Service) confirm(ctx context.Context, tx *store.Tx, id ID, box []byte, code string) error {
	secret, err := s.openTOTP(id, box)
	if err != nil {
		return err
	}
	step, ok := totpMatch(secret, code, s.now(), 0)
	if !ok {
		return fault.New(fault.Invalid, "totp_wrong")
	}
	_, err = tx.Exec(ctx, `UPDATE account_totp SET confirmed_at = $1, last_step = $2 WHERE account = $3`, s.now(), step, id)
	if err != nil {
		return fmt.Errorf("confirm totp of %s: %w", id, err)
	}
	return nil
}

// DisableTOTP turns TOTP off. Errors: Forbidden (step_up_required), NotFound (totp_not_begun).
func (s *Service) DisableTOTP(ctx context.Context, actor Actor) error {
	if err := s.needFresh(actor); err != nil {
		return err
	}
	return s.own(ctx, actor, "totp.disabled", func(tx *store.Tx) error {
		n, err := affected(tx.Exec(ctx, `DELETE FROM account_totp WHERE account = $1`, actor.ID))
		if err != nil {
			return fmt.Errorf("disable totp of %s: %w", actor.ID, err)
		}
		if n == 0 {
			return fault.New(fault.NotFound, "totp_not_begun")
		}
		return nil
	})
}

// useStep spends the time step of a code; a second use of it, on any node, is Unauthenticated (totp_wrong).
func useStep(ctx context.Context, tx *store.Tx, id ID, step int64) error {
	if step == 0 {
		return nil
	}
	n, err := affected(tx.Exec(ctx, `UPDATE account_totp SET last_step = $1 WHERE account = $2 AND last_step < $1`, step, id))
	if err != nil {
		return fmt.Errorf("use totp step of %s: %w", id, err)
	}
	if n == 0 {
		return errTOTP()
	}
	return nil
}
