package main

import (
	"context"
	"time"

	"lotse/chat"
	"lotse/web"
)

// webOptions passes the parts to the pages.
func (s *server) webOptions() web.Options {
	p := s.parts
	return web.Options{
		Log:            p.log,
		Sessions:       p.staff,
		Staff:          p.staff,
		Roster:         p.roster,
		Directory:      p.directory,
		Feedback:       p.feedback,
		Lookout:        lookout{s.chat},
		PublicURL:      p.cfg.PublicURL,
		TrustedProxies: p.cfg.TrustedProxies,
		ExitURL:        p.cfg.ExitURL,
		Operator: web.Operator{
			Name:           p.cfg.Operator.Name,
			Address:        p.cfg.Operator.Address,
			Representative: p.cfg.Operator.Representative,
			Email:          p.cfg.Operator.Email,
			Phone:          p.cfg.Operator.Phone,
			DataProtection: p.cfg.Operator.DataProtection,
			Supervisor:     p.cfg.Operator.Supervisor,
			Register:       p.cfg.Operator.Register,
			Public:         p.cfg.Operator.PublicBody,
		},
	}
}

// lookout lets the start page ask the chat whether somebody is there.
type lookout struct{ chat *chat.Service }

// Availability implements web.Lookout.
func (l lookout) Availability(ctx context.Context, ask web.Ask) (web.Availability, error) {
	a, err := l.chat.Availability(ctx, chat.Ask(ask))
	if err != nil {
		return web.Availability{}, err
	}
	known := web.Availability{
		State: string(a.State), Position: a.Position,
		Low: time.Duration(a.Wait.Low) * time.Second, High: time.Duration(a.Wait.High) * time.Second,
	}
	if a.OpensAt != nil {
		known.OpensAt = *a.OpensAt
	}
	return known, nil
}
