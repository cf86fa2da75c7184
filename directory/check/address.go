package check

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
)

// refused are the blocks of IPv4 that lead to no public server (the registry of
// RFC 6890 and multicast).
var refused = prefixes("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
	"192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
	"198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4")

// global is what IPv6 gives to public servers, and refused6 what of it leads
// elsewhere: tunnels that carry an IPv4 address (Teredo, 6to4), documentation.
// Everything else is refused with it: loopback, unique local, link-local,
// multicast, mapped IPv4, and NAT64 (64:ff9b::/96, 64:ff9b:1::/48).
var (
	global   = netip.MustParsePrefix("2000::/3")
	refused6 = prefixes("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)

func prefixes(list ...string) (all []netip.Prefix) {
	for _, one := range list {
		all = append(all, netip.MustParsePrefix(one))
	}
	return all
}

// Public reports whether an address belongs to the public internet. An address
// that is IPv4 inside IPv6 is not public, whatever it maps to: no name of a
// public server resolves to one.
func Public(a netip.Addr) bool {
	if !a.IsValid() || a.Zone() != "" {
		return false
	}
	if a.Is4() {
		return !within(a, refused)
	}
	return global.Contains(a) && !within(a, refused6)
}

func within(a netip.Addr, list []netip.Prefix) bool {
	for _, p := range list {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// rule says where a prober may go. Only tests have one that is not public.
type rule struct {
	address func(netip.AddrPort) bool
	port    func(string) bool // as the URL writes it; empty is that of the scheme
}

var public = rule{
	address: func(a netip.AddrPort) bool { return Public(a.Addr()) && (a.Port() == 80 || a.Port() == 443) },
	port:    func(port string) bool { return port == "" || port == "80" || port == "443" },
}

// errRefused is the error for an address that the rule does not allow.
var errRefused = errors.New("the link leads to an address that is not public")

// errForm is the error for a link that is none, or that asks for more than a page.
var errForm = errors.New("the link is not one to a public page")

// checkURL reports whether the form of a link allows to ask for it.
func (r rule) checkURL(u *url.URL) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https", u.User != nil, u.Opaque != "", u.Hostname() == "", !r.port(u.Port()):
		return errForm
	}
	if a, err := netip.ParseAddr(strings.TrimSuffix(u.Hostname(), ".")); err == nil {
		port := uint16(443)
		if u.Scheme == "http" {
			port = 80
		}
		if own, err := netip.ParseAddrPort("0.0.0.0:" + u.Port()); err == nil {
			port = own.Port()
		}
		if !r.address(netip.AddrPortFrom(a, port)) {
			return errRefused
		}
	}
	return nil
}
