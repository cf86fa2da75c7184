package main

import (
	"lotse/configs"
	"lotse/web"
)

// webOptions passes the parts to the pages.
func (s *server) webOptions() web.Options {
	p := s.parts
	options := web.Options{
		Log:            p.log,
		Sessions:       p.staff,
		Staff:          p.staff,
		Roster:         p.roster,
		Directory:      p.directory,
		Upkeep:         p.upkeep,
		Feedback:       p.feedback,
		Finder:         p.finder,
		FinderTexts:    configs.Finder(),
		FinderSecret:   []byte(p.secret),
		Chat:           s.chat,
		Lookout:        s.chat,
		Seats:          s.chat,
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
	if p.cfg.Directory.CheckLinks {
		options.Checks = p.checks
	}
	return options
}
