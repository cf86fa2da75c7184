package web

import (
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

// proxies are a reverse proxy on the same host and a load balancer before it.
var proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/24"), netip.MustParsePrefix("fd00::/8")}

func TestClientPrefix(t *testing.T) {
	for _, c := range []struct{ name, peer, header, want string }{
		{"direct", "203.0.113.9:1234", "", "203.0.113.9/32"},
		{"direct, IPv6 is a household", "[2001:db8:1:2:3::4]:1", "", "2001:db8:1:2::/64"},
		{"a client that lies", "203.0.113.9:1", "198.51.100.1", "203.0.113.9/32"},
		{"through the proxy", "127.0.0.1:1", "198.51.100.1", "198.51.100.1/32"},
		{"through two proxies", "127.0.0.1:1", "198.51.100.1, 10.0.0.7", "198.51.100.1/32"},
		{"a client that lies to the proxy", "127.0.0.1:1", "1.2.3.4, 198.51.100.1", "198.51.100.1/32"},
		{"a client that plays a proxy", "127.0.0.1:1", "1.2.3.4, 10.0.0.7, 198.51.100.1", "198.51.100.1/32"},
		{"with ports", "127.0.0.1:1", "198.51.100.1:5555", "198.51.100.1/32"},
		{"IPv6 with port", "127.0.0.1:1", "[2001:db8::1]:5555", "2001:db8::/64"},
		{"IPv6 in brackets", "127.0.0.1:1", "[2001:db8::1]", "2001:db8::/64"},
		{"IPv4 in IPv6", "[::ffff:127.0.0.1]:1", "::ffff:198.51.100.1", "198.51.100.1/32"},
		{"nonsense stops the walk", "127.0.0.1:1", "198.51.100.1, unknown", "127.0.0.1/32"},
		{"an empty header", "127.0.0.1:1", "", "127.0.0.1/32"},
		{"only proxies", "127.0.0.1:1", "10.0.0.1, 10.0.0.2", "10.0.0.1/32"},
	} {
		s := &Server{proxies: proxies}
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.peer
		if c.header != "" {
			r.Header.Set("X-Forwarded-For", c.header)
		}
		if got := s.clientPrefix(r).String(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestUnreadablePeerHasNoPrefix(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = "@"
	if got := (&Server{}).clientPrefix(r); got.IsValid() {
		t.Errorf("got %s", got)
	}
}

func TestForwardedIsIgnoredWithoutTrustedProxies(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = "127.0.0.1:1"
	r.Header.Set("X-Forwarded-For", "198.51.100.1")
	if got := (&Server{}).clientPrefix(r).String(); got != "127.0.0.1/32" {
		t.Errorf("got %s", got)
	}
}

// FuzzForwardedFor holds that whatever a client writes in front, the address
// that the trusted proxy added last decides.
func FuzzForwardedFor(f *testing.F) {
	for _, seed := range []string{"", "1.2.3.4", "::1, 127.0.0.1", "[::1]:99999", "fe80::1%eth0", ",,,", "10.0.0.1,\t10.0.0.2", "0x7f.1"} {
		f.Add(seed)
	}
	peer, client := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("198.51.100.7")
	f.Fuzz(func(t *testing.T, header string) {
		if got := forwardedFor(peer, []string{header + ", 198.51.100.7"}, proxies); got != client {
			t.Errorf("%q: %s", header, got)
		}
		got := forwardedFor(peer, strings.Split(header, "\n"), proxies)
		if !got.IsValid() || got.Zone() != "" || got.Is4In6() {
			t.Errorf("%q alone: %s", header, got)
		}
		household(got)
	})
}
