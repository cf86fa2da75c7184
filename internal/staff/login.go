package staff

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"
	"strconv"

	"lotse/internal/fault"
	"lotse/internal/store"
)

// Login is an attempt to sign in with a password.
type Login struct {
	Email string
	Auth  Secret // what the browser derived from the password, 32 bytes
	TOTP  string // six digits, or "" when none were asked for yet
}

func errLogin() error { return fault.New(fault.Unauthenticated, "login_failed") }

// Login signs a person in. It returns Invalid for malformed input, Unauthenticated with login_failed (wrong address or
// password, no account, disabled: not told apart), totp_required or totp_wrong, TooMany (too_many_attempts) with the time
// to wait, and Unavailable (busy).
func (s *Service) Login(ctx context.Context, c Client, l Login) (SignIn, error) {
	email, code, err := l.parse()
	if err != nil {
		return SignIn{}, err
	}
	cred, err := s.credential(ctx, `email = $1`, email.Reveal())
	if err != nil {
		return SignIn{}, err
	}
	g := s.guess(c, email.Reveal(), cred)
	step, err := s.prove(ctx, g, l.Auth, code)
	if err != nil {
		return SignIn{}, err
	}
	return s.enter(ctx, c, ByPassword, func(tx *store.Tx) (ID, error) {
		return cred.account, useStep(ctx, tx, cred.account, step)
	})
}

func (l Login) parse() (email Email, code string, err error) {
	bad := fields{}
	email, err = ParseEmail(l.Email)
	bad.need(err == nil, "email", "invalid_email")
	code = parseProof(l.Auth, l.TOTP, bad)
	return email, code, bad.err()
}

// parseProof checks the form of the two secrets and returns the six digits, "" without any.
func parseProof(auth Secret, totp string, bad fields) (code string) {
	bad.need(len(auth) == authSize, "auth", "invalid_secret")
	if totp == "" {
		return ""
	}
	code, err := parseTOTP(totp)
	bad.need(err == nil, "totp", "invalid_totp")
	return code
}

// LoginRecovery signs a person in with the auth part of the recovery code, which stands for password and TOTP. The
// session is limited until a new password is set. Errors as for Login.
func (s *Service) LoginRecovery(ctx context.Context, c Client, address string, auth Secret) (SignIn, error) {
	email, _, err := Login{Email: address, Auth: auth}.parse()
	if err != nil {
		return SignIn{}, err
	}
	cred, err := s.credential(ctx, `email = $1`, email.Reveal())
	if err != nil {
		return SignIn{}, err
	}
	g := s.guess(c, email.Reveal(), cred)
	a, err := s.admit(ctx, g)
	if err != nil {
		return SignIn{}, err
	}
	sum := sha256.Sum256(auth)
	if subtle.ConstantTimeCompare(sum[:], cred.recovery) != 1 {
		s.guessedWrong(ctx, g, a)
		return SignIn{}, errLogin()
	}
	s.limits.passed(a)
	return s.enter(ctx, c, ByRecovery, func(*store.Tx) (ID, error) { return cred.account, nil })
}

// StepUp proves the actor's identity again by password and gives the session a new token. Errors as for Login; a limited
// session is Forbidden.
func (s *Service) StepUp(ctx context.Context, c Client, actor Actor, auth Secret, totp string) (SignIn, error) {
	if actor.Limited {
		return SignIn{}, errForbidden()
	}
	bad := fields{}
	code := parseProof(auth, totp, bad)
	if err := bad.err(); err != nil {
		return SignIn{}, err
	}
	cred, err := s.credential(ctx, `id = $1`, actor.ID)
	if err != nil {
		return SignIn{}, err
	}
	c.Device = actor.Session.String() // a live session is as good as a known device
	step, err := s.prove(ctx, guess{client: c, account: actor.ID.String(), known: true, cred: cred}, auth, code)
	if err != nil {
		return SignIn{}, err
	}
	return s.renewed(ctx, actor, "session.step_up", func(tx *store.Tx) error { return useStep(ctx, tx, actor.ID, step) })
}

// guess is an attempt at the secrets of one account.
type guess struct {
	client  Client
	account string // what the limits count by: exists also when there is no account
	known   bool
	cred    credential
}

