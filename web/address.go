package web

import (
	"net/http"
	"net/netip"
	"strings"
)

// clientPrefix returns the network a request comes from: the IPv4 address or
// the IPv6 /64, since one household owns a whole /64. It is used in memory for
// rate limits, as the key of a keyed hash, and is never logged or stored.
//
// X-Forwarded-For is read from the right, and only as long as the hop that
// added an entry is a trusted proxy; what a client writes itself is not
// believed. The zero prefix stands for an address that cannot be read.
func (s *Server) clientPrefix(r *http.Request) netip.Prefix {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Prefix{}
	}
	return household(forwardedFor(peer.Addr(), r.Header.Values("X-Forwarded-For"), s.proxies))
}

// forwardedFor walks the hops from the server towards the client and returns
// the first that is no trusted proxy.
func forwardedFor(peer netip.Addr, headers []string, trusted []netip.Prefix) netip.Addr {
	hops := strings.Split(strings.Join(headers, ","), ",")
	addr := peer.Unmap().WithZone("")
	for i := len(hops) - 1; i >= 0 && contains(trusted, addr); i-- {
		next, err := parseHop(hops[i])
		if err != nil {
			return addr
		}
		addr = next
	}
	return addr
}

// parseHop reads one entry of X-Forwarded-For, with or without a port.
func parseHop(s string) (netip.Addr, error) {
	s = strings.TrimSpace(s)
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone(""), nil
	}
	addr, err := netip.ParseAddr(strings.Trim(s, "[]"))
	return addr.Unmap().WithZone(""), err
}

// contains reports whether one of the networks holds addr.
func contains(networks []netip.Prefix, addr netip.Addr) bool {
	for _, network := range networks {
		if network.Contains(addr) {
			return true
		}
	}
	return false
}

// household returns the network that one subscriber owns.
func household(addr netip.Addr) netip.Prefix {
	bits := 32
	if addr.Is6() {
		bits = 64
	}
	p, err := addr.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}
