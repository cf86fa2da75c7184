package main

import (
	"context"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// asLotse makes the test binary behave as lotse, so that a test can stop or kill
// a whole process.
const asLotse = "TEST_AS_LOTSE"

func TestMain(m *testing.M) {
	if os.Getenv(asLotse) == "" {
		os.Exit(m.Run())
	}
	os.Unsetenv(asLotse)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	code := Run(ctx, os.Args[1:], system{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Environ: os.Environ()})
	stop()
	os.Exit(code)
}

// process is a node in a process of its own.
type process struct {
	url string
	cmd *exec.Cmd
	log *logWatch
	// wait returns how the process ended.
	wait func() error
}

// startProcess runs a command that serves on a free port, unless environ names
// one, and waits until it does.
func startProcess(t *testing.T, environ []string, args ...string) *process {
	t.Helper()
	log := &logWatch{grown: make(chan struct{})}
	p := &process{cmd: exec.Command(os.Args[0], args...), log: log}
	p.cmd.Env = append([]string{"LOTSE_LISTEN=127.0.0.1:0"}, append(environ, asLotse+"=1")...)
	p.cmd.Stdout, p.cmd.Stderr = log, log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.wait = sync.OnceValue(p.cmd.Wait)
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		_ = p.wait()
	})
	serving := regexp.MustCompile(`msg"?[=:]"?serving"?[ ,]"?address"?[=:]"?([^\s"]+)`)
	timeout := time.After(patience)
	for {
		text, grown := log.read()
		if found := serving.FindStringSubmatch(text); found != nil {
			p.url = "http://" + found[1]
			return p
		}
		select {
		case <-grown:
		case <-timeout:
			t.Fatalf("the process does not serve:\n%s", strings.TrimSpace(text))
		}
	}
}

func (p *process) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}
