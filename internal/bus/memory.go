package bus

import (
	"context"
	"maps"
	"sync"
	"time"
)

// sweepEvery is the interval at which expired presence is forgotten and owed
// gaps are delivered.
const sweepEvery = time.Second

// Memory is the bus of a single node. One mutex guards all of it; nothing
// waits while holding it.
type Memory struct {
	mu       sync.Mutex
	closed   bool
	topics   map[string]map[*memorySubscription]struct{}
	subs     map[*memorySubscription]struct{}
	presence map[string]map[string]presence
}

type presence struct {
	value []byte
	until time.Time
}

type memorySubscription struct {
	bus    *Memory
	topics map[string]struct{}
	box    outbox
	closed bool
}

// NewMemory returns an empty bus.
func NewMemory() *Memory {
	return &Memory{
		topics:   map[string]map[*memorySubscription]struct{}{},
		subs:     map[*memorySubscription]struct{}{},
		presence: map[string]map[string]presence{},
	}
}

// Publish implements Bus.
func (m *Memory) Publish(_ context.Context, topic string, payload []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return ErrClosed
	}
	for sub := range m.topics[topic] {
		sub.box.put(Message{Topic: topic, Payload: payload})
	}
	return nil
}

// PublishAll implements Bus.
func (m *Memory) PublishAll(ctx context.Context, hints []Message) error {
	for _, h := range hints {
		if err := m.Publish(ctx, h.Topic, h.Payload); err != nil {
			return err
		}
	}
	return nil
}

// Subscribe implements Bus.
func (m *Memory) Subscribe(ctx context.Context, topics ...string) (Subscription, error) {
	sub := &memorySubscription{bus: m, topics: map[string]struct{}{}, box: newOutbox()}
	m.mu.Lock()
	if m.closed {
		m.mu.Unlock()
		return nil, ErrClosed
	}
	m.subs[sub] = struct{}{}
	m.mu.Unlock()
	return sub, sub.Add(ctx, topics...)
}

// Touch implements Bus.
func (m *Memory) Touch(_ context.Context, set, member string, value []byte, ttl time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return ErrClosed
	}
	if m.presence[set] == nil {
		m.presence[set] = map[string]presence{}
	}
	m.presence[set][member] = presence{value: value, until: time.Now().Add(ttl)}
	return nil
}

// Leave implements Bus.
func (m *Memory) Leave(_ context.Context, set, member string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return ErrClosed
	}
	delete(m.presence[set], member)
	return nil
}

// Present implements Bus.
func (m *Memory) Present(_ context.Context, set string) (map[string][]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil, ErrClosed
	}
	now, all := time.Now(), map[string][]byte{}
	for member, p := range m.presence[set] {
		if now.Before(p.until) {
			all[member] = p.value
		}
	}
	return all, nil
}

// Ping implements Bus.
func (m *Memory) Ping(context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return ErrClosed
	}
	return nil
}

// Run implements Bus.
func (m *Memory) Run(ctx context.Context) error {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-tick.C:
			m.sweep(now)
		}
	}
}

func (m *Memory) sweep(now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for sub := range m.subs {
		sub.box.settle()
	}
	for set, members := range m.presence {
		maps.DeleteFunc(members, func(_ string, p presence) bool { return !now.Before(p.until) })
		if len(members) == 0 {
			delete(m.presence, set)
		}
	}
}

// Close implements Bus.
func (m *Memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	for sub := range m.subs {
		sub.end()
	}
	return nil
}

// Add implements Subscription.
func (s *memorySubscription) Add(_ context.Context, topics ...string) error {
	s.bus.mu.Lock()
	defer s.bus.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	for _, topic := range topics {
		s.topics[topic] = struct{}{}
		if s.bus.topics[topic] == nil {
			s.bus.topics[topic] = map[*memorySubscription]struct{}{}
		}
		s.bus.topics[topic][s] = struct{}{}
	}
	return nil
}

// Remove implements Subscription.
func (s *memorySubscription) Remove(_ context.Context, topics ...string) error {
	s.bus.mu.Lock()
	defer s.bus.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	for _, topic := range topics {
		s.leave(topic)
	}
	return nil
}

func (s *memorySubscription) leave(topic string) {
	delete(s.topics, topic)
	delete(s.bus.topics[topic], s)
	if len(s.bus.topics[topic]) == 0 {
		delete(s.bus.topics, topic)
	}
}

// C implements Subscription.
func (s *memorySubscription) C() <-chan Message { return s.box.c }

// Close implements Subscription.
func (s *memorySubscription) Close() error {
	s.bus.mu.Lock()
	defer s.bus.mu.Unlock()
	s.end()
	return nil
}

// end closes the subscription; the caller holds the lock.
func (s *memorySubscription) end() {
	if s.closed {
		return
	}
	s.closed = true
	for topic := range s.topics {
		s.leave(topic)
	}
	delete(s.bus.subs, s)
	close(s.box.c)
}
