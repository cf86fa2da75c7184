// Command lotse is the server for social counselling and the tools of its
// operator, one file per command. It alone knows every part: serve.go puts them
// together.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	_ "time/tzdata" // rosters are meant in a zone, also where the system has none

	"lotse/configs"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// Whoever asks a second time gets the default: the process ends at once.
	context.AfterFunc(ctx, stop)
	surroundings := system{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Environ: os.Environ()}
	os.Exit(Run(ctx, os.Args[1:], surroundings))
}

// system is what a command sees of the world outside.
type system struct {
	In       io.Reader
	Out, Err io.Writer
	Environ  []string // in the form of os.Environ
}

// command is one row of the table of commands.
type command struct {
	name    string // one or two words
	args    string // what follows the flags, for the usage line
	summary string // one line for the list
	help    string // what the list leaves out
	run     func(context.Context, *call) error
}

// commands is the table of all commands, in the order of the help. A command is
// a row here and a file beside.
func commands() []command {
	return append([]command{
		serveCommand(),
		demoCommand(),
		migrateCommand(),
		backupCommand(),
		restoreCommand(),
		importCommand(),
		exportCommand(),
		centresKeepCommand(),
		centresAskCommand(),
		auditVerifyCommand(),
		verifyAssetsCommand(),
		finderCheckCommand(),
	}, staffCommands()...)
}

// Run runs the command that args name and returns the exit code: 0, 1 when the
// command fails, 2 when it was called wrongly.
func Run(ctx context.Context, args []string, sys system) int {
	if len(args) == 0 || args[0] == "help" && len(args) == 1 || args[0] == "-h" || args[0] == "--help" {
		listCommands(sys.Out)
		return 0
	}
	wantsHelp := args[0] == "help"
	if wantsHelp {
		args = args[1:]
	}
	cmd, rest, ok := find(args)
	if !ok {
		fmt.Fprintf(sys.Err, "lotse: there is no command %q; \"lotse help\" lists them\n", strings.Join(args, " "))
		return 2
	}
	if wantsHelp {
		rest = []string{"--help"}
	}
	return cmd.start(ctx, rest, sys)
}

// find returns the command that args begin with, the longest name first, and
// what follows it.
func find(args []string) (command, []string, bool) {
	for words := min(2, len(args)); words > 0; words-- {
		name := strings.Join(args[:words], " ")
		for _, cmd := range commands() {
			if cmd.name == name {
				return cmd, args[words:], true
			}
		}
	}
	return command{}, nil, false
}

func listCommands(out io.Writer) {
	fmt.Fprint(out, "Lotse, a server for social counselling\n\nusage: lotse COMMAND [flags] [arguments]\n\n")
	for _, cmd := range commands() {
		fmt.Fprintf(out, "  %-15s %s\n", cmd.name, cmd.summary)
	}
	fmt.Fprint(out, "\n\"lotse help COMMAND\" tells more. All settings: configs/default.toml.\n")
}

// errUsage marks an error that was made on the command line.
var errUsage = errors.New("usage")

func (cmd command) start(ctx context.Context, args []string, sys system) int {
	c := &call{system: sys, command: cmd, flags: flag.NewFlagSet(cmd.name, flag.ContinueOnError), rest: args}
	c.flags.SetOutput(io.Discard)
	c.flags.StringVar(&c.configFile, "config", "", "`file` with the settings (default: LOTSE_CONFIG, or none)")
	err := cmd.run(ctx, c)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, flag.ErrHelp):
		c.describe(sys.Out)
		return 0
	case errors.Is(err, errUsage):
		fmt.Fprintf(sys.Err, "lotse %s: %v\n\n", cmd.name, err)
		c.describe(sys.Err)
		return 2
	}
	fmt.Fprintf(sys.Err, "lotse %s: %v\n", cmd.name, err)
	return 1
}

// call is one call of a command.
type call struct {
	system
	command    command
	flags      *flag.FlagSet // the command adds its own before parse
	rest       []string
	configFile string
}

// parse reads flags and arguments, in any order; after "--" all are arguments.
// The error says what is wrong, or asks for the help text; the command returns it
// as it is.
func (c *call) parse(least, most int) ([]string, error) {
	flags, args := c.rest, []string(nil)
	if i := slices.Index(flags, "--"); i >= 0 {
		flags, args = flags[:i], flags[i+1:]
	}
	var before []string
	for len(flags) > 0 {
		if err := c.flags.Parse(flags); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, err
			}
			return nil, fmt.Errorf("%w: %w", errUsage, err)
		}
		if flags = c.flags.Args(); len(flags) > 0 {
			before, flags = append(before, flags[0]), flags[1:]
		}
	}
	args = append(before, args...)
	if len(args) < least || len(args) > most {
		return nil, fmt.Errorf("%w: wrong number of arguments", errUsage)
	}
	return args, nil
}

// settings reads the settings. It comes after parse.
func (c *call) settings() (*configs.Config, error) {
	return configs.Load(c.configFile, c.Environ)
}

// describe writes the help of the command.
func (c *call) describe(out io.Writer) {
	usage := strings.TrimSpace("lotse " + c.command.name + " [flags] " + c.command.args)
	fmt.Fprintf(out, "usage: %s\n\n%s\n\nflags:\n", usage, strings.TrimSpace(c.command.help))
	c.flags.SetOutput(out)
	c.flags.PrintDefaults()
}
