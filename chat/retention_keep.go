package chat

import (
	"context"
	"fmt"
	"sync"
	"time"

	"lotse/internal/staff"
	"lotse/internal/store"
)

// keep is how long a conversation stays after its end, as its provider wants it
// at the commit of tx. What was never answered and is not to be kept, or says
// nothing, goes at once.
func (s *Service) keep(ctx context.Context, tx *store.Tx, c Conversation) (time.Duration, error) {
	if c.State != Closed && (c.ActiveAt.IsZero() && c.OnGone == Discard && c.State != Deferred || c.empty()) {
		return 0, nil
	}
	all, err := s.staff.Retentions(ctx, tx)
	if err != nil {
		return 0, fmt.Errorf("retention: %w", err)
	}
	r, err := keepOf(all, c.Provider)
	return keptFor(r, c.Kind), err
}

func keepOf(all map[staff.ProviderID]staff.Retention, p staff.ProviderID) (staff.Retention, error) {
	r, ok := all[p]
	if !ok {
		return r, fmt.Errorf("retention of provider %s is not known", p)
	}
	return r, nil
}

// keptFor is how long what is of a kind is kept.
func keptFor(r staff.Retention, k Kind) time.Duration {
	if k == Message {
		return r.Message
	}
	return r.Live
}

// promises are what this node knows of the providers' retention: to tell people, and
// whether what had ended before a change was shortened.
type promises struct {
	s       *Service
	mu      sync.Mutex
	read    time.Time
	all     map[staff.ProviderID]staff.Retention
	sweep   sync.Mutex // guards applied
	applied map[staff.ProviderID]staff.Retention
}

func newPromises(s *Service) *promises {
	return &promises{s: s, applied: map[staff.ProviderID]staff.Retention{}}
}

// of is what is told about a conversation before its end, at most BoardAge old.
func (p *promises) of(ctx context.Context, provider staff.ProviderID) (staff.Retention, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if age := p.s.now().Sub(p.read); p.all == nil || age < 0 || age >= p.s.tune.BoardAge {
		all, err := p.s.staff.Retentions(ctx, p.s.db)
		if err != nil {
			return staff.Retention{}, fmt.Errorf("retention: %w", err)
		}
		p.all, p.read = all, p.s.now()
	}
	return keepOf(p.all, provider)
}

// keepTold is what both sides are told before the end, in seconds; 0 after it.
func (s *Service) keepTold(ctx context.Context, c Conversation) (int64, error) {
	if c.State == Closed || c.State == Purged {
		return 0, nil
	}
	keep, err := s.promises.of(ctx, c.Provider)
	return seconds(keptFor(keep, c.Kind)), err
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }

// apply shortens what has ended where its provider keeps less by now. It looks at
// each provider once, and again when the provider has changed its mind; nothing is
// ever kept longer than was told.
func (p *promises) apply(ctx context.Context) error {
	p.sweep.Lock()
	defer p.sweep.Unlock()
	all, err := p.s.staff.Retentions(ctx, p.s.db)
	if err != nil {
		return fmt.Errorf("retention: %w", err)
	}
	for provider, r := range all {
		if was, ok := p.applied[provider]; ok && was == r {
			continue
		}
		if err := p.s.shortenAll(ctx, provider); err != nil {
			return err
		}
		p.applied[provider] = r
	}
	return nil
}

// shortenAll goes through all closed conversations of a provider.
func (s *Service) shortenAll(ctx context.Context, p staff.ProviderID) error {
	for after := (ID{}); ; {
		seen, done, err := s.shortenBatch(ctx, p, after, retainBatch)
		if err != nil {
			return fmt.Errorf("shorten what provider %s keeps: %w", p, err)
		}
		for _, d := range done {
			s.announce(d)
		}
		if len(seen) < retainBatch {
			return nil
		}
		after = seen[len(seen)-1].ID
	}
}

// shortenBatch lists the next closed conversations and shortens those that are
// kept too long, in one transaction: one that ends meanwhile by the old setting
// makes either transaction begin anew.
func (s *Service) shortenBatch(ctx context.Context, p staff.ProviderID, after ID, limit int) (seen []Conversation, done []change, err error) {
	err = s.db.Transact(ctx, func(tx *store.Tx) error {
		all, err := s.staff.Retentions(ctx, tx)
		if err != nil {
			return err
		}
		r, err := keepOf(all, p)
		if err != nil {
			return err
		}
		seen, err = manyConversations(ctx, tx, `state = 'closed' AND provider = $1 AND id > $2 ORDER BY id LIMIT $3`, p, after, limit)
		if err != nil {
			return err
		}
		done, err = s.shortenIn(ctx, tx, r, seen)
		return err
	})
	return seen, done, err
}

func (s *Service) shortenIn(ctx context.Context, tx *store.Tx, r staff.Retention, list []Conversation) (done []change, err error) {
	for _, c := range list {
		if !keptLonger.Holds(c, Step{Keep: keptFor(r, c.Kind)}) {
			continue
		}
		d, err := s.stepIn(ctx, tx, c, Step{Act: ActShorten, Who: System})
		if err != nil {
			return nil, err
		}
		done = append(done, d)
	}
	return done, nil
}
