package chat

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lotse/chat/client"
	"lotse/internal/bus"
	"lotse/internal/bus/bustest"
	"lotse/internal/fault"
	"lotse/internal/seal"
	"lotse/internal/store"
	"lotse/internal/testenv"
)

// badBus loses and doubles what is published.
type badBus struct {
	bus.Bus
	mu   sync.Mutex
	rnd  *rand.Rand
	lost atomic.Int64
	deaf bool // loses everything
}

func (b *badBus) Publish(ctx context.Context, topic string, payload []byte) error {
	b.mu.Lock()
	fate := b.rnd.IntN(10)
	if b.deaf {
		fate = 0
	}
	if fate < 4 {
		b.lost.Add(1)
	}
	b.mu.Unlock()
	switch {
	case fate < 4:
		return nil
	case fate < 7:
		if err := b.Bus.Publish(ctx, topic, payload); err != nil {
			return err
		}
	}
	return b.Bus.Publish(ctx, topic, payload)
}

// PublishAll loses and doubles each by itself.
func (b *badBus) PublishAll(ctx context.Context, hints []bus.Message) error {
	for _, h := range hints {
		if err := b.Publish(ctx, h.Topic, h.Payload); err != nil {
			return err
		}
	}
	return nil
}

// stubbornSub cannot be extended by the topics that refuse names.
type stubbornSub struct {
	bus.Subscription
	refuse string // prefix
}

func (s stubbornSub) Add(ctx context.Context, topics ...string) error {
	for _, topic := range topics {
		if strings.HasPrefix(topic, s.refuse) {
			return errors.New("the bus is away")
		}
	}
	return s.Subscription.Add(ctx, topics...)
}

// TestFailedSubscriptionLeavesNothingBehind has a bus that fails while somebody
// joins: nobody may stay in a room or at a desk whose connection is given up.
func TestFailedSubscriptionLeavesNothingBehind(t *testing.T) {
	for _, refuse := range []string{topicConversation, topicDesk, topicSession} {
		t.Run(refuse, func(t *testing.T) {
			r := memoryRig(t)
			sub, err := r.bus.Subscribe(t.Context(), topicQueue)
			if err != nil {
				t.Fatal(err)
			}
			defer sub.Close()
			r.hub.attach(stubbornSub{sub, refuse})
			id := NewID()
			p := r.w.hire(t, "Mira", r.w.addTeam(t, nil))
			c := &conn{s: r.Service, actor: &p.actor}
			if refuse == topicConversation {
				err = c.follow(t.Context(), id, 0)
			} else {
				err = r.hub.enterDesk(t.Context(), c)
			}
			wantCode(t, err, "unavailable")
			if len(r.hub.room(id)) != 0 || r.hub.desk(p.actor.ID) != nil || len(r.hub.topics) != 0 {
				t.Errorf("left behind: %d in the room, a desk %t, topics %v", len(r.hub.room(id)), r.hub.desk(p.actor.ID) != nil, r.hub.topics)
			}
		})
	}
}

// diary is what one side of a conversation was given, in order.
type diary struct {
	mu   sync.Mutex
	seqs []int64
	ids  []string
	cond *sync.Cond
}

func newDiary() *diary {
	d := &diary{}
	d.cond = sync.NewCond(&d.mu)
	return d
}

func (d *diary) on(f client.Frame) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if f.T == "message" {
		d.seqs = append(d.seqs, f.Seq)
		d.ids = append(d.ids, f.ID)
	}
	d.cond.Broadcast()
}

// has waits until n different messages were given.
func (d *diary) has(t *testing.T, n int) {
	t.Helper()
	timer := time.AfterFunc(3*patienceOfTests, func() { d.cond.Broadcast() })
	defer timer.Stop()
	until := time.Now().Add(3 * patienceOfTests)
	d.mu.Lock()
	defer d.mu.Unlock()
	for len(d.seqs) < n {
		if time.Now().After(until) {
			t.Fatalf("%d of %d messages arrived", len(d.seqs), n)
		}
		d.cond.Wait()
	}
}

// TestExactlyOnceInOrderOverABadBus lets both sides write through two nodes whose
// bus loses four of ten hints and doubles three, while their connections are cut
// again and again.
func TestExactlyOnceInOrderOverABadBus(t *testing.T) {
	each := func(t *testing.T, nodeBus func(t *testing.T) bus.Bus) {
		testenv.Each(t, func(t *testing.T, db *store.DB) { badWeather(t, db, nodeBus(t), nodeBus(t)) })
	}
	t.Run("memory", func(t *testing.T) {
		shared := bustest.Serve(t, bus.NewMemory())
		each(t, func(*testing.T) bus.Bus { return shared })
	})
	t.Run("redis", func(t *testing.T) {
		url := testenv.Redis(t)
		each(t, func(t *testing.T) bus.Bus { return testenv.RedisBus(t, url) })
	})
}

