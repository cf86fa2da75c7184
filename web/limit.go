package web

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"sync"
	"time"

	"lotse/internal/fault"
)

// limiter holds token buckets per action and client network. A bucket is
// named by a keyed hash; the key is random, lives in memory and dies with the
// process, so that a memory dump holds no list of addresses to look up.
type limiter struct {
	key [32]byte
	now func() time.Time

	mu      sync.Mutex
	buckets map[[32]byte]bucket
}

// bucket is full again at the time it holds; the further away, the emptier.
type bucket struct{ full time.Time }

// newLimiter returns a limiter with a fresh key.
func newLimiter(now func() time.Time) *limiter {
	l := &limiter{now: now, buckets: map[[32]byte]bucket{}}
	_, _ = rand.Read(l.key[:]) // never fails
	return l
}

// take draws a token from the bucket of action and name, which holds burst
// tokens and gains one per interval. It returns how long to wait when the
// bucket is empty, and 0 when a token was drawn.
func (l *limiter) take(action, name string, burst int, interval time.Duration) time.Duration {
	m := hmac.New(sha256.New, l.key[:])
	m.Write([]byte(action + "\x00" + name))
	id := [32]byte(m.Sum(nil))

	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	full := l.buckets[id].full
	if full.Before(now) {
		full = now
	}
	if wait := full.Add(interval).Sub(now) - time.Duration(burst)*interval; wait > 0 {
		return wait
	}
	l.buckets[id] = bucket{full.Add(interval)}
	return 0
}

// forget drops the buckets that are full.
func (l *limiter) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	for id, b := range l.buckets {
		if !b.full.After(now) {
			delete(l.buckets, id)
		}
	}
}

// limit counts one use of action by the network r comes from: burst at once,
// then one per interval. It returns TooMany (code too_many) beyond that.
func (s *Server) limit(r *http.Request, action string, burst int, interval time.Duration) error {
	if wait := s.limits.take(action, s.clientPrefix(r).String(), burst, interval); wait > 0 {
		return fault.RetryAfter(fault.TooMany, "too_many", wait)
	}
	return nil
}
