package main

import (
	"context"
	"runtime/debug"
	numbers "runtime/metrics"
	"time"
)

const (
	// tidyEvery is how often the server looks whether it holds memory in vain.
	tidyEvery = 5 * time.Second
	// tidyWorth is the part of the live heap that is worth giving back, and
	// tidyLeast the least.
	tidyWorth = 8
	tidyLeast = 4 << 20
	// tidyCalm is how much a calm server allocates at most in tidyEvery. One at work
	// allocates far more, and would stand still while memory is given back.
	tidyCalm = 4 << 20
)

// memory is what the collector of garbage knows at an instant, in bytes and runs.
type memory struct {
	held      uint64 // of the heap, obtained from the system and not given back
	live      uint64 // at the end of the last run
	allocated uint64 // since the start of the process
}

func readMemory() memory {
	samples := []numbers.Sample{
		{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/unused:bytes"}, {Name: "/memory/classes/heap/free:bytes"},
		{Name: "/gc/heap/live:bytes"}, {Name: "/gc/heap/allocs:bytes"},
	}
	numbers.Read(samples)
	n := func(i int) uint64 { return samples[i].Value.Uint64() }
	return memory{held: n(0) + n(1) + n(2), live: n(3), allocated: n(4)}
}

// inVain reports whether memory should be given back: little has been allocated
// since before, so the server is calm, and much more is held than lives. What the
// last time has left, holes among what lives, is not tried again and again: there
// must be something new.
func (m memory) inVain(before, left memory) bool {
	worth := max(m.live/tidyWorth, tidyLeast)
	calm := m.allocated-before.allocated < tidyCalm
	grown, shrunk := m.held > left.held+worth, m.live+worth < left.live
	return calm && m.held > m.live+worth && (grown || shrunk)
}

// tidy gives memory back to the system when the server is calm after a rush: what
// starting has left behind, or the opening of many conversations. Without it the
// process would hold twice what lives for good (docs/adr/0056). A run takes about a
// millisecond of a processor for each megabyte that lives, at most every tidyEvery.
func tidy(ctx context.Context) error {
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	var left memory // by the last time
	before := readMemory()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		now := readMemory()
		if now.inVain(before, left) {
			debug.FreeOSMemory()
			now = readMemory()
			left = now
		}
		before = now
	}
}
