package roster

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"lotse/internal/bus"
	"lotse/internal/fault"
	"lotse/internal/staff"
	"lotse/internal/store"
)

// Audit takes down who did what; *staff.Audit is one.
type Audit interface {
	Append(ctx context.Context, tx *store.Tx, e staff.Entry) error
}

// Options is everything a Service needs.
type Options struct {
	DB    *store.DB
	Bus   bus.Bus
	Audit Audit
	Log   *slog.Logger
	Zone  *time.Location // in which weeks and wall clocks are meant
}

// Service plans rosters and answers who is on duty. It is safe for concurrent
// use. Its methods for planners return Forbidden unless the actor supervises
// the team concerned.
type Service struct {
	// Changed is called after every change of what is in force, whoever made it, once
	// this node answers by it. It is set before Run, or nil, and must not wait.
	Changed func()

	db    *store.DB
	bus   bus.Bus
	audit Audit
	log   *slog.Logger
	zone  *time.Location

	snap    atomic.Pointer[snapshot]
	tickets atomic.Int64 // number of the newest load of a snapshot
	stale   atomic.Bool  // the last load failed

	mu       sync.Mutex
	watchers map[chan struct{}]staff.TeamID
}

// New returns a service. Run has to run for it to follow the changes that
// other nodes make.
func New(o Options) *Service {
	return &Service{
		db: o.DB, bus: o.Bus, audit: o.Audit, log: o.Log, zone: o.Zone,
		watchers: map[chan struct{}]staff.TeamID{},
	}
}

// Zone is the time zone in which the roster's wall clocks are meant.
func (s *Service) Zone() *time.Location { return s.zone }

// Now is the instant that the service takes for the present.
func (s *Service) Now() time.Time { return s.db.Now() }

// supervises returns Forbidden unless the actor supervises the team.
func supervises(actor staff.Actor, team staff.TeamID) error {
	if team.IsZero() || !actor.May(staff.Supervisor, team) {
		return fault.New(fault.Forbidden, "forbidden")
	}
	return nil
}

// record writes an audit entry. Object and meta hold ids and codes only.
func (s *Service) record(ctx context.Context, tx *store.Tx, actor staff.Actor, action, object string, meta map[string]string) error {
	return s.audit.Append(ctx, tx, staff.Entry{
		Actor: actor.Ref(), Provider: actor.Provider, Action: "roster." + action, Object: object, Meta: meta,
	})
}

// teamsOf lists the teams whose plans the actor's view of one team draws on:
// those of the provider, where the same people may be on duty.
func teamsOf(actor staff.Actor, team staff.TeamID) []staff.TeamID {
	teams := slices.Clone(actor.Teams)
	if !slices.Contains(teams, team) {
		teams = append(teams, team)
	}
	return teams
}
