package staff

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"log/slog"
	"net/netip"
	"sync"
	"testing"
	"time"

	"lotse/internal/bus"
	"lotse/internal/fault"
	"lotse/internal/seal"
	"lotse/internal/store"
	"lotse/internal/testenv"
)

// testSecret is the server's key of all tests.
var testSecret = bytes.Repeat([]byte{7}, 32)

// clock is a hand-moved clock.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// house is a provider with one team and the people a test puts there.
type house struct {
	*Service
	t        *testing.T
	clock    *clock
	logs     *bytes.Buffer
	provider ProviderID
	team     Team
}

// person is somebody with an accepted account.
type person struct {
	id       ID
	email    string
	auth     Secret
	recovery Secret
	keys     *seal.StaffKeys
	file     seal.KeyFile
	in       SignIn
}

var home = Client{Prefix: netip.MustParsePrefix("192.0.2.1/32")}

func newService(t *testing.T, db *store.DB, c *clock, logs *bytes.Buffer) *Service {
	t.Helper()
	s, err := New(Options{
		DB: db, Bus: bus.NewMemory(), Log: slog.New(slog.NewTextHandler(logs, nil)), Secret: testSecret,
		Origins: []string{"https://beratung.example"}, Now: c.now,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.hasher = newHasher(argon{memory: 64, passes: 1})
	s.wait = func(_ context.Context, d time.Duration) error { // delays are computed, tested in limits_test.go, and not waited for
		if d < 0 || d > delayMax {
			t.Errorf("delay of %v", d)
		}
		return nil
	}
	return s
}

func newHouse(t *testing.T, db *store.DB) *house {
	t.Helper()
	c, logs := &clock{at: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)}, &bytes.Buffer{}
	h := &house{Service: newService(t, db, c, logs), t: t, clock: c, logs: logs}
	h.provider, h.team = h.newProvider("Haus Nord")
	return h
}

func (h *house) newProvider(name string) (ProviderID, Team) {
	h.t.Helper()
	p, err := h.CreateProvider(h.ctx(), Operator(), name)
	must(h.t, err)
	return p.ID, h.newTeam(p.ID, "Team "+name)
}

func (h *house) newTeam(p ProviderID, name string) Team {
	h.t.Helper()
	team, err := h.CreateTeam(h.ctx(), Operator(), Team{Provider: p, Name: name, Reach: Nationwide, Policy: PolicyTeam, QueueMax: 5,
		LastChatBefore: 15 * time.Minute, Topics: []string{"debt", "addiction"}, Languages: []string{"de"}})
	must(h.t, err)
	return team
}

func (h *house) ctx() context.Context { return h.t.Context() }

// hire creates and accepts an account of the house.
func (h *house) hire(email string, grants ...Grant) *person {
	h.t.Helper()
	return h.hireAt(h.provider, email, grants...)
}

func (h *house) hireAt(provider ProviderID, email string, grants ...Grant) *person {
	h.t.Helper()
	_, invite, err := h.CreateAccount(h.ctx(), Operator(), NewAccount{Provider: provider, Email: email, Name: "Kim", Grants: grants})
	must(h.t, err)
	p := newPerson(h.t, email)
	p.in, err = h.Accept(h.ctx(), home, p.acceptance(invite.Token))
	must(h.t, err)
	p.id = p.in.Actor.ID
	return p
}

func newPerson(t *testing.T, email string) *person {
	t.Helper()
	p := &person{email: email, auth: random(32), recovery: random(32)}
	p.newKeys(t)
	return p
}

func (p *person) newKeys(t *testing.T) {
	t.Helper()
	var err error
	p.keys, p.file, err = seal.NewStaffKeys(seal.KEK{Kind: seal.WrapPassword, Key: random(32)}, seal.KEK{Kind: seal.WrapRecovery, Key: random(32)})
	must(t, err)
}

func (p *person) acceptance(token Token) Acceptance {
	return Acceptance{Token: token.Reveal(), Password: p.password(), Recovery: p.recovery, Keys: p.file, Language: "de"}
}

func (p *person) password() Password {
	return Password{Salt: random(16), Iterations: seal.Iterations, Auth: p.auth}
}

func (p *person) login(totp string) Login { return Login{Email: p.email, Auth: p.auth, TOTP: totp} }

// actor reads who the person's session stands for now.
func (h *house) actor(p *person) Actor {
	h.t.Helper()
	a, err := h.Actor(h.ctx(), p.in.Token.Reveal())
	must(h.t, err)
	return a
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantCode fails unless err is a fault with this code.
func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if fault.CodeOf(err) != code {
		t.Fatalf("error %v, want code %q", err, code)
	}
}

// each runs a test in a new house on both engines.
func each(t *testing.T, test func(t *testing.T, h *house)) {
	t.Helper()
	testenv.Each(t, func(t *testing.T, db *store.DB) { test(t, newHouse(t, db)) })
}

func sum(b []byte) []byte {
	h := sha256.Sum256(b)
	return h[:]
}

func asFault(err error) *fault.Error {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return &fault.Error{}
	}
	return f
}
