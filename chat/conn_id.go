package chat

import (
	"encoding/binary"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// connIDs names connections so that of two in one seat the later has the greater
// id. Nodes have clocks of their own; one that comes to know an id ahead of its
// clock counts on from there.
type connIDs struct {
	mu   sync.Mutex
	last string
}

// next names a new connection of this node.
func (k *connIDs) next() string { return k.after("", "") }

// after is own, or a greater id if before is not smaller: it was given out by a
// node whose clock is ahead. Otherwise late news of the connection before would
// close the one that has just come, and for good. An own that is empty is new.
func (k *connIDs) after(own, before string) string {
	if _, err := uuid.Parse(before); err != nil {
		before = ""
	}
	if own != "" && own > before {
		return own
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	id := uuid.Must(uuid.NewV7()).String()
	if known := max(before, k.last); id <= known {
		id = beyond(known)
	}
	k.last = id
	return id
}

// beyond is an id somewhat greater than another; by chance, so that two nodes that
// count on from the same id do not meet.
func beyond(id string) string {
	u := uuid.MustParse(strings.ToLower(id))
	low := binary.BigEndian.Uint64(u[8:]) + 1 + rand.Uint64N(1<<32)
	binary.BigEndian.PutUint64(u[8:], low)
	return u.String()
}

// clockGrace is how far apart clocks may be without anybody noticing: nobody comes
// back sooner than that.
const clockGrace = 250 * time.Millisecond

// replacedBy is the code with which a connection gives way to another in its seat.
// An id from the future tells that clocks disagree, and then not which is the
// later one: whoever is there comes back and is the later one.
func replacedBy(id string, now time.Time) int {
	u, err := uuid.Parse(id)
	if err != nil {
		return closeReplaced
	}
	ms := int64(binary.BigEndian.Uint64(u[:8]) >> 16)
	if time.UnixMilli(ms).After(now.Add(clockGrace)) {
		return closeResync
	}
	return closeReplaced
}
