package web

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestBucketHoldsItsBurstAndFillsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(time.Now)
		for i := range 3 {
			if wait := l.take("x", "home", 3, time.Minute); wait != 0 {
				t.Errorf("use %d waits %s", i, wait)
			}
		}
		if wait := l.take("x", "home", 3, time.Minute); wait != time.Minute {
			t.Errorf("the fourth waits %s", wait)
		}
		if l.take("x", "elsewhere", 3, time.Minute) != 0 || l.take("y", "home", 3, time.Minute) != 0 {
			t.Error("another network or action is held up")
		}
		time.Sleep(time.Minute)
		if l.take("x", "home", 3, time.Minute) != 0 || l.take("x", "home", 3, time.Minute) == 0 {
			t.Error("a minute is not worth exactly one use")
		}
	})
}

func TestFullBucketsAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Server{limits: newLimiter(time.Now)}
		for i := range 1000 {
			s.limits.take("x", fmt.Sprint(i), 1, time.Second)
		}
		done := make(chan error, 1)
		ctx, stop := context.WithCancel(t.Context())
		go func() { done <- s.Run(ctx) }()
		time.Sleep(61 * time.Second)
		synctest.Wait()
		s.limits.mu.Lock()
		if n := len(s.limits.buckets); n != 0 {
			t.Errorf("%d buckets are left", n)
		}
		s.limits.mu.Unlock()
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestBucketsHoldNoAddress(t *testing.T) {
	s := &Server{limits: newLimiter(time.Now)}
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = "203.0.113.77:1234"
	if err := s.limit(r, "x", 1, time.Hour); err != nil {
		t.Fatal(err)
	}
	if held := fmt.Sprintf("%+v", s.limits.buckets); strings.Contains(held, "203.0.113") {
		t.Error("the address stands in a bucket")
	}
	err := s.limit(r, "x", 1, time.Hour)
	if err == nil || strings.Contains(err.Error(), "203.0.113") {
		t.Errorf("got %v", err)
	}
}

func TestNeighboursInAHouseholdShareABucket(t *testing.T) {
	s := &Server{limits: newLimiter(time.Now)}
	for i, peer := range []string{"[2001:db8:0:1::1]:1", "[2001:db8:0:1:ffff::2]:1", "[2001:db8:0:2::1]:1"} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = peer
		if err := s.limit(r, "x", 1, time.Hour); (err == nil) != (i != 1) {
			t.Errorf("%s: %v", peer, err)
		}
	}
}