func badWeather(t *testing.T, db *store.DB, one, two bus.Bus) {
	const count = 60
	quick := func(o *Options) { o.Tuning.CheckEvery = 50 * time.Millisecond }
	bad := []*badBus{{Bus: one, rnd: rand.New(rand.NewPCG(1, 1))}, {Bus: two, rnd: rand.New(rand.NewPCG(2, 2))}}
	r := newRig(t, db, bad[0], quick)
	nodes := []*httptest.Server{serve(t, r.Service), serve(t, r.node(bad[1], quick))}
	team, p := r.desk("Mira", nil)
	id := r.plantActive(team, p)
	token := newToken()
	if _, err := db.Exec(t.Context(), `UPDATE conversation SET token_hash = $2 WHERE id = $1`, id, token.hash()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	rnd := rand.New(rand.NewPCG(3, 3))
	var mu sync.Mutex
	url := func() string {
		mu.Lock()
		defer mu.Unlock()
		return wsURL(nodes[rnd.IntN(len(nodes))])
	}
	diaries := []*diary{newDiary(), newDiary()}
	lines := []*client.Line{
		{URL: url, Wait: 5 * time.Millisecond, On: diaries[0].on, Hello: func(context.Context) (client.Frame, error) {
			return client.Frame{Token: string(token)}, nil
		}},
		{URL: url, Wait: 5 * time.Millisecond, On: diaries[1].on, Hello: func(context.Context) (client.Frame, error) {
			return client.Frame{Ticket: r.w.ticket(p)}, nil
		}},
	}
	var wg, work sync.WaitGroup
	for _, l := range lines {
		wg.Go(func() {
			if err := l.Run(ctx); err != nil {
				t.Errorf("line: %v", err)
			}
		})
		work.Go(func() { chatter(t, ctx, l, id, count) })
	}
	for i := range 20 { // a cut every few messages
		diaries[0].has(t, i*2*count/20)
		lines[i%2].Cut()
	}
	work.Wait()
	for _, d := range diaries {
		d.has(t, 2*count)
	}
	cancel()
	wg.Wait()
	for side, d := range diaries {
		if got, want := fmt.Sprint(d.seqs), fmt.Sprint(upTo(2*count)); got != want {
			t.Errorf("side %d was given %s", side, got)
		}
	}
	if fmt.Sprint(diaries[0].ids) != fmt.Sprint(diaries[1].ids) {
		t.Error("the sides have different orders")
	}
	if bad[0].lost.Load()+bad[1].lost.Load() == 0 {
		t.Error("the bus was good")
	}
}

func upTo(n int64) []int64 {
	var all []int64
	for i := range n {
		all = append(all, i+1)
	}
	return all
}

// chatter sends messages one after the other, each until it is durable.
func chatter(t *testing.T, ctx context.Context, l *client.Line, id ID, count uint32) {
	for n := range count {
		m := seal.Message{ID: NewID().String(), N: n + 1, Body: make(seal.Bytes, 256+28)}
		if _, err := l.Post(ctx, client.Send(id.String(), m)); err != nil {
			t.Errorf("post %d: %v", n+1, err)
			return
		}
	}
}

// TestTwoNodesOverRedis has seeker and counsellor on different nodes: every kind of
// frame crosses over.
func TestTwoNodesOverRedis(t *testing.T) {
	url := testenv.Redis(t)
	r := newRig(t, testenv.Migrated(t, testenv.Postgres(t)), testenv.RedisBus(t, url))
	here, there := serve(t, r.Service), serve(t, r.node(testenv.RedisBus(t, url)))
	team := r.w.addTeam(t, nil)
	p := r.w.hire(t, "Mira", team)
	r.shift(p, team)
	desk := r.work(p, there)
	r.heard()
	s := r.open(debts, Live)
	r.say(s.id)
	c := s.id.String()
	chair := s.sit(here)
	desk.frame("offer")
	desk.send(client.Frame{T: "accept", C: c})
	chair.wantState(Active)
	desk.wantState(Active)
	on := true
	chair.send(client.Frame{T: "typing", C: c, On: &on})
	if f := desk.frame("typing"); f.Who != "seeker" || f.On == nil || !*f.On {
		t.Errorf("typing %+v", f)
	}
	desk.send(client.Frame{T: "signal", C: c, Body: seal.Bytes("sealed")})
	if f := chair.frame("signal"); f.Who != p.actor.KID || string(f.Body) != "sealed" {
		t.Errorf("signal %+v", f)
	}
	chair.send(client.Send(c, seal.Message{ID: NewID().String(), N: 2, Body: make(seal.Bytes, 512+28)}))
	desk.await("the second message", func(f client.Frame) bool { return f.T == "message" && f.Seq == 2 })
	chair.send(client.Frame{T: "read", C: c, Delivered: 0, Seq: 0})
	desk.frame("read")

	again := s.sit(there, 2) // the same seeker on another node
	if code := chair.closed(); code != closeReplaced {
		t.Errorf("the older tab was closed with %d", code)
	}
	desk2 := r.work(p, here)
	if code := desk.closed(); code != closeReplaced {
		t.Errorf("the older console was closed with %d", code)
	}
	desk2.send(client.Frame{T: "close", C: c})
	again.wantState(Closed)
}

func TestResumeGivesEverythingAfterLastAndNothingElse(t *testing.T) {
	r := memoryRig(t).run()
	team := r.w.addTeam(t, nil)
	p := r.w.hire(t, "Mira", team)
	r.shift(p, team)
	r.ready(p)
	s := r.open(debts, Live)
	seat := Seat{Conversation: s.id, Who: Seeker}
	for n := range uint32(150) { // more than two pages
		r.mustPost(seat, letter(n+1, 0))
	}
	for _, last := range []int64{0, 1, 64, 149, 150, 999} {
		l := s.sit(r.http, last)
		for seq := last + 1; seq <= 150; seq++ {
			if f := l.frame("message"); f.Seq != seq {
				t.Fatalf("after %d: got %d, want %d", last, f.Seq, seq)
			}
		}
		l.send(client.Send(s.id.String(), seal.Message{ID: NewID().String(), N: 900, Body: make(seal.Bytes, 284)}))
		l.refused("out_of_order") // an answer: nothing else was sent before it
		l.mu.Lock()
		for _, f := range l.got {
			if f.T == "message" {
				t.Errorf("after %d: a message too many: %d", last, f.Seq)
			}
		}
		l.mu.Unlock()
		_ = l.conn.Close()
	}
}

// TestSlowReaderIsClosedAndResumes floods somebody who does not read.
func TestSlowReaderIsClosedAndResumes(t *testing.T) {
	r := memoryRig(t, func(o *Options) { o.Tuning.Outbox, o.Tuning.WriteTimeout = 64<<10, 200*time.Millisecond }).run()
	_, _, seeker, counsellor := r.twoSeats()
	token := newToken()
	if _, err := r.db.Exec(t.Context(), `UPDATE conversation SET token_hash = $2 WHERE id = $1`, seeker.Conversation, token.hash()); err != nil {
		t.Fatal(err)
	}
	conn, err := client.Dial(t.Context(), wsURL(r.http), client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Cut()
	if _, err := conn.Greet(t.Context(), client.Frame{Token: string(token)}); err != nil {
		t.Fatal(err)
	}
	n := uint32(0)
	for r.hub.holds(seeker.Conversation) { // until the server gives the connection up
		n++
		m := letter(n, 0)
		m.Body = make(seal.Bytes, 16<<10+28)
		r.mustPost(counsellor, m)
		if n > 50_000 {
			t.Fatal("the slow reader is never closed")
		}
	}
	l := dial(t, r.http, false)
	l.send(client.Frame{T: "hello", V: client.Version, Token: string(token)})
	l.frame("welcome")
	for seq := int64(1); seq <= int64(n); seq++ {
		if f := l.frame("message"); f.Seq != seq {
			t.Fatalf("resumed with %d, want %d", f.Seq, seq)
		}
	}
}

func TestDrainSaysByeAndLosesNothing(t *testing.T) {
	db := testenv.Migrated(t, testenv.SQLite(t))
	b := bustest.Serve(t, bus.NewMemory())
	r := newRig(t, db, b, func(o *Options) { o.Tuning.DrainSpread = 50 * time.Millisecond }).run()
	next := serve(t, r.node(b))
	team := r.w.addTeam(t, nil)
	p := r.w.hire(t, "Mira", team)
	r.shift(p, team)
	desk := r.work(p, r.http)
	s := r.open(debts, Live)
	r.say(s.id)
	var lines []*line
	lines = append(lines, s.sit(r.http), desk)
	for range 5 {
		other := r.open(debts, Live)
		lines = append(lines, other.sit(r.http))
	}
	if err := r.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i, l := range lines {
		f := l.frame("bye")
		if f.Code != "4012" || !f.Reconnect || f.RetryMS < 0 || f.RetryMS > 50 {
			t.Errorf("bye %+v", f)
		}
		if code := l.closed(); code != closeDraining {
			t.Errorf("socket %d was closed with %d", i, code)
		}
	}
	if _, err := client.Dial(t.Context(), wsURL(r.http), client.Options{}); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("a new socket while draining: %v", err)
	}
	if n := r.Sockets(); n != 0 {
		t.Errorf("%d sockets are left", n)
	}
	desk = r.work(p, next)
	chair := s.sit(next)
	desk.frame("offer")
	desk.send(client.Frame{T: "accept", C: s.id.String()})
	chair.wantState(Active)
}

// TestNoGoroutineIsLeft opens and loses sockets in every way and counts.
func TestNoGoroutineIsLeft(t *testing.T) {
	r := memoryRig(t).run()
	team := r.w.addTeam(t, nil)
	p := r.w.hire(t, "Mira", team)
	r.shift(p, team)
	warm := r.work(p, r.http)
	_ = warm.conn.Close()
	<-warm.done
	before := r.settled(t, -1)
	for i := range 20 {
		s := r.open(debts, Message)
		l := s.sit(r.http)
		mute := dial(t, r.http, true) // never says hello
		desk := r.work(p, r.http)
		switch i % 3 {
		case 0:
			_, _, _ = l.conn.Close(), mute.conn.Close(), desk.conn.Close()
		case 1:
			_, _, _ = l.conn.Cut(), mute.conn.Cut(), desk.conn.Cut()
		case 2:
			for _, c := range r.hub.all() {
				c.shut(closeResync)
			}
		}
		for _, x := range []*line{l, mute, desk} {
			_ = x.conn.Cut()
			<-x.done
		}
	}
	if after := r.settled(t, before); after > before {
		buf := make([]byte, 1<<20)
		t.Errorf("%d goroutines before, %d after\n%s", before, after, buf[:runtime.Stack(buf, true)])
	}
	if n := r.Sockets(); n != 0 {
		t.Errorf("%d sockets", n)
	}
	if len(r.hub.topics) != 0 || len(r.hub.desks) != 0 {
		t.Errorf("topics %v, desks %v", r.hub.topics, r.hub.desks)
	}
}

// settled waits until no socket is open and the number of goroutines of this
// package is at most want (or has not changed for a while), and returns it.
func (r *rig) settled(t *testing.T, want int) int {
	t.Helper()
	last, same := -1, 0
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range 1000 {
		<-tick.C
		n := ours()
		if r.Sockets() == 0 && want >= 0 && n <= want {
			return n
		}
		if n == last && r.Sockets() == 0 {
			same++
		} else {
			last, same = n, 0
		}
		if want < 0 && same > 20 {
			return n
		}
	}
	return ours()
}

// ours counts goroutines with a frame of this package that is not a test.
func ours() int {
	buf := make([]byte, 4<<20)
	n := 0
	for g := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		if strings.Contains(g, "lotse/chat.(*") || strings.Contains(g, "coder/websocket") {
			n++
		}
	}
	return n
}

