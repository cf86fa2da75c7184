package staff

import (
	"log/slog"
	"strings"

	"golang.org/x/net/idna"

	"lotse/internal/fault"
)

// Email is a normalised address: lower case, the domain in its ASCII form. Neither fmt nor slog prints it.
type Email string

const atext = "abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-/=?^_`{|}~."

// ParseEmail normalises an address; its error is fault.Invalid with code "invalid_email". Quoted local parts,
// comments and address literals are refused: no staff mailbox needs them, and they make one person two accounts.
func ParseEmail(s string) (Email, error) {
	local, domain, ok := strings.Cut(strings.TrimSpace(s), "@")
	local = strings.ToLower(local)
	if !ok || len(s) > 320 || !validLocal(local) {
		return "", fault.New(fault.Invalid, "invalid_email")
	}
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil || !validDomain(ascii) {
		return "", fault.New(fault.Invalid, "invalid_email")
	}
	// Some labels encode to what does not decode again; such an address would have two spellings.
	if again, err := idna.Lookup.ToASCII(ascii); err != nil || again != ascii {
		return "", fault.New(fault.Invalid, "invalid_email")
	}
	return Email(local + "@" + ascii), nil
}

func validLocal(s string) bool {
	if s == "" || len(s) > 64 || s[0] == '.' || s[len(s)-1] == '.' || strings.Contains(s, "..") {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return !strings.ContainsRune(atext, r) })
}

func validDomain(s string) bool {
	if len(s) > 253 || !strings.Contains(s, ".") {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r != '.' && r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z')
	})
}

// Reveal returns the address itself, for the pages of its owner and the provider's admin.
func (e Email) Reveal() string { return string(e) }

// String hides the address.
func (Email) String() string { return "[email]" }

// GoString hides the address from %#v.
func (Email) GoString() string { return "[email]" }

// LogValue hides the address from slog.
func (Email) LogValue() slog.Value { return slog.StringValue("[email]") }
