package seal

import (
	"crypto/pbkdf2"
	"crypto/sha256"

	"golang.org/x/text/unicode/norm"
)

// Iterations is the PBKDF2-SHA256 count for new passwords and the least that a
// client accepts from a server; MaxIterations keeps a hostile server from
// freezing a phone.
const (
	Iterations    = 600_000
	MaxIterations = 10_000_000
	SaltSize      = 16
)

// NewSalt makes a random salt for a password.
func NewSalt() Bytes { return random(SaltSize) }

// DerivePassword stretches a password (NFKC) into the secret that is sent to log
// in and the key that never leaves the device; neither tells anything about the
// other. It returns ErrIterations or ErrEncoding (salt length, empty password).
func DerivePassword(password string, salt []byte, iter int) (auth, kek []byte, err error) {
	if iter < Iterations || iter > MaxIterations {
		return nil, nil, ErrIterations
	}
	if len(salt) != SaltSize || password == "" {
		return nil, nil, ErrEncoding
	}
	secret, err := pbkdf2.Key(sha256.New, norm.NFKC.String(password), salt, iter, keySize)
	if err != nil {
		return nil, nil, err
	}
	return derive(secret, "bek1 auth"), derive(secret, "bek1 kek password"), nil
}

// PasskeySalt is what a passkey's PRF is evaluated on (eval.first).
func PasskeySalt() []byte {
	sum := sha256.Sum256([]byte("bek1 kek passkey"))
	return sum[:]
}

// PasskeyKEK derives the key from a passkey's 32-byte PRF output; ErrKey for
// another length.
func PasskeyKEK(prf, credentialID []byte) ([]byte, error) {
	if len(prf) != keySize {
		return nil, ErrKey
	}
	return deriveSalted(prf, credentialID, "bek1 kek passkey"), nil
}
