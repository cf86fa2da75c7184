package staff

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"lotse/internal/fault"
)

// TOTP as every authenticator app understands it (RFC 6238): SHA-1, 30 seconds, six digits.
const (
	totpStep   = 30 * time.Second
	totpDigits = 6
	totpSkew   = 1 // steps the clocks may differ
	totpIssuer = "Lotse"
)

// parseTOTP takes six digits, with the spaces people type; its error is fault.Invalid (invalid_totp).
func parseTOTP(s string) (string, error) {
	code := strings.ReplaceAll(strings.TrimSpace(s), " ", "")
	if len(s) > 16 || len(code) != totpDigits || strings.Trim(code, "0123456789") != "" {
		return "", fault.New(fault.Invalid, "invalid_totp")
	}
	return code, nil
}

// totpCode is the code of one time step.
func totpCode(secret []byte, step int64) string {
	mac := hmac.New(sha1.New, secret)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(step)))
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	n := binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff
	return fmt.Sprintf("%06d", n%1_000_000)
}

// totpMatch finds the time step of a code near now that is later than last; a code is good only once.
func totpMatch(secret []byte, code string, now time.Time, last int64) (step int64, ok bool) {
	at := now.Unix() / int64(totpStep/time.Second)
	for s := at - totpSkew; s <= at+totpSkew; s++ {
		same := subtle.ConstantTimeCompare([]byte(totpCode(secret, s)), []byte(code)) == 1
		if same && s > last {
			step, ok = s, true
		}
	}
	return step, ok
}

// totpURI is what the QR code for the authenticator app holds.
func totpURI(secret []byte, email Email) string {
	q := url.Values{"secret": {base32Secret(secret)}, "issuer": {totpIssuer}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {"30"}}
	return "otpauth://totp/" + url.PathEscape(totpIssuer+":"+email.Reveal()) + "?" + q.Encode()
}

func base32Secret(secret []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}

// sealTOTP encrypts a TOTP secret for the database, bound to its account.
func (s *Service) sealTOTP(account ID, secret []byte) []byte {
	return s.totpAEAD().Seal(nil, nil, secret, account.UUID[:])
}

func (s *Service) openTOTP(account ID, box []byte) ([]byte, error) {
	secret, err := s.totpAEAD().Open(nil, nil, box, account.UUID[:])
	if err != nil {
		return nil, errors.New("a stored TOTP secret cannot be opened: was the server's secret replaced?")
	}
	return secret, nil
}

func (s *Service) totpAEAD() cipher.AEAD {
	block, err := aes.NewCipher(s.keys.totp)
	if err != nil {
		panic(err) // the key has 32 bytes by construction
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err)
	}
	return aead
}
