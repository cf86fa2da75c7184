package chat

import (
	"testing"
	"time"

	"lotse/chat/client"
	"lotse/internal/seal"
	"lotse/internal/staff"
)

func TestDeskShowsOwnTeamsAndNobodyElses(t *testing.T) {
	r := memoryRig(t)
	team, mira := r.desk("Mira", func(x *staff.Team) { x.Name = "Schulden" })
	ada := r.join("Ada", team)
	other, _ := r.desk("Eva", func(x *staff.Team) { x.Name = "Sucht"; x.Reach = staff.Catchment })
	kids := []string{mira.actor.KID, ada.actor.KID}
	active := r.plantActive(team, mira)
	waits, left := r.plant(team, kids), r.plant(team, kids, func(c *Conversation) { c.Kind = Message })
	r.plant(team, kids, func(c *Conversation) { c.Kind = Message }) // says nothing
	r.plant(other, nil)
	r.say(left)
	d, err := r.Desk(t.Context(), mira.actor)
	if err != nil {
		t.Fatal(err)
	}
	if d.Me.KID != mira.actor.KID || d.Status.State != deskReady || len(d.Duties) != 1 {
		t.Errorf("me %+v, status %+v, %d duties", d.Me, d.Status, len(d.Duties))
	}
	if len(d.Conversations) != 1 || d.Conversations[0].C != active {
		t.Errorf("conversations %+v", d.Conversations)
	}
	if len(d.Queue) != 2 || d.Queue[0].C != waits || d.Queue[1].C != left || d.Queue[1].Kind != Message {
		t.Errorf("queue %+v", d.Queue)
	}
	if len(d.Teams) != 1 || len(d.Teams[0].Colleagues) != 1 || d.Teams[0].Colleagues[0].Name != "Ada" {
		t.Errorf("teams %+v", d.Teams)
	}
	_, err = r.Desk(t.Context(), staff.Actor{ID: staff.NewID()})
	wantCode(t, err, "forbidden")
}

func TestStaffSeesCiphertextOnlyWhereItMatters(t *testing.T) {
	r := memoryRig(t)
	team, mira := r.desk("Mira", nil)
	ada := r.join("Ada", team)
	_, eva := r.desk("Eva", nil)
	id := r.plant(team, []string{mira.actor.KID})
	look := func(p *person) error {
		_, err := r.StaffSeat(t.Context(), p.actor, id)
		return err
	}
	wantCode(t, look(mira), "")
	wantCode(t, look(ada), "not_found") // of the team, but no key
	wantCode(t, look(eva), "not_found") // of another team
	if _, err := r.accept(t.Context(), mira.actor, id); err != nil {
		t.Fatal(err)
	}
	wantCode(t, look(mira), "")
	wantCode(t, r.seekerAct(t.Context(), id, ActClose), "")
	wantCode(t, look(mira), "") // to finish notes
	wantCode(t, look(ada), "not_found")
	if _, err := r.Delete(t.Context(), Seat{Conversation: id, Who: Seeker}); err != nil {
		t.Fatal(err)
	}
	wantCode(t, look(mira), "not_found")
	demoted := mira.actor
	demoted.Grants = nil
	if _, err := r.StaffSeat(t.Context(), demoted, r.plantActive(team, mira)); err == nil {
		t.Error("looked without the role")
	}
}

