package main

import (
	"context"
	"flag"
	"fmt"

	"lotse/internal/fault"
	"lotse/internal/staff"
)

func staffKeepCommand() command {
	return command{
		name: "staff keep", summary: "say how long a provider keeps conversations, or set it",
		help: `
Prints how long conversations stay after their end: --chats hours (1 to 24) and
--messages days (1 to 365); 0 goes back to the settings of the server. A shorter
time holds for what has ended already too, a longer one only for what ends from now
on.`,
		run: staffKeep,
	}
}

func staffKeep(ctx context.Context, c *call) error {
	provider := c.flags.String("provider", "", "provider `name` (default: the only one)")
	set := keepFlags(c)
	return c.withStaff(ctx, 0, func(p *parts, _ []string) error {
		owner, err := findProvider(ctx, p.staff, *provider)
		if err != nil {
			return err
		}
		if keep := set(owner.Keep); keep != owner.Keep {
			if err := p.staff.SetKeep(ctx, staff.Operator(), owner.ID, keep); err != nil {
				return keepRefused(err)
			}
			owner.Keep = keep
		}
		kept := p.staff.Retention(owner.Keep)
		_, err = fmt.Fprintf(c.Out, "%s\nchats %s after the end, messages %s\n", owner.Name, kept.Live, kept.Message)
		return err
	})
}

// keepFlags declares how long conversations are kept. The returned function puts what was given into a provider's
// settings.
func keepFlags(c *call) func(staff.Keep) staff.Keep {
	chats := c.flags.Int("chats", 0, "`hours` a chat is kept after its end")
	messages := c.flags.Int("messages", 0, "`days` a thread of messages is kept after its end")
	return func(k staff.Keep) staff.Keep {
		c.flags.Visit(func(f *flag.Flag) {
			switch f.Name {
			case "chats":
				k.LiveHours = *chats
			case "messages":
				k.MessageDays = *messages
			}
		})
		return k
	}
}

// keepRefused says which numbers would do.
func keepRefused(err error) error {
	if fault.KindOf(err) != fault.Invalid {
		return err
	}
	return fmt.Errorf("%w: --chats is 1 to %d hours, --messages 1 to %d days, 0 what the server's settings say",
		errUsage, staff.MaxLiveHours, staff.MaxMessageDays)
}
