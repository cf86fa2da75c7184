package check

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"lotse/internal/store"
)

// Options are what a Service needs.
type Options struct {
	DB  *store.DB
	Log *slog.Logger
	// Links lists the links of the centres that everybody may see.
	Links func() []string
	// Site is the address of this server, for the webmasters; may be empty.
	Site string
}

// Service keeps the results of the checks. It is safe for concurrent use.
type Service struct {
	Options
	node   string
	prober func() asker // a new one for each round
}

// asker asks for links; a Prober is one.
type asker interface {
	Try(ctx context.Context, link string) Reason
}

// New returns a service. It asks for nothing until it runs.
func New(o Options) *Service {
	return &Service{Options: o, node: uuid.NewString(), prober: func() asker { return NewProber(o.Site) }}
}

const (
	// every is how often it is looked for links that are due.
	every = 10 * time.Minute
	// perRound bounds one round, so that the list is read anew now and then.
	perRound = 200
)

// Run checks links until ctx ends. What goes wrong is logged and tried again at
// the next round.
func (s *Service) Run(ctx context.Context) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if err := s.round(ctx); err != nil && ctx.Err() == nil {
			s.Log.Warn("links not checked", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// round asks for the links that are due, if this node has the turn.
func (s *Service) round(ctx context.Context) error {
	mine, err := s.takeTurn(ctx)
	if err != nil || !mine {
		return err
	}
	defer s.endTurn(context.WithoutCancel(ctx)) // a turn that is not given back ends by itself
	known, err := s.all(ctx)
	if err != nil {
		return err
	}
	links := s.Links()
	if err := s.forget(ctx, gone(known, links)); err != nil {
		return err
	}
	return s.tryAll(ctx, known, due(known, links, s.DB.Now()))
}

// gone are the known links that are not among links.
func gone(known map[string]State, links []string) []string {
	rest := maps.Clone(known)
	for _, link := range links {
		delete(rest, link)
	}
	return slices.Sorted(maps.Keys(rest))
}

// due are the links of a round, those that waited longest first.
func due(known map[string]State, links []string, now time.Time) []string {
	list := slices.Compact(slices.Sorted(slices.Values(links)))
	list = slices.DeleteFunc(list, func(link string) bool { return link == "" || !known[link].Due(now) })
	slices.SortStableFunc(list, func(a, b string) int { return known[a].Tried.Compare(known[b].Tried) })
	return list[:min(len(list), perRound)]
}

// tryAll asks for the links one after another. That a name is unknown or nothing
// answers may be the fault of this server's own line; such results count only when
// something else answered in the same round.
func (s *Service) tryAll(ctx context.Context, known map[string]State, links []string) error {
	p := s.prober()
	silent := map[string]Reason{}
	answered := false
	for _, link := range links {
		r := p.Try(ctx, link)
		mine, err := s.takeTurn(ctx)
		if err != nil || !mine {
			return err
		}
		if r.ofTheLine() {
			silent[link] = r
			continue
		}
		answered = answered || r != NoForm && r != Internal
		if err := s.note(ctx, link, r, s.DB.Now()); err != nil {
			return err
		}
	}
	if len(silent) > 0 && !answered && !s.lineWorks(ctx, p, known) {
		s.Log.Warn("no link answered, so nothing is said about any", "links", len(silent))
		return nil
	}
	for link, r := range silent {
		if err := s.note(ctx, link, r, s.DB.Now()); err != nil {
			return err
		}
	}
	return nil
}

// controls is how many good links are asked to tell a dead line from dead links.
const controls = 3

// lineWorks reports whether one of a few links that were good lately answers.
func (s *Service) lineWorks(ctx context.Context, p asker, known map[string]State) bool {
	asked := 0
	for link, state := range known {
		if state.Strikes > 0 || state.Good.IsZero() || asked == controls {
			continue
		}
		asked++
		if !p.Try(ctx, link).ofTheLine() && ctx.Err() == nil {
			return true
		}
	}
	return false
}
