package check

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// site is a real web server that the rule of the test allows, and nothing beside it.
func site(t *testing.T, h http.HandlerFunc) (*Prober, *httptest.Server) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return newProber("https://lotse.example", only(server), net.DefaultResolver, 0), server
}

// only allows the address of one server.
func only(server *httptest.Server) rule {
	own := netip.MustParseAddrPort(server.Listener.Addr().String())
	return rule{
		address: func(a netip.AddrPort) bool { return a == own || public.address(a) },
		port:    func(string) bool { return true },
	}
}

func TestAnswersAreJudged(t *testing.T) {
	var heads, gets atomic.Int32
	p, server := site(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		if r.Method == http.MethodHead {
			heads.Add(1)
		} else {
			gets.Add(1)
		}
		switch r.URL.Path {
		case "/gone":
			w.WriteHeader(http.StatusGone)
		case "/missing":
			http.NotFound(w, r)
		case "/broken":
			w.WriteHeader(http.StatusInternalServerError)
		case "/forbidden":
			w.WriteHeader(http.StatusForbidden)
		case "/busy":
			w.WriteHeader(http.StatusTooManyRequests)
		case "/no-head":
			if r.Method == http.MethodHead {
				w.WriteHeader(http.StatusMethodNotAllowed)
			}
		case "/circle":
			http.Redirect(w, r, "/circle", http.StatusFound)
		case "/moved":
			http.Redirect(w, r, "/", http.StatusMovedPermanently)
		}
	})
	for path, want := range map[string]Reason{
		"/": Fine, "/moved": Fine, "/no-head": Fine, "/forbidden": Fine, "/busy": Fine,
		"/gone": Missing, "/missing": Missing, "/broken": ServerError, "/circle": Circle,
	} {
		if got := p.Try(t.Context(), server.URL+path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	if heads.Load() == 0 || gets.Load() == 0 {
		t.Errorf("%d HEAD, %d GET", heads.Load(), gets.Load())
	}
}

func TestWhatARequestTells(t *testing.T) {
	var mu sync.Mutex
	var seen []*http.Request
	p, server := site(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		seen = append(seen, r)
		mu.Unlock()
		http.SetCookie(w, &http.Cookie{Name: "track", Value: "1"})
		if r.URL.Path == "/a" {
			http.Redirect(w, r, "/b", http.StatusFound)
		}
	})
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	if got := p.Try(t.Context(), server.URL+"/a"); got != Fine {
		t.Fatal(got)
	}
	if got := p.Try(t.Context(), server.URL+"/b"); got != Fine {
		t.Fatal(got)
	}
	for _, r := range seen {
		if r.Header.Get("Cookie") != "" || r.Header.Get("Referer") != "" || r.Header.Get("Authorization") != "" {
			t.Errorf("%s %s tells %v", r.Method, r.URL, r.Header)
		}
		if got := r.UserAgent(); got != "LotseLinkCheck/1 (+https://lotse.example)" {
			t.Errorf("user agent %q", got)
		}
	}
}

// A page without an end is read for a few kilobytes.
func TestOnlyTheBeginningIsRead(t *testing.T) {
	var sent atomic.Int64
	done := make(chan struct{})
	p, server := site(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		if r.URL.Path != "/endless" {
			return
		}
		defer close(done)
		block := []byte(strings.Repeat("x", 64<<10))
		for r.Context().Err() == nil {
			n, err := w.Write(block)
			if sent.Add(int64(n)); err != nil || sent.Load() > 256<<20 {
				return
			}
		}
	})
	if got := p.Try(t.Context(), server.URL+"/endless"); got != Fine {
		t.Fatal(got)
	}
	<-done
	if sent.Load() > 64<<20 {
		t.Errorf("%d bytes were taken", sent.Load())
	}
}

func TestRedirectsToTheInsideAreRefused(t *testing.T) {
	secret, asked := inside(t)
	_, port, _ := net.SplitHostPort(secret.Listener.Addr().String())
	var target string
	p, server := site(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/out" {
			w.Header().Set("Location", target)
			w.WriteHeader(http.StatusFound)
		}
	})
	for _, target = range []string{
		"http://127.0.0.1:" + port + "/", "http://localhost:" + port + "/", "http://[::1]:" + port + "/", "http://[::ffff:127.0.0.1]:" + port + "/",
		"http://0.0.0.0:" + port + "/", "http://169.254.169.254/latest/meta-data/", "http://[fd00:ec2::254]/", "http://10.0.0.1/",
		"http://192.168.0.1/", "http://100.64.0.1/", "http://[64:ff9b::7f00:1]/", "http://224.0.0.1/",
	} {
		if got := p.Try(t.Context(), server.URL+"/out"); got != Internal {
			t.Errorf("%s: %q", target, got)
		}
	}
	for _, target = range []string{"file:///etc/passwd", "gopher://127.0.0.1:" + port + "/", "http://user:pass@8.8.8.8/"} {
		if got := p.Try(t.Context(), server.URL+"/out"); got != NoForm {
			t.Errorf("%s: %q", target, got)
		}
	}
	if n := asked.Load(); n != 0 {
		t.Errorf("the inside was asked %d times", n)
	}
}

