package seal

import (
	"log/slog"
	"strings"
)

// Code is a secret to write down: 26 random symbols of Crockford's base 32
// (130 bit) and a check symbol, shown XXXXX-XXXXX-XXXXX-XXXXX-XXXXXX-C. It serves
// as recovery code of staff and as return code of a seeker.
type Code struct{ symbols string }

const (
	codeAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	codeLength   = 26
)

// NewCode makes a random code.
func NewCode() Code {
	out := make([]byte, codeLength)
	for i, b := range random(codeLength) {
		out[i] = codeAlphabet[b&31]
	}
	return Code{string(out)}
}

// ParseCode reads a code as people type it: any case, O for 0, I and L for 1,
// spaces and dashes anywhere. It returns ErrCodeSymbol, ErrCodeLength or
// ErrCodeCheck.
func ParseCode(s string) (Code, error) {
	var out []byte
	for _, r := range s {
		if strings.ContainsRune(" -\u00a0\u2010\u2011\u2012\u2013\u2014\t\r\n", r) {
			continue
		}
		i := codeValue(r)
		if i < 0 {
			return Code{}, ErrCodeSymbol
		}
		if len(out) > codeLength {
			return Code{}, ErrCodeLength
		}
		out = append(out, codeAlphabet[i])
	}
	if len(out) != codeLength+1 {
		return Code{}, ErrCodeLength
	}
	c := Code{string(out[:codeLength])}
	if c.check() != out[codeLength] {
		return Code{}, ErrCodeCheck
	}
	return c, nil
}

func codeValue(r rune) int {
	if 'a' <= r && r <= 'z' {
		r -= 'a' - 'A'
	}
	switch r {
	case 'O':
		r = '0'
	case 'I', 'L':
		r = '1'
	}
	return strings.IndexRune(codeAlphabet, r)
}

// check is ISO 7064's hybrid scheme with M = 32: it finds every single wrong
// symbol and nearly every swap of neighbours.
func (c Code) check() byte {
	p := 32
	for i := range len(c.symbols) {
		p = (p + strings.IndexByte(codeAlphabet, c.symbols[i])) % 32
		if p == 0 {
			p = 32
		}
		p = p * 2 % 33
	}
	return codeAlphabet[(33-p)%32]
}

// Text is the form to show and to write down.
func (c Code) Text() string {
	s := c.symbols
	return strings.Join([]string{s[:5], s[5:10], s[10:15], s[15:20], s[20:], string(c.check())}, "-")
}

// LogValue keeps the code out of every log.
func (c Code) LogValue() slog.Value { return slog.StringValue("[code]") }

// String keeps the code out of every print; Text shows it.
func (c Code) String() string { return "[code]" }

// GoString keeps the code out of %#v.
func (c Code) GoString() string { return "[code]" }

// RecoveryAuth is what is sent to prove a recovery code; the server keeps its SHA-256.
func (c Code) RecoveryAuth() []byte { return derive([]byte(c.symbols), "bek1 auth recovery") }

// RecoveryKEK unlocks a KeyFile.
func (c Code) RecoveryKEK() []byte { return derive([]byte(c.symbols), "bek1 kek recovery") }

// ReturnAuth is what a returning seeker sends; the server keeps its SHA-256.
func (c Code) ReturnAuth() []byte { return derive([]byte(c.symbols), "bek1 return auth") }

// ReturnSeed gives the seeker's key pair by SeekerKey.
func (c Code) ReturnSeed() []byte { return derive([]byte(c.symbols), "bek1 return seed") }
