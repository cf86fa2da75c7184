package staff

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"lotse/internal/fault"
	"lotse/internal/store"
)

const (
	// SessionIdle ends a session that nobody uses.
	SessionIdle = 30 * time.Minute
	// SessionLife ends every session: one shift.
	SessionLife = 12 * time.Hour
	// touchEvery is how exactly the last use is kept; an idle session may end that much early.
	touchEvery = time.Minute
)

// Method is how a session began.
type Method string

// The methods.
const (
	ByPassword Method = "password"
	ByPasskey  Method = "passkey"
	ByRecovery Method = "recovery"
	ByInvite   Method = "invite"
)

// Session is one sign-in as its owner sees it. Nothing about device or place is kept.
type Session struct {
	ID        SessionID `json:"id"`
	Method    Method    `json:"method"`
	CreatedAt time.Time `json:"created_at"`
	SeenAt    time.Time `json:"seen_at"`
	IdleUntil time.Time `json:"idle_until"`
	EndsAt    time.Time `json:"ends_at"`
	Current   bool      `json:"current"`
}

// SignIn is the result of a sign-in or step-up: the token for the cookie and who it stands for.
type SignIn struct {
	Token  Token
	Device string // the device cookie from now on: proof that this browser has signed in before
	Actor  Actor
}

func errSignedOut() error { return fault.New(fault.Unauthenticated, "signed_out") }

func errForbidden() error { return fault.New(fault.Forbidden, "forbidden") }

// begin opens a session for the account and ends the one the browser held before.
func (s *Service) begin(ctx context.Context, tx *store.Tx, account ID, method Method, previous Token) (Token, SessionID, error) {
	now, token, id := s.now(), NewToken(), newSessionID()
	if _, err := tx.Exec(ctx, `DELETE FROM staff_session WHERE hash = $1`, previous.hash()); err != nil {
		return "", id, fmt.Errorf("end previous session: %w", err)
	}
	_, err := tx.Exec(ctx, `INSERT INTO staff_session (id, account, hash, method, limited, created_at, seen_at, ends_at, step_up_at)
		VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $6)`,
		id, account, token.hash(), method, method == ByRecovery, now, now.Add(SessionLife))
	if err != nil {
		return "", id, fmt.Errorf("begin session of %s: %w", account, err)
	}
	return token, id, nil
}

// Actor returns who holds the session token and notes that the session is in use. It returns Unauthenticated
// (signed_out) for a token that is malformed, unknown, expired, revoked or of a disabled account.
func (s *Service) Actor(ctx context.Context, token string) (Actor, error) {
	t, err := ParseToken(token)
	if err != nil {
		return Actor{}, errSignedOut()
	}
	actor, seen, err := s.readActor(ctx, `hash = $1`, t.hash())
	if err != nil {
		return Actor{}, err
	}
	return actor, s.touch(ctx, actor.Session, seen)
}

// Alive notes that the session is in use and returns who holds it, with the rights of now; Unauthenticated when it has
// ended. Sockets call it while the person works in them, because they make no other requests.
func (s *Service) Alive(ctx context.Context, id SessionID) (Actor, error) {
	actor, seen, err := s.readActor(ctx, `id = $1`, id)
	if err != nil {
		return Actor{}, err
	}
	return actor, s.touch(ctx, actor.Session, seen)
}

func (s *Service) touch(ctx context.Context, id SessionID, seen time.Time) error {
	now := s.now()
	if now.Sub(seen) < touchEvery {
		return nil
	}
	_, err := s.db.Exec(ctx, `UPDATE staff_session SET seen_at = $1 WHERE id = $2 AND seen_at < $1`, now, id)
	if err != nil {
		return fmt.Errorf("touch session %s: %w", id, err)
	}
	return nil
}

