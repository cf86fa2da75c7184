package history

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// Violation is one broken promise.
type Violation struct {
	Rule string
	C    string
	Text string
}

// String is one line of a report.
func (v Violation) String() string {
	return fmt.Sprintf("%s: %s (conversation %s)", v.Rule, v.Text, v.C)
}

// The rules.
const (
	RuleLost     = "lost conversation"    // opened and not there in the end
	RuleStuck    = "stuck conversation"   // there, and neither closed nor left as a message
	RuleGap      = "gap"                  // stored messages are not numbered 1, 2, 3 …
	RuleDouble   = "stored twice"         // one id under two numbers
	RuleAck      = "lost message"         // acknowledged and not stored so
	RuleRefused  = "refused but stored"   // told to be refused and stored all the same
	RuleForeign  = "wrong message"        // a frame that is not what is stored
	RuleOrder    = "order of frames"      // within one connection
	RuleReader   = "not read once"        // a person misses a message, or reads one twice or unreadable
	RuleState    = "two truths"           // two clients were shown different states of one revision
	RuleBack     = "state went back"      // a connection was shown an older revision after a newer one
	RuleHolders  = "two counsellors"      // somebody wrote, or took over, without holding the conversation
	RuleSeatLost = "seat taken by nobody" // 4009 without a second client
	RuleNowhere  = "from nowhere"         // stored, and nobody sent it
	RuleOdd      = "odd answer"           // an answer that an honest client should not get
)

// Check returns all violations, by conversation and rule.
func Check(events []Event) []Violation {
	b := gather(events)
	var all []Violation
	for _, id := range slices.Sorted(maps.Keys(b)) {
		c := b[id]
		for _, rule := range []func(*conversation) []Violation{
			ends, storage, acks, frames, readers, states, holders, seats, sources,
		} {
			all = append(all, rule(c)...)
		}
	}
	return all
}

// conversation is everything about one conversation, in order of the log.
type conversation struct {
	id     string
	by     map[Kind][]Event
	conns  map[conn][]Event // what each connection saw
	stored map[int64]Event
}

type conn struct {
	who string
	n   int
}

func gather(events []Event) map[string]*conversation {
	all := map[string]*conversation{}
	for _, e := range events {
		c := all[e.C]
		if c == nil {
			c = &conversation{id: e.C, by: map[Kind][]Event{}, conns: map[conn][]Event{}, stored: map[int64]Event{}}
			all[e.C] = c
		}
		c.by[e.Kind] = append(c.by[e.Kind], e)
		if e.Kind == Stored {
			c.stored[e.Seq] = e
		}
		k := conn{e.Who, e.Conn}
		c.conns[k] = append(c.conns[k], e)
	}
	return all
}

func (c *conversation) bad(rule, format string, args ...any) Violation {
	return Violation{rule, c.id, fmt.Sprintf(format, args...)}
}

// ends: what was opened is there, and has come to an end.
func ends(c *conversation) (bad []Violation) {
	if len(c.by[Opened]) == 0 {
		return nil
	}
	last := c.by[Ended]
	if len(last) == 0 {
		return append(bad, c.bad(RuleLost, "was opened by %s", c.by[Opened][0].Who))
	}
	switch s := last[len(last)-1].State; s {
	case "closed", "deferred", "purged":
	default:
		bad = append(bad, c.bad(RuleStuck, "is %s in the end", s))
	}
	return bad
}

// storage: the stored messages are 1, 2, 3 … up to what the conversation says,
// each id once.
func storage(c *conversation) (bad []Violation) {
	ids := map[string]int64{}
	next := int64(1)
	for _, seq := range slices.Sorted(maps.Keys(c.stored)) {
		if seq != next {
			bad = append(bad, c.bad(RuleGap, "after %d comes %d", next-1, seq))
		}
		next = seq + 1
		id := c.stored[seq].ID
		if other, twice := ids[id]; twice {
			bad = append(bad, c.bad(RuleDouble, "%s is %d and %d", id, other, seq))
		}
		ids[id] = seq
	}
	for _, e := range c.by[Ended] {
		if e.State != "purged" && e.Seq != next-1 {
			bad = append(bad, c.bad(RuleGap, "%d messages are stored, the conversation counts %d", next-1, e.Seq))
		}
	}
	return bad
}

// acks: what was acknowledged is stored under that number, what was refused is
// not, and every frame carried what is stored.
func acks(c *conversation) (bad []Violation) {
	ids := map[string]bool{}
	for _, e := range c.stored {
		ids[e.ID] = true
	}
	for _, e := range c.by[Acked] {
		if c.stored[e.Seq].ID != e.ID {
			bad = append(bad, c.bad(RuleAck, "%s was told that %s is %d; stored there is %q", e.Who, e.ID, e.Seq, c.stored[e.Seq].ID))
		}
	}
	for _, e := range c.by[Refused] {
		if ids[e.ID] {
			bad = append(bad, c.bad(RuleRefused, "%s of %s", e.ID, e.Who))
		}
	}
	for _, e := range c.by[Got] {
		if s := c.stored[e.Seq]; s.ID != e.ID || s.Sender != e.Sender {
			bad = append(bad, c.bad(RuleForeign, "%s got %d as %s of %s; stored is %s of %s", e.Who, e.Seq, e.ID, e.Sender, s.ID, s.Sender))
		}
	}
	return bad
}

