package bench

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// One turn that takes long makes the turns behind it late, but none is left out and
// none is due later.
func TestTurnsAreDueWhateverTakesLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, next := time.Now(), 0
		turns, lag := pace(t.Context(), 100, time.Second, func(n int, due time.Time) {
			if want := start.Add(time.Duration(n) * 10 * time.Millisecond); n != next || !due.Equal(want) {
				t.Errorf("turn %d is due after %v", n, due.Sub(start))
			}
			if next++; n == 50 {
				time.Sleep(300 * time.Millisecond)
			}
		})
		if turns != 100 || lag != 290*time.Millisecond {
			t.Errorf("%d turns, the latest late by %v", turns, lag)
		}
	})
}

// A server that is too slow for the rate is measured by how long somebody who came in
// time had to wait, not by how long each request took.
func TestWaitingForALaneCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := atRate(t.Context(), 640, time.Second, func(n int) error {
			time.Sleep(time.Second)
			if n == 7 {
				return errors.New("no")
			}
			return nil
		})
		if a.count() != 639 || a.failed != 1 {
			t.Errorf("%d answers, %d failed", a.count(), a.failed)
		}
		if worst := a.quantile(1); worst < 9*time.Second {
			t.Errorf("the last of ten seconds' work for 64 lanes is late by %v only", worst)
		}
		if a.lag < 8*time.Second {
			t.Errorf("the generator says that it was late by %v", a.lag)
		}
	})
}
