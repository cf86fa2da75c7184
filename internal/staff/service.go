package staff

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"lotse/internal/bus"
	"lotse/internal/store"
)

// Options is what a Service needs.
type Options struct {
	DB  *store.DB
	Bus bus.Bus
	Log *slog.Logger
	// Secret is the server's key, at least 32 random bytes kept outside the database and the same on all nodes. It
	// seals TOTP secrets and keys the audit log; a database without it can neither be read there nor forged.
	Secret Secret
	// Origins are the addresses the staff pages are reached at, such as https://beratung.example. The host of the first
	// one that is a name becomes the WebAuthn RP ID; without one there are no passkeys.
	Origins []string
	// Retention is what a provider has that has set none; zero means DefaultRetention.
	Retention Retention
	// Now is the clock; nil means the clock of the database handle.
	Now func() time.Time
}

// Service keeps accounts, teams, sign-ins and the audit log. It is safe for concurrent use.
type Service struct {
	db        *store.DB
	bus       bus.Bus
	log       *slog.Logger
	clock     func() time.Time
	audit     *Audit
	limits    *limits
	hasher    *hasher
	keys      derived
	webauthn  *webauthn.WebAuthn // nil when no origin has a name
	retention Retention
	wait      func(context.Context, time.Duration) error
}

// derived are the keys made from the server's secret, one per purpose.
type derived struct{ salt, totp, device, audit []byte }

// New builds a Service. It reports a short secret or a malformed origin and starts nothing.
func New(o Options) (*Service, error) {
	if o.DB == nil || o.Bus == nil || o.Log == nil {
		return nil, errors.New("staff: database, bus and log are needed")
	}
	keys, err := deriveKeys(o.Secret)
	if err != nil {
		return nil, err
	}
	wa, err := newWebAuthn(o.Origins)
	if err != nil {
		return nil, fmt.Errorf("staff: passkeys: %w", err)
	}
	if o.Now == nil {
		o.Now = o.DB.Now
	}
	if o.Retention == (Retention{}) {
		o.Retention = DefaultRetention()
	}
	return &Service{
		db: o.DB, bus: o.Bus, log: o.Log, clock: o.Now, keys: keys, webauthn: wa, retention: o.Retention,
		audit:  &Audit{db: o.DB, key: keys.audit, now: o.Now},
		limits: newLimits(o.Now),
		hasher: newHasher(argonDefault),
		wait:   waitFor,
	}, nil
}

func deriveKeys(secret []byte) (derived, error) {
	if len(secret) < 32 {
		return derived{}, errors.New("staff: the server's secret has less than 32 bytes")
	}
	one := func(purpose string) []byte {
		key, err := hkdf.Key(sha256.New, secret, nil, "lotse staff "+purpose, 32)
		if err != nil {
			panic(err) // 32 bytes are always within HKDF's limit
		}
		return key
	}
	return derived{salt: one("salt"), totp: one("totp"), device: one("device"), audit: one("audit")}, nil
}

// Audit returns the audit log.
func (s *Service) Audit() *Audit { return s.audit }

func (s *Service) now() time.Time { return s.clock().UTC().Truncate(time.Millisecond) }

// waitFor returns after d, or with the error of a context that ends before.
func waitFor(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// hint publishes after a commit. A lost hint does no harm, so it is logged and not returned.
func (s *Service) hint(ctx context.Context, topic, payload string) {
	if err := s.bus.Publish(context.WithoutCancel(ctx), topic, []byte(payload)); err != nil {
		s.log.Warn("hint lost", slog.String("topic", topic), slog.Any("err", err))
	}
}

const (
	sweepEvery = 10 * time.Minute
	auditKept  = 365 * 24 * time.Hour
)

// Run sweeps what has expired and logs an audit checkpoint every hour until ctx ends. It returns nil then.
func (s *Service) Run(ctx context.Context) error {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for round := 0; ; round++ {
		if err := s.upkeep(ctx, round%6 == 0); err != nil && ctx.Err() == nil {
			s.log.Error("staff upkeep", slog.Any("err", err))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (s *Service) upkeep(ctx context.Context, hourly bool) error {
	err := s.sweep(ctx)
	if !hourly {
		return err
	}
	checkpoint, cerr := s.audit.Checkpoint(ctx)
	if cerr == nil {
		s.log.Info("audit checkpoint", slog.String("checkpoint", checkpoint))
	}
	return errors.Join(err, cerr, s.audit.Prune(ctx, s.now().Add(-auditKept)))
}

// sweep deletes rows that can never be used again.
func (s *Service) sweep(ctx context.Context) error {
	now := s.now()
	return s.db.Transact(ctx, func(tx *store.Tx) error {
		for _, q := range []struct {
			sql  string
			args []any
		}{
			{`DELETE FROM staff_session WHERE ends_at <= $1 OR seen_at <= $2`, []any{now, now.Add(-SessionIdle)}},
			{`DELETE FROM staff_ticket WHERE expires_at <= $1`, []any{now}},
			{`DELETE FROM ceremony WHERE expires_at <= $1`, []any{now}},
			{`DELETE FROM invite WHERE expires_at <= $1`, []any{now.Add(-inviteKept)}},
		} {
			if _, err := tx.Exec(ctx, q.sql, q.args...); err != nil {
				return fmt.Errorf("sweep: %w", err)
			}
		}
		return nil
	})
}
