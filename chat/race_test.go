package chat

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lotse/internal/bus"
	"lotse/internal/bus/bustest"
	"lotse/internal/fault"
	"lotse/internal/seal"
	"lotse/internal/staff"
	"lotse/internal/store"
	"lotse/internal/testenv"
)

// plant writes a waiting conversation whose present epoch the given keys open,
// without the cost of real encryption.
func (r *rig) plant(team staff.Team, readers []string, change ...func(*Conversation)) ID {
	r.t.Helper()
	now := r.clock.now()
	id := NewID()
	c := Conversation{ID: id, Room: seal.RoomID(id.UUID), Kind: Live, Provider: team.Provider, Team: team.ID, Topic: "schulden", Language: "de",
		OnGone: Keep, CreatedAt: now, Since: now, QueuedAt: now, LastAt: now, LastBySeeker: true}
	for _, f := range change {
		f(&c)
	}
	row := epochRow{record: []byte(`{}`), digest: []byte{0}, readers: joinReaders(readers), day: seal.DayOf(now), wraps: []byte{0}, by: Seeker}
	if _, err := r.insert(r.t.Context(), admission{c: c, team: team, tiers: [][]staff.Team{{team}}}, newToken(), row); err != nil {
		r.t.Fatal(err)
	}
	r.boards.spoil()
	return id
}

// say puts the first words of the seeker into a conversation.
func (r *rig) say(id ID) {
	r.t.Helper()
	_, err := r.db.Exec(r.t.Context(), `INSERT INTO message (conversation, seq, id, sender, epoch, n, after_seq, body, at) VALUES ($1, 1, $4, 'seeker', 0, 1, 0, $2, $3)`,
		id, make([]byte, 256+28), r.clock.now(), NewID())
	if err != nil {
		r.t.Fatal(err)
	}
	r.boards.spoil()
}

// crew is many counsellors of one team, on shift and ready.
func (r *rig) crew(team staff.Team, n, limit int) (people []*person, kids []string) {
	r.t.Helper()
	for i := range n {
		p := r.w.hire(r.t, fmt.Sprintf("P%d", i), team)
		p.skill.Limit = limit
		r.shift(p, team)
		r.ready(p)
		people, kids = append(people, p), append(kids, p.actor.KID)
	}
	r.readers.forget(staff.TeamID{})
	return people, kids
}

// TestOneOf64AcceptorsWins lets 64 counsellors accept the same chat at once, a
// thousand times: exactly one has it each time, and everybody else is told so.
func TestOneOf64AcceptorsWins(t *testing.T) {
	t.Parallel()
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db, bustest.Serve(t, bus.NewMemory()), func(o *Options) { o.Tuning.BoardFloor = time.Hour }) // who is on duty does not change
		team := r.w.addTeam(t, func(x *staff.Team) { x.QueueMax = 2000 })
		people, kids := r.crew(team, 64, 1000) // nobody is ever full
		for round := range 1000 / thinned {
			id := r.plant(team, kids)
			var won atomic.Int64
			var winner atomic.Pointer[person]
			start := make(chan struct{})
			var wg sync.WaitGroup
			for _, p := range people {
				wg.Go(func() {
					<-start
					_, err := r.accept(t.Context(), p.actor, id)
					switch {
					case err == nil:
						won.Add(1)
						winner.Store(p)
					case fault.CodeOf(err) != "taken":
						t.Errorf("round %d: a loser was told %v", round, err)
					}
				})
			}
			close(start)
			wg.Wait()
			c := r.want(id, Active)
			if won.Load() != 1 || winner.Load().actor.ID != c.Counsellor {
				t.Fatalf("round %d: %d winners, the row says %s", round, won.Load(), c.Counsellor)
			}
		}
	})
}

// TestCapacityHoldsUnderAStorm lets counsellors grab chats while two dispatchers
// offer them, and counts everybody's places all the time.
func TestCapacityHoldsUnderAStorm(t *testing.T) {
	t.Parallel()
	testenv.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db, bustest.Serve(t, bus.NewMemory()))
		other := r.node(r.bus)
		team := r.w.addTeam(t, func(x *staff.Team) { x.QueueMax = 1000 })
		people, kids := r.crew(team, 6, 2)
		people[0].skill.Trainee = true
		for range 60 {
			r.plant(team, kids)
		}
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		var wg sync.WaitGroup
		for _, s := range []*Service{r.Service, other} {
			wg.Go(func() {
				for range 15 {
					if err := s.dispatch.round(ctx); err != nil {
						t.Errorf("dispatch: %v", err)
					}
					s.boards.spoil()
				}
			})
		}
		for i, p := range people {
			wg.Go(func() { grab(t, r.Service, p, rand.New(rand.NewPCG(uint64(i), 2))) })
		}
		wg.Wait()
		for _, p := range people {
			load, err := loadOf(t.Context(), db, p.actor.ID)
			if err != nil || load > p.skill.Places() {
				t.Errorf("%s holds %d of %d places: %v", p.actor.Name, load, p.skill.Places(), err)
			}
		}
	})
}

// grab accepts and lets go at random.
func grab(t *testing.T, s *Service, p *person, rnd *rand.Rand) {
	ctx := t.Context()
	for range 25 {
		c, err := s.next(ctx, p.actor)
		if err != nil && !errors.Is(err, fault.Conflict) && !errors.Is(err, fault.NotFound) {
			t.Errorf("next: %v", err)
			return
		}
		load, err2 := loadOf(ctx, s.db, p.actor.ID)
		if err2 != nil || load > p.skill.Places() {
			t.Errorf("%s holds %d of %d places: %v", p.actor.Name, load, p.skill.Places(), err2)
		}
		if err == nil && rnd.IntN(2) == 0 {
			if err := s.act(ctx, p.actor, c.ID, ActClose); err != nil && !errors.Is(err, fault.Conflict) {
				t.Errorf("close: %v", err)
			}
		}
	}
}

// TestVideoTakesTwoPlaces checks weights where they are enforced.
func TestVideoTakesTwoPlaces(t *testing.T) {
	r := memoryRig(t)
	team := r.w.addTeam(t, nil)
	people, kids := r.crew(team, 2, 2)
	p, trainee := people[0], people[1]
	trainee.skill = staff.Skills{Limit: 5, Trainee: true}
	first := r.plant(team, kids)
	if _, err := r.accept(t.Context(), p.actor, first); err != nil {
		t.Fatal(err)
	}
	call := r.plant(team, kids)
	if _, err := r.db.Exec(t.Context(), `UPDATE conversation SET kind = 'video' WHERE id = $1`, call); err != nil {
		t.Fatal(err)
	}
	_, err := r.accept(t.Context(), p.actor, call)
	wantCode(t, err, "no_place")
	_, err = r.accept(t.Context(), trainee.actor, call)
	wantCode(t, err, "no_place")
	if err := r.act(t.Context(), p.actor, first, ActClose); err != nil {
		t.Fatal(err)
	}
	if _, err := r.accept(t.Context(), p.actor, call); err != nil {
		t.Errorf("with two places free: %v", err)
	}
	_, err = r.accept(t.Context(), p.actor, r.plant(team, kids))
	wantCode(t, err, "no_place")
}
