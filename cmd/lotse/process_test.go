package main

import (
	"os"
	"os/exec"
	"regexp"
	"strconv"
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
		code := m.Run()
		os.RemoveAll(demoDir())
		os.Exit(code)
	}
	os.Unsetenv(asLotse)
	main()
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

// The first signal drains, the second ends the node at once.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	environ := []string{"LOTSE_DATA=" + t.TempDir(), "LOTSE_DRAIN=10m"}
	demoIn(t, environ)
	node := startProcess(t, environ, "serve")
	closeOne(t, node.url) // leaves a socket open, which the drain takes its time for
	node.signal(t, syscall.SIGTERM)
	awaitTrue(t, "the node drains", func() bool { return strings.Contains(node.log.text(), "msg=stopping") })
	awaitTrue(t, "the second signal is heard", func() bool {
		return node.cmd.Process.Signal(syscall.SIGTERM) != nil || node.ended()
	})
	if err := node.wait(); err == nil || !strings.Contains(err.Error(), "terminated") {
		t.Errorf("the node ended with %v", err)
	}
}

// ended reports whether the process is no more.
func (p *process) ended() bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(p.cmd.Process.Pid) + "/stat")
	return err != nil || strings.Contains(string(stat), ") Z ")
}
