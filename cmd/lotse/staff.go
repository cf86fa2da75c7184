package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"lotse/internal/fault"
	"lotse/internal/staff"
	"lotse/web"
)

// staffCommands are the tools for accounts at the server's own command line. They act as the operator, who needs no
// account and can read no conversation.
func staffCommands() []command {
	return []command{
		staffCommand(), staffProviderCommand(), staffKeepCommand(), staffTeamCommand(), staffAddCommand(), staffListCommand(), staffInviteCommand(),
		staffResetCommand(), staffDisableCommand(), staffEnableCommand(),
	}
}

func staffCommand() command {
	return command{
		name: "staff", summary: "say how to manage providers, teams and accounts",
		help: `
The first steps on a new server:

  lotse staff provider "Beratung Musterland"
  lotse staff team --reach nationwide --topics addiction --languages de "Sucht"
  lotse staff add --email NAME@HOST --name NAME --role admin

Everything else an admin does in the browser. The other commands are for when
nobody can sign in.`,
		run: func(_ context.Context, c *call) error {
			if _, err := c.parse(0, 0); err != nil {
				return err
			}
			c.describe(c.Out)
			return nil
		},
	}
}

const inviteHelp = `
The link works once and for seven days. Whoever opens it chooses a password and
receives keys that are made in the browser; send it by a way you trust.`

func staffAddCommand() command {
	return command{
		name: "staff add", summary: "invite a person and print the link",
		help: `
Creates an account and prints an invitation link. --role takes one or more of
counsellor, supervisor, admin and auditor, separated by commas; admin and auditor
always count for the whole provider, the others for --team if given.
` + inviteHelp,
		run: staffAdd,
	}
}

func staffAdd(ctx context.Context, c *call) error {
	email := c.flags.String("email", "", "e-mail `address` to sign in with")
	name := c.flags.String("name", "", "`name` that seekers see")
	roles := c.flags.String("role", "", "`roles`, separated by commas")
	provider := c.flags.String("provider", "", "provider `name` (default: the only one)")
	team := c.flags.String("team", "", "team `name` (default: all teams)")
	language := c.flags.String("language", "", "`tag` of the language of the person's pages (default: the browser's)")
	return c.withStaff(ctx, 0, func(p *parts, _ []string) error {
		owner, err := findProvider(ctx, p.staff, *provider)
		if err != nil {
			return err
		}
		grants, err := parseGrants(ctx, p.staff, owner, *roles, *team)
		if err != nil {
			return err
		}
		_, invite, err := p.staff.CreateAccount(ctx, staff.Operator(), staff.NewAccount{
			Provider: owner.ID, Email: *email, Name: *name, Language: *language, Grants: grants, Skills: staff.DefaultSkills(),
		})
		if err != nil {
			return plainly(err)
		}
		return c.printInvite(p, invite)
	})
}

// withStaff parses the arguments, opens the parts and runs do.
func (c *call) withStaff(ctx context.Context, args int, do func(p *parts, args []string) error) error {
	given, err := c.parse(args, args)
	if err != nil {
		return err
	}
	p, err := c.open(ctx)
	if err != nil {
		return err
	}
	return errors.Join(do(p, given), p.close())
}

func (c *call) printInvite(p *parts, i staff.Invite) error {
	_, err := fmt.Fprintf(c.Out, "%s\nvalid until %s\n", p.origins()[0]+web.InvitePath+i.Token.Reveal(), i.ExpiresAt.Format(time.RFC3339))
	return err
}

// plainly names the fields of wrong input, which the error text of a fault keeps to the codes.
func plainly(err error) error {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return err
	}
	words := []string{strings.ReplaceAll(f.Code, "_", " ")}
	for field, code := range f.Fields {
		words = append(words, fmt.Sprintf("--%s: %s", field, strings.ReplaceAll(code, "_", " ")))
	}
	slices.Sort(words[1:])
	return errors.New(strings.Join(words, "; "))
}

func parseGrants(ctx context.Context, s *staff.Service, owner staff.Provider, roles, team string) ([]staff.Grant, error) {
	var id staff.TeamID
	if team != "" {
		t, found, err := findTeam(ctx, s, owner, team)
		if err != nil {
			return nil, err
		}
		if !found {
			return nil, fmt.Errorf("%s has no team %q", owner.Name, team)
		}
		id = t.ID
	}
	var grants []staff.Grant
	for word := range strings.SplitSeq(roles, ",") {
		role := staff.Role(strings.TrimSpace(word))
		if !role.Valid() {
			return nil, fmt.Errorf("%w: --role is one or more of counsellor, supervisor, admin, auditor", errUsage)
		}
		g := staff.Grant{Role: role}
		if role.TeamWise() {
			g.Team = id
		}
		grants = append(grants, g)
	}
	return grants, nil
}

// findProvider returns the provider of that name, or the only one when name is empty.
func findProvider(ctx context.Context, s *staff.Service, name string) (staff.Provider, error) {
	all, err := s.Providers(ctx)
	if err != nil {
		return staff.Provider{}, err
	}
	if name == "" && len(all) == 1 {
		return all[0], nil
	}
	i := slices.IndexFunc(all, func(p staff.Provider) bool { return p.Name == name })
	switch {
	case len(all) == 0:
		return staff.Provider{}, errors.New(`there is no provider yet; "lotse staff provider NAME" makes one`)
	case name == "":
		return staff.Provider{}, fmt.Errorf("%w: there is more than one provider; name one with --provider", errUsage)
	case i < 0:
		return staff.Provider{}, fmt.Errorf("there is no provider %q", name)
	}
	return all[i], nil
}

