package staff

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lotse/internal/fault"
	"lotse/internal/seal"
	"lotse/internal/store"
)

func counsellor(team TeamID) Grant { return Grant{Role: Counsellor, Team: team} }

func TestInviteAndFirstLogin(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		_, invite, err := h.CreateAccount(t.Context(), Operator(), NewAccount{Provider: h.provider, Email: " Kim@Example.ORG ", Name: "Kim",
			Grants: []Grant{counsellor(h.team.ID)}})
		must(t, err)
		info, err := h.Invitation(t.Context(), invite.Token.Reveal())
		must(t, err)
		if info.Email != "kim@example.org" || info.Purpose != PurposeInvite || info.Provider.Name != "Haus Nord" {
			t.Errorf("invitation shows %#v", info)
		}
		p := newPerson(t, "kim@example.org")
		in, err := h.Accept(t.Context(), home, p.acceptance(invite.Token))
		must(t, err)
		want := []Grant{{Role: Counsellor, Provider: h.provider, Team: h.team.ID}}
		if diff := cmp.Diff(want, in.Actor.Grants); diff != "" || in.Actor.KID != p.keys.KID().String() {
			t.Errorf("actor after acceptance: %s", diff)
		}
		_, err = h.Accept(t.Context(), home, p.acceptance(invite.Token))
		wantCode(t, err, "invite_used")

		again, err := h.Login(t.Context(), home, Login{Email: "KIM@example.org", Auth: p.auth})
		must(t, err)
		if again.Actor.ID != in.Actor.ID || again.Token == in.Token {
			t.Errorf("second sign-in: same person %t, same token %t", again.Actor.ID == in.Actor.ID, again.Token == in.Token)
		}
	})
}

func TestInviteTokens(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		account, first, err := h.CreateAccount(t.Context(), Operator(), NewAccount{Provider: h.provider, Email: "a@example.org", Name: "A", Grants: []Grant{counsellor(h.team.ID)}})
		must(t, err)
		second, err := h.Reinvite(t.Context(), Operator(), account.ID)
		must(t, err)
		for token, code := range map[string]string{
			first.Token.Reveal(): "invite_unknown", "": "invite_unknown", "../../x": "invite_unknown", NewToken().Reveal(): "invite_unknown",
		} {
			_, err := h.Invitation(t.Context(), token)
			wantCode(t, err, code)
		}
		h.clock.move(InviteLife)
		_, err = h.Invitation(t.Context(), second.Token.Reveal())
		wantCode(t, err, "invite_expired")
		_, err = h.Accept(t.Context(), home, newPerson(t, "a@example.org").acceptance(second.Token))
		wantCode(t, err, "invite_expired")
	})
}

func TestOneInviteManyAcceptors(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		_, invite, err := h.CreateAccount(t.Context(), Operator(), NewAccount{Provider: h.provider, Email: "a@example.org", Name: "A", Grants: []Grant{counsellor(h.team.ID)}})
		must(t, err)
		const n = 8
		errs := make([]error, n)
		var wg sync.WaitGroup
		for i := range n {
			a := newPerson(t, "a@example.org").acceptance(invite.Token)
			wg.Go(func() { _, errs[i] = h.Accept(t.Context(), home, a) })
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if fault.CodeOf(err) != "invite_used" {
				t.Errorf("loser got %v", err)
			}
		}
		if won != 1 {
			t.Errorf("%d acceptances succeeded, want 1", won)
		}
	})
}

func TestAcceptRefusesMalformedInput(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		_, invite, err := h.CreateAccount(t.Context(), Operator(), NewAccount{Provider: h.provider, Email: "a@example.org", Name: "A", Grants: []Grant{counsellor(h.team.ID)}})
		must(t, err)
		for field, spoil := range map[string]func(*Acceptance){
			"salt":       func(a *Acceptance) { a.Password.Salt = a.Password.Salt[:15] },
			"iterations": func(a *Acceptance) { a.Password.Iterations = 1000 },
			"auth":       func(a *Acceptance) { a.Password.Auth = nil },
			"recovery":   func(a *Acceptance) { a.Recovery = random(31) },
			"language":   func(a *Acceptance) { a.Language = "de\n" },
			"keys":       func(a *Acceptance) { a.Keys.Wraps = a.Keys.Wraps[:1] },
		} {
			a := newPerson(t, "a@example.org").acceptance(invite.Token)
			spoil(&a)
			_, err := h.Accept(t.Context(), home, a)
			f, ok := errors.AsType[*fault.Error](err)
			if !ok || f.Code != "invalid_input" || f.Fields[field] == "" {
				t.Errorf("%s: error %v", field, err)
			}
		}
	})
}

