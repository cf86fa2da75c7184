package bus_test

import (
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"lotse/internal/bus"
	"lotse/internal/bus/bustest"
	"lotse/internal/testenv"
)

// awaitGap reads until a Gap arrives.
func awaitGap(t *testing.T, sub bus.Subscription) {
	t.Helper()
	for !bustest.Next(t, sub).Gap {
	}
}

// awaitHint publishes on topic until the hint arrives; before that only Gaps may.
func awaitHint(t *testing.T, b bus.Bus, sub bus.Subscription, topic string) {
	t.Helper()
	deadline := time.Now().Add(bustest.Patience)
	for time.Now().Before(deadline) {
		_ = b.Publish(t.Context(), topic, []byte("hint")) // fails while Redis is away
		select {
		case m := <-sub.C():
			if m.Topic == topic {
				return
			}
			if !m.Gap {
				t.Fatalf("unexpected %+v", m)
			}
		case <-time.After(20 * time.Millisecond):
		}
	}
	t.Fatal("no hint arrives")
}

func TestNodesHearEachOther(t *testing.T) {
	shared := testenv.Redis(t)
	one, two := testenv.RedisBus(t, shared), testenv.RedisBus(t, shared)
	other := testenv.RedisBus(t, testenv.Redis(t))
	sub, deaf := bustest.Subscribe(t, two, "x"), bustest.Subscribe(t, other, "x", "end")
	if err := one.Publish(t.Context(), "x", []byte("hello")); err != nil {
		t.Fatal(err)
	}
	if m := bustest.Next(t, sub); string(m.Payload) != "hello" {
		t.Errorf("got %+v", m)
	}
	if err := one.Touch(t.Context(), "desk", "anna", []byte("1"), time.Hour); err != nil {
		t.Fatal(err)
	}
	if all, err := two.Present(t.Context(), "desk"); err != nil || string(all["anna"]) != "1" {
		t.Errorf("present on the other node: %v %v", all, err)
	}
	if err := other.Publish(t.Context(), "end", nil); err != nil {
		t.Fatal(err)
	}
	if m := bustest.Next(t, deaf); m.Topic != "end" {
		t.Errorf("another prefix hears %+v", m)
	}
}

func TestRestartIsAGap(t *testing.T) {
	server := testenv.NewRedisServer(t)
	b := testenv.RedisBus(t, server.URL)
	sub := bustest.Subscribe(t, b, "x")
	server.Stop(t)
	awaitGap(t, sub) // at the loss, so that the receiver lives from the database
	if err := b.Ping(t.Context()); err == nil {
		t.Error("Ping of a stopped server")
	}
	if err := sub.Add(t.Context(), "added while away"); err != nil {
		t.Errorf("Add while Redis is away: %v", err)
	}
	server.Start(t)
	awaitHint(t, b, sub, "added while away")
	awaitHint(t, b, sub, "x")
}

// Between the Gap of a reconnection and the hints after it nothing is missing:
// whoever reads the database at the Gap hears of every later change.
func TestNothingIsMissingAfterTheGap(t *testing.T) {
	server := testenv.NewRedisServer(t)
	b := testenv.RedisBus(t, server.URL)
	sub := bustest.Subscribe(t, b, "x", "y")
	server.Stop(t)
	awaitGap(t, sub)
	server.Start(t)
	var wg sync.WaitGroup
	defer wg.Wait()
	stop := make(chan struct{})
	defer close(stop)
	wg.Go(func() { count(t, b, stop) })
	const enough = 500
	for run, last := 0, 0; run < enough; {
		m := bustest.Next(t, sub)
		if m.Gap {
			run = 0
			continue
		}
		n, err := strconv.Atoi(string(m.Payload))
		if err != nil || (run > 0 && n > last+1) {
			t.Fatalf("after %d came %q", last, m.Payload)
		}
		run, last = run+1, n
	}
}

// count publishes 0, 1, 2 … on x and y in turn; a number that may not have
// gone out is sent again.
func count(t *testing.T, b bus.Bus, stop <-chan struct{}) {
	topics := []string{"x", "y"}
	for n := 0; ; {
		select {
		case <-stop:
			return
		default:
		}
		if b.Publish(t.Context(), topics[n%2], []byte(strconv.Itoa(n))) == nil {
			n++
		}
	}
}

func TestSubscribeWhileAway(t *testing.T) {
	server := testenv.NewRedisServer(t)
	b := testenv.RedisBus(t, server.URL)
	server.Stop(t)
	sub := bustest.Subscribe(t, b, "x")
	server.Start(t)
	awaitGap(t, sub)
	awaitHint(t, b, sub, "x")
}

// A connection that dies without a word is noticed by asking.
func TestSilentConnectionIsAGap(t *testing.T) {
	server := testenv.NewRedisServer(t)
	wire := newWire(t, server.URL)
	b := testenv.RedisBus(t, wire.url)
	b.SetSilence(100 * time.Millisecond)
	sub := bustest.Subscribe(t, b, "x")
	wire.cut()
	awaitGap(t, sub)
	wire.mend()
	awaitHint(t, b, sub, "x")
}

func TestIdleConnectionIsNoGap(t *testing.T) {
	b := testenv.RedisBus(t, testenv.Redis(t))
	b.SetSilence(20 * time.Millisecond)
	sub := bustest.Subscribe(t, b, "x")
	for range 10 {
		select {
		case m := <-sub.C():
			t.Fatalf("an idle connection brings %+v", m)
		case <-time.After(30 * time.Millisecond):
		}
	}
	awaitHint(t, b, sub, "x")
}

func TestMalformedURL(t *testing.T) {
	for _, bad := range []string{"redis://%zz", "http://x", "redis://u:geheim@h:1/x", "redis://h?unknown=1", "redis://h?cluster=maybe"} {
		_, err := bus.NewRedis(bad, testenv.Log(t))
		if err == nil {
			t.Errorf("%s is accepted", bad)
		} else if strings.Contains(err.Error(), "geheim") {
			t.Errorf("the error tells the password: %v", err)
		}
	}
}

// wire is a TCP relay that can fall silent without closing anything.
type wire struct {
	url, to string
	mu      sync.Mutex
	silent  bool
}

func newWire(t *testing.T, to string) *wire {
	t.Helper()
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{url: "redis://" + l.Addr().String(), to: u.Host}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { w.relay(conn) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		wg.Wait()
	})
	return w
}

func (w *wire) relay(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", w.to)
	if err != nil {
		return
	}
	go func() {
		defer server.Close()
		_, _ = io.Copy(w.through(server), client)
	}()
	_, _ = io.Copy(w.through(client), server)
}

// through drops what is written while the wire is silent; a connection that
// lost something stays silent.
func (w *wire) through(to io.Writer) io.Writer {
	dead := false
	return writerFunc(func(p []byte) (int, error) {
		w.mu.Lock()
		dead = dead || w.silent
		w.mu.Unlock()
		if dead {
			return len(p), nil
		}
		return to.Write(p)
	})
}

func (w *wire) set(silent bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.silent = silent
}

func (w *wire) cut()  { w.set(true) }
func (w *wire) mend() { w.set(false) }

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
