package bus

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	firstRetry  = 100 * time.Millisecond
	lastRetry   = 5 * time.Second
	lineTimeout = 5 * time.Second
)

var (
	errSilent     = errors.New("no answer")
	errUnexpected = errors.New("subscription changed behind our back")
)

// redisLine is one pub/sub connection at a time. Its goroutine connects, takes
// what arrives, and after a loss connects again and tells the receiver by a
// Gap. Reconnecting inside go-redis is unwanted, since it tells nobody; any
// sign of it ends the connection.
type redisLine struct {
	sub   *redisSubscription
	shard int
	send  sync.Mutex // orders commands on the wire like the changes of wanted

	mu      sync.Mutex
	wanted  map[string]bool
	open    map[string]int // commands per topic that the server has not confirmed
	ps      *redis.PubSub  // nil while there is no connection
	failed  bool           // the last attempt failed; a Gap will follow
	resync  bool           // a Gap is due once all topics are confirmed
	changed chan struct{}  // closed and replaced whenever the above changes
}

func newRedisLine(sub *redisSubscription, shard int) *redisLine {
	return &redisLine{
		sub: sub, shard: shard,
		wanted: map[string]bool{}, open: map[string]int{}, changed: make(chan struct{}),
	}
}

// notify wakes those who wait for a change; the caller holds mu.
func (l *redisLine) notify() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// add subscribes topics and waits until the server has confirmed them or the
// connection is lost, after which a Gap is certain.
func (l *redisLine) add(ctx context.Context, topics []string) error {
	if err := l.command(ctx, topics, true); err != nil {
		return err
	}
	for {
		l.mu.Lock()
		done := l.failed || !slices.ContainsFunc(topics, l.unconfirmed)
		changed := l.changed
		l.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		case <-l.sub.ctx.Done():
			return ErrClosed
		}
	}
}

// unconfirmed reports whether the server may not know yet that topic is wanted.
func (l *redisLine) unconfirmed(topic string) bool {
	return l.wanted[topic] && (l.ps == nil || l.open[topic] > 0)
}

func (l *redisLine) remove(ctx context.Context, topics []string) error {
	return l.command(ctx, topics, false)
}

// command notes that topics are wanted or not and says so on the wire, if
// there is one. A failing wire is hung up; the goroutine then begins anew with
// all that is wanted.
func (l *redisLine) command(ctx context.Context, topics []string, want bool) error {
	l.send.Lock()
	defer l.send.Unlock()
	l.mu.Lock()
	topics = slices.DeleteFunc(slices.Clone(topics), func(topic string) bool { return l.wanted[topic] == want })
	for _, topic := range topics {
		if want {
			l.wanted[topic] = true
		} else {
			delete(l.wanted, topic)
		}
		if l.ps != nil {
			l.open[topic]++
		}
	}
	ps := l.ps
	l.notify()
	l.mu.Unlock()
	if ps == nil || len(topics) == 0 {
		return nil
	}
	if err := l.tell(ctx, ps, want, topics); err != nil {
		ps.Close()
		return ctx.Err()
	}
	return nil
}

func (l *redisLine) tell(ctx context.Context, ps *redis.PubSub, want bool, topics []string) error {
	channels := make([]string, len(topics))
	for i, topic := range topics {
		channels[i] = l.sub.bus.channel(topic)
	}
	switch {
	case want && l.sub.bus.cluster:
		return ps.SSubscribe(ctx, channels...)
	case want:
		return ps.Subscribe(ctx, channels...)
	case l.sub.bus.cluster:
		return ps.SUnsubscribe(ctx, channels...)
	default:
		return ps.Unsubscribe(ctx, channels...)
	}
}

// run keeps a connection until ctx ends.
func (l *redisLine) run(ctx context.Context) {
	wait := firstRetry
	for ctx.Err() == nil {
		if !l.idle(ctx) {
			return
		}
		began := time.Now()
		err := l.session(ctx)
		if ctx.Err() != nil {
			return
		}
		l.sub.bus.log.Warn("bus connection lost", "err", err)
		l.sub.put(Message{Gap: true}) // until Redis is back, the receiver lives from the database
		if time.Since(began) > lastRetry {
			wait = firstRetry
		}
		select {
		case <-time.After(wait/2 + rand.N(wait)):
		case <-ctx.Done():
		}
		wait = min(2*wait, lastRetry)
	}
}

// idle waits until some topic is wanted; false means that ctx has ended.
func (l *redisLine) idle(ctx context.Context) bool {
	for {
		l.mu.Lock()
		some, changed := len(l.wanted) > 0, l.changed
		l.mu.Unlock()
		if some {
			return true
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}

// session connects, subscribes to all that is wanted and takes what arrives
// until the connection fails.
func (l *redisLine) session(ctx context.Context) error {
	ps := l.sub.bus.client.Subscribe(ctx) // no channel yet: no connection either
	defer l.end(ps)
	if err := l.begin(ctx, ps); err != nil {
		return err
	}
	asked := false
	for ctx.Err() == nil {
		got, err := ps.ReceiveTimeout(ctx, l.sub.bus.silence)
		if netErr, ok := errors.AsType[net.Error](err); ok && netErr.Timeout() {
			if asked {
				return errSilent
			}
			asked = true
			if err := ps.Ping(ctx); err != nil {
				return err
			}
			l.sub.settle()
			continue
		}
		if err != nil {
			return err
		}
		asked = false
		if err := l.take(got); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// begin makes ps the connection and subscribes to all that is wanted.
func (l *redisLine) begin(ctx context.Context, ps *redis.PubSub) error {
	l.send.Lock()
	defer l.send.Unlock()
	l.mu.Lock()
	l.ps = ps
	l.resync, l.failed = l.failed, false
	topics := slices.Collect(maps.Keys(l.wanted))
	for _, topic := range topics {
		l.open[topic] = 1
	}
	l.mu.Unlock()
	if len(topics) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, lineTimeout)
	defer cancel()
	return l.tell(ctx, ps, true, topics)
}

func (l *redisLine) end(ps *redis.PubSub) {
	ps.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ps, l.failed = nil, true
	clear(l.open)
	l.notify()
}

// take handles one thing that arrived.
func (l *redisLine) take(got any) error {
	switch got := got.(type) {
	case *redis.Message:
		topic := strings.TrimPrefix(got.Channel, l.sub.bus.shardPrefix(l.shard))
		l.sub.put(Message{Topic: topic, Payload: []byte(got.Payload)})
	case *redis.Subscription:
		return l.confirm(strings.TrimPrefix(got.Channel, l.sub.bus.shardPrefix(l.shard)))
	}
	return nil
}

// confirm notes the answer to a command. An answer nobody waits for means that
// the connection was replaced, or the slot moved to another server.
func (l *redisLine) confirm(topic string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[topic] == 0 {
		return errUnexpected
	}
	if l.open[topic]--; l.open[topic] == 0 {
		delete(l.open, topic)
	}
	if l.resync && len(l.open) == 0 {
		l.resync = false
		l.sub.put(Message{Gap: true})
		l.sub.bus.log.Info("bus connection is back")
	}
	l.notify()
	return nil
}

// hangUp ends the present connection, which wakes the goroutine.
func (l *redisLine) hangUp() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ps != nil {
		l.ps.Close()
	}
}
