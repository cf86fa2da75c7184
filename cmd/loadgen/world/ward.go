package world

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// ward is one process under a small shell that waits for a word of how to end it.
// When this process ends without a word, so does the ward.
type ward struct {
	name    string
	dir     string // working directory; the log is name.log in logs
	logs    string
	args    []string
	env     []string
	account *syscall.Credential // nil: the present one
	cores   string              // for taskset; empty: all

	mu    sync.Mutex
	cmd   *exec.Cmd
	stdin io.WriteCloser
	done  chan struct{} // closed when the process has ended
}

// keeper starts what follows and ends it by the signal it reads; INT when its
// input ends. exec makes $! the process itself.
const keeper = `"$@" & child=$!
echo $child >"$PID_FILE"
read -r how
kill -"${how:-INT}" $child 2>/dev/null
wait $child`

// Start runs the process. It does not wait until it serves.
func (w *ward) start() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	log, err := os.OpenFile(w.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	args := w.args
	if w.cores != "" {
		args = append([]string{"taskset", "-c", w.cores}, args...)
	}
	cmd := exec.Command("sh", append([]string{"-c", keeper, "sh"}, args...)...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = w.dir, log, log
	cmd.Env = append(append(os.Environ(), "PID_FILE="+w.pidFile()), w.env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: w.account, Setpgid: true}
	if w.stdin, err = cmd.StdinPipe(); err != nil {
		return err
	}
	_ = os.Remove(w.pidFile())
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("%s: %w", w.name, err)
	}
	done := make(chan struct{})
	w.cmd, w.done = cmd, done
	go func() {
		_ = cmd.Wait() // how it ended is in its log
		close(done)
	}()
	return nil
}

func (w *ward) log() string     { return filepath.Join(w.logs, w.name+".log") }
func (w *ward) pidFile() string { return filepath.Join(w.dir, w.name+".pid") }

// end sends a signal such as "KILL" and waits until the process has ended, at
// most for patience; then it is killed.
func (w *ward) end(signal string, patience time.Duration) error {
	w.mu.Lock()
	cmd, stdin, done := w.cmd, w.stdin, w.done
	w.cmd = nil
	w.mu.Unlock()
	if cmd == nil {
		return nil
	}
	_, _ = io.WriteString(stdin, signal+"\n") // fails if it has ended by itself
	_ = stdin.Close()
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case <-done:
		return nil
	case <-late.C:
		if pid, err := w.pid(); err == nil {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		<-done
		return fmt.Errorf("%s did not end within %v of %s", w.name, patience, signal)
	}
}

// pid is the process itself, not its shell.
func (w *ward) pid() (int, error) {
	data, err := os.ReadFile(w.pidFile())
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(data)))
}

// ended reports whether the process has gone without having been told to.
func (w *ward) ended() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cmd == nil {
		return false
	}
	select {
	case <-w.done:
		return true
	default:
		return false
	}
}

// tail is the end of the log.
func (w *ward) tail() string {
	data, err := os.ReadFile(w.log())
	if err != nil {
		return ""
	}
	const most = 4000
	return string(data[max(0, len(data)-most):])
}

// errSlow is returned by await.
var errSlow = errors.New("does not answer in time")

// await calls ready now and then until it is content.
func await(what string, patience time.Duration, ready func() error) error {
	began := time.Now()
	for wait := 5 * time.Millisecond; ; wait = min(2*wait, 200*time.Millisecond) {
		err := ready()
		if err == nil {
			return nil
		}
		if time.Since(began) > patience {
			return fmt.Errorf("%s %w: %w", what, errSlow, err)
		}
		time.Sleep(wait)
	}
}
