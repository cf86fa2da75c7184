package seal

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"fmt"
	"math/big"
	"slices"
	"time"
)

// ChainError names the first bad state of a chain.
type ChainError struct {
	N   int // index in the chain; len(chain) when the chain as a whole is wrong
	Err error
}

// Error names the state and the reason.
func (e *ChainError) Error() string { return fmt.Sprintf("team state %d: %v", e.N, e.Err) }

// Unwrap gives the reason for errors.Is.
func (e *ChainError) Unwrap() error { return e.Err }

// Chain is a verified team chain. Make it with Verify only.
type Chain struct {
	team   string
	states []State
	hashes []Hash
}

// Verify checks every state and signature of a chain from its genesis. pinned is
// the newest hash this client has seen before, or zero: a chain without it is a
// rollback. Every error is a *ChainError around ErrVersion, ErrEncoding, ErrTeam,
// ErrChain, ErrSigner, ErrSignature, ErrMember, ErrKey, ErrNoSigner or ErrRollback.
func Verify(team string, chain []SignedState, pinned Hash) (*Chain, error) {
	c := &Chain{team: team}
	for i, s := range chain {
		if err := c.add(s); err != nil {
			return nil, &ChainError{N: i, Err: err}
		}
	}
	if len(chain) == 0 {
		return nil, &ChainError{N: 0, Err: ErrChain}
	}
	if _, ok := c.index(pinned); !ok && !pinned.IsZero() {
		return nil, &ChainError{N: len(chain), Err: ErrRollback}
	}
	return c, nil
}

// Append verifies one further state and returns the longer chain; c is unchanged.
func (c *Chain) Append(s SignedState) (*Chain, error) {
	next := &Chain{team: c.team, states: c.states[:len(c.states):len(c.states)], hashes: c.hashes[:len(c.hashes):len(c.hashes)]}
	if err := next.add(s); err != nil {
		return nil, &ChainError{N: len(c.states), Err: err}
	}
	return next, nil
}

func (c *Chain) add(s SignedState) error {
	if err := s.Check(); err != nil {
		return err
	}
	if s.Team != c.team {
		return ErrTeam
	}
	authority := s.State
	if len(c.states) > 0 {
		authority = c.Head()
		if s.Prev != c.HeadHash() {
			return ErrChain
		}
	}
	if int(s.N) != len(c.states) {
		return ErrChain
	}
	signer, ok := authority.Member(s.By)
	if !ok || !signer.Signs {
		return ErrSigner
	}
	if !verifySig(signer.SigPub, s.canonical(), s.Sig) {
		return ErrSignature
	}
	s.Members = slices.Clone(s.Members) // the caller's slice may change later
	c.states = append(c.states, s.State)
	c.hashes = append(c.hashes, s.Hash())
	return nil
}

// verifySig checks raw r‖s over SHA-256(message).
func verifySig(pub, message, sig []byte) bool {
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), pub)
	if err != nil || len(sig) != 64 {
		return false
	}
	sum := sha256.Sum256(message)
	r, s := new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:])
	return ecdsa.Verify(key, sum[:], r, s)
}

func (c *Chain) index(h Hash) (int, bool) {
	for i, have := range c.hashes {
		if have == h {
			return i, true
		}
	}
	return 0, false
}

// Team is the team's id.
func (c *Chain) Team() string { return c.team }

// Head is the newest state.
func (c *Chain) Head() State { return c.states[len(c.states)-1] }

// HeadHash is the hash to pin after a successful Verify.
func (c *Chain) HeadHash() Hash { return c.hashes[len(c.hashes)-1] }

// Genesis is the hash of the first state; Fingerprint(Genesis) are the six words.
func (c *Chain) Genesis() Hash { return c.hashes[0] }

// Readers lists the members of the newest state who may read at the given time,
// recovery members included.
func (c *Chain) Readers(at time.Time) []Member {
	var out []Member
	for _, m := range c.Head().Members {
		if m.Reads && m.Active(at) {
			out = append(out, m)
		}
	}
	return out
}

// Pick returns the readers with these kids for a Plan, plus every recovery
// member; nil kids mean all readers. It returns ErrRecipient for a kid that is
// not a reader of the newest state and ErrExpired for one whose time is over.
func (c *Chain) Pick(kids []KID, at time.Time) ([]Reader, error) {
	head, chosen := c.Head(), make(map[KID]bool, len(kids))
	for _, kid := range kids {
		if err := head.mayRead(kid, KindStaff, at); err != nil {
			return nil, err
		}
		chosen[kid] = true
	}
	var out []Reader
	for _, m := range c.Readers(at) {
		if kids == nil || chosen[m.KID] || m.Recovery {
			out = append(out, m.reader())
		}
	}
	return out, nil
}

func (m Member) reader() Reader {
	r := Reader{KID: m.KID, Kind: KindStaff, Pub: m.KEMPub}
	if m.Recovery {
		r.Kind = KindRecovery
	}
	return r
}

// mayRead checks one recipient against a state; a zero time skips expiry.
func (s State) mayRead(kid KID, kind Kind, at time.Time) error {
	m, ok := s.Member(kid)
	if !ok || !m.Reads || kind == KindStaff && m.Recovery || kind == KindRecovery && !m.Recovery {
		return ErrRecipient
	}
	if !at.IsZero() && !m.Active(at) {
		return ErrExpired
	}
	return nil
}

// Check verifies that every recipient of an epoch is a signed reader of the very
// state the epoch names. It looks at no clock: use it for epochs of the past. It
// returns ErrTeam, ErrState, ErrRecipient or an error of Epoch.Check.
func (c *Chain) Check(e Epoch) error {
	if err := e.Check(); err != nil {
		return err
	}
	if e.Team != c.team {
		return ErrTeam
	}
	i, ok := c.index(e.TeamState)
	if !ok {
		return ErrState
	}
	return c.states[i].mayReadAll(e, time.Time{})
}

// CheckCurrent verifies an epoch before anything is sent under it: Check, and
// every recipient is still a reader in the newest state and not expired. It
// returns also ErrRemoved and ErrExpired; then a new epoch is needed first.
func (c *Chain) CheckCurrent(e Epoch, at time.Time) error {
	if err := c.Check(e); err != nil {
		return err
	}
	switch err := c.Head().mayReadAll(e, at); err {
	case ErrRecipient:
		return ErrRemoved
	default:
		return err
	}
}

// CheckOrder verifies that the team state of an epoch is not older than that of
// the one before; epochs of different teams are not compared. Both must pass
// Check. It returns ErrRollback.
func (c *Chain) CheckOrder(prev, e Epoch) error {
	before, ok := c.index(prev.TeamState)
	if prev.Team != e.Team || !ok {
		return nil
	}
	if after, ok := c.index(e.TeamState); !ok || after < before {
		return ErrRollback
	}
	return nil
}

func (s State) mayReadAll(e Epoch, at time.Time) error {
	for _, r := range e.Recipients {
		if r.Kind == KindSeeker {
			continue
		}
		if err := s.mayRead(r.KID, r.Kind, at); err != nil {
			return err
		}
	}
	return nil
}