func TestLoginFailuresLookAlike(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.hire("p@example.org", counsellor(h.team.ID))
		gone := h.hire("gone@example.org", counsellor(h.team.ID))
		must(t, h.Disable(t.Context(), Operator(), gone.id))
		_, _, err := h.CreateAccount(t.Context(), Operator(), NewAccount{Provider: h.provider, Email: "new@example.org", Name: "N", Grants: []Grant{counsellor(h.team.ID)}})
		must(t, err)
		for _, l := range []Login{
			{Email: p.email, Auth: random(32)},
			{Email: "nobody@example.org", Auth: p.auth},
			{Email: gone.email, Auth: gone.auth},
			{Email: "new@example.org", Auth: make([]byte, 32)},
		} {
			_, err := h.Login(t.Context(), home, l)
			if !errors.Is(err, fault.New(fault.Unauthenticated, "login_failed")) {
				t.Errorf("%d: %v", len(l.Email), err)
			}
			_, err = h.LoginRecovery(t.Context(), home, l.Email, random(32))
			wantCode(t, err, "login_failed")
		}
	})
}

func TestLoginStartTellsNothing(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.hire("p@example.org", counsellor(h.team.ID))
		real, err := h.LoginStart(t.Context(), p.email)
		must(t, err)
		fake, err := h.LoginStart(t.Context(), "nobody@example.org")
		must(t, err)
		same, err := h.LoginStart(t.Context(), "NOBODY@example.org")
		must(t, err)
		other, err := h.LoginStart(t.Context(), "someone@example.org")
		must(t, err)
		if !bytes.Equal(fake.Salt, same.Salt) || bytes.Equal(fake.Salt, other.Salt) {
			t.Error("the made-up salt is not a function of the address")
		}
		if len(real.Salt) != len(fake.Salt) || real.Iterations != fake.Iterations || real.KDF != fake.KDF {
			t.Error("a made-up answer differs in form")
		}
		_, err = h.LoginStart(t.Context(), "not an address")
		wantCode(t, err, "invalid_input")
	})
}

// The hash is compared also when there is no account, so that the time does not tell either.
func TestUnknownAccountCostsAHash(t *testing.T) {
	h := newHasher(argon{memory: 64, passes: 1})
	for in := range lanes {
		h.places[in] <- struct{}{} // every place taken: whoever wants to hash waits
	}
	done := make(chan error)
	go func() {
		_, err := h.matches(t.Context(), laneFresh, random(32), "")
		done <- err
	}()
	select {
	case err := <-done:
		t.Fatalf("answered without hashing: %v", err)
	default:
	}
	<-h.places[laneFresh]
	must(t, <-done)
}

// An attacker with many addresses guesses at one account while its owner signs in: from a known device at once, and from
// a new network and device as well.
func TestBruteForceLocksNobodyOut(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		owner := h.hire("owner@example.org", counsellor(h.team.ID))
		var wg sync.WaitGroup
		codes := sync.Map{}
		for i := range 40 {
			c := Client{Prefix: netip.MustParsePrefix(fmt.Sprintf("198.51.100.%d/32", i+1))}
			wg.Go(func() {
				for range 7 {
					_, err := h.Login(t.Context(), c, Login{Email: owner.email, Auth: random(32)})
					codes.Store(fault.CodeOf(err), true)
				}
			})
		}
		known := Client{Prefix: netip.MustParsePrefix("198.51.100.1/32"), Device: owner.in.Device} // behind the attacker's own address
		for range 3 {
			_, err := h.Login(t.Context(), known, owner.login(""))
			must(t, err)
		}
		_, err := h.Login(t.Context(), Client{Prefix: netip.MustParsePrefix("203.0.113.9/32")}, owner.login(""))
		must(t, err)
		wg.Wait()
		if _, refused := codes.Load("too_many_attempts"); !refused {
			t.Error("no attempt of the attacker was refused")
		}
		_, err = h.Login(t.Context(), known, owner.login(""))
		must(t, err)
		_, err = h.Login(t.Context(), Client{Prefix: netip.MustParsePrefix("203.0.113.10/32")}, owner.login(""))
		must(t, err)
	})
}

