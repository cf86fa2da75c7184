package seal

import (
	"bytes"
	"slices"
)

// Reader is a recipient with the public key to wrap for.
type Reader struct {
	KID  KID
	Kind Kind
	Pub  Bytes
}

// Plan is what a new epoch is made from. Earlier holds the keys of all earlier
// epochs, oldest first: empty for epoch 0, otherwise its last one makes the link.
// With History all of them are sealed into the epoch for new readers. Seeker is
// set when the seeker makes the epoch: the key that Readers names as the seeker's.
type Plan struct {
	Room      RoomID
	Team      string
	TeamState Hash
	Readers   []Reader // seeker, staff and recovery, any order
	Earlier   []RoomKey
	History   bool
	Seeker    *PrivateKey
}

// NewEpoch makes a fresh room key and the epoch that carries it. It returns
// ErrKey, ErrEncoding, ErrHistory (History without all earlier keys) or an error
// of Epoch.Check.
func NewEpoch(p Plan) (Epoch, RoomKey, error) {
	e := Epoch{V: Version, Suite: Suite, Room: p.Room, Number: uint32(len(p.Earlier)), Team: p.Team, TeamState: p.TeamState}
	readers := slices.Clone(p.Readers)
	slices.SortFunc(readers, func(a, b Reader) int { return bytes.Compare(a.KID[:], b.KID[:]) })
	for _, r := range readers {
		e.Recipients = append(e.Recipients, r.recipient())
	}
	key := RoomKey{Room: e.Room, Epoch: e.Number, secret: [keySize]byte(random(keySize))}
	e.Commit = e.commitOf(key.secret[:])
	if err := e.wrapTo(readers, key); err != nil {
		return Epoch{}, RoomKey{}, err
	}
	if p.Seeker != nil && p.Seeker.own != nil {
		e.Own = e.ownOf(p.Seeker.own)
	}
	if err := e.attach(p, key); err != nil {
		return Epoch{}, RoomKey{}, err
	}
	return e, key, e.Check()
}

func (r Reader) recipient() Recipient {
	out := Recipient{KID: r.KID, Kind: r.Kind}
	if r.Kind == KindSeeker {
		out.Pub = r.Pub
	}
	return out
}

func (e *Epoch) wrapTo(readers []Reader, key RoomKey) error {
	for _, r := range readers {
		if KIDOf(r.Pub) != r.KID {
			return ErrMember
		}
		enc, ct, err := hpkeSeal(r.Pub, e.wrapAAD(r.KID), key.secret[:])
		if err != nil {
			return err
		}
		e.Wraps = append(e.Wraps, Wrap{KID: r.KID, Enc: enc, CT: ct})
	}
	return nil
}

// attach adds link and history; only the last earlier key is needed for the link.
func (e *Epoch) attach(p Plan, key RoomKey) error {
	if len(p.Earlier) == 0 {
		return nil
	}
	last := p.Earlier[len(p.Earlier)-1]
	if last.Room != p.Room || last.Epoch+1 != e.Number {
		return ErrEpoch
	}
	e.Link = e.linkOf(last.secret[:])
	if !p.History {
		return nil
	}
	var all []byte
	for i, k := range p.Earlier {
		if k.Room != p.Room || k.Epoch != uint32(i) || k.IsZero() {
			return ErrHistory
		}
		all = append(all, k.secret[:]...)
	}
	e.History = gcmSeal(derive(key.secret[:], "bek1 history"), all, e.historyAAD())
	return nil
}

// OpenHistory returns the keys of all earlier epochs, oldest first, nil when e
// carries none. earlier are those epochs; each key must match the commitment of
// its epoch. It returns ErrTag or ErrHistory.
func (e Epoch) OpenHistory(key RoomKey, earlier []Epoch) ([]RoomKey, error) {
	if len(e.History) == 0 {
		return nil, nil
	}
	all, err := gcmOpen(derive(key.secret[:], "bek1 history"), e.History, e.historyAAD())
	if err != nil {
		return nil, err
	}
	if len(all) != keySize*int(e.Number) || len(earlier) != int(e.Number) {
		return nil, ErrHistory
	}
	keys := make([]RoomKey, e.Number)
	for i := range keys {
		keys[i], err = earlier[i].keyFrom(all[i*keySize : (i+1)*keySize])
		if err != nil {
			return nil, ErrHistory
		}
	}
	return keys, nil
}
