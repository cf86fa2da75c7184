package crowd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"lotse/chat/client"
	"lotse/cmd/loadgen/history"
)

// Town is what everybody shares: where the nodes are and where to write down.
type Town struct {
	Nodes   []string // addresses such as http://127.0.0.1:1234
	Log     *history.Log
	Silence time.Duration // after which a connection is given up
	Pace    time.Duration // mean pause of a person between two acts
	Closing <-chan struct{}
	Whole   <-chan struct{}             // closed when nothing is broken any more and every call made before has its answer
	Trouble func(who string, err error) // what may happen while something is broken, for the curious

	Transport http.RoundTripper // of all requests
}

// closing reports whether everybody is to come to an end.
func (t *Town) closing() bool { return closed(t.Closing) }

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// person is what seekers and counsellors have in common.
type person struct {
	town *Town
	name string
	http *http.Client

	chanceMu sync.Mutex
	chance   *rand.Rand

	line  *client.Line
	conns atomic.Int64 // connections so far
	inbox inbox
	slow  time.Duration // pause before each frame is looked at

	traceMu sync.Mutex
	holding map[string]bool  // staff: conversations this connection takes part in
	named   map[string]int64 // what hello said is held already
	key     string           // staff: own kid
}

func newPerson(town *Town, name string, number int, session string, seed uint64) *person {
	p := &person{town: town, name: name, chance: rand.New(rand.NewPCG(seed, uint64(number))), inbox: newInbox(), holding: map[string]bool{}}
	visitor := Visitor{Number: number, Session: session, Base: town.Transport}
	p.http = &http.Client{Transport: visitor, Timeout: town.Silence}
	p.line = &client.Line{
		URL:     func() string { return strings.Replace(p.node(), "http", "ws", 1) + "/ws" },
		Wait:    50 * time.Millisecond,
		Options: client.Options{HTTP: &http.Client{Transport: visitor}, Silence: town.Silence, Trace: p.trace},
		On: func(f client.Frame) {
			time.Sleep(p.slow)
			p.inbox.put(f)
		},
	}
	return p
}

func (p *person) node() string { return p.town.Nodes[p.roll(len(p.town.Nodes))] }

// roll is a number below n. Lines roll too, from goroutines of their own.
func (p *person) roll(n int) int {
	p.chanceMu.Lock()
	defer p.chanceMu.Unlock()
	return p.chance.IntN(n)
}

// often is true in so many of a hundred cases.
func (p *person) often(percent int) bool { return p.roll(100) < percent }

// rest waits a while, shorter or longer.
func (p *person) rest(ctx context.Context, mean time.Duration) {
	timer := time.NewTimer(mean/2 + time.Duration(p.roll(int(mean)+1)))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// again calls do until it succeeds, is refused for good, or ctx ends.
func (p *person) again(ctx context.Context, do func() error) error {
	for {
		err := do()
		if err == nil || final(err) {
			return err
		}
		p.town.Trouble(p.name, err)
		problem, clear := errors.AsType[*client.Problem](err)
		p.suspect("", clear && problem.Status == http.StatusInternalServerError, err.Error())
		p.rest(ctx, 4*p.town.Pace)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// suspect writes down a fault of the server's own that nothing broken explains.
func (p *person) suspect(c string, fault bool, text string) {
	if fault && closed(p.town.Whole) {
		p.odd(c, text+" while everything is whole")
	}
}

// final reports whether asking again is of no use: a clear answer that is not
// about the state of the server.
func final(err error) bool {
	p, clear := errors.AsType[*client.Problem](err)
	return clear && p.Status < 500 && p.Status != http.StatusTooManyRequests
}

// staffCall speaks the API of staff.
func (p *person) staffCall(ctx context.Context, method, path string, body, answer any) error {
	var in bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&in).Encode(body); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, p.node()+"/api/v1/staff/"+path, &in)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := p.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode/100 != 2 {
		problem := &client.Problem{Status: res.StatusCode}
		_ = json.NewDecoder(res.Body).Decode(problem) // the status says enough
		return problem
	}
	return json.NewDecoder(res.Body).Decode(answer)
}

// inbox holds frames until their person looks at them.
type inbox struct {
	mu    sync.Mutex
	queue []client.Frame
	some  chan struct{}
}

func newInbox() inbox { return inbox{some: make(chan struct{}, 1)} }

func (i *inbox) put(f client.Frame) {
	i.mu.Lock()
	i.queue = append(i.queue, f)
	i.mu.Unlock()
	select {
	case i.some <- struct{}{}:
	default:
	}
}

// next is the next frame; false when ctx ended or nothing came for a while.
func (i *inbox) next(ctx context.Context, wait time.Duration) (client.Frame, bool) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		i.mu.Lock()
		if len(i.queue) > 0 {
			f := i.queue[0]
			i.queue = i.queue[1:]
			i.mu.Unlock()
			return f, true
		}
		i.mu.Unlock()
		select {
		case <-i.some:
		case <-timer.C:
			return client.Frame{}, false
		case <-ctx.Done():
			return client.Frame{}, false
		}
	}
}