// TestPushesWithoutAsking watches what the server says by itself: queue, offer,
// position, roster.
func TestPushesWithoutAsking(t *testing.T) {
	r := memoryRig(t).run()
	team := r.w.addTeam(t, nil)
	p := r.w.hire(t, "Mira", team)
	p.skill.Limit = 1
	r.shift(p, team)
	desk := r.work(p, r.http)
	first := r.open(debts, Live)
	r.say(first.id)
	chair := first.sit(r.http)
	desk.frame("offer")
	desk.send(client.Frame{T: "accept", C: first.id.String()})
	chair.wantState(Active)

	second, third := r.open(debts, Live), r.open(debts, Live)
	chair2, chair3 := second.sit(r.http), third.sit(r.http)
	place := func(want int) func(client.Frame) bool {
		return func(f client.Frame) bool {
			return f.T == "queue" && f.Position == want && f.LowS >= 60 && f.HighS > f.LowS
		}
	}
	chair2.await("place 1", place(1))
	chair3.await("place 2", place(2))
	desk.await("two waiting", func(f client.Frame) bool { return f.T == "queue" && len(f.Items) == 2 && f.Items[1].Position == 2 })
	yes := true
	chair3.send(client.Frame{T: "status", C: third.id.String(), Urgent: &yes})
	chair3.await("place 1", place(1))
	chair2.await("place 2", place(2))
	desk.await("urgent first", func(f client.Frame) bool { return f.T == "queue" && len(f.Items) == 2 && f.Items[0].Urgent })

	r.w.hire(t, "Ada", team)
	if err := r.bus.Publish(t.Context(), topicTeam+team.ID.String(), []byte("chain")); err != nil {
		t.Fatal(err)
	}
	f := chair.frame("roster")
	if len(f.Readers) != 2 || f.Team != team.ID.String() || f.StateHash == nil {
		t.Errorf("roster %+v", f)
	}
	if _, err := r.AddEpoch(t.Context(), Seat{Conversation: first.id, Who: Seeker}, first.next(r.clock.now(), true)); err != nil {
		t.Fatal(err)
	}
	chair.await("epoch 1", func(f client.Frame) bool { return f.T == "state" && f.Epoch != nil && *f.Epoch == 1 })
	desk.await("epoch 1", func(f client.Frame) bool { return f.T == "state" && f.Epoch != nil && *f.Epoch == 1 })
	chair.send(client.Send(first.id.String(), seal.Message{ID: NewID().String(), N: 2, Body: make(seal.Bytes, 284)}))
	chair.refused("epoch_stale")
	chair2.send(client.Frame{T: "release", C: second.id.String(), As: "message"})
	if f := chair2.wantState(Deferred); f.Kind != "message" {
		t.Errorf("deferred as %q", f.Kind)
	}
	chair2.send(client.Send(second.id.String(), seal.Message{ID: NewID().String(), N: 1, Body: make(seal.Bytes, 284)})) // now it says something
	chair3.send(client.Frame{T: "release", C: third.id.String()})
	chair3.wantState(Closed)
	desk.await("a message waits", func(f client.Frame) bool {
		return f.T == "queue" && len(f.Items) == 1 && f.Items[0].Kind == "message"
	})
	desk.send(client.Frame{T: "accept", C: second.id.String()})
	desk.await("took the message", func(f client.Frame) bool { return f.T == "state" && f.C == second.id.String() && f.State == "active" })
}

// TestNoPlaceIsPromisedWhileNobodyIsThere has the only counsellor go and come back
// while somebody waits.
func TestNoPlaceIsPromisedWhileNobodyIsThere(t *testing.T) {
	r := memoryRig(t).run()
	team, mira := r.desk("Mira", nil)
	for range 2 { // all her places
		r.plantActive(team, mira)
	}
	s := r.open(debts, Live)
	chair := s.sit(r.http)
	first := chair.frame("queue")
	look := func() {
		t.Helper()
		r.boards.spoil()
		b, err := r.boards.fresh(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range r.hub.room(s.id) {
			if err := r.fanSeeker(t.Context(), b, c); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := r.bus.Leave(t.Context(), setDesk, mira.actor.ID.String()); err != nil {
		t.Fatal(err)
	}
	look()
	if none := chair.frame("queue"); none.Position != 0 || none.LowS != 0 || none.HighS != 0 {
		t.Errorf("told %d, %d to %d s while nobody is there", none.Position, none.LowS, none.HighS)
	}
	r.ready(mira)
	look()
	again := chair.frame("queue")
	if again.Position != 1 || again.LowS != first.LowS || again.HighS != first.HighS {
		t.Errorf("told %d, %d to %d s, want what was told before: %d, %d to %d s", again.Position, again.LowS, again.HighS, first.Position, first.LowS, first.HighS)
	}
}

func TestTypingIsThrottledAndEnds(t *testing.T) {
	r := memoryRig(t).run()
	desk, s, chair := r.accepted()
	chair.wantState(Active)
	desk.wantState(Active)
	c, on, off := s.id.String(), true, false
	for range 5 {
		chair.send(client.Frame{T: "typing", C: c, On: &on})
	}
	chair.send(client.Frame{T: "typing", C: c, On: &off})
	n := 0
	desk.await("typing ends", func(f client.Frame) bool {
		if f.T == "typing" {
			n++
		}
		return f.T == "typing" && f.On != nil && !*f.On
	})
	if n != 2 {
		t.Errorf("%d typing frames for five on and one off", n)
	}
}

func TestServiceTimeMovesTheEstimate(t *testing.T) {
	r := memoryRig(t)
	team, mira := r.desk("Mira", nil)
	for range 3 {
		id := r.plantActive(team, mira)
		r.clock.advance(10 * time.Minute)
		wantCode(t, r.act(t.Context(), mira.actor, id, ActClose), "")
	}
	r.boards.spoil()
	b, err := r.boards.fresh(t.Context())
	if err != nil || b.mean[team.ID] != 10*time.Minute {
		t.Errorf("mean %v: %v", b.mean[team.ID], err)
	}
	if d := b.desks[team.ID][0]; !d.Idle.Equal(r.clock.now()) {
		t.Errorf("idle since %v", d.Idle)
	}
}
