package chat

import (
	"testing"
	"time"

	"lotse/chat/client"
	"lotse/internal/bus"
	"lotse/internal/bus/bustest"
	"lotse/internal/seal"
	"lotse/internal/store"
	"lotse/internal/testenv"
)

// TestNothingIsOfferedBeforeTheFirstWords has somebody whose room came through and
// whose words have not, before somebody who has written.
func TestNothingIsOfferedBeforeTheFirstWords(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db, bustest.Serve(t, bus.NewMemory()))
		team, mira := r.desk("Mira", nil)
		kids := []string{mira.actor.KID}
		early := r.plant(team, kids)
		r.clock.advance(time.Second)
		late := r.plant(team, kids)
		r.say(late)
		r.round()
		r.want(early, Waiting)
		r.want(late, Offered)
		b, err := r.boards.fresh(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		items := b.items(mira.actor)
		if len(items) != 1 || items[0].C != early || !items[0].Writing {
			t.Errorf("the queue shows %+v", items)
		}
		if _, err := r.accept(t.Context(), mira.actor, late); err != nil {
			t.Fatal(err)
		}
		_, err = r.next(t.Context(), mira.actor)
		wantCode(t, err, "nothing_waiting")
		r.say(early)
		r.round()
		r.want(early, Offered)
	})
}

// TestFirstWordsBringTheOffer sends them the way a page does: nothing else makes
// the node look.
func TestFirstWordsBringTheOffer(t *testing.T) {
	r := memoryRig(t).run()
	team := r.w.addTeam(t, nil)
	p := r.w.hire(t, "Mira", team)
	r.shift(p, team)
	desk := r.work(p, r.http)
	s := r.open(debts, Live)
	chair := s.sit(r.http)
	desk.await("somebody writes", func(f client.Frame) bool {
		return f.T == "queue" && len(f.Items) == 1 && f.Items[0].Writing && f.Items[0].SeekerHere
	})
	for end := time.Now().Add(patienceOfTests); r.boards.isDirty(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("there is always something new")
		}
	}
	chair.send(client.Send(s.id.String(), seal.Message{ID: NewID().String(), N: 1, Body: make(seal.Bytes, 284)}))
	if f := desk.frame("offer"); f.C != s.id.String() {
		t.Errorf("offered %+v", f)
	}
}
