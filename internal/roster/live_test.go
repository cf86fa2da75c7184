package roster

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"lotse/internal/bus"
	"lotse/internal/fault"
	"lotse/internal/roster/civil"
	"lotse/internal/staff"
	"lotse/internal/store"
	"lotse/internal/testenv"
)

// around plans and publishes a shift that is under way, with people on it.
func (h *house) around(team staff.TeamID, people ...staff.Actor) Entry {
	s := Shift{Team: team, Channels: []Channel{Chat}, Min: 1, Opt: 2, Start: h.Now().Add(-time.Hour), End: h.Now().Add(3 * time.Hour)}
	e := h.plan(s, people...)
	h.publish(team)
	return e
}

func (h *house) onDuty(s *Service) []Duty {
	h.t.Helper()
	duties, err := s.OnDuty(h.ctx(), h.Now())
	h.must(err)
	return duties
}

func TestChangesTakeEffectAtOnce(t *testing.T) {
	each(t, func(h *house) {
		if got := h.onDuty(h.Service); len(got) != 0 {
			h.t.Fatalf("on duty before anything is planned: %v", got)
		}
		e := h.around(h.addiction, h.anna)
		if got := h.onDuty(h.Service); len(got) != 1 || got[0].Person != h.anna.ID {
			h.t.Fatalf("after publishing: %v", got)
		}
		o, err := h.AddOverride(h.ctx(), h.lea, Override{Team: h.addiction, Add: h.ben.ID, Start: e.Start, End: e.End, Class: Demand})
		h.must(err)
		if got := h.onDuty(h.Service); len(got) != 2 {
			h.t.Errorf("after an override: %v", got)
		}
		h.must(h.RemoveOverride(h.ctx(), h.lea, o.ID))
		a, err := h.AddAbsence(h.ctx(), h.anna, Absence{Person: h.anna.ID, Start: e.Start, End: e.End, Class: Sick})
		h.must(err)
		if got := h.onDuty(h.Service); len(got) != 0 {
			h.t.Errorf("while Anna is away: %v", got)
		}
		f := Filter{Teams: []staff.TeamID{h.addiction}, Channel: Chat}
		_, ok, err := h.NextOpening(h.ctx(), f, h.Now())
		if h.must(err); ok {
			h.t.Error("an opening is promised that nobody is there for")
		}
		h.must(h.RemoveAbsence(h.ctx(), h.anna, a.ID))
		now := h.Now()
		next, ok, err := h.NextOpening(h.ctx(), f, now)
		if h.must(err); !ok || !next.Equal(now) {
			h.t.Errorf("next opening %s %v, want now", next, ok)
		}
		next, ok, err = h.NextOpening(h.ctx(), f, e.End)
		if h.must(err); ok {
			h.t.Errorf("next opening after the last shift: %s", next)
		}
	})
}

func TestOnDutyFarAway(t *testing.T) {
	each(t, func(h *house) {
		s := h.shift(h.addiction, 0, 8, 12)
		s.Start, s.End = h.Span(Clock{h.Today().Add(100), 8 * 60, 12 * 60})
		h.plan(s, h.anna)
		h.publish(h.addiction)
		duties, err := h.OnDuty(h.ctx(), s.Start.Add(time.Minute))
		if h.must(err); len(duties) != 1 {
			h.t.Errorf("beyond the snapshot: %v", duties)
		}
	})
}

func TestDutiesFromTheSnapshot(t *testing.T) {
	each(t, func(h *house) {
		e := h.around(h.addiction, h.anna)
		h.plan(h.shift(h.addiction, 0, 8, 12), h.ben)
		h.publish(h.addiction)
		duties, err := h.Service.Duties(h.ctx(), h.Now(), h.Now().Add(time.Minute))
		if h.must(err); len(duties) != 1 || !duties[0].Start.Equal(e.Start) {
			h.t.Errorf("duties around now: %v", duties)
		}
		if end := Until(duties, h.anna.ID, h.addiction, Chat, h.Now()); !end.Equal(e.End) {
			h.t.Errorf("on duty until %s, want %s", end, e.End)
		}
	})
}

// TestOtherNodesFollow: a change made on one node is in the snapshot of another
// after the bus has told it, and planners there are woken.
func TestOtherNodesFollow(t *testing.T) {
	each(t, func(h *house) {
		other := New(Options{DB: h.db, Bus: h.bus, Audit: h.staff.Audit(), Log: testenv.Log(h.t), Zone: h.Zone()})
		changes, stop := other.Watch(h.addiction)
		defer stop()
		quiet, stopQuiet := other.Watch(h.youth)
		defer stopQuiet()
		h.run(other)
		e := h.plan(h.shift(h.addiction, 0, 8, 12))
		<-changes // a draft wakes planners
		if got := h.onDuty(other); len(got) != 0 {
			h.t.Errorf("before publishing: %v", got)
		}
		h.around(h.addiction, h.anna)
		for len(h.onDuty(other)) == 0 {
			<-changes
		}
		_, err := h.AddOverride(h.ctx(), h.lea, Override{Team: h.addiction, Add: h.ben.ID, Start: h.Now(), End: e.End, Class: Demand})
		h.must(err)
		for len(h.onDuty(other)) < 2 {
			<-changes
		}
		select {
		case <-quiet:
			h.t.Error("a planner of another team was woken")
		default:
		}
		_, err = h.AddAbsence(h.ctx(), h.anna, Absence{Person: h.anna.ID, Start: h.Now(), End: e.End, Class: Sick})
		h.must(err)
		<-quiet // an absence may concern any team
	})
}

