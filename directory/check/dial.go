package check

import (
	"context"
	"net"
	"net/netip"
	"strconv"
	"syscall"
	"time"
)

const (
	dialTimeout = 5 * time.Second
	// maxAddresses is how many addresses of a name are tried.
	maxAddresses = 4
)

// dialer connects to what its rule allows.
type dialer struct {
	rule
	resolver *net.Resolver
}

// dial resolves a name once and connects to what came out of it, so that a name
// cannot be one address when it is looked at and another when it is used. A name
// with any address beyond the rule is refused as a whole.
func (d dialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	found, err := d.resolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, err
	}
	var all []netip.AddrPort
	for _, a := range found {
		at := netip.AddrPortFrom(a.Unmap(), uint16(n)) // resolvers write IPv4 as mapped IPv6
		if !d.address(at) {
			return nil, errRefused
		}
		all = append(all, at)
	}
	return d.first(ctx, network, all[:min(len(all), maxAddresses)])
}

// first connects to the first address that answers. Control looks once more at
// the address that the system is about to connect to.
func (d dialer) first(ctx context.Context, network string, all []netip.AddrPort) (conn net.Conn, err error) {
	err = errRefused
	plug := net.Dialer{ControlContext: d.control}
	for _, at := range all {
		if conn, err = plug.DialContext(ctx, network, at.String()); err == nil {
			return conn, nil
		}
	}
	return nil, err
}

func (d dialer) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !d.address(at) {
		return errRefused
	}
	return nil
}
