package bus

import (
	"context"
	"sync"
)

// redisSubscription collects what its lines receive in one outbox.
type redisSubscription struct {
	bus    *Redis
	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	wg     sync.WaitGroup // the goroutines of the lines

	mu     sync.Mutex
	closed bool
	box    outbox
	lines  map[int]*redisLine
}

// Subscribe implements Bus. While Redis is away it succeeds, and a Gap follows
// when Redis is back.
func (r *Redis) Subscribe(ctx context.Context, topics ...string) (Subscription, error) {
	sub := &redisSubscription{bus: r, box: newOutbox(), lines: map[int]*redisLine{}}
	sub.ctx, sub.cancel = context.WithCancel(context.WithoutCancel(ctx))
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		sub.cancel()
		return nil, ErrClosed
	}
	r.subs[sub] = struct{}{}
	r.mu.Unlock()
	if err := sub.Add(ctx, topics...); err != nil {
		sub.Close()
		return nil, err
	}
	return sub, nil
}

// Add implements Subscription.
func (s *redisSubscription) Add(ctx context.Context, topics ...string) error {
	for shard, part := range s.byShard(topics) {
		line, err := s.line(shard)
		if err != nil {
			return err
		}
		if err := line.add(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

// Remove implements Subscription.
func (s *redisSubscription) Remove(ctx context.Context, topics ...string) error {
	for shard, part := range s.byShard(topics) {
		line, err := s.line(shard)
		if err != nil {
			return err
		}
		if err := line.remove(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

func (s *redisSubscription) byShard(topics []string) map[int][]string {
	parts := map[int][]string{}
	for _, topic := range topics {
		shard := s.bus.shard(topic)
		parts[shard] = append(parts[shard], topic)
	}
	return parts
}

// line returns the line of a shard and starts it if need be.
func (s *redisSubscription) line(shard int) (*redisLine, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	if s.lines[shard] == nil {
		line := newRedisLine(s, shard)
		s.lines[shard] = line
		s.wg.Go(func() { line.run(s.ctx) })
	}
	return s.lines[shard], nil
}

// C implements Subscription.
func (s *redisSubscription) C() <-chan Message { return s.box.c }

// Close implements Subscription.
func (s *redisSubscription) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	lines := s.lines
	s.mu.Unlock()

	s.cancel()
	for _, line := range lines {
		line.hangUp()
	}
	s.wg.Wait()
	close(s.box.c)

	s.bus.mu.Lock()
	delete(s.bus.subs, s)
	s.bus.mu.Unlock()
	return nil
}

func (s *redisSubscription) put(m Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.box.put(m)
}

func (s *redisSubscription) settle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.box.settle()
}
