package chat

import (
	"net/netip"

	"lotse/internal/roster"
	"lotse/internal/seal"
	"lotse/internal/staff"
)

// View is a conversation as one seat may see it: the state frame.
type View struct {
	T          string        `json:"t,omitempty"` // "state" in a frame
	C          ID            `json:"c"`
	Rev        int64         `json:"rev"`
	State      State         `json:"state"`
	Kind       Kind          `json:"kind"`
	Team       staff.TeamID  `json:"team"`
	Topic      string        `json:"topic"`
	Language   string        `json:"language"`
	Urgent     *bool         `json:"urgent,omitempty"`
	Counsellor *Person       `json:"counsellor,omitempty"`
	Epoch      uint32        `json:"epoch"`
	Seq        int64         `json:"seq"`
	Since      Moment        `json:"since"`
	Transfer   *TransferView `json:"transfer,omitempty"`
	ClosedBy   Who           `json:"closed_by,omitempty"`
	KeepS      int64         `json:"keep_s,omitempty"` // until it has ended: how long it will be kept then
	PurgeAt    *Moment       `json:"purge_at,omitempty"`
	WarnAt     *Moment       `json:"warn_at,omitempty"`
	OnGone     OnGone        `json:"on_gone,omitempty"`
	SeekerHere *bool         `json:"seeker_here,omitempty"`
	Delivered  *int64        `json:"delivered,omitempty"`
	Read       *int64        `json:"read,omitempty"`
}

// Person is a counsellor by the name in the team's chain.
type Person struct {
	Name string `json:"name"`
	KID  string `json:"kid"`
}

// TransferView is a transfer that waits for the seeker's word.
type TransferView struct {
	Step     string       `json:"step"`
	Team     staff.TeamID `json:"team"`
	TeamName string       `json:"team_name"`
	Person   *staff.ID    `json:"person,omitempty"`
	Name     string       `json:"name,omitempty"`
}

// Item is one line of the queue as counsellors see it.
type Item struct {
	C          ID           `json:"c"`
	Team       staff.TeamID `json:"team"`
	Topic      string       `json:"topic"`
	Language   string       `json:"language"`
	Kind       Kind         `json:"kind"`
	Since      Moment       `json:"since"`
	Urgent     bool         `json:"urgent"`
	Position   int          `json:"position"`
	SeekerHere bool         `json:"seeker_here"`
	Writing    bool         `json:"writing,omitempty"` // the first words are still to come; it is not offered yet
}

// Offer is a conversation held out to one counsellor.
type Offer struct {
	C        ID           `json:"c"`
	Team     staff.TeamID `json:"team"`
	Topic    string       `json:"topic"`
	Language string       `json:"language"`
	Kind     Kind         `json:"kind"`
	Deadline Moment       `json:"deadline"`
	Since    Moment       `json:"since"`
	Urgent   bool         `json:"urgent"`
}

// DutySpan is one own duty.
type DutySpan struct {
	Team     staff.TeamID     `json:"team"`
	Start    Moment           `json:"start"`
	End      Moment           `json:"end"`
	Channels []roster.Channel `json:"channels"`
}

// Status is what a desk is set to. The zero State means "not there".
type Status struct {
	State string `json:"state"` // ready, pause or away
	Limit int    `json:"limit"`
}

// The states of a desk.
const (
	deskReady = "ready"
	deskPause = "pause"
	deskAway  = "away" // the socket is gone, within the grace
)

// TeamRef is a team as seekers and colleagues know it.
type TeamRef struct {
	ID     staff.TeamID `json:"id"`
	Name   string       `json:"name"`
	Policy staff.Policy `json:"policy"`
	Formal bool         `json:"formal"`
}

// DeskView is everything a console shows at first.
type DeskView struct {
	Me            Me         `json:"me"`
	Status        Status     `json:"status"`
	Duties        []DutySpan `json:"duties"`
	Teams         []DeskTeam `json:"teams"`
	Conversations []View     `json:"conversations"`
	Offers        []Offer    `json:"offers"`
	Queue         []Item     `json:"queue"`
}

// Me is the person at the desk.
type Me struct {
	ID   staff.ID `json:"id"`
	Name string   `json:"name"`
	KID  string   `json:"kid"`
}

// DeskTeam is a team one works in or can hand over to, with who is there now.
type DeskTeam struct {
	TeamRef
	Colleagues []Colleague `json:"colleagues"`
}

// Colleague is somebody a conversation can be handed to.
type Colleague struct {
	ID   staff.ID `json:"id"`
	Name string   `json:"name"`
	KID  string   `json:"kid"`
}

// Recipients is whom a seeker's browser has to encrypt to.
type Recipients struct {
	Team      TeamRef            `json:"team"`
	Chain     []seal.SignedState `json:"chain"`
	StateHash seal.Hash          `json:"state_hash"`
	Readers   []string           `json:"readers"`
	KeepS     KeepS              `json:"keep_s"`
}

// KeepS is how long after their end conversations are kept, in seconds.
type KeepS struct {
	Live    int64 `json:"live"`
	Message int64 `json:"message"`
}

// Own is one conversation with its keys, for somebody who sits in it.
type Own struct {
	Conversation View                                `json:"conversation"`
	Room         seal.RoomID                         `json:"room"`
	Epochs       []seal.Epoch                        `json:"epochs"`
	Chains       map[staff.TeamID][]seal.SignedState `json:"chains"`
	HasReturn    *bool                               `json:"has_return,omitempty"`
}

// Messages is one page of a conversation.
type Messages struct {
	Messages []Stored `json:"messages"`
	More     bool     `json:"more"`
}

// OpenRequest opens a conversation.
type OpenRequest struct {
	Ask
	Kind   Kind
	OnGone OnGone
	Token  string // 32 bytes base64url from the browser; empty: the server makes one
	Epoch  seal.Epoch
	// Network is where the request comes from; it is kept as a hash, in memory. Zero:
	// no limit.
	Network netip.Prefix
}

// Opened is the answer to OpenRequest. Again tells that the same request was
// answered before.
type Opened struct {
	ID    ID     `json:"id"`
	Token string `json:"token"`
	State State  `json:"state"`
	Again bool   `json:"-"`
}

// Receipt proves what was deleted, see docs/protocol.md.
type Receipt struct {
	ID     ID        `json:"id"`
	At     Moment    `json:"at"`
	Digest seal.Hash `json:"digest"`
}
