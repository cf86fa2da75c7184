package roster

import (
	"context"
	"fmt"
	"slices"
	"time"

	"lotse/internal/fault"
	"lotse/internal/staff"
	"lotse/internal/store"
)

const (
	snapshotPast   = 48 * time.Hour
	snapshotFuture = 14 * 24 * time.Hour
	bucketSize     = time.Hour
)

// snapshot is the duties around one instant, ready to be looked up. It is not
// changed once it is made.
type snapshot struct {
	ticket   int64
	at       time.Time // when it was read
	from, to time.Time
	duties   []Duty
	buckets  [][]int32 // for each hour from from on, the duties that touch it
}

func newSnapshot(ticket int64, at time.Time, p Plan) *snapshot {
	from := at.Add(-snapshotPast).Truncate(bucketSize)
	to := at.Add(snapshotFuture).Truncate(bucketSize)
	n := &snapshot{ticket: ticket, at: at, from: from, to: to, duties: p.Duties(from, to)}
	n.buckets = make([][]int32, to.Sub(from)/bucketSize)
	for i, d := range n.duties {
		last := int(d.End.Add(-1).Sub(from) / bucketSize)
		for b := int(d.Start.Sub(from) / bucketSize); b <= last; b++ {
			n.buckets[b] = append(n.buckets[b], int32(i))
		}
	}
	return n
}

// covers reports whether the snapshot knows the instant.
func (n *snapshot) covers(at time.Time) bool { return !at.Before(n.from) && at.Before(n.to) }

// onDuty returns the duties at an instant that the snapshot covers.
func (n *snapshot) onDuty(at time.Time) []Duty {
	bucket := n.buckets[at.Sub(n.from)/bucketSize]
	on := make([]Duty, 0, len(bucket))
	for _, i := range bucket {
		if d := n.duties[i]; !at.Before(d.Start) && at.Before(d.End) {
			on = append(on, d)
		}
	}
	return on
}

// OnDuty returns who is on duty at an instant, by the published plan,
// overrides and absences. Within two days back and two weeks ahead it answers
// from memory, even while the database is away. It returns Unavailable when it
// has never been able to read the plan.
func (s *Service) OnDuty(ctx context.Context, at time.Time) ([]Duty, error) {
	n, err := s.current(ctx)
	if err != nil {
		return nil, err
	}
	if n.covers(at) {
		return n.onDuty(at), nil
	}
	p, err := s.livePlan(ctx, nil, at, at.Add(time.Millisecond))
	if err != nil {
		return nil, err
	}
	return p.Duties(at, at.Add(time.Millisecond)), nil
}

// Duties returns the duties that touch [from, to) as far as the snapshot
// reaches, sorted by Start and not clipped to that window. Until works on it.
func (s *Service) Duties(ctx context.Context, from, to time.Time) ([]Duty, error) {
	n, err := s.current(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(n.duties), func(d Duty) bool {
		return !overlaps(d.Start, d.End, from, to)
	}), nil
}

// NextOpening is the first instant from after on at which a duty matches the
// filter, looking two weeks ahead; after itself when one does already. It
// reports false when there is none. Errors are those of OnDuty.
func (s *Service) NextOpening(ctx context.Context, f Filter, after time.Time) (time.Time, bool, error) {
	n, err := s.current(ctx)
	if err != nil {
		return time.Time{}, false, err
	}
	at, ok := NextOpening(n.duties, f, after)
	return at, ok, nil
}

// Freshness is how old the answers of OnDuty and NextOpening may be.
type Freshness struct {
	Read  time.Time // when the plan was last read; zero when never
	Stale bool      // the last attempt to read it failed
}

// Freshness reports how old the snapshot is.
func (s *Service) Freshness() Freshness {
	f := Freshness{Stale: s.stale.Load()}
	if n := s.snap.Load(); n != nil {
		f.Read = n.at
	}
	return f
}

// current is the newest snapshot; the first caller reads it.
func (s *Service) current(ctx context.Context) (*snapshot, error) {
	if n := s.snap.Load(); n != nil {
		return n, nil
	}
	if err := s.refresh(ctx); err != nil {
		return nil, fault.Wrap(fault.Unavailable, "roster_unavailable", err)
	}
	return s.snap.Load(), nil
}

// refresh reads the plan and swaps the snapshot. Of two that run at the same
// time the one that began reading later wins, whichever ends first.
func (s *Service) refresh(ctx context.Context) error {
	ticket := s.tickets.Add(1)
	at := s.db.Now()
	p, err := s.livePlan(ctx, nil, at.Add(-snapshotPast-bucketSize), at.Add(snapshotFuture))
	s.stale.Store(err != nil)
	if err != nil {
		return err
	}
	next := newSnapshot(ticket, at, p)
	for {
		last := s.snap.Load()
		if last != nil && last.ticket > ticket || s.snap.CompareAndSwap(last, next) {
			return nil
		}
	}
}

// livePlan reads what is in force in a window; teams nil means all.
func (s *Service) livePlan(ctx context.Context, teams []staff.TeamID, from, to time.Time) (p Plan, err error) {
	err = s.db.View(ctx, func(tx *store.Tx) error {
		m, err := gather(ctx, tx, teams, from, to)
		if err == nil {
			p = m.plan()
		}
		return err
	})
	if err != nil {
		return Plan{}, fmt.Errorf("read the plan in force: %w", err)
	}
	return p, nil
}
