package chat

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"lotse/internal/bus"
	"lotse/internal/roster"
	"lotse/internal/seal"
	"lotse/internal/staff"
	"lotse/internal/store"
)

// Duties says who is on duty. internal/roster implements it.
type Duties interface {
	// Duties lists the duties that touch [from, to), clipped to it, by start.
	Duties(ctx context.Context, from, to time.Time) ([]roster.Duty, error)
	// NextOpening is when a duty next matches; false when none is planned.
	NextOpening(ctx context.Context, f roster.Filter, after time.Time) (time.Time, bool, error)
}

// Catchment finds the centres that serve a postcode. directory implements it.
type Catchment interface {
	Covering(ctx context.Context, topic, postcode string) ([]string, error)
}

// Staff knows teams, people and their keys. internal/staff implements it.
type Staff interface {
	Teams(ctx context.Context) ([]staff.Team, error)
	Skills(ctx context.Context) (map[staff.ID]staff.Skills, error)
	KIDs(ctx context.Context) (map[staff.ID]string, error)
	// Retentions is how long each provider keeps what has ended; within a transaction
	// it holds until the commit.
	Retentions(ctx context.Context, q store.Queryer) (map[staff.ProviderID]staff.Retention, error)
	Chain(ctx context.Context, team staff.TeamID) ([]seal.SignedState, error)
	RedeemTicket(ctx context.Context, ticket string) (staff.Actor, error)
	// Alive notes that a session is in use and tells who holds it, with the rights
	// of now; Unauthenticated when it has ended.
	Alive(ctx context.Context, id staff.SessionID) (staff.Actor, error)
}

// Audit is the staff audit chain; see the package comment for what goes in.
type Audit interface {
	Append(ctx context.Context, tx *store.Tx, e staff.Entry) error
}

// Calendar tells who has an appointment at an instant or within a lead time.
type Calendar interface {
	Busy(ctx context.Context, at time.Time, within time.Duration) (map[staff.ID]bool, error)
}

// Options is what a Service needs. Calendar, Origins, Metrics, Rules, NetworkShare,
// Tuning and Now may be left zero.
type Options struct {
	DB        *store.DB
	Bus       bus.Bus
	Log       *slog.Logger
	Duties    Duties
	Catchment Catchment
	Staff     Staff
	Audit     Audit
	Keys      seal.DayKeys
	Calendar  Calendar
	Alone     bool     // no other node exists: what happens to conversations needs no bus
	Origins   []string // hosts whose pages may open a socket, beside the server's own
	Metrics   prometheus.Registerer
	Rules     Rules
	Tuning    Tuning
	Now       func() time.Time

	NetworkShare int // per cent of a team's queue that one network may fill, 50
}

// Tuning holds what depends on the machine and not on the service offered. Zero
// fields get defaults.
type Tuning struct {
	Heartbeat    time.Duration // between heartbeats of one socket, 25 s
	HelloWithin  time.Duration // until the first frame, 10 s
	WriteTimeout time.Duration // of one write, 5 s
	Outbox       int           // bytes that may wait for a socket, 256 KiB
	PresenceTTL  time.Duration // of a desk or seat whose node is gone, 60 s
	DeskGrace    time.Duration // a desk stays without its socket, 30 s
	CheckEvery   time.Duration // between checks of all positions, 20 s
	Coalesce     time.Duration // queue changes are told together, 200 ms
	BoardAge     time.Duration // of the board that answers the public, 5 s
	BoardFloor   time.Duration // it is not rebuilt more often for the public, 500 ms
	Lead         time.Duration // before an appointment nobody is offered a chat, 10 min
	DrainSpread  time.Duration // sockets are closed over this time, 10 s
	Watchers     int           // availability streams of this node, 5000
}

func (t Tuning) orDefaults() Tuning {
	set := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	set(&t.Heartbeat, 25*time.Second)
	set(&t.HelloWithin, 10*time.Second)
	set(&t.WriteTimeout, 5*time.Second)
	set(&t.PresenceTTL, 60*time.Second)
	set(&t.DeskGrace, 30*time.Second)
	set(&t.CheckEvery, 20*time.Second)
	set(&t.Coalesce, 200*time.Millisecond)
	set(&t.BoardAge, 5*time.Second)
	set(&t.BoardFloor, 500*time.Millisecond)
	set(&t.Lead, 10*time.Minute)
	set(&t.DrainSpread, 10*time.Second)
	if t.Outbox == 0 {
		t.Outbox = 256 << 10
	}
	if t.Watchers == 0 {
		t.Watchers = 5000
	}
	return t
}

// Service is the chat of one node. It is safe for concurrent use.
type Service struct {
	db        *store.DB
	bus       bus.Bus
	log       *slog.Logger
	duties    Duties
	catchment Catchment
	staff     Staff
	audit     Audit
	keys      seal.DayKeys
	calendar  Calendar
	rules     Rules
	tune      Tuning
	clock     func() time.Time

	node      string
	machine   machine
	metrics   *metrics
	shares    *shares
	readers   *readers
	boards    *boards
	appenders []*appender
	marks     *marks
	promises  *promises
	hub       *hub
	outgoing  chan outgoing
	watchers  chan struct{} // one token per availability stream
	dispatch  *dispatcher
	handlers  map[string]handler
	errands   errands
	deskMu    sync.Mutex // held while the bus is told of a desk, so that an older status never lands on a newer one
	alone     bool
	origins   []string
}

