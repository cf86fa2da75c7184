package client

import (
	"encoding/json"
	"time"

	"lotse/internal/seal"
)

// Version is the protocol this package speaks.
const Version = "lotse.chat.v1"

// Frame is any frame of the protocol, in either direction. Fields that a type
// does not have stay zero; docs/protocol.md says which it has.
type Frame struct {
	T string `json:"t,omitempty"`

	C      string     `json:"c,omitempty"`
	ID     string     `json:"id,omitempty"`
	Seq    int64      `json:"seq,omitempty"`
	Epoch  *uint32    `json:"epoch,omitempty"`
	N      uint32     `json:"n,omitempty"`
	After  *uint32    `json:"after,omitempty"`
	Body   seal.Bytes `json:"body,omitempty"`
	Sender string     `json:"sender,omitempty"`
	At     *time.Time `json:"at,omitempty"`

	// hello, welcome
	V             string           `json:"v,omitempty"`
	Token         string           `json:"token,omitempty"`
	Ticket        string           `json:"ticket,omitempty"`
	Last          map[string]int64 `json:"last,omitempty"`
	Seat          string           `json:"seat,omitempty"`
	Now           *time.Time       `json:"now,omitempty"`
	HeartbeatS    int              `json:"heartbeat_s,omitempty"`
	Conversations []Frame          `json:"conversations,omitempty"`

	// state, offer
	Rev        int64      `json:"rev,omitempty"`
	State      string     `json:"state,omitempty"`
	Kind       string     `json:"kind,omitempty"`
	Team       string     `json:"team,omitempty"`
	Topic      string     `json:"topic,omitempty"`
	Language   string     `json:"language,omitempty"`
	Urgent     *bool      `json:"urgent,omitempty"`
	Counsellor *Person    `json:"counsellor,omitempty"`
	Since      *time.Time `json:"since,omitempty"`
	Transfer   *Transfer  `json:"transfer,omitempty"`
	ClosedBy   string     `json:"closed_by,omitempty"`
	KeepS      int64      `json:"keep_s,omitempty"`
	PurgeAt    *time.Time `json:"purge_at,omitempty"`
	WarnAt     *time.Time `json:"warn_at,omitempty"`
	OnGone     string     `json:"on_gone,omitempty"`
	SeekerHere *bool      `json:"seeker_here,omitempty"`
	Deadline   *time.Time `json:"deadline,omitempty"`

	// queue, roster
	Position  int               `json:"position,omitempty"`
	LowS      int               `json:"low_s,omitempty"`
	HighS     int               `json:"high_s,omitempty"`
	Items     []Item            `json:"items,omitempty"`
	StateHash *seal.Hash        `json:"state_hash,omitempty"`
	Readers   []string          `json:"readers,omitempty"`
	Duties    []json.RawMessage `json:"duties,omitempty"`

	// commands and the rest
	On        *bool  `json:"on,omitempty"`
	Who       string `json:"who,omitempty"`
	Delivered int64  `json:"delivered,omitempty"`
	Read      int64  `json:"read,omitempty"`
	As        string `json:"as,omitempty"`
	Step      string `json:"step,omitempty"`
	Person    string `json:"person,omitempty"`
	Limit     int    `json:"limit,omitempty"`
	Code      Code   `json:"code,omitempty"`
	Re        string `json:"re,omitempty"`
	RetryS    int    `json:"retry_s,omitempty"`
	Reconnect bool   `json:"reconnect,omitempty"`
	RetryMS   int    `json:"retry_ms,omitempty"`
}

// Person is a counsellor.
type Person struct {
	Name string `json:"name"`
	KID  string `json:"kid"`
}

// Transfer is a transfer that waits for the seeker's word.
type Transfer struct {
	Step     string `json:"step"`
	Team     string `json:"team"`
	TeamName string `json:"team_name"`
	Person   string `json:"person,omitempty"`
	Name     string `json:"name,omitempty"`
}

// Item is one line of a counsellor's queue.
type Item struct {
	C          string    `json:"c"`
	Team       string    `json:"team"`
	Topic      string    `json:"topic"`
	Language   string    `json:"language"`
	Kind       string    `json:"kind"`
	Since      time.Time `json:"since"`
	Urgent     bool      `json:"urgent"`
	Position   int       `json:"position"`
	SeekerHere bool      `json:"seeker_here"`
	Writing    bool      `json:"writing,omitempty"`
}

// Code is the code of an error (a word) or of a bye (a number).
type Code string

// UnmarshalJSON reads a word or a number.
func (c *Code) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] != '"' {
		*c = Code(data)
		return nil
	}
	return json.Unmarshal(data, (*string)(c))
}

// Message is the sealed message a message frame carries.
func (f Frame) Message() seal.Message {
	m := seal.Message{Seq: uint32(f.Seq), ID: f.ID, Sender: f.Sender, N: f.N, Body: f.Body}
	if f.Epoch != nil {
		m.Epoch = *f.Epoch
	}
	if f.After != nil {
		m.After = *f.After
	}
	return m
}

// Send makes a send frame of a sealed message for a conversation.
func Send(c string, m seal.Message) Frame {
	return Frame{T: "send", C: c, ID: m.ID, Epoch: &m.Epoch, N: m.N, After: &m.After, Body: m.Body}
}