func TestDeviceCookieIsBoundToItsAccount(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a := h.hire("a@example.org", counsellor(h.team.ID))
		b := h.hire("b@example.org", counsellor(h.team.ID))
		if h.deviceOf(a.in.Device, a.id) == "" || h.deviceOf(a.in.Device, b.id) != "" {
			t.Error("a device is known to the wrong account")
		}
		shared := h.rememberDevice(a.in.Device, b.id)
		if h.deviceOf(shared, a.id) == "" || h.deviceOf(shared, b.id) == "" {
			t.Error("a shared browser forgot one of its people")
		}
		for range 20 {
			shared = h.rememberDevice(shared, NewID())
		}
		if n := strings.Count(shared, ".") + 1; n != devicesMax {
			t.Errorf("the cookie holds %d devices, want %d", n, devicesMax)
		}
		if h.deviceOf(strings.Repeat("x", 9999), a.id) != "" || h.deviceOf("a.b.c", ID{}) != "" {
			t.Error("a forged device is known")
		}
	})
}

func TestTOTP(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.hire("p@example.org", counsellor(h.team.ID))
		wantCode(t, h.ConfirmTOTP(t.Context(), h.actor(p), "123456"), "totp_not_begun")
		e, err := h.BeginTOTP(t.Context(), h.actor(p))
		must(t, err)
		secret := decodeBase32(t, e.Secret)
		code := func() string { return totpCode(secret, h.clock.now().Unix()/30) }
		_, err = h.Login(t.Context(), home, p.login(""))
		must(t, err) // an unconfirmed secret asks for nothing
		wantCode(t, h.ConfirmTOTP(t.Context(), h.actor(p), wrongCode(code())), "totp_wrong")
		must(t, h.ConfirmTOTP(t.Context(), h.actor(p), code()))
		_, err = h.BeginTOTP(t.Context(), h.actor(p))
		wantCode(t, err, "totp_enrolled")

		_, err = h.Login(t.Context(), home, p.login(""))
		wantCode(t, err, "totp_required")
		_, err = h.Login(t.Context(), home, p.login(code()))
		wantCode(t, err, "totp_wrong") // spent by the confirmation
		h.clock.move(30 * time.Second)
		once := code()
		_, err = h.Login(t.Context(), home, p.login(once[:3]+" "+once[3:]))
		must(t, err)
		_, err = h.Login(t.Context(), home, p.login(once))
		wantCode(t, err, "totp_wrong")
		must(t, h.DisableTOTP(t.Context(), h.actor(p)))
		_, err = h.Login(t.Context(), home, p.login(""))
		must(t, err)
	})
}

// Who has the password and a browser that has signed in before guesses at the six digits, and between two guesses asks for
// them anew. The owner, on a browser of their own, still gets in, and the audit log shows that something was going on.
func TestAskingForTheCodeDoesNotWashGuessesAway(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.hire("p@example.org", counsellor(h.team.ID))
		e, err := h.BeginTOTP(t.Context(), h.actor(p))
		must(t, err)
		secret := decodeBase32(t, e.Secret)
		code := func() string { return totpCode(secret, h.clock.now().Unix()/30) }
		must(t, h.ConfirmTOTP(t.Context(), h.actor(p), code()))
		own := h.rememberDevice("", p.id)
		thief := Client{Prefix: home.Prefix, Device: p.in.Device}
		guesses := 0
		for range 100 {
			h.clock.move(10 * time.Second)
			_, err := h.Login(t.Context(), thief, p.login(""))
			if fault.CodeOf(err) != limitCode {
				wantCode(t, err, "totp_required")
			}
			_, err = h.Login(t.Context(), thief, p.login(wrongCode(code())))
			if fault.CodeOf(err) != limitCode {
				guesses++
				wantCode(t, err, "totp_wrong")
			}
		}
		if most := codeGuessBurst + int(1000*time.Second/codeGuessEvery); guesses > most {
			t.Errorf("%d guesses in 1000 s, want at most %d", guesses, most)
		}
		_, err = h.Login(t.Context(), Client{Prefix: home.Prefix, Device: own}, p.login(code()))
		must(t, err)
		var n int
		must(t, h.db.QueryRow(t.Context(), `SELECT count(*) FROM audit WHERE action = 'login.failures'`).Scan(&n))
		if n == 0 {
			t.Error("the audit log says nothing")
		}
	})
}

