package check

import (
	"net/netip"
	"net/url"
	"testing"
)

func TestOnlyPublicAddresses(t *testing.T) {
	for _, a := range []string{"8.8.8.8", "185.60.216.35", "2a00:1450:4001:82f::200e", "2606:4700::1111"} {
		if !Public(netip.MustParseAddr(a)) {
			t.Errorf("%s is public", a)
		}
	}
	for _, a := range []string{
		"0.0.0.0", "0.1.2.3", "127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
		"169.254.169.254", "169.254.170.2", "100.64.0.1", "100.100.100.200", "100.127.255.255", "192.0.0.192", "198.18.0.1",
		"192.0.2.1", "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b::8.8.8.8", "64:ff9b:1::1",
		"fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "2001::1", "2001:db8::1", "2002:7f00:1::1",
		"2002:a9fe:a9fe::", "3fff::1", "100::1", "2a00:1450:4001:82f::200e%1",
	} {
		if Public(netip.MustParseAddr(a)) {
			t.Errorf("%s is not public", a)
		}
	}
	if Public(netip.Addr{}) {
		t.Error("no address is public")
	}
}

func TestFormOfLinks(t *testing.T) {
	for link, want := range map[string]error{
		"https://beratung.example/":     nil,
		"http://beratung.example:80/x":  nil,
		"https://beratung.example:443":  nil,
		"https://beratung.example:8443": errForm,
		"http://beratung.example:22/":   errForm,
		"ftp://beratung.example/":       errForm,
		"file:///etc/passwd":            errForm,
		"gopher://beratung.example/":    errForm,
		"javascript:alert(1)":           errForm,
		"//beratung.example/":           errForm,
		"https:///x":                    errForm,
		"https://u:p@beratung.example/": errForm,
		"https://u@beratung.example/":   errForm,
		"http://127.0.0.1/":             errRefused,
		"http://[::1]/":                 errRefused,
		"http://169.254.169.254/latest": errRefused,
		"http://[::ffff:10.0.0.1]/":     errRefused,
		"http://10.0.0.1./":             errRefused,
		"https://8.8.8.8/":              nil,
	} {
		u, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		if got := public.checkURL(u); got != want {
			t.Errorf("%s: %v, want %v", link, got, want)
		}
	}
}
