package main

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
)

func TestMemoryIsGivenBackOnlyWhenCalm(t *testing.T) {
	const mib = 1 << 20
	before := memory{allocated: 700 * mib}
	for name, c := range map[string]struct {
		now, left memory
		want      bool
	}{
		"calm and bloated":      {memory{held: 90 * mib, live: 40 * mib, allocated: 700 * mib}, memory{}, true},
		"bloated, but at work":  {memory{held: 90 * mib, live: 40 * mib, allocated: 710 * mib}, memory{}, false},
		"calm and tidy":         {memory{held: 44 * mib, live: 40 * mib, allocated: 700 * mib}, memory{}, false},
		"small, nothing to win": {memory{held: 5 * mib, live: 2 * mib, allocated: 700 * mib}, memory{}, false},
		"nothing new":           {memory{held: 63 * mib, live: 40 * mib, allocated: 700 * mib}, memory{held: 60 * mib, live: 40 * mib}, false},
		"new garbage":           {memory{held: 66 * mib, live: 40 * mib, allocated: 700 * mib}, memory{held: 60 * mib, live: 40 * mib}, true},
		"many have gone":        {memory{held: 60 * mib, live: 30 * mib, allocated: 700 * mib}, memory{held: 60 * mib, live: 40 * mib}, true},
	} {
		if got := c.now.inVain(before, c.left); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestTidyGivesGarbageBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- tidy(ctx) }()
		synctest.Wait()
		rush := make([]byte, 64<<20)
		rush[0] = 1
		runtime.KeepAlive(rush)
		rush = nil
		full := readMemory().held
		time.Sleep(3 * tidyEvery)
		synctest.Wait()
		if now := readMemory().held; now+32<<20 > full {
			t.Errorf("%d MiB are held after %d MiB", now>>20, full>>20)
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