// TestOthersAreToldWhenThePlanCanBeRead: whoever asks this node on being told gets
// the duties of now, not those of before the change.
func TestOthersAreToldWhenThePlanCanBeRead(t *testing.T) {
	each(t, func(h *house) {
		other := New(Options{DB: h.db, Bus: h.bus, Audit: h.staff.Audit(), Log: testenv.Log(h.t), Zone: h.Zone()})
		told := make(chan int, 16)
		other.Changed = func() {
			duties, err := other.OnDuty(context.Background(), h.Now())
			if err != nil {
				h.t.Error(err)
			}
			told <- len(duties)
		}
		h.run(other)
		h.around(h.addiction, h.anna)
		if n := <-told; n != 1 {
			h.t.Errorf("told of the change with %d on duty, want 1", n)
		}
	})
}

// run runs a service until the test ends, and waits until it listens.
func (h *house) run(s *Service) {
	h.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	h.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			h.t.Errorf("run: %v", err)
		}
	})
	probe := staff.NewTeamID()
	listening, stop := s.Watch(probe)
	defer stop()
	for {
		h.must(h.bus.Publish(ctx, topicDraft, []byte(probe.String())))
		select {
		case <-listening:
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// TestMinuteTick: without any hint, a new duty is found within a minute. It runs
// on SQLite, whose clock the bubble owns.
func TestMinuteTick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, testenv.Migrated(t, testenv.SQLite(t)))
		deaf := New(Options{DB: h.db, Bus: silent{h.bus}, Audit: h.staff.Audit(), Log: testenv.Log(t), Zone: h.Zone()})
		ctx, cancel := context.WithCancel(t.Context())
		go deaf.Run(ctx)
		synctest.Wait()
		h.around(h.addiction, h.anna)
		if got := h.onDuty(deaf); len(got) != 0 {
			t.Fatalf("a deaf node knows: %v", got)
		}
		time.Sleep(refreshEvery + time.Millisecond)
		synctest.Wait()
		if got := h.onDuty(deaf); len(got) != 1 {
			t.Errorf("after a minute: %v", got)
		}
		cancel()
		synctest.Wait()
	})
}

// silent is a bus whose hints all get lost.
type silent struct{ bus.Bus }

func (b silent) Subscribe(ctx context.Context, _ ...string) (bus.Subscription, error) {
	return b.Bus.Subscribe(ctx, "nothing")
}

// TestServesWhileTheDatabaseIsAway: the last snapshot answers, marked stale.
func TestServesWhileTheDatabaseIsAway(t *testing.T) {
	testenv.EachURL(t, func(t *testing.T, url string) {
		db, err := store.Open(t.Context(), url)
		if err == nil {
			err = db.Migrate(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		h := newHouse(t, db)
		h.around(h.addiction, h.anna)
		if f := h.Freshness(); f.Stale || f.Read.IsZero() {
			t.Errorf("fresh: %+v", f)
		}
		h.must(db.Close())
		h.tryRefresh(t.Context())
		if got := h.onDuty(h.Service); len(got) != 1 || !h.Freshness().Stale {
			t.Errorf("%v on duty, %+v", got, h.Freshness())
		}
		empty := New(Options{DB: db, Bus: h.bus, Audit: h.staff.Audit(), Log: testenv.Log(t), Zone: h.Zone()})
		_, err = empty.OnDuty(t.Context(), h.Now())
		h.wantFault(err, fault.Unavailable, "roster_unavailable")
		if f := empty.Freshness(); !f.Stale || !f.Read.IsZero() {
			t.Errorf("never read: %+v", f)
		}
	})
}

// TestNewestReadWins: a slow reading of an older state does not replace a newer
// snapshot.
func TestNewestReadWins(t *testing.T) {
	each(t, func(h *house) {
		h.must(h.refresh(h.ctx()))
		newest := h.snap.Load()
		newest.ticket += 100
		h.must(h.refresh(h.ctx()))
		if h.snap.Load() != newest {
			h.t.Error("an older reading was swapped in")
		}
	})
}

func TestWeekView(t *testing.T) {
	each(t, func(h *house) {
		h.plan(h.shift(h.youth, 0, 10, 14), h.cem)
		late := h.plan(h.shift(h.addiction, 6, 22, 30), h.cem)
		early := h.plan(h.shift(h.addiction, 0, 8, 12), h.cem)
		next := h.shift(h.addiction, 7, 4, 8)
		h.plan(next)
		p := h.readWeek(h.max, h.addiction)
		if len(p.Entries) != 2 || p.Entries[0].ID != early.ID || p.Entries[1].ID != late.ID {
			h.t.Errorf("entries %+v", p.Entries)
		}
		if len(p.Findings) != 1 || p.Findings[0].Kind != Double || p.Unsaved != 3 || len(p.People) != 3 {
			h.t.Errorf("findings %+v, unpublished %d, people %v", p.Findings, p.Unsaved, p.People)
		}
		if again := h.readWeek(h.max, h.addiction); again.Version != p.Version {
			h.t.Error("the version changes by itself")
		}
		h.plan(next)
		_, err := h.Assign(h.ctx(), h.max, early.ID, h.ben.ID)
		h.must(err)
		if after := h.readWeek(h.max, h.addiction); after.Version == p.Version {
			h.t.Error("the version stays after a change")
		}
		// Lea does not plan Youth, so its draft is not hers to see.
		if lea := h.readWeek(h.lea, h.addiction); len(lea.Findings) != 0 {
			h.t.Errorf("Lea sees a draft of another team: %+v", lea.Findings)
		}
		if _, err := h.Week(h.ctx(), h.max, h.addiction, civil.Week{Year: 2020, Number: 1}); err != nil {
			h.t.Errorf("an empty week: %v", err)
		}
	})
}
