// Package bustest holds the tests that every bus must pass.
package bustest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"sync"
	"testing"
	"time"

	"lotse/internal/bus"
)

// Patience is how long the tests wait for what must happen.
const Patience = 30 * time.Second

// Run runs all tests, each on a new bus. open registers the cleanup of the bus
// and of its Run.
func Run(t *testing.T, open func(t *testing.T) bus.Bus) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, bus.Bus)
	}{
		{"publish reaches subscribers of the topic", testPublish},
		{"order of one publisher", testOrder},
		{"several at once", testAll},
		{"add and remove", testAddRemove},
		{"add again after remove", testAddAgain},
		{"overflow becomes a gap", testOverflow},
		{"close", testClose},
		{"presence", testPresence},
		{"presence expires", testExpiry},
		{"concurrent use", testConcurrent},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, open(t)) })
	}
}

// Next returns the next message or fails the test.
func Next(t testing.TB, sub bus.Subscription) bus.Message {
	t.Helper()
	select {
	case m, ok := <-sub.C():
		if !ok {
			t.Fatal("subscription closed")
		}
		return m
	case <-time.After(Patience):
		t.Fatal("no message")
	}
	panic("unreachable")
}

// Subscribe begins a subscription that ends with the test.
func Subscribe(t testing.TB, b bus.Bus, topics ...string) bus.Subscription {
	t.Helper()
	sub, err := b.Subscribe(t.Context(), topics...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sub.Close() })
	return sub
}

func publish(t testing.TB, b bus.Bus, topic, payload string) {
	t.Helper()
	if err := b.Publish(t.Context(), topic, []byte(payload)); err != nil {
		t.Fatal(err)
	}
}

func expect(t testing.TB, sub bus.Subscription, topic, payload string) {
	t.Helper()
	if m := Next(t, sub); m.Gap || m.Topic != topic || string(m.Payload) != payload {
		t.Fatalf("got %+v, want %s %q", m, topic, payload)
	}
}

func testPublish(t *testing.T, b bus.Bus) {
	both, one := Subscribe(t, b, "x/1", "x/2"), Subscribe(t, b, "x/2")
	publish(t, b, "x/1", "a")
	publish(t, b, "x/3", "nobody")
	publish(t, b, "x/2", "")
	got := map[string]string{}
	for range 2 { // which of two topics comes first is not promised
		m := Next(t, both)
		got[m.Topic] = string(m.Payload)
	}
	if want := map[string]string{"x/1": "a", "x/2": ""}; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	expect(t, one, "x/2", "")
}

func testOrder(t *testing.T, b bus.Bus) {
	sub := Subscribe(t, b, "x")
	for i := range 200 {
		publish(t, b, "x", strconv.Itoa(i))
	}
	for i := range 200 {
		expect(t, sub, "x", strconv.Itoa(i))
	}
}

// Several hints of one journey arrive, those of a topic in order.
func testAll(t *testing.T, b bus.Bus) {
	both, one := Subscribe(t, b, "x/1", "x/2"), Subscribe(t, b, "x/2")
	hints := []bus.Message{{Topic: "x/1", Payload: []byte("a")}, {Topic: "x/3", Payload: []byte("nobody")}, {Topic: "x/1", Payload: []byte("b")},
		{Topic: "x/2", Payload: []byte("c")}}
	for _, some := range [][]bus.Message{hints[:3], nil, hints[3:]} {
		if err := b.PublishAll(t.Context(), some); err != nil {
			t.Fatal(err)
		}
	}
	expect(t, both, "x/1", "a")
	expect(t, both, "x/1", "b")
	expect(t, one, "x/2", "c")
}

func testAddRemove(t *testing.T, b bus.Bus) {
	sub := Subscribe(t, b, "x")
	if err := sub.Add(t.Context(), "y", "z"); err != nil {
		t.Fatal(err)
	}
	publish(t, b, "y", "1")
	expect(t, sub, "y", "1")
	if err := sub.Remove(t.Context(), "y", "never added"); err != nil {
		t.Fatal(err)
	}
	settle(t, b, sub)
	publish(t, b, "y", "2")
	publish(t, b, "x", "3")
	expect(t, sub, "x", "3")
	publish(t, b, "z", "4")
	expect(t, sub, "z", "4")
}

// settle waits until a removal has taken effect: commands of a subscription
// are served in order, so a later Add is confirmed after it. The marker lies
// on every line of the subscription.
func settle(t *testing.T, b bus.Bus, sub bus.Subscription) {
	t.Helper()
	for i := range 64 {
		topic := fmt.Sprintf("marker/%d", i)
		if err := sub.Add(t.Context(), topic); err != nil {
			t.Fatal(err)
		}
	}
}

func testAddAgain(t *testing.T, b bus.Bus) {
	sub := Subscribe(t, b, "x")
	for i := range 50 {
		if err := sub.Remove(t.Context(), "x"); err != nil {
			t.Fatal(err)
		}
		if err := sub.Add(t.Context(), "x"); err != nil {
			t.Fatal(err)
		}
		publish(t, b, "x", strconv.Itoa(i))
		expect(t, sub, "x", strconv.Itoa(i))
	}
}

