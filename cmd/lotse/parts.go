package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"slices"

	"lotse/configs"
	"lotse/directory"
	"lotse/directory/check"
	"lotse/directory/lexicon"
	"lotse/directory/upkeep"
	"lotse/finder"
	"lotse/internal/bus"
	"lotse/internal/feedback"
	"lotse/internal/roster"
	"lotse/internal/staff"
	"lotse/internal/store"
)

// parts is everything below web, put together. Commands use what they need of
// it; serve runs it all.
type parts struct {
	cfg *configs.Config
	log *slog.Logger

	db        *store.DB
	bus       bus.Bus
	staff     *staff.Service
	roster    *roster.Service
	directory *directory.Service
	checks    *check.Service
	upkeep    *upkeep.Service
	feedback  *feedback.Service
	finder    *finder.Rules
	secret    staff.Secret

	closers []func() error
}

// open reads the settings and puts the parts together for a command.
func (c *call) open(ctx context.Context) (*parts, error) {
	cfg, err := c.settings()
	if err != nil {
		return nil, err
	}
	return newParts(ctx, cfg, newLog(cfg, c.Err))
}

// newLog returns the logger that all parts share.
func newLog(cfg *configs.Config, out io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: cfg.Log.Level}
	if cfg.Log.Format == "json" {
		return slog.New(slog.NewJSONHandler(out, options))
	}
	return slog.New(slog.NewTextHandler(out, options))
}

// newParts opens and migrates the database, opens the bus and makes the
// services. Nothing runs yet. The caller closes the parts.
func newParts(ctx context.Context, cfg *configs.Config, log *slog.Logger) (_ *parts, err error) {
	p := &parts{cfg: cfg, log: log}
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	if err := p.openStore(ctx); err != nil {
		return nil, err
	}
	if err := p.openBus(); err != nil {
		return nil, err
	}
	return p, p.makeServices()
}

func (p *parts) openStore(ctx context.Context) (err error) {
	if p.db, err = store.Open(ctx, p.cfg.Database()); err != nil {
		return err
	}
	p.closers = append(p.closers, p.db.Close)
	if err := p.db.Migrate(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

func (p *parts) openBus() error {
	if p.cfg.RedisURL == "" {
		p.bus = bus.NewMemory()
	} else {
		redis, err := bus.NewRedis(string(p.cfg.RedisURL), p.log)
		if err != nil {
			return err
		}
		p.bus = redis
	}
	p.closers = append(p.closers, p.bus.Close)
	return nil
}

func (p *parts) makeServices() error {
	secret, err := serverSecret(p.cfg)
	if err != nil {
		return err
	}
	p.staff, err = staff.New(staff.Options{DB: p.db, Bus: p.bus, Log: p.log, Secret: secret, Origins: p.origins(),
		Retention: staff.Retention{Live: p.cfg.Chat.KeepLive, Message: p.cfg.Chat.KeepMessage}})
	if err != nil {
		return err
	}
	p.roster = roster.New(roster.Options{
		DB: p.db, Bus: p.bus, Audit: p.staff.Audit(), Log: p.log, Zone: p.cfg.Location(),
	})
	if p.directory, err = p.newDirectory(); err != nil {
		return err
	}
	p.checks = check.New(check.Options{DB: p.db, Log: p.log, Links: p.links, Site: p.cfg.PublicURL})
	if p.upkeep, err = p.newUpkeep(); err != nil {
		return err
	}
	p.feedback = feedback.New(p.db, p.log)
	p.secret = secret
	if p.finder, err = finder.Load(configs.Finder()); err != nil {
		return fmt.Errorf("the finder's rules: %w", err)
	}
	return nil
}

func (p *parts) newDirectory() (*directory.Service, error) {
	taxonomy, err := directory.ParseTaxonomy(bytes.NewReader(configs.Topics))
	if err != nil {
		return nil, err
	}
	postcodes, err := gzip.NewReader(bytes.NewReader(configs.Postcodes))
	if err != nil {
		return nil, fmt.Errorf("postcodes: %w", err)
	}
	places, err := directory.ReadPlaces(postcodes)
	if err != nil {
		return nil, err
	}
	around, err := directory.Germany(p.cfg.Location())
	if err != nil {
		return nil, err
	}
	return directory.New(directory.Options{
		DB: p.db, Bus: p.bus, Log: p.log, Taxonomy: taxonomy, Places: places, Around: around,
		Lexicon: func() (*lexicon.Lexicon, error) { return readLexicon(taxonomy, places) },
	}), nil
}

// links are the links that the pages of centres show. Of a protected place they
// show none.
func (p *parts) links() (all []string) {
	for _, c := range p.directory.Listed(directory.Selection{}) {
		if c.Type != directory.Protected {
			all = append(all, c.URL, c.Booking)
		}
	}
	return all
}

func readLexicon(taxonomy *directory.Taxonomy, places *directory.Places) (*lexicon.Lexicon, error) {
	files, err := fs.Sub(configs.Lexicon, "lexicon")
	if err != nil {
		return nil, err
	}
	known := func(topic string) bool { _, ok := taxonomy.Topic(topic); return ok }
	return lexicon.Load(files, known, places.Names())
}

// origins are the addresses browsers know this server by: the public one, or on
// loopback the name first, since passkeys need a name.
func (p *parts) origins() []string {
	if p.cfg.PublicURL != "" {
		return []string{p.cfg.PublicURL}
	}
	_, port, _ := net.SplitHostPort(p.cfg.Listen)
	return []string{"http://localhost:" + port, "http://127.0.0.1:" + port}
}

// close closes what was opened, the last first.
func (p *parts) close() error {
	var all []error
	for _, closer := range slices.Backward(p.closers) {
		all = append(all, closer())
	}
	p.closers = nil
	return errors.Join(all...)
}
