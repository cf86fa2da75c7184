package chat

import (
	"errors"
	"sync"
	"testing"
	"time"

	"lotse/chat/client"
	"lotse/internal/bus"
	"lotse/internal/bus/bustest"
	"lotse/internal/fault"
	"lotse/internal/seal"
	"lotse/internal/staff"
	"lotse/internal/store"
	"lotse/internal/testenv"
)

var debts = Ask{Topic: "schulden", Language: "de"}

func TestOpeningTwiceIsOpeningOnce(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db, bustest.Serve(t, bus.NewMemory()))
		r.desk("Mira", nil)
		s, req := r.request(debts, Live)
		var wg sync.WaitGroup
		var mu sync.Mutex
		ids := map[ID]int{}
		fresh := 0
		for range 16 {
			wg.Go(func() {
				opened, err := r.Open(t.Context(), req)
				if err != nil {
					t.Errorf("open: %v", err)
				}
				mu.Lock()
				defer mu.Unlock()
				ids[opened.ID]++
				if !opened.Again {
					fresh++
				}
			})
		}
		wg.Wait()
		if len(ids) != 1 || fresh != 1 {
			t.Errorf("%d conversations, %d times new", len(ids), fresh)
		}
		_, other := r.request(debts, Live)
		other.Token = req.Token
		_, err := r.Open(t.Context(), other)
		wantCode(t, err, "token_used")
		req.Token = string(newToken())
		_, err = r.Open(t.Context(), req)
		wantCode(t, err, "room_used")
		if _, err := r.Seat(t.Context(), s.token); err != nil {
			t.Errorf("seat: %v", err)
		}
	})
}

func TestOpeningRefusesWhatIsNotInOrder(t *testing.T) {
	r := memoryRig(t)
	team, _ := r.desk("Mira", func(x *staff.Team) { x.QueueMax = 1 })
	for name, change := range map[string]func(*OpenRequest){
		"kind":     func(q *OpenRequest) { q.Kind = Video },
		"on_gone":  func(q *OpenRequest) { q.OnGone = "burn" },
		"token":    func(q *OpenRequest) { q.Token = "short" },
		"epoch":    func(q *OpenRequest) { q.Epoch.Commit = nil },
		"topic":    func(q *OpenRequest) { q.Topic = "a b" },
		"postcode": func(q *OpenRequest) { q.Postcode = "123" },
	} {
		_, req := r.request(debts, Live)
		change(&req)
		_, err := r.Open(t.Context(), req)
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.Invalid || f.Fields[name] == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, foreign := r.request(debts, Live)
	foreign.Epoch.Team = staff.NewTeamID().String()
	_, err := r.Open(t.Context(), foreign)
	wantCode(t, err, "recipients_changed")

	_, stale := r.request(debts, Live)
	r.join("Ada", team) // the chain moves on
	_, err = r.Open(t.Context(), stale)
	wantCode(t, err, "recipients_changed")

	kids := []string{}
	for range 1 {
		r.plant(team, kids) // waits; the queue is full for tests without a dispatcher
	}
	r.w.mu.Lock()
	r.w.people[0].skill.Limit, r.w.people[1].skill.Limit = 1, 1
	r.w.mu.Unlock()
	r.plantActive(team, r.w.people[0])
	r.plantActive(team, r.w.people[1])
	r.boards.spoil()
	_, err = r.Recipients(t.Context(), debts, Live)
	wantCode(t, err, "queue_full")
}

// plantActive writes a chat that is in somebody's hands.
func (r *rig) plantActive(team staff.Team, p *person) ID {
	r.t.Helper()
	id := r.plant(staff.Team{ID: team.ID, Provider: team.Provider, QueueMax: 1 << 20}, []string{p.actor.KID})
	if _, err := r.accept(r.t.Context(), p.actor, id); err != nil {
		r.t.Fatal(err)
	}
	return id
}

func TestARushDoesNotOverfillTheQueue(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db, bustest.Serve(t, bus.NewMemory()))
		r.desk("Mira", func(x *staff.Team) { x.QueueMax = 3 })
		var reqs []OpenRequest
		for range 12 {
			_, req := r.request(debts, Live)
			reqs = append(reqs, req)
		}
		var wg sync.WaitGroup
		for _, req := range reqs {
			wg.Go(func() {
				if _, err := r.Open(t.Context(), req); err != nil && fault.CodeOf(err) != "queue_full" {
					t.Errorf("open: %v", err)
				}
			})
		}
		wg.Wait()
		var n int
		if err := db.QueryRow(t.Context(), `SELECT count(*) FROM conversation`).Scan(&n); err != nil || n != 3 {
			t.Errorf("%d in a queue of 3: %v", n, err)
		}
	})
}

