// Command with runs another command with one PostgreSQL and one Redis for all
// test binaries in it:
//
//	go run ./internal/testenv/with go test ./...
//
// The servers end with it. Its exit code is that of the command.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"

	"lotse/internal/testenv"
)

func main() {
	os.Exit(run(os.Args[1:]))
}

func run(args []string) int {
	if len(args) == 0 {
		fmt.Fprintln(os.Stderr, "usage: with COMMAND [ARGUMENT…]")
		return 2
	}
	env, err := testenv.Servers()
	if err != nil {
		fmt.Fprintln(os.Stderr, "with:", err)
		return 1
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), env...)
	err = cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return max(exit.ExitCode(), 1)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "with:", err)
		return 1
	}
	return 0
}