// frames: on one connection each message comes once, in order, without a gap,
// from where the client said; an own one may be an ack instead.
func frames(c *conversation) (bad []Violation) {
	for k, events := range c.conns {
		last, acked, anew := int64(0), map[int64]bool{}, false
		for _, e := range events {
			switch e.Kind {
			case Resumed:
				last, acked, anew = e.Seq, map[int64]bool{}, false
			case Anew:
				anew = true
			case Acked:
				acked[e.Seq] = true
			case Got:
				if anew && e.Seq == 1 {
					last, acked, anew = 0, map[int64]bool{}, false
				}
				for acked[last+1] {
					last++
				}
				if e.Seq != last+1 && !(acked[e.Seq] && e.Seq <= last) {
					bad = append(bad, c.bad(RuleOrder, "%s, connection %d: %d came after %d", k.who, k.n, e.Seq, last))
				}
				last = max(last, e.Seq)
			}
		}
	}
	return bad
}

// readers: everybody reads 1, 2, 3 … once each, and the seeker reads all.
func readers(c *conversation) (bad []Violation) {
	last := map[string]int64{}
	for _, e := range c.by[Read] {
		switch {
		case !e.Good:
			bad = append(bad, c.bad(RuleReader, "%s cannot read %d", e.Who, e.Seq))
		case e.Seq != last[e.Who]+1:
			bad = append(bad, c.bad(RuleReader, "%s read %d after %d", e.Who, e.Seq, last[e.Who]))
		}
		last[e.Who] = e.Seq
	}
	for _, o := range c.by[Opened] {
		if n := int64(len(c.stored)); last[o.Who] != n {
			bad = append(bad, c.bad(RuleReader, "%s read %d of %d", o.Who, last[o.Who], n))
		}
	}
	for _, e := range c.by[Ended] { // who held it to the end, and was told so, has all of it
		if who := c.keeper(e.Holder); who != "" && last[who] != int64(len(c.stored)) {
			bad = append(bad, c.bad(RuleReader, "%s, who held it, read %d of %d", who, last[who], len(c.stored)))
		}
	}
	return bad
}

// keeper is the client that was shown itself as the holder with this key.
func (c *conversation) keeper(key string) string {
	for _, e := range c.by[Held] {
		if e.Holder == key {
			return e.Who
		}
	}
	return ""
}

// truth is what a revision says to everybody.
type truth struct {
	state, holder string
	asked         bool
}

// states: a revision says the same to everybody, and no connection is shown an
// older one after a newer one.
func states(c *conversation) (bad []Violation) {
	says := map[int64]truth{}
	for _, e := range c.by[Shown] {
		t := truth{e.State, e.Holder, e.Asked}
		if known, seen := says[e.Rev]; seen && known != t {
			bad = append(bad, c.bad(RuleState, "revision %d is %v and, to %s, %v", e.Rev, known, e.Who, t))
		}
		says[e.Rev] = t
	}
	for k, events := range c.conns {
		last := int64(-1)
		for _, e := range events {
			if e.Kind != Shown {
				continue
			}
			if e.Rev < last {
				bad = append(bad, c.bad(RuleBack, "%s, connection %d: %d after %d", k.who, k.n, e.Rev, last))
			}
			last = e.Rev
		}
	}
	return bad
}

// holders: one counsellor after the other. Who writes must hold the conversation
// at that point of its history, and a counsellor follows another directly only
// where a transfer was asked for.
func holders(c *conversation) (bad []Violation) {
	shown := slices.Clone(c.by[Shown])
	slices.SortStableFunc(shown, func(a, b Event) int { return cmp.Compare(a.Rev, b.Rev) })
	var line []string // holders in order of revisions
	var last Event
	for _, e := range shown {
		if e.State != "active" || e.Holder == "" {
			last = e
			continue
		}
		if last.State == "active" && last.Holder != e.Holder && e.Rev == last.Rev+1 && !last.Asked {
			bad = append(bad, c.bad(RuleHolders, "%s holds it at %d and %s at %d", last.Holder, last.Rev, e.Holder, e.Rev))
		}
		if len(line) == 0 || line[len(line)-1] != e.Holder {
			line = append(line, e.Holder)
		}
		last = e
	}
	for _, seq := range slices.Sorted(maps.Keys(c.stored)) {
		writer := c.stored[seq].Sender
		if writer == Seeker {
			continue
		}
		at := slices.Index(line, writer)
		if at < 0 {
			bad = append(bad, c.bad(RuleHolders, "%s wrote %d when somebody else had it", writer, seq))
			continue
		}
		line = line[at:]
	}
	return bad
}

// sources: what is stored was sent, and nobody was answered oddly.
func sources(c *conversation) (bad []Violation) {
	sent := map[string]bool{}
	for _, e := range c.by[Sent] {
		sent[e.ID] = true
	}
	for _, seq := range slices.Sorted(maps.Keys(c.stored)) {
		if id := c.stored[seq].ID; !sent[id] {
			bad = append(bad, c.bad(RuleNowhere, "%d is %s", seq, id))
		}
	}
	for _, e := range c.by[Odd] {
		bad = append(bad, c.bad(RuleOdd, "%s: %s", e.Who, e.Text))
	}
	return bad
}

// seats: nobody loses a seat that nobody else takes.
func seats(c *conversation) (bad []Violation) {
	for _, e := range c.by[Seated] {
		bad = append(bad, c.bad(RuleSeatLost, "%s, connection %d", e.Who, e.Conn))
	}
	return bad
}
