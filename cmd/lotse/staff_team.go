package main

import (
	"context"
	"flag"
	"fmt"
	"strings"
	"time"

	"lotse/internal/staff"
)

func staffProviderCommand() command {
	return command{
		name: "staff provider", args: "NAME", summary: "add a provider",
		help: `
Adds an organisation that runs counselling. Its first admin is invited with
"lotse staff add --role admin".`,
		run: func(ctx context.Context, c *call) error {
			return c.withStaff(ctx, 1, func(p *parts, args []string) error {
				provider, err := p.staff.CreateProvider(ctx, staff.Operator(), args[0])
				if err != nil {
					return plainly(err)
				}
				_, err = fmt.Fprintln(c.Out, provider.ID)
				return err
			})
		},
	}
}

func staffTeamCommand() command {
	return command{
		name: "staff team", args: "NAME", summary: "add a team, or change one",
		help: `
Adds a team to a provider, or changes the team of that name: only the settings that
are given. Lists are separated by commas. --reach says whose conversations come to
the team: catchment (postcodes of its centres), pool (helps other teams out) or
nationwide. --policy says who can read them: team (every reader) or duty (those on
duty now and next).`,
		run: staffTeam,
	}
}

func staffTeam(ctx context.Context, c *call) error {
	provider := c.flags.String("provider", "", "provider `name` (default: the only one)")
	settings := teamFlags(c)
	return c.withStaff(ctx, 1, func(p *parts, args []string) error {
		owner, err := findProvider(ctx, p.staff, *provider)
		if err != nil {
			return err
		}
		team, found, err := findTeam(ctx, p.staff, owner, args[0])
		if err != nil {
			return err
		}
		save := p.staff.UpdateTeam
		if !found {
			team, save = newTeam(owner, args[0]), p.staff.CreateTeam
		}
		settings(&team)
		if team, err = save(ctx, staff.Operator(), team); err != nil {
			return plainly(err)
		}
		_, err = fmt.Fprintln(c.Out, team.ID)
		return err
	})
}

func newTeam(owner staff.Provider, name string) staff.Team {
	return staff.Team{
		Provider: owner.ID, Name: name, Reach: staff.Catchment, Policy: staff.PolicyTeam,
		QueueMax: 10, LastChatBefore: 15 * time.Minute, Formal: true,
	}
}

// teamFlags declares the settings of a team. The returned function puts those that were given into a team.
func teamFlags(c *call) func(*staff.Team) {
	topics := c.flags.String("topics", "", "topic `ids`")
	languages := c.flags.String("languages", "", "language `tags`")
	centres := c.flags.String("centres", "", "centre `ids`")
	reach := c.flags.String("reach", "catchment", "`reach`: catchment, pool or nationwide")
	policy := c.flags.String("policy", "team", "`policy`: team or duty")
	queue := c.flags.Int("queue", 10, "waiting conversations from which on the team is full")
	last := c.flags.Duration("last", 15*time.Minute, "no new chat in this last part of a shift")
	informal := c.flags.Bool("informal", false, "address seekers with du")
	put := map[string]func(*staff.Team){
		"topics":    func(t *staff.Team) { t.Topics = splitList(*topics) },
		"languages": func(t *staff.Team) { t.Languages = splitList(*languages) },
		"centres":   func(t *staff.Team) { t.Centres = splitList(*centres) },
		"reach":     func(t *staff.Team) { t.Reach = staff.Reach(*reach) },
		"policy":    func(t *staff.Team) { t.Policy = staff.Policy(*policy) },
		"queue":     func(t *staff.Team) { t.QueueMax = *queue },
		"last":      func(t *staff.Team) { t.LastChatBefore = *last },
		"informal":  func(t *staff.Team) { t.Formal = !*informal },
	}
	return func(t *staff.Team) {
		c.flags.Visit(func(f *flag.Flag) {
			if set, ok := put[f.Name]; ok {
				set(t)
			}
		})
	}
}

// splitList reads a list separated by commas; an empty one has no elements.
func splitList(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
}
