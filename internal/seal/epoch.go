package seal

import (
	"bytes"
	"crypto/hmac"
)

// Kind says what a recipient is.
type Kind string

// The kinds of recipients. Recovery is a team's offline key; it is always shown.
const (
	KindSeeker   Kind = "seeker"
	KindStaff    Kind = "staff"
	KindRecovery Kind = "recovery"
)

// Limits of what is accepted, generous for people and tight for attackers.
const (
	MaxRecipients = 256
	MaxEpochs     = 1024 // per room
	commitSize    = 16
	macSize       = 32 // of link and own
	wrapSize      = keySize + tagSize
)

// Recipient is somebody who can read an epoch. Pub is set for the seeker only,
// so that staff can make an epoch while the seeker is away; staff keys come from
// the team chain.
type Recipient struct {
	KID  KID   `json:"kid"`
	Kind Kind  `json:"kind"`
	Pub  Bytes `json:"pub,omitempty"`
}

// Wrap is the room key sealed to one recipient.
type Wrap struct {
	KID KID   `json:"kid"`
	Enc Bytes `json:"enc"`
	CT  Bytes `json:"ct"`
}

// Epoch is the immutable public record of one room key: who can read from here
// on, and the key wrapped to each of them. Recipients and Wraps are sorted by kid
// and correspond one to one.
type Epoch struct {
	V          int         `json:"v"`
	Suite      int         `json:"suite"`
	Room       RoomID      `json:"room"`
	Number     uint32      `json:"epoch"`
	Team       string      `json:"team"`
	TeamState  Hash        `json:"team_state"`
	Recipients []Recipient `json:"recipients"`
	Wraps      []Wrap      `json:"wraps"`
	Commit     Bytes       `json:"commit"`
	Link       Bytes       `json:"link,omitempty"`
	Own        Bytes       `json:"own,omitempty"` // mark of the seeker, when the seeker made it
	History    Bytes       `json:"history,omitempty"`
}

// ParseEpoch reads strict JSON and checks the form (see Check).
func ParseEpoch(data []byte) (Epoch, error) {
	var e Epoch
	if err := parseStrict(data, &e); err != nil {
		return Epoch{}, err
	}
	return e, e.Check()
}

// Check verifies everything that needs no key: version, sizes, order, exactly one
// seeker, wraps one to one with recipients, link exactly when it is not the first.
// It returns ErrVersion, ErrEncoding, ErrKey or ErrMember.
func (e Epoch) Check() error {
	if e.V != Version || e.Suite != Suite {
		return ErrVersion
	}
	if err := e.checkForm(); err != nil {
		return err
	}
	return e.checkRecipients()
}

func (e Epoch) checkForm() error {
	wantLink, wantHistory := 0, 0
	if e.Number > 0 {
		wantLink = macSize
		wantHistory = nonceSize + tagSize + keySize*int(min(e.Number, MaxEpochs))
	}
	switch {
	case e.Number >= MaxEpochs,
		e.Team == "" || len(e.Team) > 64,
		e.TeamState.IsZero(),
		len(e.Commit) != commitSize,
		len(e.Link) != wantLink,
		len(e.Own) != 0 && len(e.Own) != macSize,
		len(e.History) != 0 && len(e.History) != wantHistory,
		len(e.Recipients) == 0 || len(e.Recipients) > MaxRecipients,
		len(e.Wraps) != len(e.Recipients):
		return ErrEncoding
	}
	return nil
}

func (e Epoch) checkRecipients() error {
	seekers := 0
	for i, r := range e.Recipients {
		w := e.Wraps[i]
		if w.KID != r.KID || len(w.Enc) != pubSize || len(w.CT) != wrapSize {
			return ErrEncoding
		}
		if i > 0 && bytes.Compare(e.Recipients[i-1].KID[:], r.KID[:]) >= 0 {
			return ErrEncoding
		}
		if r.Kind == KindSeeker {
			seekers++
		}
		if err := r.check(); err != nil {
			return err
		}
	}
	if seekers != 1 {
		return ErrEncoding
	}
	return nil
}

