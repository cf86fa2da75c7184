package chaos

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"sync"
	"time"

	"lotse/cmd/loadgen/crowd"
	"lotse/cmd/loadgen/history"
	"lotse/cmd/loadgen/world"
	"lotse/internal/testenv/staffed"
)

// Options is one run.
type Options struct {
	Seed    uint64
	For     time.Duration // of breaking; setting up and coming to an end come on top
	Shape   world.Shape
	Next    string // program with one more migration; empty: no migration
	Seekers int    // at any time
	Hostile int
	Pace    time.Duration // mean pause of a person
	Out     io.Writer
	Keep    string // directory for logs if something was found
}

// Report is what a run has shown.
type Report struct {
	Violations []history.Violation
	Leaks      []string // of goroutines, connections, and lines in logs nobody should see
	Opened     int      // conversations
	Acked      int      // messages
	Read       int
	Faults     map[string]int
	events     []history.Event
}

// About is what was written down about a conversation.
func (r Report) About(c string) (events []history.Event) {
	for _, e := range r.events {
		if e.C == c {
			events = append(events, e)
		}
	}
	return events
}

// Failed reports whether anything was found.
func (r Report) Failed() bool { return len(r.Violations) > 0 || len(r.Leaks) > 0 }

// The silences of this world: heartbeats every 5 s, the least that is allowed.
const (
	heartbeat = 5 * time.Second
	silence   = 8 * time.Second
	// endPatience is how long everything may take to come to an end once nothing
	// is broken any more: somebody who was lost is noticed within a minute.
	endPatience = 3 * time.Minute
)

// settings make what takes hours in operation happen in seconds.
func settings() []string {
	return []string{
		"LOTSE_CHAT_HEARTBEAT=" + heartbeat.String(), "LOTSE_CHAT_OFFER=5s", "LOTSE_CHAT_GONE=30s", "LOTSE_CHAT_LOST=30s",
		"LOTSE_DRAIN=3s", "LOTSE_LOG_LEVEL=warn",
	}
}

// run is a run in progress.
type run struct {
	o        Options
	world    *world.World
	town     *crowd.Town
	rand     *rand.Rand
	began    time.Time
	closing  chan struct{}
	whole    chan struct{}
	wholeAt  time.Time // when whole was or will be closed
	deck     []fault   // still to be dealt
	faults   map[string]int
	migrated bool
	ctx      context.Context

	mu      sync.Mutex
	seekers []*crowd.Seeker
	wg      sync.WaitGroup // seekers
}

// Run breaks a world for a while and reports. An error means that the run itself
// could not be carried out.
func Run(ctx context.Context, o Options) (rep Report, err error) {
	o.Shape.Env = append(settings(), o.Shape.Env...)
	w, err := world.New(ctx, o.Shape)
	if err != nil {
		return rep, err
	}
	defer w.Close()
	r := &run{o: o, world: w, rand: rand.New(rand.NewPCG(o.Seed, 0)), closing: make(chan struct{}), whole: make(chan struct{}), faults: map[string]int{}, ctx: ctx}
	r.town = &crowd.Town{Log: &history.Log{}, Silence: silence, Pace: o.Pace, Closing: r.closing, Whole: r.whole,
		Trouble: func(string, error) {}, Transport: &http.Transport{DisableKeepAlives: true}}
	for _, n := range w.Nodes {
		r.town.Nodes = append(r.town.Nodes, n.URL())
	}
	before, err := r.measure()
	if err != nil {
		return rep, err
	}
	if err := r.live(ctx); err != nil {
		r.keepLogs()
		return rep, err
	}
	events := r.town.Log.Events()
	rep = Report{Violations: history.Check(events), events: events, Opened: r.town.Log.Count(history.Opened),
		Acked: r.town.Log.Count(history.Acked), Read: r.town.Log.Count(history.Read), Faults: r.faults}
	rep.Leaks = append(r.leaks(before), r.complaints()...)
	if rep.Failed() {
		r.keepLogs()
	}
	return rep, nil
}

func (r *run) say(format string, args ...any) { fmt.Fprintf(r.o.Out, format+"\n", args...) }

func (r *run) sleep(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.ctx.Done():
	}
}

