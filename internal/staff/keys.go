package staff

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"

	"lotse/internal/fault"
	"lotse/internal/seal"
	"lotse/internal/store"
)

// checkNewKeys accepts a key file with exactly one wrap by password and one by recovery code.
func checkNewKeys(f seal.KeyFile, bad fields) {
	_, password := wrapOf(f, seal.WrapPassword)
	_, recovery := wrapOf(f, seal.WrapRecovery)
	bad.need(f.Check() == nil && len(f.Wraps) == 2 && password && recovery, "keys", "invalid_keys")
}

func wrapOf(f seal.KeyFile, kind string) (seal.Bytes, bool) {
	for _, w := range f.Wraps {
		if w.Kind == kind {
			return w.CT, true
		}
	}
	return nil, false
}

// Keys returns the actor's own key file with every wrap; NotFound (no_keys).
func (s *Service) Keys(ctx context.Context, actor Actor) (seal.KeyFile, error) {
	var f seal.KeyFile
	err := s.db.View(ctx, func(tx *store.Tx) (err error) {
		f, err = readKeys(ctx, tx, actor.ID)
		return err
	})
	return f, err
}

func readKeys(ctx context.Context, q store.Queryer, id ID) (seal.KeyFile, error) {
	f := seal.KeyFile{V: seal.Version, Suite: seal.Suite}
	var password, recovery []byte
	err := q.QueryRow(ctx, `SELECT kem_pub, sig_pub, kem_priv, sig_priv, wrap_password, wrap_recovery FROM account_key WHERE account = $1`, id).
		Scan(&f.KEMPub, &f.SigPub, &f.KEMPriv, &f.SigPriv, &password, &recovery)
	if errors.Is(err, sql.ErrNoRows) {
		return f, fault.New(fault.NotFound, "no_keys")
	}
	if err != nil {
		return f, fmt.Errorf("read keys of %s: %w", id, err)
	}
	f.KID = seal.KIDOf(f.KEMPub)
	f.Wraps = []seal.KeyWrap{{Kind: seal.WrapPassword, CT: password}, {Kind: seal.WrapRecovery, CT: recovery}}
	rows, err := q.Query(ctx, `SELECT credential_id, wrap FROM passkey WHERE account = $1 ORDER BY created_at, id`, id)
	passkeys, err := store.Collect(rows, err, func(rows *sql.Rows) (w seal.KeyWrap, err error) {
		var credential []byte
		err = rows.Scan(&credential, &w.CT)
		w.Kind, w.ID = seal.WrapPasskey, base64.RawURLEncoding.EncodeToString(credential)
		return w, err
	})
	for _, w := range passkeys {
		if len(w.CT) > 0 {
			f.Wraps = append(f.Wraps, w)
		}
	}
	return f, err
}

// ReplaceKeys stores a new key pair, for example after a device was lost. Passkeys sign in as before but no longer unlock,
// every team chain must admit the person again, and other sessions end. Errors: Forbidden (step_up_required), Invalid.
func (s *Service) ReplaceKeys(ctx context.Context, actor Actor, f seal.KeyFile, recovery Secret) error {
	if err := s.needFresh(actor); err != nil {
		return err
	}
	bad := fields{}
	checkNewKeys(f, bad)
	bad.need(len(recovery) == authSize, "recovery", "invalid_secret")
	if err := bad.err(); err != nil {
		return err
	}
	err := s.own(ctx, actor, "keys.replaced", func(tx *store.Tx) error {
		if err := writeRecovery(ctx, tx, actor.ID, recovery); err != nil {
			return err
		}
		if _, err := endSessions(ctx, tx, actor.ID, actor.Session); err != nil {
			return err
		}
		return s.writeKeys(ctx, tx, actor.ID, f)
	})
	if err == nil {
		s.changed(ctx, actor.ID)
	}
	return err
}

func (s *Service) writeKeys(ctx context.Context, tx *store.Tx, id ID, f seal.KeyFile) error {
	password, _ := wrapOf(f, seal.WrapPassword)
	recovery, _ := wrapOf(f, seal.WrapRecovery)
	_, err := tx.Exec(ctx, `INSERT INTO account_key (account, kid, kem_pub, sig_pub, kem_priv, sig_priv, wrap_password, wrap_recovery, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (account) DO UPDATE SET kid = excluded.kid, kem_pub = excluded.kem_pub,
		sig_pub = excluded.sig_pub, kem_priv = excluded.kem_priv, sig_priv = excluded.sig_priv, wrap_password = excluded.wrap_password,
		wrap_recovery = excluded.wrap_recovery, created_at = excluded.created_at`,
		id, f.KID.String(), []byte(f.KEMPub), []byte(f.SigPub), []byte(f.KEMPriv), []byte(f.SigPriv), []byte(password), []byte(recovery), s.now())
	if err == nil {
		_, err = tx.Exec(ctx, `UPDATE passkey SET wrap = $1 WHERE account = $2`, []byte{}, id)
	}
	if store.IsUnique(err) {
		return fault.InvalidInput(map[string]string{"keys": "invalid_keys"}) // somebody else's public key
	}
	if err != nil {
		return fmt.Errorf("write keys of %s: %w", id, err)
	}
	return nil
}

// updateWrap replaces the wrap by password or recovery code; NotFound (no_keys) for an account without keys.
func updateWrap(ctx context.Context, tx *store.Tx, id ID, w seal.KeyWrap) error {
	column := map[string]string{seal.WrapPassword: "wrap_password", seal.WrapRecovery: "wrap_recovery"}[w.Kind]
	n, err := affected(tx.Exec(ctx, `UPDATE account_key SET `+column+` = $1 WHERE account = $2`, []byte(w.CT), id))
	if err != nil {
		return fmt.Errorf("update wrap of %s: %w", id, err)
	}
	if n == 0 {
		return fault.New(fault.NotFound, "no_keys")
	}
	return nil
}