// TestGapIsReadOver loses everything the bus could say and then hears of the gap.
func TestGapIsReadOver(t *testing.T) {
	deaf := &badBus{Bus: bustest.Serve(t, bus.NewMemory()), rnd: rand.New(rand.NewPCG(1, 1)), deaf: true}
	r := newRig(t, testenv.Migrated(t, testenv.SQLite(t)), deaf)
	here, there := serve(t, r.Service), r.node(deaf)
	serve(t, there)
	team := r.w.addTeam(t, nil)
	p := r.w.hire(t, "Mira", team)
	r.shift(p, team)
	desk := r.work(p, here)
	id := r.plant(team, []string{p.actor.KID})
	token := newToken()
	if _, err := r.db.Exec(t.Context(), `UPDATE conversation SET token_hash = $2 WHERE id = $1`, id, token.hash()); err != nil {
		t.Fatal(err)
	}
	chair := dial(t, here, false)
	chair.send(client.Frame{T: "hello", V: client.Version, Token: string(token)})
	chair.frame("welcome")
	there.boards.spoil()
	if _, err := there.accept(t.Context(), p.actor, id); err != nil && fault.CodeOf(err) != "taken" {
		t.Fatal(err)
	}
	other := &rig{Service: there, t: t}
	other.mustPost(Seat{Conversation: id, Who: Counsellor, Actor: p.actor}, letter(1, 0))
	r.hub.recover(t.Context())
	desk.wantState(Active)
	if f := chair.frame("message"); f.Seq != 1 {
		t.Errorf("message %+v", f)
	}
	if _, err := there.Delete(t.Context(), Seat{Conversation: id, Who: Seeker}); err != nil {
		t.Fatal(err)
	}
	r.hub.recover(t.Context())
	chair.wantState(Purged)
}
