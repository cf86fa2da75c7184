package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"lotse/cmd/loadgen/bench"
	"lotse/cmd/loadgen/world"
)

// What make bench measures with.
const (
	flagConnections = 5000
	flagDuring      = 15 * time.Second
)

func runBench(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	only := flags.String("only", strings.Join(bench.Sections(), ","), "sections")
	out := flags.String("out", "", "file for the table; empty: only print it")
	notes := flags.String("notes", "", "file whose text follows the table: what was tried for figures that are missed")
	connections := flags.Int("connections", flagConnections, "held idle and in the storm")
	during := flags.Duration("during", flagDuring, "each measurement")
	program := flags.String("program", "", "a server built before, instead of building one")
	peer := flags.String("peer", "", "program of bench/peer")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *peer == "" {
		return errors.New("-peer: build bench/peer first")
	}
	if *program == "" {
		dir, err := os.MkdirTemp("", "lotse-bench-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		if *program, err = (world.Build{}).Into(dir); err != nil {
			return err
		}
	}
	for _, file := range []*string{program, peer} { // servers run in directories of their own
		abs, err := filepath.Abs(*file)
		if err != nil {
			return err
		}
		*file = abs
	}
	wanted := strings.Split(*only, ",")
	o := bench.Options{Lotse: *program, Peer: *peer, Connections: *connections, During: *during, ServerCores: "0",
		Say: func(format string, args ...any) { fmt.Printf(format+"\n", args...) }}
	figures, err := bench.Run(ctx, o, func(section string) bool { return slices.Contains(wanted, section) })
	fmt.Println()
	fmt.Print(bench.Table(figures))
	if *out == "" {
		return err
	}
	command := "make bench"
	if len(wanted) < len(bench.Sections()) || *during != flagDuring || *connections != flagConnections {
		command = fmt.Sprintf("loadgen bench -only %s -connections %d -during %v", *only, *connections, *during)
	}
	return errors.Join(err, bench.Write(*out, command, *notes, figures))
}