// next makes the epoch that a seeker's page makes when it is told to.
func (s *seeker) next(at time.Time, history bool) seal.Epoch {
	t := s.r.t
	t.Helper()
	found, err := s.r.Wanted(t.Context(), Seat{Conversation: s.id, Who: Seeker})
	if err != nil {
		t.Fatal(err)
	}
	chain, err := seal.Verify(found.Team.ID.String(), found.Chain, seal.Hash{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := s.talk.Room.Next(seal.Change{Chain: chain, Readers: kidsOf(t, found.Readers), History: history, At: at})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestEpochsAreCheckedAndImmutable(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db, bustest.Serve(t, bus.NewMemory()))
		team, mira := r.desk("Mira", nil)
		s := r.open(debts, Live)
		seat := Seat{Conversation: s.id, Who: Seeker}
		r.join("Ada", team)
		one := s.next(r.clock.now(), true)

		for name, c := range map[string]struct {
			change func(*seal.Epoch)
			code   string
		}{
			"shape":            {func(e *seal.Epoch) { e.Link = nil }, "bad_epoch"},
			"another room":     {func(e *seal.Epoch) { e.Room[0] ^= 1 }, "bad_epoch"},
			"one left out":     {func(e *seal.Epoch) { dropStaff(e) }, "recipients_changed"},
			"another state":    {func(e *seal.Epoch) { e.TeamState[0] ^= 1 }, "recipients_changed"},
			"another team":     {func(e *seal.Epoch) { e.Team = staff.NewTeamID().String() }, "recipients_changed"},
			"a number skipped": {func(e *seal.Epoch) { e.Number, e.History = 2, nil }, "epoch_stale"},
		} {
			e := one
			e.Recipients, e.Wraps = append([]seal.Recipient{}, e.Recipients...), append([]seal.Wrap{}, e.Wraps...)
			c.change(&e)
			_, err := r.AddEpoch(t.Context(), seat, e)
			if fault.CodeOf(err) != c.code {
				t.Errorf("%s: %v, want %s", name, err, c.code)
			}
		}
		if again, err := r.AddEpoch(t.Context(), seat, one); err != nil || again {
			t.Fatalf("add: %v %v", again, err)
		}
		if again, err := r.AddEpoch(t.Context(), seat, one); err != nil || !again {
			t.Errorf("the same again: %v %v", again, err)
		}
		changed := one
		changed.Commit = append(seal.Bytes{}, one.Commit...)
		changed.Commit[0] ^= 1
		_, err := r.AddEpoch(t.Context(), seat, changed)
		wantCode(t, err, "epoch_stale")

		stored := r.epochs(s.id)
		talk, err := client.OpenTalk(mira.keys.KEM(), stored)
		if err != nil || len(stored) != 2 {
			t.Fatalf("%d epochs: %v", len(stored), err)
		}
		if _, err := talk.Room.Key(1); err != nil {
			t.Errorf("key of the new epoch: %v", err)
		}
	})
}

func dropStaff(e *seal.Epoch) {
	for i, x := range e.Recipients {
		if x.Kind == seal.KindStaff {
			e.Recipients = append(e.Recipients[:i], e.Recipients[i+1:]...)
			e.Wraps = append(e.Wraps[:i], e.Wraps[i+1:]...)
			return
		}
	}
}

func TestWhoMayAddAnEpoch(t *testing.T) {
	r := memoryRig(t)
	team, mira := r.desk("Mira", nil)
	ada := r.join("Ada", team)
	s := r.open(debts, Live)
	if _, err := r.accept(t.Context(), mira.actor, s.id); err != nil {
		t.Fatal(err)
	}
	r.w.fire(t, ada, team.ID)
	r.readers.forget(team.ID)
	r.boards.spoil()
	e := r.staffEpoch(mira, s.id, team)

	_, err := r.AddEpoch(t.Context(), Seat{Conversation: s.id, Who: Counsellor, Actor: ada.actor}, e)
	wantCode(t, err, "not_found")
	stranger := e
	other, _, err := client.NewTalk(team.ID.String(), r.w.chains[team.ID], nil, r.clock.now())
	if err != nil {
		t.Fatal(err)
	}
	stranger.Recipients = append([]seal.Recipient{}, e.Recipients...)
	seekers := other.Room.Current().Seeker()
	for i, x := range stranger.Recipients {
		if x.Kind == seal.KindSeeker {
			stranger.Recipients[i] = seekers
			stranger.Wraps = append([]seal.Wrap{}, e.Wraps...)
			stranger.Wraps[i].KID = seekers.KID
		}
	}
	sortEpoch(&stranger)
	_, err = r.AddEpoch(t.Context(), Seat{Conversation: s.id, Who: Counsellor, Actor: mira.actor}, stranger)
	wantCode(t, err, "forbidden")

	if _, err := r.AddEpoch(t.Context(), Seat{Conversation: s.id, Who: Counsellor, Actor: mira.actor}, e); err != nil {
		t.Fatalf("the counsellor after a colleague has left: %v", err)
	}
	if n := len(r.w.entries); n != 1 || r.w.entries[0].Action != "conversation.rekeyed" {
		t.Errorf("audit %+v", r.w.entries)
	}
	if err := r.act(t.Context(), mira.actor, s.id, ActClose); err != nil {
		t.Fatal(err)
	}
	_, err = r.AddEpoch(t.Context(), Seat{Conversation: s.id, Who: Seeker}, s.epoch)
	if err != nil {
		t.Errorf("a known epoch again after the end: %v", err)
	}
}

