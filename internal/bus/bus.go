// Package bus carries hints between the connections of one server and between
// servers: "conversation X advanced", "the roster changed", and who is present.
//
// The bus delivers at most once and keeps nothing. The database is the truth;
// a hint says only that it is worth reading again, so a lost or doubled hint
// does no harm. Where hints may have been lost (a slow reader, a lost
// connection) the subscriber receives a Message with Gap set, and then reads
// everything it holds anew. Hints of one publisher on one topic arrive in the
// order in which they were published; nothing else is promised about order.
//
// Presence is a set of members that each expire unless touched again.
//
// Memory serves a single node, Redis any number. Neither starts a goroutine
// when it is made: Run does the upkeep and must run for the life of the bus. A
// subscription on Redis owns one goroutine, which ends with Close.
package bus

import (
	"context"
	"errors"
	"time"
)

// ErrClosed is returned by every method of a closed bus or subscription.
var ErrClosed = errors.New("bus: closed")

// Message is one hint, or the notice that hints may be missing.
type Message struct {
	Topic   string // empty when Gap is set
	Payload []byte // shared by all receivers: read only
	Gap     bool   // something may have been lost; read everything you hold
}

// Subscription receives the hints of its topics. Its methods are safe for
// concurrent use.
type Subscription interface {
	// Add takes further topics in. When it returns, every later hint on them
	// arrives or is answered for by a Gap.
	Add(ctx context.Context, topics ...string) error
	// Remove leaves topics. Hints already on the way may still arrive.
	Remove(ctx context.Context, topics ...string) error
	// C returns the channel of hints. It is closed by Close.
	C() <-chan Message
	// Close ends the subscription. It may be called more than once.
	Close() error
}

// Bus publishes and subscribes hints and keeps presence.
type Bus interface {
	// Publish sends a hint to whoever is subscribed to topic, on all nodes. It
	// never waits for a receiver.
	Publish(ctx context.Context, topic string, payload []byte) error
	// PublishAll sends several hints, those of a topic in order, at the price of one
	// journey.
	PublishAll(ctx context.Context, hints []Message) error
	// Subscribe begins a subscription. When it returns, every later hint
	// arrives or is answered for by a Gap.
	Subscribe(ctx context.Context, topics ...string) (Subscription, error)

	// Touch makes member present in set until ttl has passed, with value.
	Touch(ctx context.Context, set, member string, value []byte, ttl time.Duration) error
	// Leave ends the presence of member at once.
	Leave(ctx context.Context, set, member string) error
	// Present returns the members that are present, with their values.
	Present(ctx context.Context, set string) (map[string][]byte, error)

	// Ping reports whether the bus works.
	Ping(ctx context.Context) error
	// Run does the upkeep until ctx ends, and returns nil then.
	Run(ctx context.Context) error
	// Close ends all subscriptions.
	Close() error
}

var (
	_ Bus = (*Memory)(nil)
	_ Bus = (*Redis)(nil)
)

// outboxSize is how many hints wait for a slow receiver before they are
// dropped and replaced by a Gap.
const outboxSize = 1024

// outbox is the receiving end of a subscription: a bounded channel that turns
// overflow into a Gap. Its owner calls it under one lock or from one goroutine.
type outbox struct {
	c    chan Message
	lost bool // a Gap is owed to the receiver
}

func newOutbox() outbox { return outbox{c: make(chan Message, outboxSize)} }

// put hands m over, or notes the loss. After a loss nothing is delivered
// before the Gap.
func (o *outbox) put(m Message) {
	if o.lost && !o.settle() {
		return
	}
	select {
	case o.c <- m:
	default:
		o.lost = true
	}
}

// settle delivers an owed Gap if there is room and reports whether none is
// owed any more.
func (o *outbox) settle() bool {
	if !o.lost {
		return true
	}
	select {
	case o.c <- Message{Gap: true}:
		o.lost = false
	default:
	}
	return !o.lost
}
