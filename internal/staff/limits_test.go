package staff

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"lotse/internal/fault"
)

func from(addr string) Client { return Client{Prefix: netip.MustParsePrefix(addr)} }

func TestGuessesPerSource(t *testing.T) {
	c := &clock{at: time.Unix(1_800_000_000, 0)}
	l := newLimits(c.now)
	try := func(who Client, known bool) error {
		a, err := l.admit(who, "a@example.org", known)
		if err == nil {
			l.failed(a)
		}
		return err
	}
	for i := range guessBurst {
		if err := try(from("192.0.2.1/32"), false); err != nil {
			t.Fatalf("attempt %d: %v", i+1, err)
		}
	}
	err := try(from("192.0.2.1/32"), false)
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Code != limitCode || f.Retry <= 0 || f.Retry > guessEvery {
		t.Fatalf("sixth attempt: %v, retry %v", err, f.Retry)
	}
	must(t, try(from("192.0.2.2/32"), false))
	device := from("192.0.2.1/32")
	device.Device = "device"
	must(t, try(device, true))
	c.move(guessEvery)
	must(t, try(from("192.0.2.1/32"), false))
	wantCode(t, try(from("192.0.2.1/32"), false), limitCode)
}

// Spraying one network's guesses over many accounts is stopped too, but not for known devices in the same network.
func TestGuessesPerNetwork(t *testing.T) {
	c := &clock{at: time.Unix(1_800_000_000, 0)}
	l := newLimits(c.now)
	office := from("192.0.2.1/32")
	for i := range networkBurst {
		a, err := l.admit(office, fmt.Sprint(i), false)
		must(t, err)
		l.failed(a)
	}
	_, err := l.admit(office, "another", false)
	wantCode(t, err, limitCode)
	office.Device = "device"
	_, err = l.admit(office, "another", true)
	must(t, err)
	c.move(networkEvery)
	office.Device = ""
	_, err = l.admit(office, "a third", false)
	must(t, err)
}

// A team that starts its shift behind one address signs in without meeting a limit.
func TestSuccessCostsNothing(t *testing.T) {
	c := &clock{at: time.Unix(1_800_000_000, 0)}
	l := newLimits(c.now)
	for i := range 10 * networkBurst {
		a, err := l.admit(from("192.0.2.1/32"), fmt.Sprint(i%50), false)
		must(t, err)
		l.passed(a)
	}
	if l.level(l.id(purposeNetwork, "192.0.2.1/32"), networkEvery) != 0 {
		t.Error("successes left a trace")
	}
}

func TestDelayGrowsAndCools(t *testing.T) {
	c := &clock{at: time.Unix(1_800_000_000, 0)}
	l := newLimits(c.now)
	last := time.Duration(0)
	for i := range 200 {
		a, err := l.admit(from(fmt.Sprintf("10.0.%d.%d/32", i/250, i%250)), "a@example.org", false)
		must(t, err)
		if a.delay < last || a.delay > delayMax || (i <= heatFree && a.delay != 0) {
			t.Fatalf("failure %d: delay %v after %v", i, a.delay, last)
		}
		last = a.delay
		l.failed(a)
	}
	if last != delayMax {
		t.Errorf("delay under attack %v, want %v", last, delayMax)
	}
	c.move(200 * heatEvery)
	a, err := l.admit(from("10.9.9.9/32"), "a@example.org", false)
	if must(t, err); a.delay != 0 {
		t.Errorf("delay after the attack: %v", a.delay)
	}
}

func TestLanes(t *testing.T) {
	c := &clock{at: time.Unix(1_800_000_000, 0)}
	l := newLimits(c.now)
	a, err := l.admit(from("192.0.2.1/32"), "a", false)
	if must(t, err); a.lane != laneFresh {
		t.Errorf("first attempt in lane %d", a.lane)
	}
	l.failed(a)
	if a, err = l.admit(from("192.0.2.1/32"), "b", false); err != nil || a.lane != laneFailed {
		t.Errorf("after a failure in lane %d, %v", a.lane, err)
	}
	if a, err = l.admit(from("192.0.2.1/32"), "b", true); err != nil || a.lane != laneKnown {
		t.Errorf("known device in lane %d, %v", a.lane, err)
	}
}

func TestCodeGuesses(t *testing.T) {
	c := &clock{at: time.Unix(1_800_000_000, 0)}
	l := newLimits(c.now)
	a := attempt{code: l.id(purposeTOTP, "a")}
	for range codeGuessBurst {
		must(t, l.admitCode(a))
	}
	wantCode(t, l.admitCode(a), limitCode)
	must(t, l.admitCode(attempt{code: l.id(purposeTOTP, "b")}))
	l.passed(a)
	must(t, l.admitCode(a))
}

func TestLimitsForgetEveryDayAndStayBounded(t *testing.T) {
	c := &clock{at: time.Unix(1_800_000_000, 0)}
	l := newLimits(c.now)
	key := l.key
	for i := range limitEntries {
		if _, err := l.admit(from(fmt.Sprintf("10.%d.%d.%d/32", i>>16, i>>8&255, i&255)), "a", false); err != nil {
			t.Fatal(err)
		}
	}
	if len(l.buckets) > limitEntries+2 {
		t.Errorf("%d buckets", len(l.buckets))
	}
	c.move(limitKeyLife)
	_, err := l.admit(from("10.0.0.1/32"), "a", false)
	if must(t, err); l.key == key || len(l.buckets) > 2 {
		t.Errorf("after a day: same key %t, %d buckets", l.key == key, len(l.buckets))
	}
}

func TestDelayEndsWithTheRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		must(t, waitFor(t.Context(), delayMax))
		if time.Since(start) != delayMax {
			t.Errorf("waited %v", time.Since(start))
		}
	})
}
