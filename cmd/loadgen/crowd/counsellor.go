package crowd

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"lotse/chat/client"
	"lotse/internal/seal"
	"lotse/internal/testenv/staffed"
)

// Counsellor works at one desk until it is told to stop.
type Counsellor struct {
	*person
	who        staffed.Person
	colleagues []string // ids of others in the team
	rooms      map[string]*room
	flaky      bool
	ready      bool
	quiet      atomic.Bool
}

// NewCounsellor makes a counsellor; number tells people of a town apart.
func NewCounsellor(town *Town, number int, seed uint64, who staffed.Person, colleagues []string, flaky bool) *Counsellor {
	c := &Counsellor{person: newPerson(town, "counsellor "+who.Name, number, who.Session, seed), who: who, colleagues: colleagues, flaky: flaky, rooms: map[string]*room{}}
	c.key = who.Keys.KID().String()
	c.line.Hello = func(ctx context.Context) (client.Frame, error) {
		var ticket struct{ Ticket string }
		err := c.staffCall(ctx, http.MethodPost, "ticket", struct{}{}, &ticket)
		if err != nil {
			c.town.Trouble(c.name, err)
		}
		return client.Frame{Ticket: ticket.Ticket}, err
	}
	return c
}

// Run works until ctx ends.
func (c *Counsellor) Run(ctx context.Context) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.keepLine(ctx, func() string { return "" })
	}()
	for ctx.Err() == nil {
		if f, some := c.inbox.next(ctx, c.town.Pace/2+time.Duration(c.roll(int(c.town.Pace)+1))); some {
			c.quiet.Store(false)
			c.take(ctx, f)
		} else if ctx.Err() == nil {
			c.quiet.Store(c.act(ctx))
		}
	}
	<-done
}

func (c *Counsellor) room(id string) *room {
	r := c.rooms[id]
	if r == nil {
		r = &room{id: id}
		c.rooms[id] = r
	}
	return r
}

func (c *Counsellor) take(ctx context.Context, f client.Frame) {
	switch f.T {
	case "welcome":
		c.welcome(ctx, f)
	case "status":
		c.ready = f.State == "ready"
	case "state":
		c.see(ctx, f)
	case "offer":
		c.consider(ctx, f)
	case "queue":
		c.pull(ctx, f)
	case "message":
		c.hear(c.room(f.C), f)
	case posted:
		c.fate(c.room(f.C), f)
	}
}

// welcome takes in which conversations are still here. What is not has gone
// elsewhere or ended while the line was down.
func (c *Counsellor) welcome(ctx context.Context, f client.Frame) {
	here := map[string]bool{}
	for _, state := range f.Conversations {
		here[state.C] = true
		c.see(ctx, state)
	}
	for id, r := range c.rooms {
		if !here[id] && r.active(c.key) {
			r.state.State = "elsewhere"
			c.readRest(ctx, r)
		}
	}
}

// see takes a state in, and opens the room when it has come into these hands.
func (c *Counsellor) see(ctx context.Context, f client.Frame) {
	r := c.room(f.C)
	held := r.active(c.key)
	if !r.newer(f) {
		return
	}
	switch {
	case r.active(c.key) && r.talk == nil:
		c.unlock(ctx, r)
	case held && !r.active(c.key):
		c.readRest(ctx, r)
	}
}

// unlock opens the room with the own key, unless it has gone to somebody else
// meanwhile.
func (c *Counsellor) unlock(ctx context.Context, r *room) {
	var own client.Own
	err := c.again(ctx, func() error { return c.staffCall(ctx, http.MethodGet, "conversations/"+r.id, nil, &own) })
	if err != nil {
		return
	}
	talk, err := client.OpenTalk(c.who.Keys.KEM(), own.Epochs)
	if err != nil {
		c.odd(r.id, fmt.Sprintf("cannot open the room: %v", err))
		return
	}
	c.open(r, talk)
}

// readRest reads what was said up to the end of a conversation that was in these
// hands, also if there was no time to open the room while it was; one that went to
// somebody else is none of theirs any more. The protocol does not promise that the
// last message comes before the word that it is over.
func (c *Counsellor) readRest(ctx context.Context, r *room) {
	if r.talk == nil {
		c.unlock(ctx, r)
	}
	for more := r.talk != nil; more; {
		var page client.Page
		err := c.again(ctx, func() error {
			path := fmt.Sprintf("conversations/%s/messages?after=%d&limit=100", r.id, r.talk.Transcript.Seq())
			return c.staffCall(ctx, http.MethodGet, path, nil, &page)
		})
		if err != nil {
			return
		}
		for _, m := range page.Messages {
			c.read(r, m.Message)
		}
		more = page.More
	}
}

// consider answers an offer: mostly by accepting, sometimes by declining, now and
// then not at all.
func (c *Counsellor) consider(ctx context.Context, f client.Frame) {
	switch n := c.roll(100); {
	case n < 85:
		c.line.Tell(ctx, client.Frame{T: "accept", C: f.C})
	case n < 95 && !c.town.closing():
		c.line.Tell(ctx, client.Frame{T: "decline", C: f.C})
	}
}

// pull takes somebody who waits, as several colleagues may at the same moment.
func (c *Counsellor) pull(ctx context.Context, f client.Frame) {
	for _, item := range f.Items {
		if item.Kind == "live" && c.often(30) {
			c.line.Tell(ctx, client.Frame{T: "accept", C: item.C})
			return
		}
	}
}

// Quiet reports whether nothing is in these hands and nothing has come lately.
func (c *Counsellor) Quiet() bool { return c.quiet.Load() }

// act does one thing when nothing has come for a moment. It reports whether there
// was nothing to do.
func (c *Counsellor) act(ctx context.Context) (quiet bool) {
	if !c.ready {
		c.line.Tell(ctx, client.Frame{T: "status", State: "ready"})
	}
	if c.flaky && c.often(2) {
		c.line.Cut()
		return false
	}
	quiet = true
	for _, r := range c.rooms {
		if !r.active(c.key) {
			continue
		}
		r.idle++
		quiet = false
		if r.talk == nil {
			c.unlock(ctx, r)
		} else if r.settled() {
			c.counsel(ctx, r)
		}
	}
	return quiet
}

// counsel does what a conversation in these hands is due.
func (c *Counsellor) counsel(ctx context.Context, r *room) {
	said := r.lastFrom == seal.Seeker
	switch {
	case said && len(r.lastText) >= len(byeText) && r.lastText[len(r.lastText)-len(byeText):] == byeText:
		c.line.Tell(ctx, client.Frame{T: "close", C: r.id})
	case r.idle > 60, c.town.closing() && r.idle > 20:
		c.line.Tell(ctx, client.Frame{T: "close", C: r.id})
		r.idle = 0
	case !said:
	case c.often(3) && !c.town.closing():
		c.line.Tell(ctx, client.Frame{T: "release", C: r.id})
	case c.often(3) && !c.town.closing() && len(c.colleagues) > 0 && r.state.Transfer == nil:
		c.line.Tell(ctx, client.Frame{T: "transfer", C: r.id, Step: "ask", Person: c.colleagues[c.roll(len(c.colleagues))]})
	default:
		c.say(ctx, r, "Ich bin da.")
	}
}