// readActor reads the person behind a live session; where names it by a column of staff_session as $1.
func (s *Service) readActor(ctx context.Context, where string, arg any) (a Actor, seen time.Time, err error) {
	err = s.db.View(ctx, func(tx *store.Tx) error {
		now := s.now()
		row := tx.QueryRow(ctx, `SELECT s.id, s.seen_at, s.step_up_at, s.limited, a.id, a.provider, a.name, a.language, coalesce(k.kid, '')
			FROM staff_session s JOIN account a ON a.id = s.account LEFT JOIN account_key k ON k.account = a.id
			WHERE s.`+where+` AND s.ends_at > $2 AND s.seen_at > $3 AND a.disabled_at IS NULL`, arg, now, now.Add(-SessionIdle))
		a = Actor{}
		err := row.Scan(&a.Session, &seen, &a.StepUp, &a.Limited, &a.ID, &a.Provider, &a.Name, &a.Language, &a.KID)
		if err != nil || a.Limited {
			return err
		}
		return readRights(ctx, tx, &a)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return Actor{}, seen, errSignedOut()
	}
	if err != nil {
		return Actor{}, seen, fmt.Errorf("read session: %w", err)
	}
	a.StepUp = a.StepUp.UTC()
	return a, seen, nil
}

func readRights(ctx context.Context, q store.Queryer, a *Actor) (err error) {
	if a.Grants, err = readGrants(ctx, q, a.ID); err != nil {
		return err
	}
	rows, err := q.Query(ctx, `SELECT id FROM team WHERE provider = $1 ORDER BY id`, a.Provider)
	a.Teams, err = store.Collect(rows, err, func(rows *sql.Rows) (id TeamID, err error) {
		err = rows.Scan(&id)
		return id, err
	})
	return err
}

// Sessions lists the actor's live sessions, newest first.
func (s *Service) Sessions(ctx context.Context, actor Actor) ([]Session, error) {
	now := s.now()
	rows, err := s.db.Query(ctx, `SELECT id, method, created_at, seen_at, ends_at FROM staff_session
		WHERE account = $1 AND ends_at > $2 AND seen_at > $3 ORDER BY created_at DESC, id DESC`, actor.ID, now, now.Add(-SessionIdle))
	list, err := store.Collect(rows, err, func(rows *sql.Rows) (Session, error) {
		var x Session
		err := rows.Scan(&x.ID, &x.Method, &x.CreatedAt, &x.SeenAt, &x.EndsAt)
		x.CreatedAt, x.SeenAt, x.EndsAt = x.CreatedAt.UTC(), x.SeenAt.UTC(), x.EndsAt.UTC()
		x.IdleUntil, x.Current = x.SeenAt.Add(SessionIdle), x.ID == actor.Session
		return x, err
	})
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return list, nil
}

// Revoke ends one of the actor's own sessions; NotFound (session_unknown) for any other.
func (s *Service) Revoke(ctx context.Context, actor Actor, id SessionID) error {
	err := s.db.Transact(ctx, func(tx *store.Tx) error {
		n, err := affected(tx.Exec(ctx, `DELETE FROM staff_session WHERE id = $1 AND account = $2`, id, actor.ID))
		if err != nil {
			return fmt.Errorf("revoke session %s: %w", id, err)
		}
		if n == 0 {
			return fault.New(fault.NotFound, "session_unknown")
		}
		return s.audit.Append(ctx, tx, s.entry(actor, "session.revoked", id.String(), nil))
	})
	if err == nil {
		s.hint(ctx, "session/"+actor.ID.String(), id.String())
	}
	return err
}

// Logout ends the actor's session.
func (s *Service) Logout(ctx context.Context, actor Actor) error {
	if _, err := s.db.Exec(ctx, `DELETE FROM staff_session WHERE id = $1`, actor.Session); err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	s.hint(ctx, "session/"+actor.ID.String(), actor.Session.String())
	return nil
}

// RevokeOthers ends the actor's other sessions and says how many there were.
func (s *Service) RevokeOthers(ctx context.Context, actor Actor) (n int, err error) {
	err = s.db.Transact(ctx, func(tx *store.Tx) error {
		if n, err = endSessions(ctx, tx, actor.ID, actor.Session); err != nil {
			return err
		}
		return s.audit.Append(ctx, tx, s.entry(actor, "session.revoked_others", actor.ID.String(), nil))
	})
	if err == nil {
		s.hint(ctx, "session/"+actor.ID.String(), "*")
	}
	return n, err
}

// endSessions deletes the sessions of an account but for one (zero: none is spared).
func endSessions(ctx context.Context, tx *store.Tx, account ID, keep SessionID) (int, error) {
	n, err := affected(tx.Exec(ctx, `DELETE FROM staff_session WHERE account = $1 AND id <> $2`, account, keep))
	if err != nil {
		return 0, fmt.Errorf("end sessions of %s: %w", account, err)
	}
	return n, nil
}

// rotate gives a session a new token after a proof of identity. The id stays, so open sockets stay too.
func (s *Service) rotate(ctx context.Context, tx *store.Tx, id SessionID) (Token, error) {
	token := NewToken()
	n, err := affected(tx.Exec(ctx, `UPDATE staff_session SET hash = $1, step_up_at = $2, seen_at = $2, limited = FALSE WHERE id = $3`,
		token.hash(), s.now(), id))
	if err != nil {
		return "", fmt.Errorf("rotate session %s: %w", id, err)
	}
	if n == 0 {
		return "", errSignedOut()
	}
	return token, nil
}

// entry is an audit entry of the actor's provider.
func (s *Service) entry(actor Actor, action, object string, meta map[string]string) Entry {
	return Entry{Actor: actor.Ref(), Provider: actor.Provider, Action: action, Object: object, Meta: meta}
}

func affected(res sql.Result, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	return int(n), err
}

// needFresh returns Forbidden (step_up_required) when the last proof of identity is too old for a sensitive action.
func (s *Service) needFresh(actor Actor) error {
	if !actor.Fresh(s.now()) {
		return fault.New(fault.Forbidden, "step_up_required")
	}
	return nil
}
