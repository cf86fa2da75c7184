package staff

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"net/netip"
	"sync"
	"time"

	"lotse/internal/fault"
)

// Client is what web knows about the browser of an attempt. The prefix is used in memory only, as the key of a keyed hash.
type Client struct {
	Prefix   netip.Prefix // IPv4 /32 or IPv6 /64
	Device   string       // content of the device cookie, "" or anything a client may send
	Previous string       // content of the session cookie: that session ends when another begins
}

// limits slows guessing down and locks nobody out. There are four rules:
//
//   - Per source and account: 5 attempts, then one a minute. The source is the device for a device that has signed in to
//     this account before, else the network. So an attacker uses up tokens of other sources than the owner's.
//   - Per network, over all accounts: 30 attempts that fail, then one every 30 seconds. Known devices are exempt.
//   - Per account, over all networks: every failure makes the attempts of unknown devices a little slower, up to 4
//     seconds. It never refuses.
//   - Six digits, for which the password has to be right: 10 guesses per account, then one every 5 minutes. A known device
//     has 10 of its own, so that nobody can use up the owner's.
//
// A success gives the tokens back. A right password without the digits that are due is half of one and gives back its own
// alone: otherwise it would wash every guess before it away. Everything lives in the memory of one node under a random key that is replaced every
// day; N nodes allow N times as many guesses, each of which still costs 600,000 rounds of PBKDF2.
type limits struct {
	now func() time.Time

	mu      sync.Mutex
	key     [32]byte
	since   time.Time
	buckets map[[32]byte]time.Time // when the bucket is full again; the further away, the emptier
}

const (
	limitKeyLife   = 24 * time.Hour
	limitEntries   = 100_000
	guessBurst     = 5
	guessEvery     = time.Minute
	networkBurst   = 30
	networkEvery   = 30 * time.Second
	heatEvery      = time.Minute // one failure of an account cools down in
	heatFree       = 10          // failures without delay
	delayStep      = 200 * time.Millisecond
	delayMax       = 4 * time.Second
	codeGuessBurst = 10
	codeGuessEvery = 5 * time.Minute
	limitCode      = "too_many_attempts"
	purposeGuess   = "guess"
	purposeNetwork = "network"
	purposeHeat    = "heat"
	purposeTOTP    = "totp"
)

func newLimits(now func() time.Time) *limits {
	l := &limits{now: now}
	l.renew()
	return l
}

// renew draws a new key, which forgets everything.
func (l *limits) renew() {
	_, _ = rand.Read(l.key[:]) // never fails
	l.since, l.buckets = l.now(), map[[32]byte]time.Time{}
}

// attempt is one admitted guess at a secret of an account.
type attempt struct {
	guess, network, heat [32]byte
	code                 [32]byte // for the six digits
	known                bool
	delay                time.Duration // to be waited before the secret is looked at
	lane                 lane
}

// admit takes the tokens for one guess. known says that the client's device has signed in to the account before.
// It returns TooMany (too_many_attempts) with the time until the next token.
func (l *limits) admit(c Client, account string, known bool) (attempt, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tidy()
	source := "network " + c.Prefix.String()
	if known {
		source = "device " + c.Device
	}
	a := attempt{
		guess: l.id(purposeGuess, source, account), network: l.id(purposeNetwork, c.Prefix.String()),
		heat: l.id(purposeHeat, account), code: l.id(purposeTOTP, account), known: known,
	}
	if known {
		a.code = l.id(purposeTOTP, source, account)
	}
	if wait := l.take(a.guess, guessBurst, guessEvery); wait > 0 {
		return a, fault.RetryAfter(fault.TooMany, limitCode, wait)
	}
	if known {
		a.lane = laneKnown
		return a, nil
	}
	a.lane = l.laneOf(a.network)
	if wait := l.take(a.network, networkBurst, networkEvery); wait > 0 {
		return a, fault.RetryAfter(fault.TooMany, limitCode, wait)
	}
	a.delay = delayFor(l.level(a.heat, heatEvery))
	return a, nil
}

// laneOf keeps networks that have failed lately out of the way of those that have not.
func (l *limits) laneOf(network [32]byte) lane {
	if l.level(network, networkEvery) > 0 {
		return laneFailed
	}
	return laneFresh
}

// passed gives back the tokens of an attempt that was right, and forgets the wrong ones before it.
func (l *limits) passed(a attempt) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.buckets, a.guess)
	delete(l.buckets, a.code)
	l.giveBackNetwork(a)
}

// halfPassed gives back the tokens of an attempt whose password was right and whose six digits are still to come.
func (l *limits) halfPassed(a attempt) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at, ok := l.buckets[a.guess]; ok {
		l.buckets[a.guess] = at.Add(-guessEvery)
	}
	l.giveBackNetwork(a)
}

func (l *limits) giveBackNetwork(a attempt) {
	if at, ok := l.buckets[a.network]; ok && !a.known {
		l.buckets[a.network] = at.Add(-networkEvery)
	}
}

// failed notes a wrong guess and returns how many the account has had lately.
func (l *limits) failed(a attempt) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.take(a.heat, int(limitKeyLife/heatEvery), heatEvery)
	return l.level(a.heat, heatEvery)
}

// admitCode takes a token for one guess at six digits. It is reached only with the right password, so only somebody who
// already has that can use it up; passkeys pass.
func (l *limits) admitCode(a attempt) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if wait := l.take(a.code, codeGuessBurst, codeGuessEvery); wait > 0 {
		return fault.RetryAfter(fault.TooMany, limitCode, wait)
	}
	return nil
}

func delayFor(failures int) time.Duration {
	return min(max(0, time.Duration(failures-heatFree)*delayStep), delayMax)
}

func (l *limits) id(parts ...string) [32]byte {
	mac := hmac.New(sha256.New, l.key[:])
	for _, p := range parts {
		writeField(mac, []byte(p))
	}
	return [32]byte(mac.Sum(nil))
}

// take draws one token and returns 0, or how long until there is one.
func (l *limits) take(id [32]byte, burst int, every time.Duration) time.Duration {
	now := l.now()
	full := l.buckets[id]
	if full.Before(now) {
		full = now
	}
	if wait := full.Add(every).Sub(now) - time.Duration(burst)*every; wait > 0 {
		return wait
	}
	l.buckets[id] = full.Add(every)
	return 0
}

// level is the number of tokens that are missing.
func (l *limits) level(id [32]byte, every time.Duration) int {
	return int((max(0, l.buckets[id].Sub(l.now())) + every - 1) / every)
}

// tidy replaces an old key and keeps the number of buckets bounded. When even the full ones do not suffice it drops
// any: that loosens the limits of some sources, while the delay of the account under attack stays or is rebuilt.
func (l *limits) tidy() {
	now := l.now()
	if now.Sub(l.since) >= limitKeyLife {
		l.renew()
	}
	if len(l.buckets) < limitEntries {
		return
	}
	for id, full := range l.buckets {
		if !full.After(now) {
			delete(l.buckets, id)
		}
	}
	for id := range l.buckets {
		if len(l.buckets) < limitEntries*9/10 {
			return
		}
		delete(l.buckets, id)
	}
}
