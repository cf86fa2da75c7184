package chat

import (
	"time"

	"github.com/google/uuid"

	"lotse/internal/fault"
	"lotse/internal/seal"
	"lotse/internal/staff"
)

// ID names a conversation. It is a UUIDv7 and no secret; the token is.
type ID struct{ uuid.UUID }

// NewID returns a fresh id.
func NewID() ID { return ID{uuid.Must(uuid.NewV7())} }

// ParseID reads a conversation id in canonical form; its error is fault.Invalid.
func ParseID(s string) (ID, error) {
	id, err := uuid.Parse(s)
	if err != nil || id.String() != s {
		return ID{}, fault.New(fault.Invalid, "invalid_id")
	}
	return ID{id}, nil
}

// IsZero reports whether the id names no conversation.
func (id ID) IsZero() bool { return id.UUID == uuid.Nil }

// Kind is how a conversation is held.
type Kind string

// The kinds. A live chat that nobody could take becomes a message.
const (
	Live    Kind = "live"
	Message Kind = "message"
	Video   Kind = "video"
)

// Weight is how many of a counsellor's places a conversation of this kind takes.
func (k Kind) Weight() int {
	switch k {
	case Live:
		return 1
	case Video:
		return 2
	}
	return 0
}

// State is where a conversation stands. The zero State is "does not exist".
type State string

// The states.
const (
	None     State = ""
	Waiting  State = "waiting"
	Offered  State = "offered"
	Active   State = "active"
	Deferred State = "deferred"
	Closed   State = "closed"
	Purged   State = "purged"
)

// States lists every state a row can have.
func States() []State { return []State{Waiting, Offered, Active, Deferred, Closed, Purged} }

// Who is on which side of a step.
type Who string

// The sides. System is the server itself: deadlines, losses, retention.
const (
	Seeker     Who = "seeker"
	Counsellor Who = "counsellor"
	System     Who = "system"
)

// OnGone is what happens to unanswered text when the seeker is gone.
type OnGone string

// The choices of the seeker.
const (
	Keep    OnGone = "keep"
	Discard OnGone = "discard"
)

// Transfer is a handover that waits for the seeker's word. Without Person it
// goes to a team. While the seeker still waits it is the server's proposal.
type Transfer struct {
	Team   staff.TeamID
	Person staff.ID
	At     time.Time
}

// IsZero reports whether no transfer is asked for.
func (t Transfer) IsZero() bool { return t.At.IsZero() }

// Conversation is one row, as a value. Instants are zero where they do not
// apply.
type Conversation struct {
	ID       ID
	Room     seal.RoomID
	Kind     Kind
	State    State
	Rev      int64
	Provider staff.ProviderID
	Team     staff.TeamID
	Topic    string
	Language string
	OnGone   OnGone
	Urgent   bool
	Epoch    uint32

	Seq       int64 // last message; changes without Rev
	Delivered int64 // highest seq the seeker's page has confirmed
	Seen      int64 // highest seq the seeker's page has shown

	Counsellor staff.ID // offered to or active with; the last one when closed
	KID        string   // key of Counsellor
	Prefer     staff.ID // is offered first, after a transfer to a person
	Head       bool     // goes before everybody who was never served

	CreatedAt    time.Time
	Since        time.Time // begin of the present state
	QueuedAt     time.Time // place in the queue
	LastAt       time.Time // last message, else creation
	LastBySeeker bool
	OfferUntil   time.Time
	ActiveAt     time.Time
	WarnAt       time.Time // when silence will close it, once warned
	ClosedAt     time.Time
	ClosedBy     Who
	PurgeAt      time.Time
	GoneAt       time.Time // since when the seeker is not connected
	Transfer     Transfer
}

// Open reports whether messages may still be added.
func (c Conversation) Open() bool {
	return c.State == Waiting || c.State == Offered || c.State == Active || c.State == Deferred
}

// empty reports whether it is a left message without a word: there is nothing to
// answer, and nobody is shown it.
func (c Conversation) empty() bool { return c.State == Deferred && c.Seq == 0 }

// With reports whether the conversation is in the hands of, or held out to, a
// counsellor.
func (c Conversation) With(id staff.ID) bool {
	return c.Counsellor == id && (c.State == Active || c.State == Offered)
}

// Seat is a place in one conversation: the seeker's, found by token, or a
// counsellor's. Service makes them; a zero Seat sits nowhere.
type Seat struct {
	Conversation ID
	Who          Who         // Seeker or Counsellor
	Actor        staff.Actor // set for Counsellor
}

// Sender is the label under which this seat's messages are sealed.
func (s Seat) Sender() string {
	if s.Who == Seeker {
		return seal.Seeker
	}
	return s.Actor.KID
}

// Sealed is a message as its sender hands it in.
type Sealed struct {
	ID    string     `json:"id"`
	Epoch uint32     `json:"epoch"`
	N     uint32     `json:"n"`
	After uint32     `json:"after"`
	Body  seal.Bytes `json:"body"`
}

// Stored is a durable message: the order the server gave it, and when.
type Stored struct {
	seal.Message
	At Moment `json:"at"`
}

// Ack says that a message is durable.
type Ack struct {
	ID  string `json:"id"`
	Seq int64  `json:"seq"`
	At  Moment `json:"at"`
}
