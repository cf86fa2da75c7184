package chat

import (
	"slices"
	"time"

	"lotse/internal/fault"
	"lotse/internal/staff"
)

// Act names a step of a conversation; it is what conversation_event records.
type Act string

// The acts.
const (
	ActOpen     Act = "open"     // queue for a live chat
	ActLeave    Act = "leave"    // leave a message
	ActOffer    Act = "offer"    // hold out to one counsellor
	ActAccept   Act = "accept"   // take what was offered, what waits or what was left
	ActDecline  Act = "decline"  // let an offer pass
	ActExpire   Act = "expire"   // an offer's deadline is over
	ActLost     Act = "lost"     // the counsellor is gone
	ActHandBack Act = "handback" // the counsellor gives it back
	ActStale    Act = "stale"    // a message nobody has answered goes back to the team
	ActAsk      Act = "ask"      // ask for a transfer
	ActCancel   Act = "cancel"   // take the question back
	ActRefuse   Act = "refuse"   // the seeker does not want it
	ActConsent  Act = "consent"  // the seeker agrees
	ActQuit     Act = "quit"     // the seeker leaves the queue
	ActDefer    Act = "defer"    // the seeker makes it a message
	ActRequeue  Act = "requeue"  // the seeker queues again
	ActGone     Act = "gone"     // the seeker was away too long
	ActClose    Act = "close"    // either side ends it
	ActWarn     Act = "warn"     // silence will close it soon
	ActSilence  Act = "silence"  // silence has closed it
	ActShorten  Act = "shorten"  // the provider keeps less by now
	ActPurge    Act = "purge"    // retention is over
	ActDelete   Act = "delete"   // the seeker deletes at once
)

// Edge is one line of the state machine: who may take which step from where to
// where, what must hold, and what else changes.
type Edge struct {
	Act    Act
	From   State
	Who    Who
	To     State
	Guards []Guard
	Change func(*Conversation, Step)
}

// Step is the attempt to take an edge, with everything its guards look at.
type Step struct {
	Act   Act
	Who   Who
	Staff staff.ID // the acting counsellor
	At    time.Time
	Rules Rules

	// Offer, accept and consent: who will hold the conversation.
	To    staff.ID
	KID   string
	Place bool // To has places left for it
	Key   bool // KID is a recipient of the present epoch
	Until time.Time

	// Ask: where to. Consent: provider of the team. Requeue: the team takes chats.
	Transfer Transfer
	Provider staff.ProviderID
	TeamOpen bool
	Keep     time.Duration // close, shorten: time from the end to the purge
}

