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

	"lotse/cmd/loadgen/chaos"
	"lotse/cmd/loadgen/world"
	"lotse/internal/testenv/staffed"
)

// topologies is what chaos runs on, in turn.
func topologies() []topology {
	return []topology{
		{"one node on SQLite", world.Shape{Nodes: 1, DiskMB: 256}},
		{"two nodes on PostgreSQL and Redis", world.Shape{Nodes: 2, Postgres: true, DiskMB: 1024}},
		{"three nodes on PostgreSQL and Redis", world.Shape{Nodes: 3, Postgres: true, DiskMB: 1024}},
	}
}

type topology struct {
	name  string
	shape world.Shape
}

var errFound = errors.New("something was found")

func runChaos(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("chaos", flag.ContinueOnError)
	total := flags.Duration("for", 10*time.Minute, "how long to break things, over all topologies")
	seed := flags.Uint64("seed", uint64(time.Now().UnixNano())%1_000_000, "of everything random")
	seekers := flags.Int("seekers", 150, "at any time")
	only := flags.String("only", "", "topologies whose name has this in it")
	program := flags.String("program", "", "a server built before with -steps, instead of building one")
	next := flags.String("next", "", "the same with one more migration")
	keep := flags.String("keep", "", "directory for the logs of the servers if something is found")
	if err := flags.Parse(args); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "lotse-chaos-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for _, file := range []*string{program, next} { // servers run in directories of their own
		if *file != "" {
			if *file, err = filepath.Abs(*file); err != nil {
				return err
			}
		}
	}
	for file, build := range map[*string]world.Build{program: {Steps: true}, next: {Steps: true, Next: true}} {
		if *file == "" {
			if *file, err = build.Into(dir); err != nil {
				return err
			}
		}
	}
	fmt.Printf("seed %d\n", *seed)
	chosen := slices.DeleteFunc(topologies(), func(t topology) bool { return !strings.Contains(t.name, *only) })
	found := false
	for _, t := range chosen {
		fmt.Printf("\n%s\n", t.name)
		t.shape.Program, t.shape.Steps = *program, true
		t.shape.Staff = staffed.Plan{Teams: 3, People: 10, Places: 4, QueueMax: 200}
		rep, err := chaos.Run(ctx, chaos.Options{Seed: *seed, For: *total / time.Duration(len(chosen)), Shape: t.shape, Next: *next,
			Seekers: *seekers, Hostile: 5, Pace: 150 * time.Millisecond, Out: os.Stdout, Keep: *keep})
		if err != nil {
			return fmt.Errorf("%s, seed %d: %w", t.name, *seed, err)
		}
		show(rep)
		found = found || rep.Failed()
	}
	if found {
		return fmt.Errorf("%w; seed %d", errFound, *seed)
	}
	return nil
}

func show(rep chaos.Report) {
	fmt.Printf("%d conversations, %d acknowledgements, %d messages read; faults %v\n", rep.Opened, rep.Acked, rep.Read, rep.Faults)
	for _, v := range rep.Violations {
		fmt.Println("VIOLATION", v)
	}
	shown := map[string]bool{"": true}
	for _, v := range rep.Violations {
		if shown[v.C] || len(shown) > 3 {
			continue
		}
		shown[v.C] = true
		fmt.Println("all that was seen of", v.C)
		for _, e := range rep.About(v.C) {
			fmt.Println(" ", e)
		}
	}
	for _, l := range rep.Leaks {
		fmt.Println("LEAK", l)
	}
	if !rep.Failed() {
		fmt.Println("no violation, no leak")
	}
}