func (r Recipient) check() error {
	switch r.Kind {
	case KindSeeker:
		if err := checkPub(r.Pub); err != nil {
			return err
		}
		if KIDOf(r.Pub) != r.KID {
			return ErrMember
		}
		return nil
	case KindStaff, KindRecovery:
		if len(r.Pub) == 0 {
			return nil
		}
	}
	return ErrEncoding
}

// Follows checks, without keys, that e may come after prev in the same room:
// next number, same room. Only a key holder can check the link.
func (e Epoch) Follows(prev Epoch) error {
	if e.Room != prev.Room {
		return ErrRoom
	}
	if e.Number != prev.Number+1 {
		return ErrEpoch
	}
	return nil
}

// Readers lists the kids of staff and recovery recipients, in kid order.
func (e Epoch) Readers() []KID {
	var out []KID
	for _, r := range e.Recipients {
		if r.Kind != KindSeeker {
			out = append(out, r.KID)
		}
	}
	return out
}

// Seeker returns the seeker's recipient entry; e must have passed Check.
func (e Epoch) Seeker() Recipient {
	for _, r := range e.Recipients {
		if r.Kind == KindSeeker {
			return r
		}
	}
	return Recipient{}
}

// Wrap returns the wrap for a key; false when it is not a recipient.
func (e Epoch) Wrap(kid KID) (Wrap, bool) {
	for _, w := range e.Wraps {
		if w.KID == kid {
			return w, true
		}
	}
	return Wrap{}, false
}

// recipientsHash is H(recipients): suite, team and every kid with its kind.
func (e Epoch) recipientsHash() []byte {
	fields := [][]byte{[]byte("bek1/recipients"), u32(uint32(e.Suite)), []byte(e.Team)}
	for _, r := range e.Recipients {
		fields = append(fields, r.KID[:], []byte(r.Kind))
	}
	h := hashOf(lp(fields...))
	return h[:]
}

func (e Epoch) wrapAAD(kid KID) []byte {
	return lp([]byte("bek1/roomkey"), e.Room[:], u32(e.Number), kid[:], e.TeamState[:], e.recipientsHash())
}

func (e Epoch) historyAAD() []byte {
	return lp([]byte("bek1/history"), e.Room[:], u32(e.Number))
}

func (e Epoch) commitOf(secret []byte) []byte {
	return mac(secret, []byte("bek1 commit"), e.recipientsHash())[:commitSize]
}

func (e Epoch) linkOf(prev []byte) []byte {
	return mac(prev, []byte("bek1 link"), e.recipientsHash(), e.Commit)
}

// ownOf is the mark of a seeker on an epoch: only who has the seed can make it,
// so a server cannot start the room anew with a key of its own.
func (e Epoch) ownOf(own []byte) []byte {
	return mac(own, []byte("bek1 own"), e.Room[:], u32(e.Number), e.recipientsHash(), e.Commit)
}

// Open unwraps the room key with the key of one recipient and checks the
// commitment. It returns ErrNotReader, ErrTag, ErrCommit or an error of Check.
func (e Epoch) Open(k *PrivateKey) (RoomKey, error) {
	if err := e.Check(); err != nil {
		return RoomKey{}, err
	}
	w, ok := e.Wrap(k.KID())
	if !ok {
		return RoomKey{}, ErrNotReader
	}
	secret, err := hpkeOpen(k, w.Enc, e.wrapAAD(k.KID()), w.CT)
	if err != nil {
		return RoomKey{}, err
	}
	return e.keyFrom(secret)
}

// keyFrom accepts a secret as the key of e only if e commits to it.
func (e Epoch) keyFrom(secret []byte) (RoomKey, error) {
	if len(secret) != keySize || !hmac.Equal(e.commitOf(secret), e.Commit) {
		return RoomKey{}, ErrCommit
	}
	return RoomKey{Room: e.Room, Epoch: e.Number, secret: [keySize]byte(secret)}, nil
}

// CheckLink verifies that e was made by a holder of the previous room key.
// It returns ErrEpoch for the wrong predecessor, ErrRoom or ErrLink.
func (e Epoch) CheckLink(prev RoomKey) error {
	if e.Room != prev.Room {
		return ErrRoom
	}
	if e.Number != prev.Epoch+1 {
		return ErrEpoch
	}
	if !hmac.Equal(e.linkOf(prev.secret[:]), e.Link) {
		return ErrLink
	}
	return nil
}
