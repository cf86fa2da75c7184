package staff

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"log/slog"

	"lotse/internal/fault"
)

// Token is a 256-bit bearer secret in 43 characters of unpadded base64url. Only its SHA-256 is ever stored, and
// neither fmt nor slog prints it.
type Token string

// NewToken draws a token from crypto/rand.
func NewToken() Token {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return Token(base64.RawURLEncoding.EncodeToString(b[:]))
}

// ParseToken checks the form of a token; its error is fault.Invalid with code "invalid_token".
func ParseToken(s string) (Token, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != 32 || len(s) != 43 {
		return "", fault.New(fault.Invalid, "invalid_token")
	}
	return Token(s), nil
}

// hash is what the database keeps of a token.
func (t Token) hash() []byte {
	sum := sha256.Sum256([]byte(t))
	return sum[:]
}

// Reveal returns the token itself, for the one place that hands it to its owner.
func (t Token) Reveal() string { return string(t) }

// String hides the token.
func (Token) String() string { return "[token]" }

// GoString hides the token from %#v.
func (Token) GoString() string { return "[token]" }

// LogValue hides the token from slog.
func (Token) LogValue() slog.Value { return slog.StringValue("[token]") }

// Secret is bytes that must not be printed, such as an auth secret.
type Secret []byte

// String hides the secret.
func (Secret) String() string { return "[secret]" }

// GoString hides the secret from %#v.
func (Secret) GoString() string { return "[secret]" }

// LogValue hides the secret from slog.
func (Secret) LogValue() slog.Value { return slog.StringValue("[secret]") }
