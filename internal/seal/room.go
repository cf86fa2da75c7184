package seal

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"slices"
	"time"
)

// Room is what one person holds of a room: all epochs and the keys they could
// open. It is not safe for concurrent use.
type Room struct {
	ID     RoomID
	mine   []*PrivateKey
	epochs []Epoch
	digest [][32]byte
	keys   []RoomKey // zero where this person has no key
	sure   int       // how many epochs came from the server; the rest was made here
}

// NewRoom makes a room in the seeker's hand: random id, epoch 0 for these readers
// of the chain's newest state (nil: all) and the seeker. It returns the errors of
// Chain.Pick and NewEpoch.
func NewRoom(seeker *PrivateKey, chain *Chain, readers []KID, at time.Time) (*Room, Epoch, error) {
	r := &Room{ID: RoomID(random(16)), mine: []*PrivateKey{seeker}}
	e, err := r.Next(Change{Chain: chain, Readers: readers, At: at})
	return r, e, err
}

// OpenRoom opens the epochs of a room, oldest first from number 0, with the key
// of one reader. It returns the errors of Accept.
func OpenRoom(priv *PrivateKey, epochs []Epoch) (*Room, error) {
	if len(epochs) == 0 {
		return nil, ErrEpoch
	}
	r := &Room{ID: epochs[0].Room, mine: []*PrivateKey{priv}}
	for _, e := range epochs {
		if err := r.Accept(e); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// Accept takes the next epoch: checks its form, its place, its link (whenever the
// previous key is known), opens it if this person is a recipient, fills in earlier
// keys from its history, and for a seeker checks the own mark where their key
// comes in. A repeated identical epoch is ignored. On error nothing changes. It
// returns ErrRoom, ErrEpoch, ErrChanged, ErrTag, ErrCommit, ErrLink, ErrOwn,
// ErrHistory or an error of Epoch.Check. Who the recipients are is checked by
// Chain, not here.
func (r *Room) Accept(e Epoch) error {
	if err := e.Check(); err != nil {
		return err
	}
	if e.Room != r.ID {
		return ErrRoom
	}
	sum := epochDigest(e)
	if int(e.Number) < len(r.epochs) {
		if r.digest[e.Number] != sum {
			return ErrChanged
		}
		r.sure = max(r.sure, int(e.Number)+1)
		return nil
	}
	if int(e.Number) > len(r.epochs) {
		return ErrEpoch
	}
	keys, err := r.open(e)
	if err != nil {
		return err
	}
	epochs := append(slices.Clone(r.epochs), e)
	for i := 1; i < len(epochs); i++ {
		if keys[i-1].IsZero() {
			continue
		}
		if err := epochs[i].CheckLink(keys[i-1]); err != nil {
			return err
		}
	}
	r.epochs, r.digest, r.keys, r.sure = epochs, append(slices.Clone(r.digest), sum), keys, len(epochs)
	return nil
}

// Follow takes the server's whole list of epochs, oldest first. Epochs that came
// from the server before must still be there unchanged (ErrChanged, ErrEpoch);
// those made here that the server did not take are given up. Otherwise as Accept.
func (r *Room) Follow(epochs []Epoch) error {
	same := 0
	for same < min(len(epochs), len(r.epochs)) && epochDigest(epochs[same]) == r.digest[same] {
		same++
	}
	if len(epochs) < r.sure {
		return ErrEpoch
	}
	if same < r.sure {
		return ErrChanged
	}
	r.epochs, r.digest, r.keys, r.sure = r.epochs[:same:same], r.digest[:same:same], r.keys[:same:same], same
	for _, e := range epochs[same:] {
		if err := r.Accept(e); err != nil {
			return err
		}
	}
	return nil
}

// open returns the keys known after e: those from before, its own, its history.
func (r *Room) open(e Epoch) ([]RoomKey, error) {
	keys := append(slices.Clone(r.keys), RoomKey{})
	i := slices.IndexFunc(r.mine, func(k *PrivateKey) bool { _, ok := e.Wrap(k.KID()); return ok })
	if i < 0 {
		return keys, nil
	}
	key, err := e.Open(r.mine[i])
	if err != nil {
		return nil, err
	}
	if err := r.checkOwn(e, r.mine[i]); err != nil {
		return nil, err
	}
	past, err := e.OpenHistory(key, r.epochs)
	if err != nil {
		return nil, err
	}
	copy(keys, past)
	keys[e.Number] = key
	return keys, nil
}

// checkOwn insists that a seeker's key came into the room by an epoch that the
// seeker made. Everybody can wrap to a public key; later epochs are held by links
// and need no mark, but one that is there must be right.
func (r *Room) checkOwn(e Epoch, k *PrivateKey) error {
	named := func(e Epoch) bool { return e.Seeker().KID == k.KID() }
	if k.own == nil || !named(e) || len(e.Own) == 0 && slices.ContainsFunc(r.epochs, named) {
		return nil
	}
	if !hmac.Equal(e.ownOf(k.own), e.Own) {
		return ErrOwn
	}
	return nil
}

// epochDigest identifies an epoch's content in memory; it is not part of BEK1.
func epochDigest(e Epoch) [32]byte {
	data, err := json.Marshal(e)
	if err != nil {
		panic(err) // every field of Epoch marshals
	}
	return sha256.Sum256(data)
}

// Change describes the next epoch of a room.
type Change struct {
	Chain   *Chain      // of the team that reads from now on
	Readers []KID       // of its newest state; nil: all readers
	Seeker  *PrivateKey // new key of the seeker (return code); nil: as before
	History bool        // let new readers see earlier text (the seeker's consent, or the same team)
	At      time.Time   // for expiry
}

// Next makes the following epoch and takes it in. It needs the newest key, and
// for History all keys. When the server refuses it, Follow gives it up again. It
// returns ErrKey, ErrHistory or the errors of Chain.Pick and NewEpoch.
func (r *Room) Next(c Change) (Epoch, error) {
	readers, err := c.Chain.Pick(c.Readers, c.At)
	if err != nil {
		return Epoch{}, err
	}
	if len(r.keys) > 0 && r.keys[len(r.keys)-1].IsZero() {
		return Epoch{}, ErrKey
	}
	pub, maker := r.seeker(c.Seeker)
	e, key, err := NewEpoch(Plan{
		Room: r.ID, Team: c.Chain.Team(), TeamState: c.Chain.HeadHash(),
		Readers: append(readers, Reader{KID: KIDOf(pub), Kind: KindSeeker, Pub: pub}),
		Earlier: r.keys, History: c.History, Seeker: maker,
	})
	if err != nil {
		return Epoch{}, err
	}
	if c.Seeker != nil {
		r.mine = append(slices.Clone(r.mine), c.Seeker)
	}
	r.epochs, r.digest, r.keys = append(r.epochs, e), append(r.digest, epochDigest(e)), append(r.keys, key)
	return e, nil
}

// seeker is the seeker's public key of the next epoch, with the private key when
// it is this person's own.
func (r *Room) seeker(change *PrivateKey) (Bytes, *PrivateKey) {
	switch {
	case change != nil:
		return change.Public(), change
	case len(r.epochs) == 0:
		return r.mine[0].Public(), r.mine[0]
	}
	pub := r.Current().Seeker().Pub
	for _, k := range r.mine {
		if k.KID() == KIDOf(pub) {
			return pub, k
		}
	}
	return pub, nil
}

// Current is the newest epoch.
func (r *Room) Current() Epoch { return r.epochs[len(r.epochs)-1] }

// Epochs lists all epochs, oldest first.
func (r *Room) Epochs() []Epoch { return slices.Clone(r.epochs) }

// Key returns the key of an epoch. It returns ErrEpoch for an epoch the room does
// not have and ErrLocked for one that this person cannot open.
func (r *Room) Key(epoch uint32) (RoomKey, error) {
	if int(epoch) >= len(r.keys) {
		return RoomKey{}, ErrEpoch
	}
	if r.keys[epoch].IsZero() {
		return RoomKey{}, ErrLocked
	}
	return r.keys[epoch], nil
}

// Seal encrypts a message under the newest epoch. It returns the errors of Key
// and RoomKey.Seal.
func (r *Room) Seal(h Header, plain []byte) (epoch uint32, body Bytes, err error) {
	k, err := r.Key(r.Current().Number)
	if err != nil {
		return 0, nil, err
	}
	body, err = k.Seal(h, plain)
	return k.Epoch, body, err
}

// mayBe reports whether a sender label can occur in an epoch.
func (r *Room) mayBe(sender string, epoch uint32) bool {
	if sender == Seeker {
		return true
	}
	kid, err := ParseKID(sender)
	return err == nil && slices.Contains(r.epochs[epoch].Readers(), kid)
}
