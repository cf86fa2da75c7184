package staff

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"lotse/internal/bus"
	"lotse/internal/store"
	"lotse/internal/testenv"
)

func TestSessionIdleAndLife(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.hire("p@example.org", counsellor(h.team.ID))
		for range 24 { // used every half hour less a minute, it lives on
			h.clock.move(SessionIdle - time.Minute)
			h.actor(p)
		}
		h.clock.move(SessionLife - 24*(SessionIdle-time.Minute) - time.Second)
		h.actor(p)
		h.clock.move(time.Second)
		_, err := h.Actor(t.Context(), p.in.Token.Reveal())
		wantCode(t, err, "signed_out")

		in, err := h.Login(t.Context(), home, p.login(""))
		must(t, err)
		h.clock.move(SessionIdle)
		_, err = h.Actor(t.Context(), in.Token.Reveal())
		wantCode(t, err, "signed_out")
		_, err = h.Alive(t.Context(), in.Actor.Session)
		wantCode(t, err, "signed_out")
	})
}

func TestAliveKeepsASessionOpen(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.hire("p@example.org", counsellor(h.team.ID))
		for range 5 {
			h.clock.move(SessionIdle - time.Minute)
			_, err := h.Alive(t.Context(), p.in.Actor.Session)
			must(t, err)
		}
		h.actor(p)
		must(t, h.SetGrants(t.Context(), Operator(), p.id, []Grant{counsellor(h.team.ID), counsellor(h.newTeam(h.provider, "Abend").ID)}))
		now, err := h.Alive(t.Context(), p.in.Actor.Session)
		must(t, err)
		if len(now.Grants) != 2 || len(now.Teams) != 2 {
			t.Errorf("the rights of now: %+v", now)
		}
	})
}

func TestSessionsListAndRevoke(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.hire("p@example.org", counsellor(h.team.ID))
		stranger := h.hire("s@example.org", counsellor(h.team.ID))
		h.clock.move(time.Second)
		second, err := h.Login(t.Context(), home, p.login(""))
		must(t, err)
		h.clock.move(time.Second)
		third, err := h.Login(t.Context(), home, p.login(""))
		must(t, err)
		list, err := h.Sessions(t.Context(), third.Actor)
		must(t, err)
		if len(list) != 3 || !list[0].Current || list[0].Method != ByPassword || list[2].Method != ByInvite {
			t.Fatalf("sessions: %+v", list)
		}
		wantCode(t, h.Revoke(t.Context(), stranger.in.Actor, second.Actor.Session), "session_unknown")
		must(t, h.Revoke(t.Context(), third.Actor, second.Actor.Session))
		wantCode(t, h.Revoke(t.Context(), third.Actor, second.Actor.Session), "session_unknown")
		_, err = h.Actor(t.Context(), second.Token.Reveal())
		wantCode(t, err, "signed_out")
		n, err := h.RevokeOthers(t.Context(), third.Actor)
		if must(t, err); n != 1 {
			t.Errorf("%d other sessions ended, want 1", n)
		}
		_, err = h.Actor(t.Context(), third.Token.Reveal())
		must(t, err)
		must(t, h.Logout(t.Context(), third.Actor))
		_, err = h.Actor(t.Context(), third.Token.Reveal())
		wantCode(t, err, "signed_out")
		h.actor(stranger)
	})
}

func TestSignInEndsThePreviousSessionOfTheBrowser(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.hire("p@example.org", counsellor(h.team.ID))
		c := home
		c.Previous = p.in.Token.Reveal()
		in, err := h.Login(t.Context(), c, p.login(""))
		must(t, err)
		_, err = h.Actor(t.Context(), p.in.Token.Reveal())
		wantCode(t, err, "signed_out")
		if in.Token == p.in.Token {
			t.Error("the token was not rotated")
		}
	})
}

