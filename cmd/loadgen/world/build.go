package world

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Build compiles the server into dir and returns the path of the program. With
// steps, its wall clock can be stepped (see Clock); with race, it has the race
// detector; next adds one more migration, as the version after this one would.
type Build struct {
	Steps, Race, Next bool
}

// Name tells builds apart.
func (b Build) Name() string {
	words := []string{"lotse"}
	for _, w := range []struct {
		text string
		on   bool
	}{{"steps", b.Steps}, {"race", b.Race}, {"next", b.Next}} {
		if w.on {
			words = append(words, w.text)
		}
	}
	return strings.Join(words, "-")
}

// Into builds in dir.
func (b Build) Into(dir string) (string, error) {
	program := filepath.Join(dir, b.Name())
	overlay, err := b.overlay(dir)
	if err != nil {
		return "", err
	}
	args := []string{"build", "-overlay", overlay, "-o", program}
	env := os.Environ()
	if b.Race {
		args = append(args, "-race")
	} else {
		args, env = append(args, "-trimpath", "-ldflags=-s -w"), append(env, "CGO_ENABLED=0")
	}
	cmd := exec.Command("go", append(args, "lotse/cmd/lotse")...)
	cmd.Env = env
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", b.Name(), err, out)
	}
	return program, nil
}

// overlay writes the replacement files for go build and returns their list.
func (b Build) overlay(dir string) (string, error) {
	replace := map[string]string{}
	if b.Steps {
		if err := steppedTime(dir, replace); err != nil {
			return "", err
		}
	}
	if b.Next {
		if err := nextMigration(dir, replace); err != nil {
			return "", err
		}
	}
	data, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, b.Name()+".overlay.json")
	return file, os.WriteFile(file, data, 0o644)
}

// steppedTime replaces time.Now by one that adds what the file CLOCK_STEP holds, in
// seconds, to the wall clock and leaves the monotonic clock alone: what the
// kernel does when somebody sets the clock. A library for LD_PRELOAD cannot do it,
// because Go asks the vDSO itself.
func steppedTime(dir string, replace map[string]string) error {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return fmt.Errorf("find Go: %w", err)
	}
	source := filepath.Join(strings.TrimSpace(string(root)), "src", "time")
	original := filepath.Join(source, "time.go")
	data, err := os.ReadFile(original)
	if err != nil {
		return err
	}
	const call = "sec, nsec, mono := runtimeNow()"
	head, rest, found := strings.Cut(string(data), "func Now() Time {")
	if !found || !strings.Contains(rest, call) {
		return errors.New("time.Now of this version of Go is unknown; look at steppedTime")
	}
	rest = strings.Replace(rest, call, call+"\n\tsec += steppedBy()", 1)
	files := map[string]string{
		original:                            head + "func Now() Time {" + rest,
		filepath.Join(source, "stepped.go"): steppedGo,
	}
	for name, text := range files {
		own := filepath.Join(dir, "time_"+filepath.Base(name))
		if err := os.WriteFile(own, []byte(text), 0o644); err != nil {
			return err
		}
		replace[name] = own
	}
	return nil
}

// steppedGo is the part of package time that reads the step from shared memory.
const steppedGo = `package time

import (
	"sync"
	"syscall"
	"unsafe"
)

var stepPage = sync.OnceValue(func() *int64 {
	name, ok := syscall.Getenv("CLOCK_STEP")
	if !ok {
		return new(int64)
	}
	fd, err := syscall.Open(name, syscall.O_RDONLY, 0)
	if err != nil {
		panic(err)
	}
	page, err := syscall.Mmap(fd, 0, 8, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		panic(err)
	}
	return (*int64)(unsafe.Pointer(&page[0]))
})

func steppedBy() int64 { return *stepPage() }
`

// nextMigration adds a migration as releases make them: what is there stays, so
// that the version before can go on while it is applied and afterwards.
func nextMigration(dir string, replace map[string]string) error {
	out, err := exec.Command("go", "list", "-f", "{{.Dir}}", "lotse/internal/store").Output()
	if err != nil {
		return fmt.Errorf("find the migrations: %w", err)
	}
	own := filepath.Join(dir, "9999_next.sql")
	const text = `ALTER TABLE conversation ADD COLUMN next_note TEXT;
ALTER TABLE message ADD COLUMN next_flag BIGINT;
CREATE INDEX message_next ON message (at);
`
	replace[filepath.Join(strings.TrimSpace(string(out)), "migrations", "9999_next.sql")] = own
	return os.WriteFile(own, []byte(text), 0o644)
}
