package bench

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"lotse/chat/client"
	"lotse/cmd/loadgen/crowd"
	"lotse/cmd/loadgen/world"
	"lotse/internal/seal"
	"lotse/internal/testenv/staffed"
)

// lotse is a world with people in it.
type lotse struct {
	*world.World
	base http.RoundTripper
	e    *ears

	mu       sync.Mutex
	rooms    map[string]int // conversation → its place
	open     []room
	seekers  []*lotseLine // in order of arrival, those who wait as well
	desks    []*lotseLine
	accepted chan struct{}
}

func newLotse(ctx context.Context, shape world.Shape) (*lotse, error) {
	shape.Direct = true
	shape.Env = append(shape.Env, "LOTSE_LOG_LEVEL=warn")
	w, err := world.New(ctx, shape)
	if err != nil {
		return nil, err
	}
	base := &http.Transport{MaxIdleConnsPerHost: 64, MaxIdleConns: 256}
	return &lotse{World: w, base: base, e: &ears{}, rooms: map[string]int{}, accepted: make(chan struct{}, 100_000)}, nil
}

func (l *lotse) pids() (all []int, err error) {
	for _, n := range l.Nodes {
		pid, err := n.PID()
		if err != nil {
			return nil, err
		}
		all = append(all, pid)
	}
	return all, nil
}

func (l *lotse) cpu() (time.Duration, error) {
	pids, err := l.pids()
	if err != nil {
		return 0, err
	}
	return cpuOf(pids)
}

// lotseLine is one socket of a seeker or counsellor. Bodies are of the right length
// and otherwise chance: the server cannot tell.
type lotseLine struct {
	l       *lotse
	number  int
	node    int
	hello   client.Frame
	session string // staff
	ws      *client.Conn

	mu    sync.Mutex
	state string // seekers: what the server said last of c
	c     string
	n     uint32
	last  int64
	body  seal.Bytes

	holding sync.Mutex // held while the end does not read
}

// bodyLength is the smallest padded message, 256 bytes of text sealed, and
// longestBody the longest.
const (
	bodyLength  = 256 + 28
	longestBody = 16<<10 + 28
)

func (x *lotseLine) http() *http.Client {
	return &http.Client{Transport: crowd.Visitor{Number: x.number, Session: x.session, Base: x.l.base}}
}

// dial opens the socket and says hello.
func (x *lotseLine) dial(ctx context.Context) error {
	base := x.l.Nodes[x.node].Direct()
	hello := x.hello
	if x.session != "" {
		ticket, err := x.ticket(ctx, base)
		if err != nil {
			return err
		}
		hello.Ticket = ticket
	}
	ws, err := client.Dial(ctx, strings.Replace(base, "http", "ws", 1)+"/ws", client.Options{HTTP: x.http()})
	if err != nil {
		return err
	}
	x.mu.Lock()
	if x.c != "" {
		hello.Last = map[string]int64{x.c: x.last}
	}
	x.mu.Unlock()
	welcome, err := ws.Greet(ctx, hello)
	if err != nil {
		_ = ws.Cut()
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.ws = ws
	if x.session != "" {
		return nil
	}
	before := x.state
	if x.state, err = goesOn(welcome, x.c, before); err != nil {
		_ = ws.Cut()
	}
	return err
}

// errElse is a welcome to something else than one's own conversation.
var errElse = errors.New("welcomed to something else")

// goesOn is the state of the conversation c of a welcome, which shows it alone and as
// it was before, if it was known: only who waited may have found somebody meanwhile.
func goesOn(welcome client.Frame, c, before string) (state string, err error) {
	if len(welcome.Conversations) != 1 || welcome.Conversations[0].C != c {
		return before, fmt.Errorf("%w: %d conversations instead of %s", errElse, len(welcome.Conversations), c)
	}
	state = welcome.Conversations[0].State
	if before != "" && state != before && (before != "waiting" || state != "active") {
		return before, fmt.Errorf("%w: %s is %s after %s", errElse, c, state, before)
	}
	return state, nil
}

// listen hands on what comes until the socket ends.
func (x *lotseLine) listen(ctx context.Context, end int) {
	x.mu.Lock()
	ws := x.ws
	x.mu.Unlock()
	for {
		x.holding.Lock()
		f, err := ws.Recv(ctx)
		x.holding.Unlock()
		if err != nil {
			return
		}
		switch f.T {
		case "offer":
			_ = ws.Send(ctx, client.Frame{T: "accept", C: f.C}) // offered again if it is lost
		case "state":
			if end == 0 {
				x.mu.Lock()
				x.state = f.State
				x.mu.Unlock()
			} else if f.State == "active" {
				x.l.meet(f.C, x)
			}
		case "error":
			if f.Re == "send" {
				x.l.e.denied.Add(1)
			}
		case "ack":
			x.saw(f.Seq)
		case "message":
			x.saw(f.Seq)
			if at := stampOf(f.Body); at != 0 {
				x.l.e.hear(x.l.place(f.C), end, at)
			}
		}
	}
}

// stampOf is the instant a message carries, 0 for the first words.
func stampOf(body seal.Bytes) int64 {
	if len(body) < 8 {
		return 0
	}
	return int64(binary.LittleEndian.Uint64(body))
}

func (x *lotseLine) saw(seq int64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.last = max(x.last, seq)
}

func (l *lotse) place(c string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.rooms[c]
}

// meet puts the counsellor's end into the room.
func (l *lotse) meet(c string, x *lotseLine) {
	x.mu.Lock()
	x.c = c
	x.mu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	if place := l.rooms[c]; l.open[place][1] == nil {
		l.open[place][1] = x
		l.accepted <- struct{}{}
	}
}

func (x *lotseLine) say(at int64) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.body == nil {
		x.body = make(seal.Bytes, bodyLength)
	}
	return x.sayLocked(x.body, at)
}

