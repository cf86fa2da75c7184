package chat

import (
	"context"
	"errors"
	"testing"
	"time"

	"lotse/internal/fault"
	"lotse/internal/staff"
)

func (r *rig) availability(ask Ask) Availability {
	r.t.Helper()
	r.boards.spoil()
	a, err := r.Availability(r.t.Context(), ask)
	if err != nil {
		r.t.Fatal(err)
	}
	return a
}

// TestAvailabilityNeedsRosterPresenceAndCapacity takes each of the three away.
func TestAvailabilityNeedsRosterPresenceAndCapacity(t *testing.T) {
	r := memoryRig(t)
	ask := Ask{Topic: "schulden", Language: "de"}
	opens := r.clock.now().Add(3 * time.Hour)
	r.w.opening = opens
	if a := r.availability(ask); a.State != LineClosed || a.OpensAt != nil {
		t.Errorf("no team: %+v", a)
	}
	team := r.w.addTeam(t, func(x *staff.Team) { x.QueueMax = 1 })
	p := r.w.hire(t, "Mira", team)
	r.readers.forget(team.ID)
	if a := r.availability(ask); a.State != LineClosed || a.OpensAt == nil || !a.OpensAt.Equal(opens) {
		t.Errorf("nobody on duty: %+v", a)
	}
	r.ready(p)
	if a := r.availability(ask); a.State != LineClosed {
		t.Errorf("present but not on duty: %+v", a)
	}
	r.shift(p, team)
	if a := r.availability(ask); a.State != LineFree || a.Position != 0 || a.Wait.High != 60 {
		t.Errorf("on duty and ready: %+v", a)
	}
	if err := r.bus.Leave(t.Context(), setDesk, p.actor.ID.String()); err != nil {
		t.Fatal(err)
	}
	r.w.opening = r.clock.now() // on duty now, says the roster
	if a := r.availability(ask); a.State != LineClosed || a.OpensAt != nil {
		t.Errorf("on duty but not there: %+v", a)
	}
	r.ready(p)
	kids := []string{p.actor.KID}
	for range 2 {
		if _, err := r.accept(t.Context(), p.actor, r.plant(team, kids)); err != nil {
			t.Fatal(err)
		}
	}
	if a := r.availability(ask); a.State != LineQueue || a.Position != 1 || a.Wait.Low < 60 {
		t.Errorf("all places taken: %+v", a)
	}
	r.plant(team, kids)
	if a := r.availability(ask); a.State != LineFull || a.Position != 0 {
		t.Errorf("queue at its limit: %+v", a)
	}
	r.w.busyNow[p.actor.ID] = true
	if a := r.availability(ask); a.State != LineClosed {
		t.Errorf("the only one has an appointment: %+v", a)
	}
}

func TestAvailabilityRefusesMalformedAsks(t *testing.T) {
	r := memoryRig(t)
	for _, ask := range []Ask{{Topic: "a b"}, {Language: "<de>"}, {Postcode: "1234"}, {Postcode: "١٢٣٤٥"}, {Centre: "x\x00"}, {Topic: string(make([]byte, 99))}} {
		if _, err := r.Availability(t.Context(), ask); !errors.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", ask, err)
		}
	}
}

func TestAvailabilityTellsWhenTheRosterIsAway(t *testing.T) {
	r := memoryRig(t)
	r.w.fails = errors.New("no database")
	if _, err := r.Availability(t.Context(), Ask{}); err == nil {
		t.Error("an answer without a roster")
	}
}

func TestNothingIsCreatedBeforeSomebodyIsThere(t *testing.T) {
	r := memoryRig(t)
	team := r.w.addTeam(t, nil)
	r.w.hire(t, "Mira", team)
	ask := Ask{Topic: "schulden", Language: "de"}
	_, err := r.Recipients(t.Context(), ask, Live)
	closed, ok := errors.AsType[*ClosedError](err)
	if !ok || closed.Now.State != LineClosed {
		t.Fatalf("recipients of a closed line: %v", err)
	}
	s, req := r.request(ask, Message) // a message is always possible
	req.Kind = Live
	_, err = r.Open(t.Context(), req)
	wantCode(t, err, "closed")
	var n int
	if err := r.db.QueryRow(t.Context(), `SELECT count(*) FROM conversation`).Scan(&n); err != nil || n != 0 {
		t.Errorf("%d conversations: %v", n, err)
	}
	req.Kind = Message
	opened, err := r.Open(t.Context(), req)
	if err != nil || opened.State != Deferred || opened.Token != s.token {
		t.Errorf("left a message: %+v %v", opened, err)
	}
}

func TestWatchingAvailabilityTellsEachChangeOnce(t *testing.T) {
	r := memoryRig(t).run()
	team := r.w.addTeam(t, nil)
	p := r.w.hire(t, "Mira", team)
	r.shift(p, team)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	told := make(chan Availability, 16)
	done := make(chan error, 1)
	go func() {
		done <- r.WatchAvailability(ctx, Ask{Language: "de"}, func(a Availability) error { told <- a; return nil }, func() error { return nil })
	}()
	next := func() Availability {
		t.Helper()
		select {
		case a := <-told:
			return a
		case <-time.After(patienceOfTests):
			t.Fatal("nothing was told")
			return Availability{}
		}
	}
	if a := next(); a.State != LineClosed {
		t.Errorf("at first %+v", a)
	}
	desk := r.work(p, r.http)
	if a := next(); a.State != LineFree {
		t.Errorf("somebody is ready: %+v", a)
	}
	if err := desk.conn.Close(); err != nil {
		t.Fatal(err)
	}
	if a := next(); a.State != LineClosed {
		t.Errorf("nobody left: %+v", a)
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("watch: %v", err)
	}
	if len(told) > 0 {
		t.Errorf("told twice: %+v", <-told)
	}
}

// TestChangedRosterIsReadAnew has a board that knows the duties of before the change
// and would keep them.
func TestChangedRosterIsReadAnew(t *testing.T) {
	r := memoryRig(t)
	team := r.w.addTeam(t, nil)
	p := r.w.hire(t, "Mira", team)
	r.ready(p)
	look := func() Openness {
		a, err := r.Availability(t.Context(), debts)
		if err != nil {
			t.Fatal(err)
		}
		return a.State
	}
	if state := look(); state != LineClosed {
		t.Fatalf("before: %s", state)
	}
	r.w.onDuty(p, team.ID, r.clock.now().Add(-time.Hour), r.clock.now().Add(time.Hour))
	r.RosterChanged()
	if state := look(); state != LineFree {
		t.Errorf("after: %s", state)
	}
}

func TestWatchersAreLimited(t *testing.T) {
	r := memoryRig(t, func(o *Options) { o.Tuning.Watchers = 1 })
	first := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- r.WatchAvailability(ctx, Ask{}, func(Availability) error { close(first); return nil }, func() error { return nil })
	}()
	<-first
	err := r.WatchAvailability(t.Context(), Ask{}, func(Availability) error { return nil }, func() error { return nil })
	wantCode(t, err, "too_many")
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
