package staff

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"

	"lotse/internal/fault"
)

// argon are the parameters of argon2id. What it hashes is already the result of 600,000 rounds of PBKDF2 in the browser,
// so the least memory that OWASP recommends (19 MiB, 2 passes) is enough, and three at once take 57 MiB.
type argon struct {
	memory uint32 // KiB
	passes uint32
}

// argonDefault costs some 30 ms of one core.
var argonDefault = argon{memory: 19 * 1024, passes: 2}

const (
	argonMaxMemory = 256 * 1024
	argonMaxPasses = 16
	argonWait      = 15 * time.Second
)

// lane is a queue for the hasher. Each has one place, so that a flood in one holds up no other.
type lane int

const (
	laneKnown  lane = iota // devices that have signed in before
	laneFresh              // networks without a failure lately
	laneFailed             // networks with failures
	lanes
)

// hasher runs argon2id for at most one attempt per lane at a time.
type hasher struct {
	cost   argon
	places [lanes]chan struct{}
	dummy  string // hash of nothing, compared with when there is no account, for equal time
}

func newHasher(cost argon) *hasher {
	h := &hasher{cost: cost}
	for i := range h.places {
		h.places[i] = make(chan struct{}, 1)
	}
	h.dummy = cost.encode(make([]byte, 16), make([]byte, 32))
	return h
}

func (p argon) key(secret, salt []byte) []byte {
	return argon2.IDKey(secret, salt, p.passes, p.memory, 1, 32)
}

func (p argon) encode(salt, key []byte) string {
	enc := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=1$%s$%s", argon2.Version, p.memory, p.passes, enc(salt), enc(key))
}

// hash returns the encoded hash of a new secret.
func (h *hasher) hash(ctx context.Context, secret Secret) (string, error) {
	leave, err := h.enter(ctx, laneKnown)
	if err != nil {
		return "", err
	}
	defer leave()
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails
	return h.cost.encode(salt, h.cost.key(secret, salt)), nil
}

// matches compares a secret with an encoded hash; an empty one is compared with nothing, at the same cost. It returns
// Unavailable (busy) when the lane stays full.
func (h *hasher) matches(ctx context.Context, in lane, secret Secret, encoded string) (bool, error) {
	missing := encoded == ""
	if missing {
		encoded = h.dummy
	}
	cost, salt, want, err := parseArgon(encoded)
	if err != nil {
		return false, err
	}
	leave, err := h.enter(ctx, in)
	if err != nil {
		return false, err
	}
	defer leave()
	return subtle.ConstantTimeCompare(cost.key(secret, salt), want) == 1 && !missing, nil
}

func (h *hasher) enter(ctx context.Context, in lane) (leave func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, argonWait)
	defer cancel()
	select {
	case h.places[in] <- struct{}{}:
		return func() { <-h.places[in] }, nil
	case <-ctx.Done():
		return nil, fault.RetryAfter(fault.Unavailable, "busy", argonWait)
	}
}

var errArgon = errors.New("stored password hash is malformed")

func parseArgon(encoded string) (cost argon, salt, key []byte, err error) {
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != "v="+strconv.Itoa(argon2.Version) {
		return cost, nil, nil, errArgon
	}
	var threads int
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &cost.memory, &cost.passes, &threads); n != 3 || err != nil || threads != 1 {
		return cost, nil, nil, errArgon
	}
	salt, err = base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return cost, nil, nil, errArgon
	}
	key, err = base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || len(key) != 32 || cost.memory == 0 || cost.memory > argonMaxMemory || cost.passes == 0 || cost.passes > argonMaxPasses {
		return cost, nil, nil, errArgon
	}
	return cost, salt, key, nil
}
