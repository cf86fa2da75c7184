package chat

import (
	"encoding/json"
	"testing"
	"time"

	"lotse/chat/client"
	"lotse/internal/roster"
	"lotse/internal/seal"
	"lotse/internal/staff"
)

func TestOfferGoesRoundUntilSomebodyTakesIt(t *testing.T) {
	r := memoryRig(t)
	team, mira := r.desk("Mira", nil)
	ada := r.join("Ada", team)
	id := r.plant(team, []string{mira.actor.KID, ada.actor.KID})
	r.say(id)
	r.round()
	c := r.want(id, Offered)
	first, second := mira, ada
	if c.Counsellor == ada.actor.ID {
		first, second = ada, mira
	}
	if !c.OfferUntil.Equal(r.clock.now().Add(30 * time.Second)) {
		t.Errorf("deadline %v", c.OfferUntil.Sub(r.clock.now()))
	}
	_, err := r.accept(t.Context(), second.actor, id)
	wantCode(t, err, "taken")
	wantCode(t, r.act(t.Context(), second.actor, id, ActDecline), "taken")

	r.clock.advance(29 * time.Second)
	r.round()
	if c := r.want(id, Offered); c.Counsellor != first.actor.ID {
		t.Error("moved before the deadline")
	}
	r.clock.advance(time.Second)
	r.round()
	if c := r.want(id, Offered); c.Counsellor != second.actor.ID {
		t.Error("after the deadline it is not the next one's turn")
	}
	if err := r.act(t.Context(), second.actor, id, ActDecline); err != nil {
		t.Fatal(err)
	}
	r.round()
	r.want(id, Waiting) // both have let it pass
	if _, err := r.next(t.Context(), second.actor); err != nil {
		t.Errorf("pulling what one has declined: %v", err)
	}
	r.want(id, Active)
	if err := r.act(t.Context(), second.actor, id, ActHandBack); err != nil {
		t.Fatal(err)
	}
	r.round()
	r.want(id, Offered) // who had it may be asked again
}

func TestPassedOfferComesBackAfterAWhile(t *testing.T) {
	r := memoryRig(t)
	team, mira := r.desk("Mira", nil)
	id := r.plant(team, []string{mira.actor.KID})
	r.say(id)
	r.round()
	if err := r.act(t.Context(), mira.actor, id, ActDecline); err != nil {
		t.Fatal(err)
	}
	r.clock.advance(59 * time.Second)
	r.round()
	r.want(id, Waiting)
	r.clock.advance(2 * time.Second)
	r.round()
	r.want(id, Offered)
}