func TestTOTPCodeIsGoodOnceAmongMany(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.hire("p@example.org", counsellor(h.team.ID))
		e, err := h.BeginTOTP(t.Context(), h.actor(p))
		must(t, err)
		secret := decodeBase32(t, e.Secret)
		must(t, h.ConfirmTOTP(t.Context(), h.actor(p), totpCode(secret, h.clock.now().Unix()/30)))
		h.clock.move(time.Minute)
		code := totpCode(secret, h.clock.now().Unix()/30)
		var wg sync.WaitGroup
		won := make(chan bool, 5)
		for range 5 {
			wg.Go(func() {
				_, err := h.Login(t.Context(), Client{Device: p.in.Device}, p.login(code))
				won <- err == nil
			})
		}
		wg.Wait()
		close(won)
		n := 0
		for ok := range won {
			if ok {
				n++
			}
		}
		if n != 1 {
			t.Errorf("one code opened %d sessions", n)
		}
	})
}

func TestRecoveryForcesANewPassword(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.hire("p@example.org", counsellor(h.team.ID), Grant{Role: Admin})
		in, err := h.LoginRecovery(t.Context(), Client{Prefix: home.Prefix, Previous: p.in.Token.Reveal()}, p.email, p.recovery)
		must(t, err)
		if !in.Actor.Limited || len(in.Actor.Grants) != 0 || in.Actor.MayAny(Counsellor) {
			t.Fatalf("recovery sign-in holds rights: %+v", in.Actor.Grants)
		}
		_, err = h.Ticket(t.Context(), in.Actor)
		wantCode(t, err, "forbidden")
		_, err = h.StepUp(t.Context(), home, in.Actor, p.auth, "")
		wantCode(t, err, "forbidden")
		for name, call := range limitedCalls(h, in.Actor, p) {
			if err := call(); fault.KindOf(err) != fault.Forbidden {
				t.Errorf("%s in a limited session: %v", name, err)
			}
		}
		h.clock.move(StepUpFor + time.Minute) // a limited session does not need to be fresh for this

		p.auth = random(32)
		full, err := h.SetPassword(t.Context(), in.Actor, p.password(), seal.KeyWrap{Kind: seal.WrapPassword, CT: random(60)})
		must(t, err)
		if full.Actor.Limited || !full.Actor.May(Counsellor, h.team.ID) || full.Token == in.Token {
			t.Error("the session is still limited, or was not given a new token")
		}
		_, err = h.Login(t.Context(), home, p.login(""))
		must(t, err)
	})
}

// limitedCalls is what a session by recovery code must not do before a new password is set.
func limitedCalls(h *house, a Actor, p *person) map[string]func() error {
	ctx := h.ctx()
	return map[string]func() error{
		"BeginTOTP":   func() error { _, err := h.BeginTOTP(ctx, a); return err },
		"DisableTOTP": func() error { return h.DisableTOTP(ctx, a) },
		"SetRecovery": func() error {
			return h.SetRecovery(ctx, a, p.recovery, seal.KeyWrap{Kind: seal.WrapRecovery, CT: random(60)})
		},
		"ReplaceKeys":         func() error { return h.ReplaceKeys(ctx, a, p.file, p.recovery) },
		"BeginPasskey":        func() error { _, err := h.BeginPasskey(ctx, a); return err },
		"BeginPasskeyStepUp":  func() error { _, err := h.BeginPasskeyStepUp(ctx, a); return err },
		"FinishPasskeyStepUp": func() error { _, err := h.FinishPasskeyStepUp(ctx, a, "", nil); return err },
		"DeletePasskey":       func() error { return h.DeletePasskey(ctx, a, PasskeyID{}) },
		"WrapPasskey":         func() error { return h.WrapPasskey(ctx, a, PasskeyID{}, seal.KeyWrap{}) },
		"OwnTeams":            func() error { _, err := h.OwnTeams(ctx, a); return err },
		"Accounts":            func() error { _, err := h.Accounts(ctx, a, h.provider); return err },
		"Pending":             func() error { _, _, err := h.Pending(ctx, a, h.team.ID); return err },
		"Ticket":              func() error { _, err := h.Ticket(ctx, a); return err },
	}
}