func TestDisableEndsEverything(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.hire("p@example.org", counsellor(h.team.ID))
		ticket, err := h.Ticket(t.Context(), p.in.Actor)
		must(t, err)
		hints, err := h.bus.Subscribe(t.Context(), "session/"+p.id.String())
		must(t, err)
		defer hints.Close()
		must(t, h.Disable(t.Context(), Operator(), p.id))
		<-hints.C()
		_, err = h.Actor(t.Context(), p.in.Token.Reveal())
		wantCode(t, err, "signed_out")
		_, err = h.RedeemTicket(t.Context(), ticket)
		wantCode(t, err, "signed_out")
		must(t, h.Enable(t.Context(), Operator(), p.id))
		_, err = h.Actor(t.Context(), p.in.Token.Reveal())
		wantCode(t, err, "signed_out")
		_, err = h.Login(t.Context(), home, p.login(""))
		must(t, err)
	})
}

func TestActorRefusesAnythingButALiveToken(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.hire("p@example.org", counsellor(h.team.ID))
		good := p.in.Token.Reveal()
		for _, token := range []string{"", "x", NewToken().Reveal(), good + "=", good[:42], " " + good, string(sum([]byte(good)))} {
			_, err := h.Actor(t.Context(), token)
			wantCode(t, err, "signed_out")
		}
	})
}

func TestTicketIsGoodOnceOnAnyNode(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.hire("p@example.org", counsellor(h.team.ID))
		other := newService(t, h.db, h.clock, h.logs)
		ticket, err := h.Ticket(t.Context(), p.in.Actor)
		must(t, err)
		var wg sync.WaitGroup
		won := make(chan Actor, 8)
		for i := range 8 {
			node := []*Service{h.Service, other}[i%2]
			wg.Go(func() {
				if a, err := node.RedeemTicket(t.Context(), ticket); err == nil {
					won <- a
				}
			})
		}
		wg.Wait()
		if len(won) != 1 {
			t.Fatalf("one ticket opened %d sockets", len(won))
		}
		if a := <-won; a.ID != p.id || a.Session != p.in.Actor.Session || !a.May(Counsellor, h.team.ID) {
			t.Errorf("the ticket stands for %v", a.ID)
		}
	})
}

func TestTicketExpires(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.hire("p@example.org", counsellor(h.team.ID))
		late, err := h.Ticket(t.Context(), p.in.Actor)
		must(t, err)
		h.clock.move(TicketLife)
		_, err = h.RedeemTicket(t.Context(), late)
		wantCode(t, err, "signed_out")
		gone, err := h.Ticket(t.Context(), p.in.Actor)
		must(t, err)
		must(t, h.Logout(t.Context(), p.in.Actor))
		for _, ticket := range []string{gone, "", "x", NewToken().Reveal()} {
			_, err = h.RedeemTicket(t.Context(), ticket)
			wantCode(t, err, "signed_out")
		}
	})
}

// Run sweeps at once and then on time, and ends with its context.
func TestRunSweeps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := testenv.Migrated(t, testenv.SQLite(t))
		var logs bytes.Buffer
		s, err := New(Options{DB: db, Bus: bus.NewMemory(), Log: slog.New(slog.NewTextHandler(&logs, nil)), Secret: testSecret})
		must(t, err)
		_, err = s.CreateProvider(t.Context(), Operator(), "Haus")
		must(t, err)
		_, err = db.Exec(t.Context(), `INSERT INTO ceremony (hash, purpose, data, expires_at) VALUES ($1, 'login', $1, $2)`, []byte{1}, db.Now().Add(time.Minute))
		must(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.Run(ctx) }()
		time.Sleep(time.Second)
		if count(t, db, "ceremony") != 1 {
			t.Error("a live ceremony was swept")
		}
		time.Sleep(sweepEvery)
		if count(t, db, "ceremony") != 0 {
			t.Error("an expired ceremony was kept")
		}
		time.Sleep(6 * sweepEvery)
		cancel()
		must(t, <-done)
		checkpoint, err := s.Audit().Checkpoint(t.Context())
		must(t, err)
		if n := strings.Count(logs.String(), checkpoint); n != 2 {
			t.Errorf("%d checkpoints logged in 70 minutes, want 2:\n%s", n, &logs)
		}
	})
}

func count(t *testing.T, db *store.DB, table string) (n int) {
	t.Helper()
	must(t, db.QueryRow(t.Context(), "SELECT count(*) FROM "+table).Scan(&n))
	return n
}