// staffEpoch makes the next epoch as a counsellor's page does.
func (r *rig) staffEpoch(p *person, id ID, team staff.Team) seal.Epoch {
	r.t.Helper()
	talk, err := client.OpenTalk(p.keys.KEM(), r.epochs(id))
	if err != nil {
		r.t.Fatal(err)
	}
	chain, err := seal.Verify(team.ID.String(), r.w.chains[team.ID], seal.Hash{})
	if err != nil {
		r.t.Fatal(err)
	}
	e, err := talk.Room.Next(seal.Change{Chain: chain, History: true, At: r.clock.now()})
	if err != nil {
		r.t.Fatal(err)
	}
	return e
}

func sortEpoch(e *seal.Epoch) {
	for i := range e.Recipients {
		for j := i + 1; j < len(e.Recipients); j++ {
			if string(e.Recipients[j].KID[:]) < string(e.Recipients[i].KID[:]) {
				e.Recipients[i], e.Recipients[j] = e.Recipients[j], e.Recipients[i]
				e.Wraps[i], e.Wraps[j] = e.Wraps[j], e.Wraps[i]
			}
		}
	}
}

func TestPolicyDutyNarrowsLiveChatsOnly(t *testing.T) {
	r := memoryRig(t)
	team := r.w.addTeam(t, func(x *staff.Team) { x.Policy = staff.PolicyDuty })
	now, next, late, never := r.w.hire(t, "Now", team), r.w.hire(t, "Next", team), r.w.hire(t, "Late", team), r.w.hire(t, "Never", team)
	at := r.clock.now()
	r.w.onDuty(now, team.ID, at.Add(-time.Hour), at.Add(2*time.Hour))
	r.w.onDuty(next, team.ID, at.Add(2*time.Hour), at.Add(6*time.Hour))
	r.w.onDuty(late, team.ID, at.Add(6*time.Hour), at.Add(9*time.Hour))
	r.ready(now)
	live, err := r.Recipients(t.Context(), debts, Live)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := joinReaders(live.Readers), joinReaders([]string{now.actor.KID, next.actor.KID}); got != want {
		t.Errorf("live readers %v", got)
	}
	left, err := r.Recipients(t.Context(), debts, Message)
	if err != nil {
		t.Fatal(err)
	}
	if want := joinReaders([]string{now.actor.KID, next.actor.KID, late.actor.KID, never.actor.KID}); joinReaders(left.Readers) != want {
		t.Errorf("readers of a message %v", left.Readers)
	}
	s := r.open(debts, Live)
	if _, err := r.accept(t.Context(), now.actor, s.id); err != nil {
		t.Fatal(err)
	}
	r.clock.advance(7 * time.Hour) // Late is on duty, Now still holds the chat
	r.boards.spoil()
	wanted, err := r.Wanted(t.Context(), Seat{Conversation: s.id, Who: Seeker})
	if err != nil || joinReaders(wanted.Readers) != joinReaders([]string{now.actor.KID, late.actor.KID}) {
		t.Errorf("wanted %v: %v", wanted.Readers, err)
	}
}

func TestReturnCodeRotatesTheToken(t *testing.T) {
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db, bustest.Serve(t, bus.NewMemory()))
		r.desk("Mira", nil)
		s := r.open(debts, Live)
		code := seal.NewCode()
		seat := Seat{Conversation: s.id, Who: Seeker}
		wantCode(t, r.SetReturn(t.Context(), seat, seal.Bytes("short")), "invalid_input")
		if err := r.SetReturn(t.Context(), seat, code.ReturnAuth()); err != nil {
			t.Fatal(err)
		}
		own, err := r.Own(t.Context(), seat)
		if err != nil || own.HasReturn == nil || !*own.HasReturn {
			t.Errorf("own: %+v %v", own.HasReturn, err)
		}
		_, err = r.Return(t.Context(), seal.NewCode().ReturnAuth())
		wantCode(t, err, "return_unknown")
		back, err := r.Return(t.Context(), code.ReturnAuth())
		if err != nil || back.ID != s.id || back.Token == s.token {
			t.Fatalf("return: %+v %v", back, err)
		}
		_, err = r.Seat(t.Context(), s.token)
		wantCode(t, err, "unauthenticated")
		if got, err := r.Seat(t.Context(), back.Token); err != nil || got.Conversation != s.id {
			t.Errorf("new token: %v", err)
		}
		second := r.open(debts, Live)
		err = r.SetReturn(t.Context(), Seat{Conversation: second.id, Who: Seeker}, code.ReturnAuth())
		wantCode(t, err, "return_used")
	})
}