// New builds a Service and starts nothing. It reports a missing part or a metric
// that is registered already.
func New(o Options) (*Service, error) {
	if o.DB == nil || o.Bus == nil || o.Log == nil || o.Duties == nil || o.Catchment == nil || o.Staff == nil || o.Audit == nil || o.Keys == nil {
		return nil, errors.New("chat: database, bus, log, duties, catchment, staff, audit and keys are needed")
	}
	if o.Now == nil {
		o.Now = o.DB.Now
	}
	if o.Rules == (Rules{}) {
		o.Rules = DefaultRules()
	}
	if o.NetworkShare == 0 {
		o.NetworkShare = defaultShare
	}
	m, err := newMetrics(o.Metrics)
	if err != nil {
		return nil, err
	}
	s := &Service{
		db: o.DB, bus: o.Bus, log: o.Log, duties: o.Duties, catchment: o.Catchment, staff: o.Staff, audit: o.Audit,
		keys: o.Keys, calendar: o.Calendar, rules: o.Rules, tune: o.Tuning.orDefaults(),
		clock: o.Now, node: rand.Text(), machine: newMachine(), metrics: m, origins: o.Origins,
		outgoing: make(chan outgoing, 4096), handlers: handlers(), alone: o.Alone,
	}
	s.watchers = make(chan struct{}, s.tune.Watchers)
	s.shares = newShares(o.NetworkShare)
	s.readers = newReaders(s)
	s.boards = newBoards(s)
	s.marks = newMarks(s)
	s.promises = newPromises(s)
	s.hub = newHub(s)
	s.dispatch = newDispatcher(s)
	s.appenders = newAppenders(s)
	return s, nil
}

func (s *Service) now() time.Time { return s.clock().UTC().Truncate(time.Millisecond) }

// Run serves until ctx ends and returns nil then. Without it nothing is
// delivered, offered or purged, and appends do not return.
func (s *Service) Run(ctx context.Context) error {
	sub, err := s.bus.Subscribe(ctx, topicQueue, topicRoster)
	if err != nil {
		return err
	}
	defer sub.Close()
	s.hub.attach(sub)
	s.hub.stir()
	g, ctx := errgroup.WithContext(ctx)
	for _, a := range s.appenders {
		g.Go(func() error { return a.run(ctx) })
	}
	g.Go(func() error { return s.hub.listen(ctx, sub) })
	g.Go(func() error { return s.hub.check(ctx) })
	g.Go(func() error { return s.hub.pulse(ctx) })
	g.Go(func() error { return s.hub.fan(ctx) })
	g.Go(func() error { return s.publisher(ctx) })
	g.Go(func() error { return s.marks.run(ctx) })
	g.Go(func() error { return s.dispatch.run(ctx) })
	g.Go(func() error { return s.retain(ctx) })
	defer s.errands.end()
	return g.Wait()
}

// Topics of the bus, see internal/bus.
const (
	topicQueue        = "queue"
	topicRoster       = "roster"
	topicConversation = "conversation/"
	topicDesk         = "desk/"
	topicTeam         = "team/"
	topicSession      = "session/"

	setDesk = "desk"
	setSeat = "seat"

	payloadState = "state"
	payloadTeam  = "team" // of topicRoster: a team is new or another
)

// hint tells this node at once and the others through the publisher.
func (s *Service) hint(topic, payload string) {
	s.hub.take(bus.Message{Topic: topic, Payload: []byte(payload)})
	s.publish(topic, []byte(payload))
}

// outgoing is one thing the bus is told: a hint, or that a member is present.
type outgoing struct {
	hint   bus.Message
	set    string
	member string
	value  []byte
	ttl    time.Duration // 0: the member leaves
	desk   *conn         // a desk is told as it is then, not as it was when this was queued
}

// publish tells the other nodes. This one knows already.
func (s *Service) publish(topic string, payload []byte) {
	if s.alone && strings.HasPrefix(topic, topicConversation) {
		return
	}
	s.enqueue(outgoing{hint: bus.Message{Topic: topic, Payload: payload}})
}

// enqueue hands something to the publisher. When it cannot keep up it loses
// hints; the check of positions finds what they said.
func (s *Service) enqueue(o outgoing) {
	select {
	case s.outgoing <- o:
	default:
		s.metrics.lost.Inc()
	}
}

// publisher tells the bus, so that nobody who has something to tell waits for it.
func (s *Service) publisher(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case o := <-s.outgoing:
			if o.set != "" {
				s.noteLoss(ctx, 1, s.present(ctx, o))
				continue
			}
			hints, next := s.waiting(o)
			s.noteLoss(ctx, len(hints), s.bus.PublishAll(ctx, hints))
			if next.set != "" {
				s.noteLoss(ctx, 1, s.present(ctx, next))
			}
		}
	}
}

// publishMax is how many hints go to the bus together.
const publishMax = 256

// waiting takes the hints that wait behind the first, up to something else, which
// it returns as next.
func (s *Service) waiting(first outgoing) (hints []bus.Message, next outgoing) {
	hints = append(hints, first.hint)
	for len(hints) < publishMax {
		select {
		case o := <-s.outgoing:
			if o.set != "" {
				return hints, o
			}
			hints = append(hints, o.hint)
		default:
			return hints, outgoing{}
		}
	}
	return hints, outgoing{}
}

func (s *Service) noteLoss(ctx context.Context, n int, err error) {
	if err != nil && ctx.Err() == nil {
		s.metrics.lost.Add(float64(n))
		s.log.Warn("hint lost", slog.Int("hints", n), slog.Any("err", err))
	}
}

// present tells the bus that a member has come, stays or leaves.
func (s *Service) present(ctx context.Context, o outgoing) error {
	switch {
	case o.desk != nil:
		return s.tellDesk(ctx, o.desk)
	case o.ttl == 0:
		return s.bus.Leave(ctx, o.set, o.member)
	}
	return s.bus.Touch(ctx, o.set, o.member, o.value, o.ttl)
}
