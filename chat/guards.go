package chat

import (
	"time"

	"lotse/internal/fault"
	"lotse/internal/staff"
)

// Guard is a condition of an edge and what is answered when it fails.
type Guard struct {
	Kind  fault.Kind
	Code  string
	Holds func(Conversation, Step) bool
}

// Rules are the time limits of conversations.
type Rules struct {
	Offer      time.Duration // an offer stands
	Gone       time.Duration // a waiting seeker may be away
	Silence    time.Duration // of an active live chat until it is closed
	WarnBefore time.Duration // the closing is announced
	Idle       time.Duration // of a message thread until it is closed
	Unanswered time.Duration // a message may lie with one counsellor
	Lost       time.Duration // a counsellor may be away from an active live chat
}

// DefaultRules are the limits of docs/protocol.md.
func DefaultRules() Rules {
	return Rules{
		Offer: 30 * time.Second, Gone: 90 * time.Second, Silence: 6 * time.Hour, WarnBefore: 30 * time.Minute,
		Idle: 30 * 24 * time.Hour, Unanswered: 3 * 24 * time.Hour, Lost: 90 * time.Second,
	}
}

// The guards of the table in edges.go.
var (
	isLive    = Guard{fault.Conflict, "not_now", func(c Conversation, _ Step) bool { return c.Kind != Message }}
	isMessage = Guard{fault.Conflict, "not_now", func(c Conversation, _ Step) bool { return c.Kind == Message }}
	isMine    = Guard{fault.Conflict, "taken", func(c Conversation, st Step) bool { return c.Counsellor == st.Staff }}
	hasPlace  = Guard{fault.Conflict, "no_place", func(_ Conversation, st Step) bool { return st.Place }}
	hasKey    = Guard{fault.Conflict, "no_key", func(_ Conversation, st Step) bool { return st.Key }}
	keeps     = Guard{fault.Conflict, "not_now", func(c Conversation, _ Step) bool { return c.OnGone == Keep }}
	teamOpen  = Guard{fault.Conflict, "closed", func(_ Conversation, st Step) bool { return st.TeamOpen }}
	isAsked   = Guard{fault.Conflict, "no_transfer", func(c Conversation, _ Step) bool { return !c.Transfer.IsZero() }}

	staysInTeam = Guard{fault.Conflict, "not_now", func(c Conversation, _ Step) bool { return c.Transfer.Team == c.Team }}
	leavesTeam  = Guard{fault.Conflict, "not_now", func(c Conversation, _ Step) bool { return c.Transfer.Team != c.Team }}

	deadlineOver = Guard{fault.Conflict, "not_now", func(c Conversation, st Step) bool { return !c.OfferUntil.After(st.At) }}
	goneLong     = Guard{fault.Conflict, "not_now", func(c Conversation, st Step) bool {
		return !c.GoneAt.IsZero() && st.At.Sub(c.GoneAt) >= st.Rules.Gone
	}}
	unanswered = Guard{fault.Conflict, "not_now", func(c Conversation, st Step) bool {
		return c.LastBySeeker && st.At.Sub(later(c.LastAt, c.ActiveAt)) >= st.Rules.Unanswered
	}}
	nearlySilent = Guard{fault.Conflict, "not_now", func(c Conversation, st Step) bool {
		return c.WarnAt.IsZero() && !st.At.Before(st.Rules.warnAt(c))
	}}
	silent = Guard{fault.Conflict, "not_now", func(c Conversation, st Step) bool {
		warned := c.Kind == Message || !c.WarnAt.IsZero()
		return warned && !st.At.Before(st.Rules.closeAt(c))
	}}
	keptLonger = Guard{fault.Conflict, "not_now", func(c Conversation, st Step) bool { return c.PurgeAt.After(c.ClosedAt.Add(st.Keep)) }}
	purgeDue   = Guard{fault.Conflict, "not_now", func(c Conversation, st Step) bool { return !c.PurgeAt.After(st.At) }}
)

// emptyFor is how long a left message may be without a word: its first words may
// still be under way over a bad line.
const emptyFor = 10 * time.Minute

// closeAt is when silence closes the conversation, for a live chat only after a
// warning. One that came late (the server was down) still leaves its time to
// answer.
func (r Rules) closeAt(c Conversation) time.Time {
	switch {
	case c.empty():
		return c.Since.Add(emptyFor)
	case c.Kind == Message:
		return later(c.LastAt, c.Since).Add(r.Idle)
	}
	return later(later(c.LastAt, c.ActiveAt).Add(r.Silence), c.WarnAt)
}

func (r Rules) warnAt(c Conversation) time.Time {
	return later(c.LastAt, c.ActiveAt).Add(r.Silence - r.WarnBefore)
}

// onSilence is the step that silence asks for in a conversation that is overdue.
func (r Rules) onSilence(c Conversation, now time.Time) Act {
	switch {
	case c.Kind != Message && c.WarnAt.IsZero():
		return ActWarn
	case c.Kind == Message && now.Before(r.closeAt(c)):
		return ActStale
	}
	return ActSilence
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// The changes of the table in edges.go.

func asMessage(c *Conversation, st Step) {
	takeBack(c, st)
	c.Kind, c.Head = Message, false
}

func offerTo(c *Conversation, st Step) {
	c.Counsellor, c.KID, c.OfferUntil = st.To, st.KID, st.Until
}

func begin(c *Conversation, st Step) {
	c.Counsellor, c.KID = st.Staff, st.KID
	c.OfferUntil, c.ActiveAt = time.Time{}, st.At
	c.Head, c.Prefer, c.Transfer = false, staff.ID{}, Transfer{}
}

func takeBack(c *Conversation, _ Step) {
	c.Counsellor, c.KID, c.OfferUntil, c.WarnAt, c.Transfer = staff.ID{}, "", time.Time{}, time.Time{}, Transfer{}
}

func toHead(c *Conversation, st Step) {
	takeBack(c, st)
	c.Head = true
}

func ask(c *Conversation, st Step) {
	c.Transfer = st.Transfer
	c.Transfer.At = st.At
}

func forgetTransfer(c *Conversation, _ Step) { c.Transfer = Transfer{} }

func passOn(c *Conversation, st Step) {
	c.Counsellor, c.KID, c.Transfer = st.To, st.KID, Transfer{}
}

func moveTeam(c *Conversation, st Step) {
	served := c.Head || !c.Counsellor.IsZero()
	t := c.Transfer
	takeBack(c, st)
	c.Team, c.Provider, c.Prefer, c.Head = t.Team, st.Provider, t.Person, served
}

func requeue(c *Conversation, st Step) {
	c.Kind, c.QueuedAt, c.Head, c.GoneAt = Live, st.At, false, time.Time{}
}

func warn(c *Conversation, st Step) { c.WarnAt = st.At.Add(st.Rules.WarnBefore) }

func end(c *Conversation, st Step) {
	c.ClosedAt, c.ClosedBy, c.PurgeAt = st.At, st.Who, st.At.Add(st.Keep)
	c.OfferUntil, c.WarnAt, c.Transfer = time.Time{}, time.Time{}, Transfer{}
	if c.ActiveAt.IsZero() {
		c.Counsellor, c.KID = staff.ID{}, ""
	}
}

func shorten(c *Conversation, st Step) { c.PurgeAt = c.ClosedAt.Add(st.Keep) }

func purge(c *Conversation, st Step) {
	takeBack(c, st)
	c.Topic, c.Language, c.PurgeAt = "", "", st.At
	c.Epoch, c.Prefer, c.GoneAt = 0, staff.ID{}, time.Time{}
}
