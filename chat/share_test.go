package chat

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"lotse/internal/bus"
	"lotse/internal/bus/bustest"
	"lotse/internal/staff"
	"lotse/internal/store"
	"lotse/internal/testenv"
)

// from opens a live chat as somebody in a network.
func (r *rig) from(network string, change ...func(*OpenRequest)) (Opened, error) {
	r.t.Helper()
	_, req := r.request(debts, Live)
	req.Network = netip.MustParsePrefix(network)
	for _, f := range change {
		f(&req)
	}
	r.boards.spoil()
	return r.Open(r.t.Context(), req)
}

// wantState opens a live chat from a network and checks what it has become.
func (r *rig) wantState(network string, want State) Opened {
	r.t.Helper()
	o, err := r.from(network)
	if err != nil || o.State != want {
		r.t.Fatalf("from %s: %q, want %q: %v", network, o.State, want, err)
	}
	return o
}

// busy is a team whose only counsellor has no place left.
func busy(t *testing.T, db *store.DB, queue int) *rig {
	r := newRig(t, db, bustest.Serve(t, bus.NewMemory()))
	team, p := r.desk("Mira", func(x *staff.Team) { x.QueueMax = queue })
	r.w.mu.Lock()
	p.skill.Limit = 1
	r.w.mu.Unlock()
	r.plantActive(team, p)
	return r
}

func TestOneNetworkCannotFillAQueue(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		r := busy(t, db, 8)
		for n := range 4 { // half of the queue, from all over one /24
			r.wantState(fmt.Sprintf("203.0.113.%d/32", n*50), Waiting)
		}
		beyond := r.wantState("203.0.113.250/32", Deferred)
		conv, err := oneConversation(t.Context(), db, `id = $1`, beyond.ID)
		if err != nil || conv.Kind != Message {
			t.Errorf("beyond the share: %+v %v", conv, err)
		}
		wantCode(t, r.requeue(t.Context(), beyond.ID), "network_full")

		_, err = r.from("203.0.113.251/32", func(q *OpenRequest) { q.OnGone = Discard })
		wantCode(t, err, "network_full") // a message would outlive what was asked for

		r.wantState("203.0.114.1/32", Waiting)
		r.wantState("2001:db8::/64", Waiting)
		_, req := r.request(debts, Live) // an address that cannot be read
		if o, err := r.Open(t.Context(), req); err != nil || o.State != Waiting {
			t.Errorf("from nowhere: %q %v", o.State, err)
		}
	})
}

func TestAShareIsFreeAgainWhenItsPeopleLeave(t *testing.T) {
	r := busy(t, testenv.Migrated(t, testenv.SQLite(t)), 4)
	first := r.wantState("2001:db8:0:1::/64", Waiting)
	r.wantState("2001:db8:0:1::/64", Waiting)
	beyond := r.wantState("2001:db8:0:1::/64", Deferred)
	if err := r.seekerAct(t.Context(), first.ID, ActQuit); err != nil {
		t.Fatal(err)
	}
	r.boards.spoil()
	wantCode(t, r.requeue(t.Context(), beyond.ID), "")
	r.wantState("2001:db8:0:1::/64", Deferred)
}

func TestAFreeTeamTakesEverybody(t *testing.T) {
	r := memoryRig(t)
	_, p := r.desk("Mira", func(x *staff.Team) { x.QueueMax = 4 })
	r.w.mu.Lock()
	p.skill.Limit = 3
	r.w.mu.Unlock()
	for range 3 { // each is offered as soon as a dispatcher looks
		r.wantState("203.0.113.1/32", Waiting)
	}
	r.wantState("203.0.113.1/32", Deferred)
}

func TestNetworksAreForgottenEveryDay(t *testing.T) {
	s, now := newShares(50), time.Unix(0, 0)
	home := netip.MustParsePrefix("203.0.113.7/32")
	ids := []ID{NewID(), NewID(), NewID()}
	for _, id := range ids {
		s.note(id, home, now)
	}
	if !s.full(ids[2], ids[:2], 4) {
		t.Error("two of the same network are not its share of a queue of four")
	}
	late := NewID()
	s.note(late, home, now.Add(saltAge))
	if len(s.origins) != 1 || s.full(late, ids, 4) {
		t.Errorf("a day later %d are remembered", len(s.origins))
	}
	s.note(ids[0], netip.Prefix{}, now.Add(saltAge))
	if len(s.origins) != 1 {
		t.Error("an unknown network was noted")
	}
}