// shout is say with the longest message there is.
func (x *lotseLine) shout(at int64) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.sayLocked(make(seal.Bytes, longestBody), at)
}

func (x *lotseLine) sayLocked(body seal.Bytes, at int64) error {
	binary.LittleEndian.PutUint64(body, uint64(at))
	x.n++
	return x.ws.Send(context.Background(), client.Send(x.c, seal.Message{ID: fmt.Sprintf("00000000-0000-4000-8000-%06x%06x", x.number, x.n), N: x.n, Body: body}))
}

func (x *lotseLine) cut() {
	x.mu.Lock()
	defer x.mu.Unlock()
	_ = x.ws.Cut()
}

// hold keeps the end from reading, from after the next frame until the result is
// called.
func (x *lotseLine) hold() (release func()) {
	taken := make(chan struct{})
	go func() {
		x.holding.Lock()
		close(taken)
	}()
	return func() {
		<-taken
		x.holding.Unlock()
	}
}

// staffUp opens the desks of the first n people on the last node and makes them
// ready; seekers are on the first.
func (l *lotse) staffUp(ctx context.Context, n int) error {
	g, ctx2 := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for i, p := range l.People[:n] {
		x := &lotseLine{l: l, number: 1_000_000 + i, node: len(l.Nodes) - 1, session: p.Session}
		l.desks = append(l.desks, x)
		g.Go(func() error {
			if err := x.dial(ctx2); err != nil {
				return fmt.Errorf("desk %d: %w", i, err)
			}
			go x.listen(ctx, 1)
			return x.ws.Send(ctx2, client.Frame{T: "status", State: "ready"})
		})
	}
	return g.Wait()
}

func (x *lotseLine) ticket(ctx context.Context, base string) (string, error) {
	var answer bytes.Buffer
	if err := ask(ctx, x.http(), http.MethodPost, base+"/api/v1/staff/ticket", []byte("{}"), &answer); err != nil {
		return "", err
	}
	var t struct{ Ticket string }
	err := json.Unmarshal(answer.Bytes(), &t)
	return t.Ticket, err
}

// seek lets n more seekers come, and waits for their sockets.
func (l *lotse) seek(ctx context.Context, n int) error {
	g, ctx2 := errgroup.WithContext(ctx)
	g.SetLimit(16)
	for range n {
		l.mu.Lock()
		x := &lotseLine{l: l, number: len(l.seekers)}
		l.seekers = append(l.seekers, x)
		l.open = append(l.open, room{x})
		l.mu.Unlock()
		g.Go(func() error {
			if err := x.come(ctx2); err != nil {
				return fmt.Errorf("seeker %d: %w", x.number, err)
			}
			if err := x.dial(ctx2); err != nil {
				return fmt.Errorf("seeker %d: %w", x.number, err)
			}
			go x.listen(ctx, 0)
			return nil
		})
	}
	return g.Wait()
}

// come opens the conversation of a seeker, patiently: somebody must be ready.
func (x *lotseLine) come(ctx context.Context) error {
	api := client.API{Base: x.l.Nodes[x.node].Direct(), HTTP: x.http()}
	ask := url.Values{"topic": {staffed.Topic}, "language": {x.language()}, "kind": {"live"}}
	for {
		err := x.knock(ctx, api, ask)
		p, clear := errors.AsType[*client.Problem](err)
		if err == nil || !clear || p.Status != http.StatusConflict {
			return err
		}
		pause(ctx, 200*time.Millisecond)
		if ctx.Err() != nil {
			return err
		}
	}
}

// language spreads seekers evenly over the teams that have somebody at a desk.
func (x *lotseLine) language() string { return x.l.People[x.number%len(x.l.desks)].Language }

func (x *lotseLine) knock(ctx context.Context, api client.API, ask url.Values) error {
	to, err := api.Recipients(ctx, ask)
	if err != nil {
		return err
	}
	_, epoch, err := client.NewTalk(to.Team.ID, to.Chain, to.Readers, time.Now())
	if err != nil {
		return err
	}
	opened, err := api.Open(ctx, client.Opening{Topic: staffed.Topic, Language: x.language(), Kind: "live", OnGone: "keep", Epoch: epoch})
	if err != nil {
		return err
	}
	x.c, x.hello = opened.ID, client.Frame{Token: opened.Token}
	x.l.mu.Lock()
	defer x.l.mu.Unlock()
	x.l.rooms[opened.ID] = x.number
	return nil
}

// talkers opens n rooms with both ends in them.
func (l *lotse) talkers(ctx context.Context, n int) ([]room, error) {
	if err := l.staffUp(ctx, n); err != nil {
		return nil, err
	}
	if err := l.seek(ctx, n); err != nil {
		return nil, err
	}
	for _, x := range l.seekers[:n] { // nobody is offered a chat without a word
		if err := x.say(0); err != nil {
			return nil, err
		}
	}
	late := time.After(3 * time.Minute)
	for met := range n {
		select {
		case <-l.accepted:
		case <-late:
			return nil, fmt.Errorf("only %d of %d met", met, n)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.open[:n:n], nil
}
