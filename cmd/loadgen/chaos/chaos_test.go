package chaos

import (
	"os"
	"strconv"
	"testing"
	"time"

	"lotse/cmd/loadgen/world"
	"lotse/internal/testenv/staffed"
)

// Half a minute of faults in CI for each shape, less where somebody waits for it.
const (
	inCI      = 30 * time.Second
	elsewhere = 6 * time.Second
)

// A crowd of real clients uses real servers, built like this test (with the race
// detector if it has one), while one thing after the other breaks. CHAOS_SEED
// repeats a run. Clock steps need a Go library of their own and belong to make
// chaos.
func TestNoWordIsLost(t *testing.T) {
	seed, length := seedOf(t), elsewhere
	if os.Getenv("CI") != "" {
		length = inCI
	}
	dir := t.TempDir()
	program, next := build(t, dir, world.Build{Race: raceEnabled}), build(t, dir, world.Build{Race: raceEnabled, Next: true})
	staff := staffed.Plan{Teams: 2, People: 6, Places: 4, QueueMax: 100}
	for name, shape := range map[string]world.Shape{
		"one node on SQLite":                  {Nodes: 1, DiskMB: 128},
		"three nodes on PostgreSQL and Redis": {Nodes: 3, Postgres: true, DiskMB: 512},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shape.Program, shape.Staff = program, staff
			t.Logf("CHAOS_SEED=%d", seed)
			rep, err := Run(t.Context(), Options{Seed: seed, For: length, Shape: shape, Next: next, Seekers: 30, Hostile: 2, Pace: 150 * time.Millisecond, Out: t.Output()})
			if err != nil {
				t.Fatal(err)
			}
			judge(t, rep)
		})
	}
}

func seedOf(t *testing.T) uint64 {
	text := os.Getenv("CHAOS_SEED")
	if text == "" {
		return uint64(time.Now().UnixNano()) % 1_000_000
	}
	seed, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return seed
}

func build(t *testing.T, dir string, b world.Build) string {
	program, err := b.Into(dir)
	if err != nil {
		t.Fatal(err)
	}
	return program
}

func judge(t *testing.T, rep Report) {
	for _, v := range rep.Violations {
		t.Error(v)
		if v.C == "" {
			continue
		}
		for _, e := range rep.About(v.C) {
			t.Log(e)
		}
	}
	for _, l := range rep.Leaks {
		t.Error(l)
	}
	if rep.Read == 0 {
		t.Error("nobody has read anything")
	}
	t.Logf("%d conversations, %d messages read, faults %v", rep.Opened, rep.Read, rep.Faults)
}
