package chat

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"net/netip"
	"sync"
	"time"
)

// defaultShare is the per cent of a queue that one network may fill. Behind one
// address of a mobile network are thousands of people, so it is generous.
const defaultShare = 50

// shareFloor is how many places of a queue one network may always have: a family,
// or two people in a shelter.
const shareFloor = 2

// network stands for the network a conversation was opened from: a hash under a
// salt that lives in memory for a day. The zero network is unknown and has no
// limit.
type network [sha256.Size]byte

const (
	// saltAge is how long a network can be recognised.
	saltAge = 24 * time.Hour
	// maxOrigins bounds what is remembered; beyond it a new day begins.
	maxOrigins = 100_000
)

// shares remembers which network a conversation came from, so that one network
// cannot fill the queue of a team. It knows what this node opened within the day,
// in memory only: nothing of it is stored, logged or told to another node.
type shares struct {
	percent int // of a queue
	mu      sync.Mutex
	salt    [32]byte
	salted  time.Time
	origins map[ID]network
}

func newShares(percent int) *shares { return &shares{percent: percent, origins: map[ID]network{}} }

// note remembers where a conversation comes from, by 24 bits of an IPv4 address
// or 64 of an IPv6 address.
func (s *shares) note(id ID, from netip.Prefix, now time.Time) {
	addr := from.Addr().Unmap()
	bits := 24
	if addr.Is6() {
		bits = 64
	}
	wide, err := addr.Prefix(bits)
	if err != nil || !wide.IsValid() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.renewLocked(now)
	m := hmac.New(sha256.New, s.salt[:])
	m.Write([]byte(wide.String()))
	s.origins[id] = network(m.Sum(nil))
}

// renewLocked begins a new day when it is time: a new salt, nothing remembered.
func (s *shares) renewLocked(now time.Time) {
	if age := now.Sub(s.salted); age >= 0 && age < saltAge && len(s.origins) < maxOrigins {
		return
	}
	_, _ = rand.Read(s.salt[:]) // never fails
	s.salted = now
	clear(s.origins)
}

// forget drops what was noted of a conversation that did not come about.
func (s *shares) forget(id ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.origins, id)
}

// full reports whether the network of a conversation has its share of a queue
// already, given who waits in it.
func (s *shares) full(id ID, waiting []ID, queueMax int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	from, known := s.origins[id]
	if !known {
		return false
	}
	taken := 0
	for _, other := range waiting {
		if o, known := s.origins[other]; known && o == from && other != id {
			taken++
		}
	}
	return taken >= max(shareFloor, queueMax*s.percent/100)
}
