package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"lotse/chat"
	"lotse/configs"
	"lotse/internal/seal"
	"lotse/web"
)

const (
	// headerTimeout bounds how long a client may take for its headers, and
	// bodyTimeout for its body.
	headerTimeout = 10 * time.Second
	bodyTimeout   = 30 * time.Second
	idleTimeout   = 2 * time.Minute
	maxHeader     = 16 << 10
	// lastRequests is how long requests may still take after the drain.
	lastRequests = 5 * time.Second
)

func serveCommand() command {
	return command{
		name:    "serve",
		summary: "run the server",
		help: `
Runs the server until it receives SIGINT or SIGTERM. Then it drains: /readyz says
no, browsers are told one by one to come back elsewhere, requests that run are
finished. A second signal ends it at once.

Without settings it listens on http://127.0.0.1:8080 and keeps everything in
./data. "lotse demo" fills an empty server with something to look at.`,
		run: serve,
	}
}

func serve(ctx context.Context, c *call) error {
	if _, err := c.parse(0, 0); err != nil {
		return err
	}
	p, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer p.close()
	s, err := newServer(p)
	if err != nil {
		return err
	}
	return s.run(ctx)
}

// server is a running node: the parts, the chat, the pages and the listeners.
type server struct {
	*parts
	chat     *chat.Service
	web      *web.Server
	metrics  *metrics
	draining atomic.Bool
	also     []runner // what a command adds

	listener, metricsListener net.Listener // the latter may be nil
}

// newServer makes the pages and takes the addresses, so that a taken port is
// reported before anything runs.
func newServer(p *parts) (_ *server, err error) {
	s := &server{parts: p, metrics: newMetrics(p.db)}
	if s.chat, err = s.newChat(); err != nil {
		return nil, err
	}
	p.directory.Live = lines{p.staff, s.chat}
	p.roster.Changed = s.chat.RosterChanged
	s.metrics.mails(p.upkeep.Counts)
	options := s.webOptions()
	if options.Services, err = web.ReadServices(bytes.NewReader(configs.Themes)); err != nil {
		return nil, err
	}
	if s.web, err = web.New(options); err != nil {
		return nil, err
	}
	if s.listener, err = p.listen(p.cfg.Listen); err != nil {
		return nil, err
	}
	if p.cfg.MetricsListen == "" {
		return s, nil
	}
	s.metricsListener, err = p.listen(p.cfg.MetricsListen)
	return s, err
}

// newChat puts the chat together; what it needs of others are its own small
// interfaces.
func (s *server) newChat() (*chat.Service, error) {
	keys, err := seal.OpenKeyDir(s.cfg.KeyDir())
	if err != nil {
		return nil, err
	}
	limits := s.cfg.Chat
	return chat.New(chat.Options{
		DB: s.db, Bus: s.bus, Log: s.log, Keys: keys, Metrics: s.metrics.registry,
		Duties: s.roster, Catchment: s.directory, Staff: s.staff, Audit: s.staff.Audit(), Alone: s.cfg.RedisURL == "",
		Rules: chat.Rules{
			Offer: limits.Offer, Gone: limits.Gone, Silence: limits.Silence, WarnBefore: limits.WarnBefore,
			Idle: limits.Idle, Unanswered: limits.Unanswered, Lost: limits.Lost,
		},
		NetworkShare: int(limits.NetworkShare),
		Tuning:       chat.Tuning{Heartbeat: limits.Heartbeat, DrainSpread: s.cfg.Drain},
	})
}

// listen opens a listener that closes with the parts.
func (p *parts) listen(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	p.closers = append(p.closers, func() error {
		if err := l.Close(); !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	})
	return l, nil
}

// runner is something that lives as long as the server.
type runner struct {
	name string
	run  func(context.Context) error
}

// runners is the list of everything that runs beside the listeners.
func (s *server) runners() []runner {
	list := []runner{
		{"store", s.db.Run},
		{"bus", s.bus.Run},
		{"staff", s.staff.Run},
		{"roster", s.roster.Run},
		{"directory", s.directory.Run},
		{"upkeep", s.upkeep.Run},
		{"feedback", s.feedback.Run},
		{"chat", s.chat.Run},
		{"web", s.web.Run},
		{"memory", tidy},
	}
	if s.cfg.Directory.CheckLinks {
		list = append(list, runner{"links", s.checks.Run})
	}
	return append(list, s.also...)
}

// run serves until ctx ends and then drains. The services outlive ctx by the
// drain. If one of them fails, everything stops.
func (s *server) run(ctx context.Context) error {
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	group, work := errgroup.WithContext(work)
	for _, r := range s.runners() {
		group.Go(func() error {
			if err := r.run(work); err != nil {
				return fmt.Errorf("%s: %w", r.name, err)
			}
			return nil
		})
	}
	public := s.httpServer(s.handler())
	group.Go(func() error { return serveHTTP(public, s.listener) })
	private := s.httpServer(s.metrics.handler())
	if s.metricsListener != nil {
		group.Go(func() error { return serveHTTP(private, s.metricsListener) })
	}
	group.Go(func() error {
		defer stopWork()
		select {
		case <-ctx.Done():
			s.log.Info("stopping", "cause", context.Cause(ctx))
			s.drain(work, public)
		case <-work.Done():
			public.Close()
		}
		return private.Close()
	})
	s.log.Info("serving", s.addresses()...)
	err := group.Wait()
	s.log.Info("stopped")
	return err
}

// addresses are the log's words for where the server listens.
func (s *server) addresses() []any {
	words := []any{"address", s.listener.Addr().String()}
	if s.metricsListener != nil {
		words = append(words, "metrics", s.metricsListener.Addr().String())
	}
	return words
}

// drain ends the node gently: no longer ready, sockets told to come back
// elsewhere, spread over the drain time, then the last requests.
func (s *server) drain(ctx context.Context, public *http.Server) {
	s.draining.Store(true)
	drain, cancel := context.WithTimeout(ctx, s.cfg.Drain+lastRequests)
	defer cancel()
	if err := s.chat.Drain(drain); err != nil {
		s.log.Warn("sockets were cut off", "err", err)
	}
	last, cancel := context.WithTimeout(ctx, lastRequests)
	defer cancel()
	if err := public.Shutdown(last); err != nil {
		s.log.Warn("requests were cut off", "err", err)
		public.Close()
	}
}

func (s *server) httpServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		ErrorLog: slog.NewLogLogger(quietHandler{s.log.Handler()}, slog.LevelDebug),
	}
}

func serveHTTP(s *http.Server, l net.Listener) error {
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
