package check

import (
	"net/mail"
	"strings"
)

// Mail reports whether an address of electronic mail has the form of one that can
// be reached: one address, with a domain of two parts and more.
func Mail(address string) bool {
	a, err := mail.ParseAddress(address)
	if err != nil || strings.ContainsFunc(address, endsHeader) || a.Address != address || len(address) > 254 {
		return false
	}
	_, domain, _ := strings.Cut(address, "@")
	name, top := domain[:max(0, strings.LastIndex(domain, "."))], domain[strings.LastIndex(domain, ".")+1:]
	return name != "" && len(top) >= 2 && strings.Trim(top, "0123456789") != "" && !strings.Contains(domain, "..") && !strings.HasPrefix(domain, ".")
}

// endsHeader reports whether a letter could end a header of a mail or begin another
// address in it.
func endsHeader(r rune) bool { return r <= ' ' || r == 127 || strings.ContainsRune(`<>(),;:\"[]`, r) }
