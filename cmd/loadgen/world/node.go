package world

import (
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Node is one process of the server behind a proxy.
type Node struct {
	*ward
	Proxy   *Proxy
	port    string
	metrics string
	step    string // file that holds the step of the clock; empty: cannot be stepped
}

// URL is the node's address through its proxy.
func (n *Node) URL() string { return "http://" + n.Proxy.Addr() }

// Direct is the node's own address.
func (n *Node) Direct() string { return "http://127.0.0.1:" + n.port }

// Launch starts the node and waits until it is ready.
func (n *Node) Launch() error {
	if err := n.start(); err != nil {
		return err
	}
	return n.Ready(startPatience)
}

// Ready waits until the node says that it is.
func (n *Node) Ready(patience time.Duration) error {
	err := await(n.name, patience, func() error { return get(n.Direct() + "/readyz") })
	if err != nil {
		return fmt.Errorf("%w\n%s", err, n.tail())
	}
	return nil
}

func get(url string) error {
	res, err := quick.Get(url)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		word, _ := io.ReadAll(res.Body)
		return fmt.Errorf("%s: %s", res.Status, strings.TrimSpace(string(word)))
	}
	return nil
}

// quick asks and keeps no connection.
var quick = &http.Client{Timeout: 3 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

// Kill ends the node at once, as a loss of power would.
func (n *Node) Kill() error { return n.end("KILL", endPatience) }

// Stop tells the node to drain and waits until it has.
func (n *Node) Stop() error { return n.end("TERM", 2*endPatience) }

// Died reports whether the node has ended by itself.
func (n *Node) Died() bool { return n.ended() }

// PID is the process of the node.
func (n *Node) PID() (int, error) { return n.pid() }

// StepClock sets the wall clock of the node off by so much.
func (n *Node) StepClock(by time.Duration) error {
	if n.step == "" {
		return fmt.Errorf("%s was not built to have its clock stepped", n.name)
	}
	f, err := os.OpenFile(n.step, os.O_WRONLY, 0) // not cut short: the node has it mapped
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteAt(binary.LittleEndian.AppendUint64(nil, uint64(int64(by/time.Second))), 0)
	return err
}

// Numbers reads the metrics of the node; labels stay part of the name.
func (n *Node) Numbers() (map[string]float64, error) {
	res, err := quick.Get("http://127.0.0.1:" + n.metrics + "/metrics")
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	numbers := map[string]float64{}
	for line := range strings.Lines(string(text)) {
		name, value, found := strings.Cut(strings.TrimSpace(line), " ")
		if v, err := strconv.ParseFloat(value, 64); found && err == nil {
			numbers[name] = v
		}
	}
	return numbers, nil
}

// Complaints are the lines of the node's log that nobody should ever see:
// panics, data races, crashes of the runtime, and from whole on, when nothing is
// broken any more, any error.
func (n *Node) Complaints(whole time.Time) []string {
	data, err := os.ReadFile(n.log())
	if err != nil {
		return []string{err.Error()}
	}
	var bad []string
	lines := strings.Split(string(data), "\n")
	for i, line := range lines {
		if errorFrom(line, whole) {
			bad = append(bad, n.name+": "+line)
		}
		for _, word := range []string{"DATA RACE", "panic:", "fatal error:", "runtime error"} {
			if strings.Contains(line, word) {
				bad = append(bad, n.name+": "+strings.Join(lines[i:min(len(lines), i+30)], "\n"))
			}
		}
	}
	return bad
}

// errorFrom reports whether a line of a log is an error written at whole or later.
func errorFrom(line string, whole time.Time) bool {
	text, rest, found := strings.Cut(strings.TrimPrefix(line, "time="), " ")
	at, err := time.Parse(time.RFC3339Nano, text)
	return found && err == nil && strings.HasPrefix(rest, "level=ERROR ") && !at.Before(whole)
}

func (n *Node) close() {
	_ = n.end("KILL", endPatience)
	n.Proxy.Close()
}

// stepFile makes the page that tells a node how far off its clock is.
func stepFile(dir, name string) (string, error) {
	file := filepath.Join(dir, name+".step")
	return file, os.WriteFile(file, make([]byte, 8), 0o644)
}

// Env is the environment the node runs in.
func (n *Node) Env() []string { return append(os.Environ(), n.env...) }

// Answers waits until a url answers with 200.
func Answers(url string, patience time.Duration) error {
	return await(url, patience, func() error { return get(url) })
}

// LaunchUntil starts the node and waits until a path answers, to a few milliseconds.
func (n *Node) LaunchUntil(path string) error {
	if err := n.start(); err != nil {
		return err
	}
	for began := time.Now(); ; time.Sleep(2 * time.Millisecond) {
		if err := get(n.Direct() + path); err == nil || time.Since(began) > startPatience {
			return err
		}
	}
}
