package chat

import (
	"testing"
	"time"
)

func TestRatesGiveABurstAndThenASteadyFlow(t *testing.T) {
	var r rates
	now := time.Now()
	for i := range 10 {
		if wait := r.take("accept", 10, 1, now); wait != 0 {
			t.Fatalf("frame %d has to wait %v", i, wait)
		}
	}
	if wait := r.take("accept", 10, 1, now); wait < 900*time.Millisecond || wait > 1100*time.Millisecond {
		t.Errorf("after the burst: %v", wait)
	}
	if wait := r.take("decline", 10, 1, now); wait != 0 {
		t.Errorf("another type: %v", wait)
	}
	if wait := r.take("accept", 10, 1, now.Add(time.Second)); wait != 0 {
		t.Errorf("a second later: %v", wait)
	}
	later := now.Add(30 * 24 * time.Hour)
	for i := range 10 {
		if wait := r.take("accept", 10, 1, later); wait != 0 {
			t.Fatalf("a month later frame %d has to wait %v", i, wait)
		}
	}
	if r.over != 1 {
		t.Errorf("%d refused", r.over)
	}
}
