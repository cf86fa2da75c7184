// Command loadgen breaks and measures servers of Lotse on this machine:
//
//	go run ./cmd/loadgen chaos -for 10m
//	go run ./cmd/loadgen bench
//
// It builds the server, starts it with what it needs on loopback, and talks to it
// as browsers do.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// commands is everything loadgen does.
var commands = map[string]func(ctx context.Context, args []string) error{
	"bench": runBench,
	"chaos": runChaos,
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	code := run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string) int {
	if len(args) == 0 || commands[args[0]] == nil {
		fmt.Fprintln(os.Stderr, "usage: loadgen chaos|bench [FLAG…]")
		return 2
	}
	if err := commands[args[0]](ctx, args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "loadgen:", err)
		return 1
	}
	return 0
}
