package seal

import "crypto/sha256"

// Message is a sealed message as the server keeps it. Seq is the server's order,
// gap-free from 1; everything else is bound by the encryption.
type Message struct {
	Seq    uint32 `json:"seq"`
	ID     string `json:"id"`
	Sender string `json:"sender"`
	Epoch  uint32 `json:"epoch"`
	N      uint32 `json:"n"`
	After  uint32 `json:"after"`
	Body   Bytes  `json:"body"`
}

// ItemKind says what a Transcript shows at a place.
type ItemKind string

// The kinds of items. Missing and Altered are always shown to people.
const (
	ItemMessage ItemKind = "message" // verified text
	ItemMissing ItemKind = "missing" // Count messages of Sender ("" = unknown) are not here
	ItemAltered ItemKind = "altered" // something stands here that fails verification; see Reason
	ItemLocked  ItemKind = "locked"  // text from before this reader was let in
)

// Item is one entry of a verified transcript. For ItemMissing, ID is empty and
// Sender is "" when the server order itself has a hole.
type Item struct {
	Kind   ItemKind `json:"kind"`
	Seq    uint32   `json:"seq"`
	Sender string   `json:"sender,omitempty"`
	ID     string   `json:"id,omitempty"`
	Epoch  uint32   `json:"epoch"`
	Plain  []byte   `json:"plain,omitempty"`
	Count  uint32   `json:"count,omitempty"`
	Reason Error    `json:"reason,omitempty"`
}

// Transcript is the receiver's state machine. Feed it every message in server
// order; it never drops anything silently and never shows unverified text. When
// a room learns new keys (a history blob), build a new Transcript from the start.
type Transcript struct {
	room    *Room
	seq     uint32
	epoch   uint32
	holes   uint32 // places missing in the server's order that no sender's count explains yet
	ids     map[string]bool
	digests map[uint32][32]byte
	senders map[string]*senderState
}

// senderState is what is known of one sender: counts verified so far, and how
// many altered items since then may stand for messages of this sender.
type senderState struct{ n, after, altered uint32 }

// NewTranscript starts at the beginning of a room.
func NewTranscript(r *Room) *Transcript {
	return &Transcript{room: r, ids: map[string]bool{}, digests: map[uint32][32]byte{}, senders: map[string]*senderState{}}
}

// Seq is the highest server position taken in: the value of after for the next
// message to send.
func (t *Transcript) Seq() uint32 { return t.seq }

// Next is the n for the next message of a sender. Send one message at a time and
// wait until it is in the transcript.
func (t *Transcript) Next(sender string) uint32 { return t.sender(sender).n + 1 }

// Has reports whether a verified message with this id is in the transcript.
func (t *Transcript) Has(id string) bool { return t.ids[id] }

// Add takes one message and returns what to show, in order: nothing for an exact
// repetition, otherwise a possible gap and then the message or why not.
func (t *Transcript) Add(m Message) []Item {
	sum := digest(m)
	if m.Seq <= t.seq {
		if t.digests[m.Seq] == sum {
			return nil
		}
		return []Item{m.altered(ErrReplay)}
	}
	var out []Item
	if hole := m.Seq - t.seq - 1; hole > 0 {
		t.holes += hole
		out = append(out, Item{Kind: ItemMissing, Seq: m.Seq, Count: hole, Reason: ErrPosition})
	}
	t.seq = m.Seq
	t.digests[m.Seq] = sum
	return append(out, t.verify(m)...)
}

func (t *Transcript) verify(m Message) []Item {
	s := t.sender(m.Sender)
	plain, reason := t.open(m, s)
	switch reason {
	case "":
	case ErrLocked:
		s.n, s.after = max(s.n, m.N), max(s.after, m.After)
		return []Item{{Kind: ItemLocked, Seq: m.Seq, Sender: m.Sender, ID: m.ID, Epoch: m.Epoch, Reason: ErrLocked}}
	default:
		s.altered++
		return []Item{m.altered(reason)}
	}
	var out []Item
	if lost := t.unexplained(m.N-s.n-1, s); lost > 0 {
		out = append(out, Item{Kind: ItemMissing, Seq: m.Seq, Sender: m.Sender, Epoch: m.Epoch, Count: lost, Reason: ErrPosition})
	}
	*s = senderState{n: m.N, after: m.After}
	t.epoch = m.Epoch
	t.ids[m.ID] = true
	return append(out, Item{Kind: ItemMessage, Seq: m.Seq, Sender: m.Sender, ID: m.ID, Epoch: m.Epoch, Plain: plain})
}

// open verifies one message; the reason is empty exactly when plain may be shown.
func (t *Transcript) open(m Message, s *senderState) (plain []byte, reason Error) {
	key, err := t.room.Key(m.Epoch)
	switch {
	case err == ErrEpoch, m.Epoch < t.epoch:
		return nil, ErrEpoch
	case !t.room.mayBe(m.Sender, m.Epoch):
		return nil, ErrSender
	case t.ids[m.ID], m.N <= s.n:
		return nil, ErrReplay
	case m.After >= m.Seq, m.After < s.after:
		return nil, ErrPosition
	case err != nil:
		return nil, ErrLocked
	}
	plain, err = key.Open(Header{Sender: m.Sender, ID: m.ID, N: m.N, After: m.After}, m.Body)
	if err != nil {
		return nil, reasonOf(err)
	}
	return plain, ""
}

// unexplained is how many of the lost messages of a sender are not already shown
// as altered items or as a hole in the server's order.
func (t *Transcript) unexplained(lost uint32, s *senderState) uint32 {
	lost -= min(lost, s.altered)
	fromHoles := min(lost, t.holes)
	t.holes -= fromHoles
	return lost - fromHoles
}

func (t *Transcript) sender(name string) *senderState {
	s := t.senders[name]
	if s == nil {
		s = &senderState{}
		t.senders[name] = s
	}
	return s
}

func (m Message) altered(reason Error) Item {
	return Item{Kind: ItemAltered, Seq: m.Seq, Sender: m.Sender, ID: m.ID, Epoch: m.Epoch, Reason: reason}
}

func reasonOf(err error) Error {
	if e, ok := err.(Error); ok {
		return e
	}
	return ErrTag
}

func digest(m Message) [32]byte {
	return sha256.Sum256(lp([]byte(m.ID), []byte(m.Sender), u32(m.Epoch), u32(m.N), u32(m.After), m.Body))
}