func findTeam(ctx context.Context, s *staff.Service, owner staff.Provider, name string) (t staff.Team, found bool, err error) {
	all, err := s.Teams(ctx)
	i := slices.IndexFunc(all, func(t staff.Team) bool { return t.Provider == owner.ID && t.Name == name })
	if err != nil || i < 0 {
		return staff.Team{}, false, err
	}
	return all[i], true, nil
}

func staffListCommand() command {
	return command{
		name: "staff list", summary: "list providers, teams and accounts",
		help: `
Lists every account with its state, its roles and whether it has keys and a second
factor. Nothing tells when somebody last worked: that is nobody's business here.`,
		run: staffList,
	}
}

func staffList(ctx context.Context, c *call) error {
	return c.withStaff(ctx, 0, func(p *parts, _ []string) error {
		providers, err := p.staff.Providers(ctx)
		if err != nil {
			return err
		}
		teams, err := p.staff.Teams(ctx)
		if err != nil {
			return err
		}
		names := map[staff.TeamID]string{}
		for _, t := range teams {
			names[t.ID] = t.Name
		}
		for _, owner := range providers {
			accounts, err := p.staff.Accounts(ctx, staff.Operator(), owner.ID)
			if err != nil {
				return err
			}
			if err := c.printAccounts(owner, accounts, names); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c *call) printAccounts(owner staff.Provider, accounts []staff.Account, teams map[staff.TeamID]string) error {
	fmt.Fprintf(c.Out, "%s\n", owner.Name)
	w := tabwriter.NewWriter(c.Out, 0, 0, 2, ' ', 0)
	for _, a := range accounts {
		var roles []string
		for _, g := range a.Grants {
			role := string(g.Role)
			if !g.Team.IsZero() {
				role += " (" + teams[g.Team] + ")"
			}
			roles = append(roles, role)
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\tkeys %s\ttotp %s\tpasskeys %d\n",
			a.Email.Reveal(), a.Name, a.State, strings.Join(roles, ", "), yesNo(a.KID != ""), yesNo(a.TOTP), a.Passkeys)
	}
	return w.Flush()
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func staffInviteCommand() command {
	return command{
		name: "staff invite", args: "EMAIL", summary: "print a new invitation link",
		help: `
Makes a new link for an account that nobody has accepted yet; the old link dies.
` + inviteHelp,
		run: func(ctx context.Context, c *call) error {
			return c.newLink(ctx, func(s *staff.Service, id staff.ID) (staff.Invite, error) {
				return s.Reinvite(ctx, staff.Operator(), id)
			})
		},
	}
}

func staffResetCommand() command {
	return command{
		name: "staff reset", args: "EMAIL", summary: "take away every way to sign in and print a link to begin anew",
		help: `
For somebody who has lost everything, or whose account may be in wrong hands. Ends
all sessions, deletes password, second factor, passkeys and recovery code, and
prints a link. With the new keys the person can read nothing written before, until
colleagues let them in; their teams have to admit them again.
` + inviteHelp,
		run: func(ctx context.Context, c *call) error {
			return c.newLink(ctx, func(s *staff.Service, id staff.ID) (staff.Invite, error) {
				return s.Reset(ctx, staff.Operator(), id)
			})
		},
	}
}

func (c *call) newLink(ctx context.Context, do func(*staff.Service, staff.ID) (staff.Invite, error)) error {
	return c.onAccount(ctx, func(p *parts, id staff.ID) error {
		invite, err := do(p.staff, id)
		if err != nil {
			return plainly(err)
		}
		return c.printInvite(p, invite)
	})
}

// onAccount runs do on the account with the address that is the command's argument.
func (c *call) onAccount(ctx context.Context, do func(*parts, staff.ID) error) error {
	return c.withStaff(ctx, 1, func(p *parts, args []string) error {
		account, err := p.staff.AccountByEmail(ctx, staff.Operator(), args[0])
		if err != nil {
			return plainly(err)
		}
		return do(p, account.ID)
	})
}

func staffDisableCommand() command {
	return command{
		name: "staff disable", args: "EMAIL", summary: "end all sessions of an account and refuse new ones",
		help: `
Takes effect at once. The person stays a member of team chains until a supervisor
removes them; the server delivers nothing to them meanwhile.`,
		run: func(ctx context.Context, c *call) error {
			return c.onAccount(ctx, func(p *parts, id staff.ID) error { return plainly(p.staff.Disable(ctx, staff.Operator(), id)) })
		},
	}
}

func staffEnableCommand() command {
	return command{
		name: "staff enable", args: "EMAIL", summary: "let a disabled account sign in again",
		help: `
The account has the password, keys and roles it had before.`,
		run: func(ctx context.Context, c *call) error {
			return c.onAccount(ctx, func(p *parts, id staff.ID) error { return plainly(p.staff.Enable(ctx, staff.Operator(), id)) })
		},
	}
}
