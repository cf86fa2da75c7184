package directory

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"lotse/internal/bus"
	"lotse/internal/fault"
	"lotse/internal/store"
)

// busTopic tells the other nodes that an import has finished.
const busTopic = "directory"

// pollEvery bounds how long a node misses a change that the bus did not carry,
// such as an import by another process on the same database.
const pollEvery = 5 * time.Second

// Options are what a Service needs.
type Options struct {
	DB       *store.DB
	Bus      bus.Bus
	Log      *slog.Logger
	Taxonomy *Taxonomy
	Places   *Places
}

// Service answers questions about centres from the index in memory.
type Service struct {
	Options
	index atomic.Pointer[index]
}

// New returns a service with an empty index. [Service.Load] fills it.
func New(o Options) *Service {
	s := &Service{Options: o}
	s.index.Store(newIndex(-1, nil, o.Places))
	return s
}

// Load builds the index if the database has a newer revision.
func (s *Service) Load(ctx context.Context) error {
	revision, err := readRevision(ctx, s.DB)
	if err != nil || revision == s.index.Load().revision {
		return err
	}
	var centres []*Centre
	err = s.DB.View(ctx, func(tx *store.Tx) error {
		if revision, err = readRevision(ctx, tx); err != nil {
			return err
		}
		centres, err = readCentres(ctx, tx, s.Places)
		return err
	})
	if err != nil {
		return err
	}
	s.index.Store(newIndex(revision, centres, s.Places))
	s.Log.Info("directory loaded", "revision", revision, "centres", len(centres))
	return nil
}

// Run keeps the index fresh until ctx ends. A database that does not answer
// leaves the last index standing.
func (s *Service) Run(ctx context.Context) error {
	changes, err := s.Bus.Subscribe(ctx, busTopic)
	if err != nil {
		return fmt.Errorf("watch directory: %w", err)
	}
	defer changes.Close()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		if err := s.Load(ctx); err != nil && ctx.Err() == nil {
			s.Log.Warn("directory not refreshed", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-changes.C():
		case <-tick.C:
		}
	}
}

// Topics returns the topics in the order of the taxonomy.
func (s *Service) Topics() []Topic { return s.Taxonomy.Topics() }

// Topic returns the topic with the id.
func (s *Service) Topic(id string) (Topic, bool) { return s.Taxonomy.Topic(id) }

// Place returns what is known of a postcode.
func (s *Service) Place(postcode string) (Place, bool) { return s.Places.Lookup(postcode) }

// Centre returns an active centre or [fault.NotFound].
func (s *Service) Centre(id string) (*Centre, error) {
	c, ok := s.index.Load().byID[id]
	if !ok {
		return nil, fault.New(fault.NotFound, "centre_unknown")
	}
	return c, nil
}

// Search finds centres. A topic that does not exist or a postcode that is not
// five digits is [fault.Invalid]; a well-formed unknown postcode is answered
// without distances.
func (s *Service) Search(q Query) (Found, error) {
	if fields := s.check(q); len(fields) > 0 {
		return Found{}, fault.InvalidInput(fields)
	}
	return search(s.index.Load(), s.Places, q), nil
}

func (s *Service) check(q Query) map[string]string {
	fields := map[string]string{}
	if _, ok := s.Taxonomy.Topic(q.Topic); q.Topic != "" && !ok {
		fields["topic"] = "topic_unknown"
	}
	if q.Postcode != "" && !ValidPostcode(q.Postcode) {
		fields["postcode"] = "postcode_invalid"
	}
	if len(q.Text) > 200 {
		fields["q"] = "too_long"
	}
	return fields
}

// Covering returns the ids of the active centres for topic whose catchment has
// the postcode. It never fails for an unknown postcode: nobody covers it.
func (s *Service) Covering(_ context.Context, topic, postcode string) ([]string, error) {
	var ids []string
	for _, c := range s.index.Load().coveringTopic(topic, postcode) {
		ids = append(ids, c.ID)
	}
	return ids, nil
}
