package directory

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"lotse/directory/lexicon"
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
	Around   Surroundings // nil: no opening hours are told
	Live     Live         // nil: no chat is told

	// Lexicon is read when a text is first understood: it takes as long as the rest of
	// the start together, and half as much memory. nil, or one that cannot be read: a
	// text is looked for as it is, in names only.
	Lexicon func() (*lexicon.Lexicon, error)
}

// Service answers questions about centres from the index in memory.
type Service struct {
	Options
	words   func() *lexicon.Lexicon
	towns   func() townNames
	demand  demand
	index   atomic.Pointer[index]
	moved   atomic.Pointer[map[string]string] // merged centre → the one it leads to
	public  atomic.Pointer[[]*Centre]         // what everybody may see, in the order of Listed
	rebuilt atomic.Int64                      // nanoseconds

	coverage coverages
}

// New returns a service with an empty index. [Service.Load] fills it.
func New(o Options) *Service {
	s := &Service{Options: o, demand: newDemand(o.Taxonomy)}
	s.towns = sync.OnceValue(func() townNames { return newTownNames(o.Places) })
	s.words = sync.OnceValue(s.readWords)
	s.index.Store(newIndex(-1, nil, o.Places))
	return s
}

// readWords reads the lexicon, nil when there is none.
func (s *Service) readWords() *lexicon.Lexicon {
	if s.Lexicon == nil {
		return nil
	}
	words, err := s.Lexicon()
	if err != nil {
		s.Log.Error("search works without a lexicon", "err", err)
		return nil
	}
	return words
}

// Load builds the index if the database has a newer revision.
func (s *Service) Load(ctx context.Context) error {
	revision, err := readRevision(ctx, s.DB)
	if err != nil || revision == s.index.Load().revision {
		return err
	}
	var centres []*Centre
	var moved map[string]string
	err = s.DB.View(ctx, func(tx *store.Tx) error {
		if revision, err = readRevision(ctx, tx); err != nil {
			return err
		}
		if moved, err = readMoved(ctx, tx); err != nil {
			return err
		}
		centres, err = readCentres(ctx, tx, s.Places)
		return err
	})
	if err != nil {
		return err
	}
	s.moved.Store(&moved)
	s.public.Store(inOrder(centres))
	start := time.Now()
	s.index.Store(newIndex(revision, centres, s.Places))
	s.rebuilt.Store(int64(time.Since(start)))
	s.Log.Info("directory loaded", "revision", revision, "centres", len(centres), "index", s.Rebuilt())
	return nil
}

// Rebuilt is how long the index took to build the last time, without reading.
func (s *Service) Rebuilt() time.Duration { return time.Duration(s.rebuilt.Load()) }

// inOrder returns the centres that are shown, in the order of Listed.
func inOrder(centres []*Centre) *[]*Centre {
	list := slices.DeleteFunc(slices.Clone(centres), func(c *Centre) bool { return !c.Active })
	slices.SortFunc(list, byOffer)
	return &list
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

// TopicLabel returns the German name of a topic, or nothing for one that is not
// in the taxonomy.
func (s *Service) TopicLabel(id string) string {
	if topic, ok := s.Topic(id); ok {
		return topic.Label("de")
	}
	return ""
}

// Place returns what is known of a postcode.
func (s *Service) Place(postcode string) (Place, bool) { return s.Places.Lookup(postcode) }

// Centre returns an active centre or [fault.NotFound]. For a centre that was
// merged it returns the one it was merged into, which has another id.
func (s *Service) Centre(id string) (*Centre, error) {
	c, ok := s.index.Load().byID[id]
	if !ok {
		c, ok = s.index.Load().byID[s.movedTo(id)]
	}
	if !ok {
		return nil, fault.New(fault.NotFound, "centre_unknown")
	}
	return c, nil
}

func (s *Service) movedTo(id string) string {
	if moved := s.moved.Load(); moved != nil {
		return (*moved)[id]
	}
	return ""
}

// Covering returns the ids of the active centres for topic whose catchment has
// the postcode, and of those merged into them, since a team may still hold the
// old id. It never fails for an unknown postcode: nobody covers it.
func (s *Service) Covering(_ context.Context, topic, postcode string) ([]string, error) {
	var ids []string
	for _, c := range s.index.Load().coveringTopic(topic, postcode) {
		ids = append(ids, c.ID)
	}
	if moved := s.moved.Load(); moved != nil {
		for old, kept := range *moved {
			if slices.Contains(ids, kept) {
				ids = append(ids, old)
			}
		}
	}
	return ids, nil
}