func (s *Service) guess(c Client, account string, cred credential) guess {
	g := guess{client: c, account: account, cred: cred}
	if token := s.deviceOf(c.Device, cred.account); token != "" {
		g.known, g.client.Device = true, token
	}
	return g
}

// admit passes the limits and waits out the delay.
func (s *Service) admit(ctx context.Context, g guess) (attempt, error) {
	a, err := s.limits.admit(g.client, g.account, g.known)
	if err != nil || a.delay == 0 {
		return a, err
	}
	return a, s.wait(ctx, a.delay)
}

// prove checks password and, when enrolled, TOTP. It returns the time step of the code, 0 without one.
func (s *Service) prove(ctx context.Context, g guess, auth Secret, code string) (step int64, err error) {
	a, err := s.admit(ctx, g)
	if err != nil {
		return 0, err
	}
	ok, err := s.hasher.matches(ctx, a.lane, auth, g.cred.hash)
	if err != nil {
		return 0, err
	}
	if !ok {
		s.guessedWrong(ctx, g, a)
		return 0, errLogin()
	}
	if step, err = s.proveTOTP(g, a, code); err != nil {
		if fault.CodeOf(err) == "totp_wrong" {
			s.guessedWrong(ctx, g, a)
		}
		return 0, err
	}
	s.limits.passed(a)
	return step, nil
}

func (s *Service) proveTOTP(g guess, a attempt, code string) (int64, error) {
	if g.cred.totp.secret == nil {
		return 0, nil
	}
	if code == "" {
		s.limits.halfPassed(a) // the second request brings the password again
		return 0, fault.New(fault.Unauthenticated, "totp_required")
	}
	if err := s.limits.admitCode(a); err != nil {
		return 0, err
	}
	secret, err := s.openTOTP(g.cred.account, g.cred.totp.secret)
	if err != nil {
		return 0, err
	}
	step, ok := totpMatch(secret, code, s.now(), g.cred.totp.last)
	if !ok {
		return 0, errTOTP()
	}
	return step, nil
}

func errTOTP() error { return fault.New(fault.Unauthenticated, "totp_wrong") }

// guessedWrong counts a wrong guess and, at 5, 10, 20, 40 … of one account, writes it to the audit log.
func (s *Service) guessedWrong(ctx context.Context, g guess, a attempt) {
	n := s.limits.failed(a)
	if g.cred.account.IsZero() || n%5 != 0 || !powerOfTwo(n/5) {
		return
	}
	err := s.db.Transact(ctx, func(tx *store.Tx) error {
		return s.audit.Append(ctx, tx, Entry{Actor: "system", Provider: g.cred.provider, Action: "login.failures",
			Object: g.cred.account.String(), Meta: map[string]string{"count": strconv.Itoa(n)}})
	})
	if err != nil {
		s.log.Error("audit of failed sign-ins", slog.Any("err", err))
	}
}

func powerOfTwo(n int) bool { return n > 0 && n&(n-1) == 0 }

// enter runs check within the transaction that opens the session, and returns what the browser needs.
func (s *Service) enter(ctx context.Context, c Client, method Method, check func(*store.Tx) (ID, error)) (in SignIn, err error) {
	var account ID
	var session SessionID
	previous, _ := ParseToken(c.Previous) // anything else than a token ends no session
	err = s.db.Transact(ctx, func(tx *store.Tx) error {
		if account, err = check(tx); err != nil {
			return err
		}
		if in.Token, session, err = s.begin(ctx, tx, account, method, previous); err != nil {
			return err
		}
		return s.auditSignIn(ctx, tx, account, method)
	})
	if err != nil {
		return SignIn{}, err
	}
	if in.Actor, _, err = s.readActor(ctx, `id = $1`, session); err != nil {
		return SignIn{}, err
	}
	in.Device = s.rememberDevice(c.Device, account)
	return in, nil
}

func (s *Service) auditSignIn(ctx context.Context, tx *store.Tx, account ID, method Method) error {
	var provider ProviderID
	if err := tx.QueryRow(ctx, `SELECT provider FROM account WHERE id = $1`, account).Scan(&provider); err != nil {
		return err
	}
	return s.audit.Append(ctx, tx, Entry{Actor: account.String(), Provider: provider, Action: "session.begun",
		Object: account.String(), Meta: map[string]string{"method": string(method)}})
}
