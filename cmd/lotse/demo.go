package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"lotse/configs"
	"lotse/internal/roster"
	"lotse/internal/staff"
)

func demoCommand() command {
	return command{
		name:    "demo",
		summary: "run the server with an invented provider to look at",
		help: `
Sets up an invented provider with three teams, nine people with keys of their own,
a few centres and a week of shifts around now, prints the addresses and how to
sign in, and then does what "serve" does. Two of the teams are on duty at any
hour. What is there already is kept: the second start takes moments, and shifts
that are missing ahead of now are added.

The password is the same for all people and different in each data directory. Do
not show a demo to the public: it refuses to run with a public_url beyond
loopback.`,
		run: runDemo,
	}
}

// extendEvery is how often a demo that goes on for days plans ahead.
const extendEvery = time.Hour

func runDemo(ctx context.Context, c *call) error {
	if _, err := c.parse(0, 0); err != nil {
		return err
	}
	cfg, err := c.settings()
	if err != nil {
		return err
	}
	if strings.HasPrefix(cfg.PublicURL, "https:") {
		return errors.New("a demo is not for the public; unset public_url")
	}
	dressForDemo(cfg)
	p, err := newParts(ctx, cfg, newLog(cfg, c.Err))
	if err != nil {
		return err
	}
	defer p.close()
	s, err := newServer(p)
	if err != nil {
		return err
	}
	d, err := setUpDemo(ctx, p)
	if err != nil {
		return fmt.Errorf("set up: %w", err)
	}
	s.also = append(s.also, runner{"demo", d.keepExtending})
	if err := d.describe(ctx, c.Out, s.listener.Addr().String()); err != nil {
		return err
	}
	return s.run(ctx)
}

// dressForDemo gives the imprint somebody invented and keeps the log from
// scrolling the sign-in table away.
func dressForDemo(cfg *configs.Config) {
	if cfg.Operator.Name == "" {
		cfg.Operator = configs.Operator{
			Name: "Lotse-Demo (erfundener Betreiber)", Address: []string{"Beispielgasse 1", "50667 Köln"},
			Representative: "Frau Lindner (erfunden)", Email: "info@demo.example", Phone: "0221 4710 100",
			DataProtection: "datenschutz@demo.example",
			Supervisor:     "die Datenschutzaufsicht des Landes (im Betrieb hier zu nennen)",
		}
	}
	if cfg.Log.Level == slog.LevelInfo {
		cfg.Log.Level = slog.LevelWarn
	}
}

// keepExtending plans ahead until ctx ends.
func (d *demo) keepExtending(ctx context.Context) error {
	tick := time.NewTicker(extendEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := errors.Join(d.extend(ctx), d.stateSlots(ctx)); err != nil && ctx.Err() == nil {
				d.log.Error("demo: plan ahead", "err", err)
			}
		}
	}
}

// describe prints addresses and sign-ins.
func (d *demo) describe(ctx context.Context, out io.Writer, address string) error {
	onDuty, err := d.onDuty(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nLotse demo. Everybody and everything in it is invented.\n\n"+
		"  seekers   http://%[1]s/de/\n  staff     http://%[1]s/team\n\n"+
		"  password of all people below: %[2]s\n\n", address, d.password)
	for _, p := range d.data.People {
		teams := "all teams"
		if len(p.Teams) > 0 {
			teams = strings.Join(p.Teams, ", ")
		}
		line := fmt.Sprintf("  %-22s %-24s %-11s %-17s %s", d.email(p), p.Name, p.Role, teams, onDuty[d.people[p.Key]])
		fmt.Fprintln(out, strings.TrimRight(line, " "))
	}
	fmt.Fprintf(out, "\nOpen the first address in one browser, sign in as a counsellor in a second and as the\n"+
		"supervisor in a third. Data: %s. Ctrl-C ends it.\n\n", d.cfg.Data)
	return nil
}

// onDuty says for which teams the people are on duty for chats now.
func (d *demo) onDuty(ctx context.Context) (map[staff.ID]string, error) {
	duties, err := d.roster.OnDuty(ctx, d.db.Now())
	if err != nil {
		return nil, err
	}
	words := map[staff.ID]string{}
	for _, key := range slices.Sorted(maps.Keys(d.teams)) {
		for _, duty := range duties {
			if duty.Team != d.teams[key] || !slices.Contains(duty.Channels, roster.Chat) {
				continue
			}
			if words[duty.Person] == "" {
				words[duty.Person] = "on duty:"
			}
			words[duty.Person] += " " + key
		}
	}
	return words, nil
}
