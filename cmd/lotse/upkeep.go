package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"lotse/configs"
	"lotse/directory/upkeep"
	"lotse/internal/mail"
	"lotse/internal/staff"
)

// newUpkeep makes what keeps entries true. Without a mail server nobody is asked.
func (p *parts) newUpkeep() (*upkeep.Service, error) {
	cfg := p.cfg
	o := upkeep.Options{DB: p.db, Log: p.log, Directory: p.directory, Audit: p.staff.Audit(), Zone: cfg.Location(),
		Origin: strings.TrimRight(cmp.Or(cfg.PublicURL, "http://"+cfg.Listen), "/"), From: cmp.Or(cfg.Mail.Name, cfg.Operator.Name, "Lotse"),
		Rules: upkeep.Rules{Every: cfg.Upkeep.Every, Expire: cfg.Upkeep.Expire}}
	if cfg.Mail.SMTP == "" {
		return upkeep.New(o), nil
	}
	password, err := mailPassword(cfg.Mail)
	if err != nil {
		return nil, err
	}
	sender, err := mail.New(mail.Options{Address: cfg.Mail.SMTP, TLS: cfg.Mail.TLS, User: cfg.Mail.User, Password: password,
		From: cfg.Mail.From, Name: cmp.Or(cfg.Mail.Name, cfg.Operator.Name)})
	if err != nil {
		return nil, err
	}
	o.Mailer = sender
	return upkeep.New(o), nil
}

// mailPassword is the first line of the file, or what the settings say.
func mailPassword(m configs.Mail) (string, error) {
	if m.PasswordFile == "" {
		return string(m.Password), nil
	}
	text, err := os.ReadFile(m.PasswordFile)
	if err != nil {
		return "", fmt.Errorf("mail.password_file: %w", err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return strings.TrimRight(line, "\r"), nil
}

func centresKeepCommand() command {
	return command{
		name: "centres keep", args: "[ID…]", summary: "say which provider keeps entries of the directory",
		help: `
Makes a provider the keeper of centres: its admins and supervisors edit their
entries, look through what the centres change, and have them asked by mail. With
--teams these are the centres that teams of the provider answer for. With --nobody
the centres have no keeper any more.`,
		run: centresKeep,
	}
}

func centresKeep(ctx context.Context, c *call) error {
	name := c.flags.String("provider", "", "provider `name` (default: the only one)")
	teams := c.flags.Bool("teams", false, "the centres of the provider's teams")
	nobody := c.flags.Bool("nobody", false, "take the keeper away")
	ids, err := c.parse(0, 1000)
	if err != nil {
		return err
	}
	p, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer p.close()
	owner, err := findProvider(ctx, p.staff, *name)
	if err != nil {
		return err
	}
	if *teams {
		if ids, err = centresOfTeams(ctx, p, owner, ids); err != nil {
			return err
		}
	}
	if len(ids) == 0 {
		return errors.New("name centres by their ids, or give --teams")
	}
	keeper := owner.ID
	if *nobody {
		keeper = staff.ProviderID{}
	}
	if err := p.upkeep.Assign(ctx, staff.Operator(), keeper, ids); err != nil {
		return err // it names the centre
	}
	_, err = fmt.Fprintf(c.Out, "%d centres\n", len(ids))
	return err
}

// centresOfTeams adds the centres that teams of a provider answer for, as far as
// they are still in the directory.
func centresOfTeams(ctx context.Context, p *parts, owner staff.Provider, ids []string) ([]string, error) {
	all, err := p.staff.Teams(ctx)
	if err != nil {
		return nil, err
	}
	for _, team := range all {
		if team.Provider != owner.ID {
			continue
		}
		for _, id := range team.Centres {
			if _, err := p.directory.Entry(ctx, id); err == nil && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids, nil
}

func centresAskCommand() command {
	return command{
		name: "centres ask", summary: "ask the centres that are due, by mail, and send what waits",
		help: `
Does once what a running server does every minute: puts a mail to every centre
whose entry nobody has confirmed for the interval into the queue, and sends what is
in it. Safe beside running servers: each mail goes out once.`,
		run: func(ctx context.Context, c *call) error {
			if _, err := c.parse(0, 0); err != nil {
				return err
			}
			p, err := c.open(ctx)
			if err != nil {
				return err
			}
			defer p.close()
			if !p.upkeep.Mails() {
				return errors.New("no mail server is set: mail.smtp in the settings")
			}
			if err := p.directory.Load(ctx); err != nil {
				return err
			}
			asked, err := p.upkeep.AskDue(ctx)
			if err == nil {
				err = p.upkeep.DeliverAll(ctx)
			}
			if err != nil {
				return plainly(err)
			}
			_, err = fmt.Fprintf(c.Out, "%d centres asked\n", asked)
			return err
		},
	}
}