// Edges returns the state machine. For each act, state and side the first edge
// whose guards hold is taken.
func Edges() []Edge {
	g := func(list ...Guard) []Guard { return list }
	return []Edge{
		{ActOpen, None, Seeker, Waiting, nil, nil},
		{ActLeave, None, Seeker, Deferred, nil, asMessage},

		{ActOffer, Waiting, System, Offered, g(isLive, hasPlace, hasKey), offerTo},
		{ActAccept, Offered, Counsellor, Active, g(isMine), begin},
		{ActAccept, Waiting, Counsellor, Active, g(hasPlace, hasKey), begin},
		{ActAccept, Deferred, Counsellor, Active, g(hasKey), begin},
		{ActDecline, Offered, Counsellor, Waiting, g(isMine), takeBack},
		{ActExpire, Offered, System, Waiting, g(deadlineOver), takeBack},
		{ActLost, Offered, System, Waiting, nil, takeBack},
		{ActLost, Active, System, Waiting, g(isLive), toHead},
		{ActLost, Active, System, Deferred, nil, takeBack},

		{ActHandBack, Active, Counsellor, Waiting, g(isMine, isLive), toHead},
		{ActHandBack, Active, Counsellor, Deferred, g(isMine), takeBack},
		{ActStale, Active, System, Deferred, g(isMessage, unanswered), takeBack},

		{ActAsk, Active, Counsellor, Active, g(isMine), ask},
		{ActCancel, Active, Counsellor, Active, g(isMine, isAsked), forgetTransfer},
		{ActRefuse, Active, Seeker, Active, g(isAsked), forgetTransfer},
		{ActConsent, Active, Seeker, Active, g(isAsked, staysInTeam, hasPlace, hasKey), passOn},
		{ActConsent, Active, Seeker, Waiting, g(isAsked, leavesTeam, isLive), moveTeam},
		{ActConsent, Active, Seeker, Deferred, g(isAsked, leavesTeam), moveTeam},
		{ActAsk, Waiting, System, Waiting, g(isLive), ask},
		{ActCancel, Waiting, System, Waiting, g(isAsked), forgetTransfer},
		{ActRefuse, Waiting, Seeker, Waiting, g(isAsked), forgetTransfer},
		{ActConsent, Waiting, Seeker, Waiting, g(isAsked), moveTeam},

		{ActQuit, Waiting, Seeker, Closed, nil, end},
		{ActQuit, Offered, Seeker, Closed, nil, end},
		{ActDefer, Waiting, Seeker, Deferred, nil, asMessage},
		{ActDefer, Offered, Seeker, Deferred, nil, asMessage},
		{ActGone, Waiting, System, Deferred, g(goneLong, keeps), asMessage},
		{ActGone, Waiting, System, Closed, g(goneLong), end},
		{ActGone, Offered, System, Deferred, g(goneLong, keeps), asMessage},
		{ActGone, Offered, System, Closed, g(goneLong), end},
		{ActRequeue, Deferred, Seeker, Waiting, g(teamOpen), requeue},

		{ActClose, Waiting, Seeker, Closed, nil, end},
		{ActClose, Offered, Seeker, Closed, nil, end},
		{ActClose, Active, Seeker, Closed, nil, end},
		{ActClose, Deferred, Seeker, Closed, nil, end},
		{ActClose, Active, Counsellor, Closed, g(isMine), end},
		{ActWarn, Active, System, Active, g(isLive, nearlySilent), warn},
		{ActSilence, Active, System, Closed, g(silent), end},
		{ActSilence, Deferred, System, Closed, g(silent), end},
		{ActShorten, Closed, System, Closed, g(keptLonger), shorten},
		{ActPurge, Closed, System, Purged, g(purgeDue), purge},
		{ActDelete, Waiting, Seeker, Purged, nil, purge},
		{ActDelete, Offered, Seeker, Purged, nil, purge},
		{ActDelete, Active, Seeker, Purged, nil, purge},
		{ActDelete, Deferred, Seeker, Purged, nil, purge},
		{ActDelete, Closed, Seeker, Purged, nil, purge},
	}
}

// machine is the table by act and state, built once per Service.
type machine map[Act]map[State][]Edge

func newMachine() machine {
	m := machine{}
	for _, e := range Edges() {
		if m[e.Act] == nil {
			m[e.Act] = map[State][]Edge{}
		}
		m[e.Act][e.From] = append(m[e.Act][e.From], e)
	}
	return m
}

// ends reports whether an act can lead from a state to the end, so that it has to
// be known how long the conversation is kept.
func (m machine) ends(from State, act Act) bool {
	return slices.ContainsFunc(m[act][from], func(e Edge) bool { return e.To == Closed })
}

// take returns the conversation after the step. It returns Conflict
// (conversation_closed, taken, not_now or the code of the first guard that
// fails) or Forbidden when the step belongs to another side or person.
func (m machine) take(c Conversation, st Step) (Conversation, error) {
	var refused, foreign error
	for _, e := range m[st.Act][c.State] {
		if e.Who != st.Who {
			foreign = fault.New(fault.Forbidden, "forbidden")
			continue
		}
		if err := check(e.Guards, c, st); err != nil {
			refused = firstOf(refused, err)
			continue
		}
		return e.apply(c, st), nil
	}
	return c, firstOf(refused, firstOf(foreign, noEdge(c, st)))
}

func (e Edge) apply(c Conversation, st Step) Conversation {
	from := c.State
	c.State = e.To
	c.Rev++
	if from != e.To {
		c.Since = st.At
	}
	if e.Change != nil {
		e.Change(&c, st)
	}
	return c
}

func check(guards []Guard, c Conversation, st Step) error {
	for _, g := range guards {
		if !g.Holds(c, st) {
			return fault.New(g.Kind, g.Code)
		}
	}
	return nil
}

func firstOf(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// noEdge says why a state has no edge for an act.
func noEdge(c Conversation, st Step) error {
	switch {
	case c.State == Purged:
		return fault.New(fault.Gone, "deleted")
	case c.State == Closed:
		return fault.New(fault.Conflict, "conversation_closed")
	case st.Act == ActAccept:
		return fault.New(fault.Conflict, "taken")
	}
	return fault.New(fault.Conflict, "not_now")
}