func TestHandedBackGoesToTheHead(t *testing.T) {
	r := memoryRig(t)
	team, mira := r.desk("Mira", nil)
	old := r.plantActive(team, mira)
	first := r.plant(team, []string{mira.actor.KID})
	urgent := r.plant(team, []string{mira.actor.KID})
	yes := true
	if err := r.tell(t.Context(), urgent, nil, &yes); err != nil {
		t.Fatal(err)
	}
	r.clock.advance(time.Minute)
	if err := r.act(t.Context(), mira.actor, old, ActHandBack); err != nil {
		t.Fatal(err)
	}
	b, err := r.boards.fresh(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for place, id := range []ID{old, urgent, first} {
		if got := b.turn(id, team.ID); got != place+1 {
			t.Errorf("place %d, want %d", got, place+1)
		}
	}
	if p, w, _ := b.wait(first, told{team: team.ID, topic: "schulden", language: "de"}); p != 3 || w.Low < 60 || w.High <= w.Low {
		t.Errorf("told %d %+v", p, w)
	}
}

func TestLostCounsellorGivesEverythingBack(t *testing.T) {
	r := memoryRig(t)
	team, mira := r.desk("Mira", nil)
	kids := []string{mira.actor.KID}
	active, offered := r.plantActive(team, mira), r.plant(team, kids)
	r.say(offered)
	left := r.plant(team, kids, func(c *Conversation) { c.Kind = Message })
	if _, err := r.accept(t.Context(), mira.actor, left); err != nil {
		t.Fatal(err)
	}
	r.round()
	r.want(offered, Offered)

	away, err := json.Marshal(presence{State: deskAway, Was: deskReady})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.bus.Touch(t.Context(), setDesk, mira.actor.ID.String(), away, time.Hour); err != nil {
		t.Fatal(err)
	}
	r.round()
	r.want(offered, Offered) // a page that is loaded again is no loss

	if err := r.bus.Leave(t.Context(), setDesk, mira.actor.ID.String()); err != nil {
		t.Fatal(err)
	}
	r.round()
	r.want(offered, Waiting)
	r.want(active, Active)
	r.clock.advance(awayEvery) // first noticed here
	r.round()
	r.clock.advance(r.rules.Lost - time.Second)
	r.round()
	r.want(active, Active)
	r.clock.advance(awayEvery)
	r.round()
	if c := r.want(active, Waiting); !c.Head || !c.Counsellor.IsZero() {
		t.Errorf("not at the head: %+v", c)
	}
	r.want(left, Active) // a message has no hurry
}

// TestBusThatForgetsEverybodyCostsNobodyAnything empties the presence as a restart
// of Redis does, with a counsellor here and one at another node.
func TestBusThatForgetsEverybodyCostsNobodyAnything(t *testing.T) {
	r := memoryRig(t).run()
	team := r.w.addTeam(t, nil)
	mira, far := r.w.hire(t, "Mira", team), r.w.hire(t, "Ada", team)
	r.shift(mira, team)
	desk := r.work(mira, r.http)
	here := r.open(debts, Live)
	r.say(here.id)
	here.sit(r.http)
	desk.frame("offer")
	r.shift(far, team)
	r.ready(far)
	there := r.plant(team, []string{far.actor.KID})
	r.say(there)
	r.round()
	r.want(there, Offered)
	r.hub.doubtPresence() // at the gap, a moment before all is read again
	for _, p := range []*person{mira, far} {
		if err := r.bus.Leave(t.Context(), setDesk, p.actor.ID.String()); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.bus.Leave(t.Context(), setSeat, here.id.String()); err != nil {
		t.Fatal(err)
	}
	r.round()
	r.hub.recover(t.Context())
	present, err := r.bus.Present(t.Context(), setDesk)
	if _, back := present[mira.actor.ID.String()]; err != nil || !back {
		t.Errorf("who sits here is not present: %v", err)
	}
	r.round()
	r.want(here.id, Offered)
	r.want(there, Offered)
	r.clock.advance(doubtFor)
	r.round()
	r.want(here.id, Offered)
	r.want(there, Waiting) // nobody at the other node has come back
}

func TestWhoHasLeftTheTeamGivesEverythingBack(t *testing.T) {
	r := memoryRig(t)
	team, mira := r.desk("Mira", nil)
	ada := r.join("Ada", team)
	kids := []string{mira.actor.KID, ada.actor.KID}
	live, left := r.plantActive(team, ada), r.plant(team, kids, func(c *Conversation) { c.Kind = Message })
	if _, err := r.accept(t.Context(), ada.actor, left); err != nil {
		t.Fatal(err)
	}
	stays := r.plantActive(team, mira)
	r.round()
	r.want(live, Active)
	r.w.fire(t, ada, team.ID)
	r.readers.forget(team.ID)
	r.clock.advance(awayEvery)
	r.round()
	if c := r.state(live); c.State == Active || c.Counsellor == ada.actor.ID {
		t.Errorf("still with somebody who cannot read it: %+v", c)
	}
	r.want(left, Deferred)
	r.want(stays, Active)
}

func TestSeekerGoneForLongLeavesTheQueue(t *testing.T) {
	r := memoryRig(t)
	team := r.w.addTeam(t, nil)
	kept := r.plant(team, nil, func(c *Conversation) { c.GoneAt = c.CreatedAt })
	burnt := r.plant(team, nil, func(c *Conversation) { c.GoneAt, c.OnGone = c.CreatedAt, Discard })
	here := r.plant(team, nil)
	r.clock.advance(89 * time.Second)
	r.round()
	r.want(kept, Waiting)
	r.want(burnt, Waiting)
	r.clock.advance(time.Second)
	r.round()
	if c := r.want(kept, Deferred); c.Kind != Message {
		t.Errorf("kept as %s", c.Kind)
	}
	r.want(burnt, Purged)
	r.want(here, Waiting)
}

func TestSeekerGoneAfterBeingServedIsNotPurgedAtOnce(t *testing.T) {
	r := memoryRig(t)
	team, mira := r.desk("Mira", nil)
	id := r.plantActive(team, mira)
	if _, err := r.db.Exec(t.Context(), `UPDATE conversation SET on_gone = 'discard', gone_at = $1`, r.clock.now()); err != nil {
		t.Fatal(err)
	}
	wantCode(t, r.act(t.Context(), mira.actor, id, ActHandBack), "")
	r.clock.advance(2 * time.Minute)
	r.round()
	r.want(id, Closed)
}

// TestSeekersSeatIsNoticed uses real sockets: who comes, goes and comes back.
func TestSeekersSeatIsNoticed(t *testing.T) {
	r := memoryRig(t).run()
	desk, s, chair := r.accepted()
	here := func(want bool) func(client.Frame) bool {
		return func(f client.Frame) bool {
			return f.T == "state" && f.State == string(Active) && f.SeekerHere != nil && *f.SeekerHere == want
		}
	}
	desk.await("seeker here", here(true))
	if err := chair.conn.Cut(); err != nil {
		t.Fatal(err)
	}
	desk.await("seeker gone", here(false))
	s.sit(r.http)
	desk.await("seeker back", here(true))
}

// TestSeekerOfADeadNodeIsNoticed leaves a seat behind as a killed node does:
// neither given up nor kept present.
func TestSeekerOfADeadNodeIsNoticed(t *testing.T) {
	r := memoryRig(t)
	team := r.w.addTeam(t, nil)
	id := r.plant(team, nil)
	r.marks.here(id, r.hub.ids.next())
	if err := r.marks.flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := r.bus.Touch(t.Context(), setSeat, id.String(), nil, time.Hour); err != nil {
		t.Fatal(err)
	}
	look := func() Conversation {
		if err := r.markAbsent(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := r.marks.flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		return r.state(id)
	}
	if c := look(); !c.GoneAt.IsZero() {
		t.Error("gone although present")
	}
	if err := r.bus.Leave(t.Context(), setSeat, id.String()); err != nil {
		t.Fatal(err)
	}
	if c := look(); c.GoneAt.IsZero() {
		t.Error("the node is dead, the seeker is not missed")
	}
}

func TestPresencePoliciesOfADesk(t *testing.T) {
	r := memoryRig(t).run()
	team := r.w.addTeam(t, nil)
	p := r.w.hire(t, "Mira", team)
	r.shift(p, team)
	desk := r.work(p, r.http)
	desk.send(client.Frame{T: "status", State: deskReady, Limit: 1})
	desk.await("limit 1", func(f client.Frame) bool { return f.T == "status" && f.Limit == 1 })
	if err := desk.conn.Cut(); err != nil {
		t.Fatal(err)
	}
	again := dial(t, r.http, false)
	again.send(client.Frame{T: "hello", V: client.Version, Ticket: r.w.ticket(p)})
	duties, status := false, false
	again.await("duties and status", func(f client.Frame) bool {
		duties = duties || f.T == "roster" && len(f.Duties) == 1
		status = status || f.T == "status" && f.State == deskReady && f.Limit == 1
		return duties && status
	})
	again.send(client.Frame{T: "status", State: deskPause})
	again.await("pause", func(f client.Frame) bool { return f.T == "status" && f.State == deskPause })
	if a := r.availability(debts); a.State != LineClosed {
		t.Errorf("with everybody in a pause the line is %s", a.State)
	}
}

func TestNobodyElseIsProposedUnlessTheOwnTeamIsEmpty(t *testing.T) {
	r := memoryRig(t)
	near, mira := r.desk("Mira", func(x *staff.Team) { x.Centres = []string{"c1"} })
	far, _ := r.desk("Ada", func(x *staff.Team) { x.Name = "Bundesweit" })
	s := r.open(Ask{Topic: "schulden", Language: "de", Centre: "c1"}, Live)
	seat := Seat{Conversation: s.id, Who: Seeker}
	r.marks.here(s.id, r.hub.ids.next())
	if err := r.marks.flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		r.plantActive(near, mira) // all places of the near team are taken
	}
	r.round()
	if c := r.want(s.id, Waiting); c.Team != near.ID || !c.Transfer.IsZero() {
		t.Fatalf("proposed although the own team is there: %+v", c.Transfer)
	}
	if err := r.bus.Leave(t.Context(), setDesk, mira.actor.ID.String()); err != nil {
		t.Fatal(err)
	}
	r.round()
	c := r.want(s.id, Waiting)
	if c.Transfer.Team != far.ID {
		t.Fatalf("no proposal: %+v", c.Transfer)
	}
	own, err := r.Own(t.Context(), seat)
	if err != nil || own.Conversation.Transfer == nil || own.Conversation.Transfer.TeamName != "Bundesweit" {
		t.Errorf("shown as %+v %v", own.Conversation.Transfer, err)
	}
	r.ready(mira)
	r.round()
	if c := r.want(s.id, Waiting); !c.Transfer.IsZero() {
		t.Error("the proposal stays although the own team is back")
	}
	if err := r.bus.Leave(t.Context(), setDesk, mira.actor.ID.String()); err != nil {
		t.Fatal(err)
	}
	r.round()
	if err := r.seekerAct(t.Context(), s.id, ActRefuse); err != nil {
		t.Fatal(err)
	}
	r.round()
	if c := r.want(s.id, Waiting); !c.Transfer.IsZero() {
		t.Error("proposed again after a refusal")
	}
}

// TestProposalCarriedOut follows a seeker to another team: nobody there is
// offered the chat before the new team has been let in by a new epoch.
func TestProposalCarriedOut(t *testing.T) {
	r := memoryRig(t)
	_, mira := r.desk("Mira", func(x *staff.Team) { x.Centres = []string{"c1"} })
	far, ada := r.desk("Ada", nil)
	s := r.open(Ask{Topic: "schulden", Language: "de", Centre: "c1"}, Live)
	r.say(s.id)
	r.marks.here(s.id, r.hub.ids.next())
	if err := r.marks.flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := r.bus.Leave(t.Context(), setDesk, mira.actor.ID.String()); err != nil {
		t.Fatal(err)
	}
	r.round()
	wantCode(t, r.consent(t.Context(), s.id), "")
	if c := r.want(s.id, Waiting); c.Team != far.ID || c.Provider != far.Provider || c.Head {
		t.Fatalf("after consent %+v", c)
	}
	r.round()
	r.want(s.id, Waiting)
	if _, err := r.accept(t.Context(), ada.actor, s.id); err == nil {
		t.Error("taken without a key")
	} else {
		wantCode(t, err, "no_key")
	}
	if _, err := r.AddEpoch(t.Context(), Seat{Conversation: s.id, Who: Seeker}, s.next(r.clock.now(), true)); err != nil {
		t.Fatal(err)
	}
	r.round()
	if c := r.want(s.id, Offered); c.Counsellor != ada.actor.ID {
		t.Error("not offered to the new team")
	}
}

func TestTransferToAPersonOfTheTeam(t *testing.T) {
	r := memoryRig(t)
	team, mira := r.desk("Mira", nil)
	ada, cem := r.join("Ada", team), r.join("Cem", team)
	kids := []string{mira.actor.KID, ada.actor.KID}
	id := r.plant(team, kids)
	if _, err := r.accept(t.Context(), mira.actor, id); err != nil {
		t.Fatal(err)
	}
	ask := func(p *person, team staff.TeamID, to staff.ID) error {
		return r.askTransfer(t.Context(), p.actor, id, team, to)
	}
	wantCode(t, ask(ada, staff.TeamID{}, cem.actor.ID), "taken")
	wantCode(t, ask(mira, staff.TeamID{}, mira.actor.ID), "invalid_input")
	wantCode(t, ask(mira, staff.TeamID{}, staff.ID{}), "invalid_input")
	wantCode(t, ask(mira, staff.NewTeamID(), staff.ID{}), "invalid_input")
	wantCode(t, ask(mira, staff.TeamID{}, staff.NewID()), "counsellor_busy")
	wantCode(t, r.consent(t.Context(), id), "no_transfer")
	wantCode(t, ask(mira, staff.TeamID{}, ada.actor.ID), "")
	wantCode(t, r.act(t.Context(), mira.actor, id, ActCancel), "")
	wantCode(t, r.consent(t.Context(), id), "no_transfer")

	wantCode(t, ask(mira, staff.TeamID{}, ada.actor.ID), "")
	wantCode(t, r.seekerAct(t.Context(), id, ActRefuse), "")
	if c := r.want(id, Active); c.Counsellor != mira.actor.ID {
		t.Error("moved without consent")
	}
	wantCode(t, ask(mira, staff.TeamID{}, ada.actor.ID), "")
	for range 2 {
		r.plantActive(team, ada)
	}
	wantCode(t, r.consent(t.Context(), id), "counsellor_busy") // no place any more
	wantCode(t, ask(mira, staff.TeamID{}, cem.actor.ID), "")
	wantCode(t, r.consent(t.Context(), id), "counsellor_busy") // no key to it
	if c := r.want(id, Active); c.Counsellor != mira.actor.ID {
		t.Error("lost between two")
	}
	b, err := r.inHands(t.Context(), ada.actor.ID)
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, r.act(t.Context(), ada.actor, b[0].ID, ActClose), "")
	wantCode(t, ask(mira, staff.TeamID{}, ada.actor.ID), "")
	wantCode(t, r.consent(t.Context(), id), "")
	if c := r.want(id, Active); c.Counsellor != ada.actor.ID || c.KID != ada.actor.KID || !c.Transfer.IsZero() {
		t.Errorf("after consent %+v", c)
	}
	if n := len(r.w.entries); n != 1 || r.w.entries[0].Action != "conversation.transferred" || r.w.entries[0].Actor != mira.actor.ID.String() {
		t.Errorf("audit %+v", r.w.entries)
	}
}

func TestTransferToAnotherTeam(t *testing.T) {
	r := memoryRig(t)
	team, mira := r.desk("Mira", nil)
	other, ada := r.desk("Ada", nil)
	eva := r.join("Eva", other)
	s := r.open(debts, Live)
	r.say(s.id)
	to, holder := other, mira
	if s.epoch.Team == other.ID.String() {
		to, holder = team, ada
	}
	if _, err := r.accept(t.Context(), holder.actor, s.id); err != nil {
		t.Fatal(err)
	}
	person := eva
	if to.ID == team.ID {
		person = mira
	}
	wantCode(t, r.askTransfer(t.Context(), holder.actor, s.id, to.ID, person.actor.ID), "")
	wantCode(t, r.consent(t.Context(), s.id), "")
	c := r.want(s.id, Waiting)
	if c.Team != to.ID || !c.Head || c.Prefer != person.actor.ID || !c.Counsellor.IsZero() {
		t.Fatalf("after consent %+v", c)
	}
	_, err := r.StaffSeat(t.Context(), holder.actor, s.id)
	wantCode(t, err, "not_found") // who gave it away no longer looks
	if _, err := r.AddEpoch(t.Context(), Seat{Conversation: s.id, Who: Seeker}, s.next(r.clock.now(), false)); err != nil {
		t.Fatal(err)
	}
	r.marks.here(s.id, r.hub.ids.next())
	if err := r.marks.flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.round()
	if c := r.want(s.id, Offered); c.Counsellor != person.actor.ID {
		t.Error("not offered to the person it was meant for")
	}
	talk, err := client.OpenTalk(person.keys.KEM(), r.epochs(s.id))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := talk.Room.Key(0); err != seal.ErrLocked {
		t.Errorf("earlier text without consent to history: %v", err)
	}
}

func TestLeftMessageMayQueueAgain(t *testing.T) {
	r := memoryRig(t)
	team, mira := r.desk("Mira", func(x *staff.Team) { x.QueueMax = 1 })
	s := r.open(debts, Message)
	waits := r.plant(team, nil)
	for range 2 {
		r.plantActive(team, mira)
	}
	wantCode(t, r.requeue(t.Context(), s.id), "queue_full")
	wantCode(t, r.seekerAct(t.Context(), waits, ActQuit), "")
	r.clock.advance(time.Minute)
	wantCode(t, r.requeue(t.Context(), s.id), "")
	if c := r.want(s.id, Waiting); c.Kind != Live || !c.QueuedAt.Equal(r.clock.now()) {
		t.Errorf("queued as %+v", c)
	}
	wantCode(t, r.requeue(t.Context(), s.id), "not_now")
}

func TestLastChatGuardAndAppointments(t *testing.T) {
	r := memoryRig(t)
	team, mira := r.desk("Mira", func(x *staff.Team) { x.LastChatBefore = 20 * time.Minute })
	id := r.plant(team, []string{mira.actor.KID})
	r.say(id)
	r.w.busyNow[mira.actor.ID] = true
	r.round()
	r.want(id, Waiting)
	delete(r.w.busyNow, mira.actor.ID)
	r.clock.advance(8*time.Hour - 20*time.Minute)
	r.round()
	r.want(id, Waiting)
	if a := r.availability(debts); a.State != LineClosed {
		t.Errorf("in the last minutes the line is %s", a.State)
	}
	end := r.clock.now().Add(20 * time.Minute)
	r.w.onDuty(mira, team.ID, end, end.Add(4*time.Hour)) // the next shift follows without a gap
	r.round()
	r.want(id, Offered)
}

func TestDutyOfAnotherChannelOrTopicDoesNotCount(t *testing.T) {
	r := memoryRig(t)
	team := r.w.addTeam(t, nil)
	mira := r.w.hire(t, "Mira", team)
	r.ready(mira)
	at := r.clock.now()
	r.w.duties = append(r.w.duties, roster.Duty{Person: mira.actor.ID, Team: team.ID, Start: at, End: at.Add(time.Hour), Channels: []roster.Channel{roster.Phone}},
		roster.Duty{Person: mira.actor.ID, Team: team.ID, Start: at, End: at.Add(time.Hour), Channels: []roster.Channel{roster.Chat}, Topics: []string{"sucht"}})
	id := r.plant(team, []string{mira.actor.KID})
	r.say(id)
	r.round()
	r.want(id, Waiting)
	_, err := r.accept(t.Context(), mira.actor, id)
	wantCode(t, err, "off_duty")
	other := r.plant(team, []string{mira.actor.KID}, func(c *Conversation) { c.Topic = "sucht" })
	r.say(other)
	r.round()
	r.want(other, Offered)
}
