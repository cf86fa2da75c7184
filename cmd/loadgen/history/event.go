// Package history proves from what clients saw that a chat server kept its
// promises. Clients write down events while they work; Check reads the whole log
// afterwards and lists every promise that was broken. It knows the rules of
// docs/protocol.md and nothing of how the server keeps them, and it uses no
// clock: only the order in which one client saw things, and the numbers that the
// server gave out.
package history

import (
	"fmt"
	"sync"
)

// Kind says what a client saw or did.
type Kind string

// The kinds of events.
const (
	Opened  Kind = "opened"  // the server confirmed a new conversation
	Resumed Kind = "resumed" // a connection said hello; Seq is the last it holds of C
	Anew    Kind = "anew"    // the connection's part in C ended; it may begin again at 1
	Sent    Kind = "sent"    // message ID was handed in for the first time
	Acked   Kind = "acked"   // the server confirmed message ID as Seq
	Refused Kind = "refused" // the server refused message ID for good
	Got     Kind = "got"     // a message frame came
	Read    Kind = "read"    // the person read a message; Good if it opened and said what was meant
	Shown   Kind = "shown"   // a state frame came
	Held    Kind = "held"    // a state frame named this client as the holder, with its key Holder
	Seated  Kind = "seated"  // the server ended the seat although nobody else took it
	Odd     Kind = "odd"     // an answer came that an honest client does not get; Text says which
	Stored  Kind = "stored"  // in the end, a message is stored
	Ended   Kind = "ended"   // in the end, C is in State with Seq messages
)

// Event is one line of the log. Which fields count depends on the kind.
type Event struct {
	Kind Kind
	Who  string // the client
	Conn int    // which of its connections
	C    string // conversation

	Seq    int64
	ID     string // message
	Sender string // "seeker" or the key of a counsellor
	Good   bool

	Rev    int64
	State  string
	Holder string // key of the counsellor who holds C
	Asked  bool   // a transfer waits for the seeker's word

	Text string
}

// String is one line for whoever looks for the reason of a violation.
func (e Event) String() string {
	line := fmt.Sprintf("%-8s %s/%d", e.Kind, e.Who, e.Conn)
	switch e.Kind {
	case Shown, Ended:
		return fmt.Sprintf("%s rev %d %s %.6s asked %t seq %d", line, e.Rev, e.State, e.Holder, e.Asked, e.Seq)
	case Odd:
		return line + " " + e.Text
	}
	return fmt.Sprintf("%s seq %d %.8s by %.6s", line, e.Seq, e.ID, e.Sender)
}

// Seeker is the sender of a seeker's messages.
const Seeker = "seeker"

// Log gathers events. It is safe for concurrent use; the events of one client
// stay in its order.
type Log struct {
	mu     sync.Mutex
	events []Event
}

// Add writes one event down.
func (l *Log) Add(e Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, e)
}

// Events is everything so far.
func (l *Log) Events() []Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.events[:len(l.events):len(l.events)]
}

// Count is how many events of a kind there are.
func (l *Log) Count(k Kind) (n int) {
	for _, e := range l.Events() {
		if e.Kind == k {
			n++
		}
	}
	return n
}
