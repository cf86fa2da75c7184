package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"lotse/configs"
	"lotse/finder"
)

func finderCheckCommand() command {
	return command{
		name: "finder check", args: "[FOLDER]",
		summary: "check the rules of the benefits finder and list what to review",
		help: `
Checks the built-in rules of the benefits finder, or those in FOLDER (layout:
docs/finder.md). Mistakes are unknown ids and operators, units that do not fit,
what nothing reads, rules without a paragraph, days without a figure, and
thresholds for which no boundary case can be made: any of these makes the command
fail. The rest is the editor's list: every value and rule that is not certain, and
every figure whose review is due.`,
		run: finderCheck,
	}
}

func finderCheck(_ context.Context, c *call) error {
	today := c.flags.String("date", time.Now().Format(time.DateOnly), "check as on this `day`")
	args, err := c.parse(0, 1)
	if err != nil {
		return err
	}
	files := configs.Finder()
	if len(args) == 1 {
		files = os.DirFS(args[0])
	}
	rules, err := finder.Load(files)
	if err != nil {
		return err
	}
	mistakes := 0
	table := tabwriter.NewWriter(c.Out, 0, 0, 2, ' ', 0)
	for _, f := range rules.Check(*today) {
		fmt.Fprintf(table, "%s\t%s\t%s\n", f.Kind, f.Where, f.What)
		if f.Mistake() {
			mistakes++
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(c.Out, rules.Size())
	if mistakes > 0 {
		return errors.New(plural(mistakes, "mistake") + " in the rules")
	}
	return nil
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
