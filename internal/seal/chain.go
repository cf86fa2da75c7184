package seal

import (
	"bytes"
	"encoding/binary"
	"slices"
	"time"
	"unicode/utf8"
)

// Member is one key holder in a team state. A recovery member is the team's
// offline key: it reads, never signs and has no signature key.
type Member struct {
	KID      KID    `json:"kid"`
	KEMPub   Bytes  `json:"kem_pub"`
	SigPub   Bytes  `json:"sig_pub,omitempty"` // 65 bytes; empty for recovery only
	Name     string `json:"name"`              // shown to colleagues and seekers, 1–100 bytes
	Reads    bool   `json:"reads"`
	Signs    bool   `json:"signs"`
	Recovery bool   `json:"recovery,omitempty"`
	NotAfter int64  `json:"not_after,omitempty"` // unix seconds; 0 = unlimited
}

// State is one link of a team chain: the whole membership from here on. Members
// are sorted by kid. Prev is the hash of the state before, zero for n = 0.
type State struct {
	V       int      `json:"v"`
	Suite   int      `json:"suite"`
	Team    string   `json:"team"`
	N       uint32   `json:"n"`
	Prev    Hash     `json:"prev"`
	Members []Member `json:"members"`
	By      KID      `json:"by"` // the signing member of state n-1; of itself for n = 0
}

// SignedState is a state with the signature of By: ECDSA P-256/SHA-256, r‖s.
type SignedState struct {
	State
	Sig Bytes `json:"sig"`
}

// ParseSigned reads one signed state as strict JSON and checks its form.
func ParseSigned(data []byte) (SignedState, error) {
	var s SignedState
	if err := parseStrict(data, &s); err != nil {
		return SignedState{}, err
	}
	return s, s.Check()
}

// MaxMembers limits a team.
const MaxMembers = 256

const (
	flagReads byte = 1 << iota
	flagSigns
	flagRecovery
)

// canonical is what is hashed and signed.
func (s State) canonical() []byte {
	fields := [][]byte{
		[]byte("bek1/team"), u32(uint32(s.V)), u32(uint32(s.Suite)), []byte(s.Team), u32(s.N),
		s.prevBytes(), s.By[:], u32(uint32(len(s.Members))),
	}
	for _, m := range s.Members {
		fields = append(fields, m.KID[:], m.KEMPub, m.SigPub, []byte(m.Name), []byte{m.flags()}, m.notAfter())
	}
	return lp(fields...)
}

func (s State) prevBytes() []byte {
	if s.Prev.IsZero() {
		return nil
	}
	return s.Prev[:]
}

func (m Member) flags() (f byte) {
	if m.Reads {
		f |= flagReads
	}
	if m.Signs {
		f |= flagSigns
	}
	if m.Recovery {
		f |= flagRecovery
	}
	return f
}

func (m Member) notAfter() []byte {
	if m.NotAfter == 0 {
		return nil
	}
	return binary.BigEndian.AppendUint64(nil, uint64(m.NotAfter))
}

// Hash is SHA-256 of the canonical encoding; the signature is not part of it.
func (s State) Hash() Hash { return hashOf(s.canonical()) }

// Member finds a member by key id.
func (s State) Member(kid KID) (Member, bool) {
	for _, m := range s.Members {
		if m.KID == kid {
			return m, true
		}
	}
	return Member{}, false
}

// Check verifies the form of a state without its predecessor: version, sizes,
// order, keys, at least one signer. It returns ErrVersion, ErrEncoding, ErrMember,
// ErrKey or ErrNoSigner.
func (s State) Check() error {
	if s.V != Version || s.Suite != Suite {
		return ErrVersion
	}
	if s.Team == "" || len(s.Team) > 64 || len(s.Members) == 0 || len(s.Members) > MaxMembers || (s.N == 0) != s.Prev.IsZero() {
		return ErrEncoding
	}
	signs := false
	for i, m := range s.Members {
		if i > 0 && bytes.Compare(s.Members[i-1].KID[:], m.KID[:]) >= 0 {
			return ErrMember
		}
		if err := m.check(); err != nil {
			return err
		}
		signs = signs || m.Signs
	}
	if !signs {
		return ErrNoSigner
	}
	return nil
}

func (m Member) check() error {
	if m.Name == "" || len(m.Name) > 100 || !utf8.ValidString(m.Name) || m.NotAfter < 0 || m.NotAfter > maxUnix {
		return ErrEncoding
	}
	if KIDOf(m.KEMPub) != m.KID || m.Recovery && (m.Signs || !m.Reads || len(m.SigPub) != 0) {
		return ErrMember
	}
	if err := checkPub(m.KEMPub); err != nil {
		return err
	}
	if m.Recovery {
		return nil
	}
	return checkPub(m.SigPub)
}

// maxUnix keeps not_after exact in a JavaScript number.
const maxUnix = 1<<53 - 1

// Active reports whether the membership has not ended at the given time.
func (m Member) Active(at time.Time) bool { return m.NotAfter == 0 || at.Unix() < m.NotAfter }

// NewState prepares the state that follows prev (nil: the genesis) with these
// members, sorted; StaffKeys.Sign completes it.
func NewState(team string, prev *State, members []Member) State {
	s := State{V: Version, Suite: Suite, Team: team, Members: slices.Clone(members)}
	slices.SortFunc(s.Members, func(a, b Member) int { return bytes.Compare(a.KID[:], b.KID[:]) })
	if prev != nil {
		s.N, s.Prev = prev.N+1, prev.Hash()
	}
	return s
}