func TestPasswordChangeEndsOtherSessions(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.hire("p@example.org", counsellor(h.team.ID))
		other, err := h.Login(t.Context(), home, p.login(""))
		must(t, err)
		hints, err := h.bus.Subscribe(t.Context(), "session/"+p.id.String())
		must(t, err)
		defer hints.Close()
		wrap := seal.KeyWrap{Kind: seal.WrapPassword, CT: random(60)}
		old := p.auth
		p.auth = random(32)
		in, err := h.SetPassword(t.Context(), h.actor(p), p.password(), wrap)
		must(t, err)
		<-hints.C()
		for _, token := range []Token{other.Token, p.in.Token} {
			_, err = h.Actor(t.Context(), token.Reveal())
			wantCode(t, err, "signed_out")
		}
		_, err = h.Login(t.Context(), home, Login{Email: p.email, Auth: old})
		wantCode(t, err, "login_failed")
		f, err := h.Keys(t.Context(), in.Actor)
		must(t, err)
		if ct, _ := wrapOf(f, seal.WrapPassword); !bytes.Equal(ct, wrap.CT) {
			t.Error("the wrap was not replaced")
		}
	})
}

func TestStepUp(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.hire("p@example.org", Grant{Role: Admin})
		h.clock.move(StepUpFor)
		stale := h.actor(p)
		wantCode(t, h.SetGrants(t.Context(), stale, p.id, []Grant{{Role: Admin}}), "step_up_required")
		_, err := h.StepUp(t.Context(), home, stale, random(32), "")
		wantCode(t, err, "login_failed")
		in, err := h.StepUp(t.Context(), home, stale, p.auth, "")
		must(t, err)
		if in.Token == p.in.Token || in.Actor.Session != stale.Session {
			t.Error("step-up did not rotate the token of the same session")
		}
		_, err = h.Actor(t.Context(), p.in.Token.Reveal())
		wantCode(t, err, "signed_out")
		must(t, h.SetGrants(t.Context(), in.Actor, p.id, []Grant{{Role: Admin}}))
	})
}

// No log line, no row of the audit log and no row of any table holds a token, an address of a client or, but for the
// account itself, an e-mail address.
func TestNothingSecretIsKept(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.hire("secretive@example.org", counsellor(h.team.ID))
		marker := Client{Prefix: netip.MustParsePrefix("203.0.113.77/32")}
		for range 8 {
			_, _ = h.Login(t.Context(), marker, Login{Email: p.email, Auth: random(32)})
		}
		in, err := h.Login(t.Context(), home, p.login(""))
		must(t, err)
		ticket, err := h.Ticket(t.Context(), in.Actor)
		must(t, err)
		for _, secret := range []string{in.Token.Reveal(), ticket, "203.0.113.77", string(p.auth), string(p.recovery)} {
			if strings.Contains(h.logs.String(), secret) || dumped(t, h.db, secret) {
				t.Errorf("a secret of %d bytes was kept", len(secret))
			}
		}
		if strings.Contains(h.logs.String(), "secretive") {
			t.Error("an e-mail address was logged")
		}
	})
}

// dumped reports whether some column of some table of the package holds text.
func dumped(t *testing.T, db *store.DB, text string) bool {
	t.Helper()
	for _, table := range []string{"provider", "team", "team_tag", "account", "account_tag", "account_grant", "account_password", "account_recovery",
		"account_totp", "account_key", "passkey", "invite", "staff_session", "staff_ticket", "ceremony", "team_state", "audit", "audit_head"} {
		rows, err := db.Query(t.Context(), "SELECT * FROM "+table)
		must(t, err)
		columns, err := rows.Columns()
		must(t, err)
		for rows.Next() {
			cells := make([]any, len(columns))
			for i := range cells {
				cells[i] = new(any)
			}
			must(t, rows.Scan(cells...))
			for _, c := range cells {
				v := *c.(*any)
				if b, ok := v.([]byte); ok {
					v = string(b)
				}
				if strings.Contains(fmt.Sprint(v), text) {
					return true
				}
			}
		}
		must(t, rows.Err())
		must(t, rows.Close())
	}
	return false
}