func testOverflow(t *testing.T, b bus.Bus) {
	sub := Subscribe(t, b, "x", "end")
	for i := range 5000 {
		publish(t, b, "x", strconv.Itoa(i))
	}
	for last := -1; ; {
		m := Next(t, sub)
		if m.Gap {
			break
		}
		n, err := strconv.Atoi(string(m.Payload))
		if err != nil || n <= last {
			t.Fatalf("after %d came %q", last, m.Payload)
		}
		if last = n; n == 4999 {
			t.Fatal("nothing was dropped")
		}
	}
	publish(t, b, "end", "")
	for {
		if m := Next(t, sub); m.Topic == "end" {
			return
		}
	}
}

func testClose(t *testing.T, b bus.Bus) {
	sub, other := Subscribe(t, b, "x"), Subscribe(t, b, "x")
	for range 2 {
		if err := sub.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, ok := <-sub.C(); ok {
		t.Error("a closed subscription delivers")
	}
	if err := sub.Add(t.Context(), "y"); !errors.Is(err, bus.ErrClosed) {
		t.Errorf("Add after Close: %v", err)
	}
	publish(t, b, "x", "1")
	expect(t, other, "x", "1")
	for range 2 {
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, ok := <-other.C(); ok {
		t.Error("a subscription outlives the bus")
	}
	closed := map[string]error{
		"Publish": b.Publish(t.Context(), "x", nil),
		"Touch":   b.Touch(t.Context(), "s", "m", nil, time.Minute),
		"Leave":   b.Leave(t.Context(), "s", "m"),
		"Ping":    b.Ping(t.Context()),
	}
	_, closed["Subscribe"] = b.Subscribe(t.Context(), "x")
	_, closed["Present"] = b.Present(t.Context(), "s")
	for op, err := range closed {
		if !errors.Is(err, bus.ErrClosed) {
			t.Errorf("%s after Close: %v", op, err)
		}
	}
}

func touch(t testing.TB, b bus.Bus, set, member, value string, ttl time.Duration) {
	t.Helper()
	if err := b.Touch(t.Context(), set, member, []byte(value), ttl); err != nil {
		t.Fatal(err)
	}
}

func present(t testing.TB, b bus.Bus, set string) map[string][]byte {
	t.Helper()
	all, err := b.Present(t.Context(), set)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func testPresence(t *testing.T, b bus.Bus) {
	if all := present(t, b, "desk"); len(all) != 0 {
		t.Fatalf("a new set holds %v", all)
	}
	touch(t, b, "desk", "anna", "old", time.Hour)
	touch(t, b, "desk", "anna", "new\x00\xff", time.Hour)
	touch(t, b, "desk", "bert", "", time.Hour)
	touch(t, b, "other", "carl", "x", time.Hour)
	all := present(t, b, "desk")
	if len(all) != 2 || !bytes.Equal(all["anna"], []byte("new\x00\xff")) || len(all["bert"]) != 0 {
		t.Fatalf("present: %q", all)
	}
	if err := b.Leave(t.Context(), "desk", "anna"); err != nil {
		t.Fatal(err)
	}
	if err := b.Leave(t.Context(), "desk", "nobody"); err != nil {
		t.Fatal(err)
	}
	if all := present(t, b, "desk"); len(all) != 1 || all["anna"] != nil {
		t.Fatalf("after Leave: %q", all)
	}
}

func testExpiry(t *testing.T, b bus.Bus) {
	touch(t, b, "desk", "stays", "1", time.Hour)
	touch(t, b, "desk", "goes", "1", 50*time.Millisecond)
	deadline := time.Now().Add(Patience)
	for {
		all := present(t, b, "desk")
		if _, ok := all["stays"]; !ok {
			t.Fatal("a present member is gone")
		}
		if _, ok := all["goes"]; !ok {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("presence does not expire")
		}
	}
}

func testConcurrent(t *testing.T, b bus.Bus) {
	sub := Subscribe(t, b)
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			topic := fmt.Sprintf("x/%d", worker)
			for range 25 {
				err := errors.Join(
					sub.Add(t.Context(), topic),
					b.Publish(t.Context(), topic, []byte("1")),
					sub.Remove(t.Context(), topic),
					b.Touch(t.Context(), "desk", topic, nil, time.Hour),
				)
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	for range 8 * 25 { // of a cluster's shards each has an order of its own
		if m := Next(t, sub); m.Gap {
			t.Fatal("a gap without a loss")
		}
	}
}

// Serve runs b until the test ends and then closes it.
func Serve(t testing.TB, b bus.Bus) bus.Bus {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := b.Run(ctx); err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(func() {
		cancel()
		wg.Wait()
		b.Close()
	})
	return b
}