// live is the crowd from its coming to its going.
func (r *run) live(ctx context.Context) error {
	staffCtx, goHome := context.WithCancel(ctx)
	var staff sync.WaitGroup
	defer staff.Wait()
	defer goHome()
	desks := r.counsellors()
	for _, c := range desks {
		staff.Go(func() { c.Run(staffCtx) })
	}
	hostileCtx, enough := context.WithCancel(ctx)
	defer enough()
	for i := range r.o.Hostile {
		h := crowd.NewHostile(r.town, 200000+i, r.o.Seed, r.someone)
		staff.Go(func() { h.Run(hostileCtx) })
	}
	seekerCtx, abandon := context.WithCancel(ctx)
	defer abandon()
	for range r.o.Seekers {
		r.wg.Go(func() { r.comeAndGo(seekerCtx) })
	}
	r.began = time.Now()
	for time.Since(r.began) < r.o.For && ctx.Err() == nil {
		r.sleep(time.Duration(500+r.rand.IntN(2000)) * time.Millisecond)
		if err := r.breakOne(); err != nil {
			return err
		}
	}
	if err := r.world.Revive(); err != nil {
		return err
	}
	for _, p := range r.world.Links() {
		p.Heal()
	}
	r.say("%6.1fs everything is whole again; %d conversations so far", time.Since(r.began).Seconds(), r.town.Log.Count(history.Opened))
	enough()
	close(r.closing)
	r.wholeAt = time.Now().Add(silence)
	time.AfterFunc(silence, func() { close(r.whole) })
	return r.end(ctx, abandon, desks)
}

// end waits until everybody has come to an end, and takes down what is stored.
func (r *run) end(ctx context.Context, abandon func(), desks []*crowd.Counsellor) error {
	late := time.AfterFunc(endPatience, abandon)
	r.wg.Wait()
	late.Stop()
	for began := time.Now(); time.Since(began) < endPatience; {
		if quiet(desks) {
			break
		}
		r.sleep(100 * time.Millisecond)
	}
	ctx, cancel := context.WithTimeout(ctx, endPatience)
	defer cancel()
	for _, s := range r.seekers {
		s.Testify(ctx)
	}
	return ctx.Err()
}

func quiet(desks []*crowd.Counsellor) bool {
	for _, d := range desks {
		if !d.Quiet() {
			return false
		}
	}
	return true
}

// counsellors makes everybody who is on duty; every third has a bad line.
func (r *run) counsellors() []*crowd.Counsellor {
	teams := map[string][]string{}
	for _, p := range r.world.People {
		teams[p.Team] = append(teams[p.Team], p.ID)
	}
	var all []*crowd.Counsellor
	for i, p := range r.world.People {
		var colleagues []string
		for _, id := range teams[p.Team] {
			if id != p.ID {
				colleagues = append(colleagues, id)
			}
		}
		all = append(all, crowd.NewCounsellor(r.town, 100000+i, r.o.Seed, p, colleagues, i%3 == 0))
	}
	return all
}

// comeAndGo is one place in the crowd: one seeker after the other.
func (r *run) comeAndGo(ctx context.Context) {
	for ctx.Err() == nil {
		select {
		case <-r.closing:
			return
		default:
		}
		s := r.newSeeker()
		s.Run(ctx)
	}
}

func (r *run) newSeeker() *crowd.Seeker {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := len(r.seekers)
	h := crowd.Habit{Topic: staffed.Topic, Language: staffed.Language, Messages: 1 + n%7, Flaky: n%3 == 1}
	if n%8 == 5 {
		h.Slow = 50 * time.Millisecond
	}
	s := crowd.NewSeeker(r.town, n, r.o.Seed, h)
	r.seekers = append(r.seekers, s)
	return s
}

// someone is a few conversations that a stranger might have heard of.
func (r *run) someone() (ids []string) {
	for _, e := range r.town.Log.Events() {
		if e.Kind == history.Opened {
			ids = append(ids, e.C)
		}
	}
	return ids[max(0, len(ids)-3):]
}

func (r *run) keepLogs() {
	if r.o.Keep == "" {
		return
	}
	if err := os.CopyFS(r.o.Keep, os.DirFS(r.world.Logs())); err != nil {
		r.say("logs could not be kept: %v", err)
	}
}