// inside is a server that nobody outside may reach.
func inside(t *testing.T) (*httptest.Server, *atomic.Int32) {
	t.Helper()
	asked := &atomic.Int32{}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			asked.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	return server, asked
}

func TestPublicRuleRefusesTheOwnMachine(t *testing.T) {
	server, asked := inside(t)
	p := NewProber("")
	for _, link := range []string{server.URL, "http://127.0.0.1/", "http://localhost/", "http://[::1]/", "http://0.0.0.0/", "http://169.254.169.254/"} {
		if got := p.Try(t.Context(), link); got != Internal && got != NoForm {
			t.Errorf("%s: %q", link, got)
		}
	}
	if n := asked.Load(); n != 0 {
		t.Errorf("asked %d times", n)
	}
}

// A name that is the allowed server at first and the inside afterwards: each
// connection looks at what it connects to.
func TestNameThatChangesItsAddress(t *testing.T) {
	var served atomic.Int32
	outside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		served.Add(1)
		w.WriteHeader(http.StatusMethodNotAllowed) // so that the prober comes again
	}))
	defer outside.Close()
	_, port, _ := net.SplitHostPort(outside.Listener.Addr().String())
	listener, err := net.Listen("tcp", "127.0.0.2:"+port)
	if err != nil {
		t.Fatal(err)
	}
	var reached atomic.Int32
	rebound := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) })}
	go rebound.Serve(listener)
	defer rebound.Close()

	// robots.txt and HEAD reach the outside; GET comes after the name has changed.
	names := nameServer(t, [][]string{{"127.0.0.1"}, {"127.0.0.1"}, {"127.0.0.2"}})
	p := newProber("", only(outside), names, 0)
	if got := p.Try(t.Context(), "http://rebind.example:"+port+"/"); got != Internal {
		t.Errorf("got %q", got)
	}
	if served.Load() != 2 || reached.Load() != 0 {
		t.Errorf("outside asked %d times, inside %d times", served.Load(), reached.Load())
	}
}

// A name with a good and a bad address is refused, whichever comes first.
func TestNameWithABadAddressIsRefused(t *testing.T) {
	outside, asked := inside(t)
	_, port, _ := net.SplitHostPort(outside.Listener.Addr().String())
	for _, answer := range [][]string{{"127.0.0.1", "10.0.0.1"}, {"169.254.169.254", "127.0.0.1"}} {
		p := newProber("", only(outside), nameServer(t, [][]string{answer}), 0)
		if got := p.Try(t.Context(), "http://mixed.example:"+port+"/"); got != Internal {
			t.Errorf("%v: got %q", answer, got)
		}
	}
	if asked.Load() != 0 {
		t.Errorf("asked %d times", asked.Load())
	}
}

func TestUnknownNameAndSilentPort(t *testing.T) {
	server, _ := inside(t)
	r := only(server)
	server.Close()
	p := newProber("", r, nameServer(t, [][]string{{}}), 0)
	if got := p.Try(t.Context(), server.URL+"/"); got != NoAnswer {
		t.Errorf("silent port: %q", got)
	}
	if got := p.Try(t.Context(), "http://nobody.example/"); got != NoName {
		t.Errorf("unknown name: %q", got)
	}
}

func TestCertificateIsLookedAt(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.StartTLS()
	defer server.Close()
	p := newProber("", only(server), net.DefaultResolver, 0)
	if got := p.Try(t.Context(), server.URL); got != Untrusted {
		t.Errorf("got %q", got)
	}
}

// nameServer is a resolver that asks a name server of the test. Each address look-up
// (IPv4) takes the next answer; the last one stays. No answer: no such name.
func nameServer(t *testing.T, answers [][]string) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			var query dnsmessage.Message
			if query.Unpack(buf[:n]) != nil || len(query.Questions) != 1 {
				continue
			}
			answer := dnsmessage.Message{Header: dnsmessage.Header{ID: query.ID, Response: true, Authoritative: true}, Questions: query.Questions}
			ips := answers[0]
			if query.Questions[0].Type == dnsmessage.TypeA {
				if len(answers) > 1 {
					answers = answers[1:]
				}
				for _, ip := range ips {
					answer.Answers = append(answer.Answers, dnsmessage.Resource{
						Header: dnsmessage.ResourceHeader{Name: query.Questions[0].Name, Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET},
						Body:   &dnsmessage.AResource{A: netip.MustParseAddr(ip).As4()},
					})
				}
			}
			if len(ips) == 0 {
				answer.RCode = dnsmessage.RCodeNameError
			}
			if packed, err := answer.Pack(); err == nil {
				conn.WriteTo(packed, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}
