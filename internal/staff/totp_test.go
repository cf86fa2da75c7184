package staff

import (
	"encoding/base32"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

func decodeBase32(t *testing.T, s string) []byte {
	t.Helper()
	b, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(s)
	must(t, err)
	return b
}

// wrongCode is a code no clock shows near the right one, but for one chance in a million.
func wrongCode(code string) string {
	return strings.Map(func(r rune) rune { return '0' + (r-'0'+5)%10 }, code)
}

// The oracle is another implementation and the vectors of RFC 6238.
func TestTOTPCode(t *testing.T) {
	for unix, want := range map[int64]string{59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"} {
		if got := totpCode([]byte("12345678901234567890"), unix/30); got != want {
			t.Errorf("at %d: %s, want %s", unix, got, want)
		}
	}
	for range 50 {
		secret := random(20)
		at := time.Unix(int64(random(1)[0])<<20, 0)
		want, err := totp.GenerateCodeCustom(base32Secret(secret), at, totp.ValidateOpts{Period: 30, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		must(t, err)
		if got := totpCode(secret, at.Unix()/30); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestTOTPMatch(t *testing.T) {
	secret, now := random(20), time.Unix(1_800_000_000, 0)
	step := now.Unix() / 30
	for offset, want := range map[int64]bool{-2: false, -1: true, 0: true, 1: true, 2: false} {
		if _, ok := totpMatch(secret, totpCode(secret, step+offset), now, 0); ok != want {
			t.Errorf("step %+d: %t, want %t", offset, ok, want)
		}
	}
	if _, ok := totpMatch(secret, totpCode(secret, step), now, step); ok {
		t.Error("a spent step matched")
	}
}

func TestTOTPURI(t *testing.T) {
	secret := []byte("12345678901234567890")
	key, err := otp.NewKeyFromURL(totpURI(secret, "a+b@example.org"))
	must(t, err)
	if key.Secret() != base32Secret(secret) || key.AccountName() != "a+b@example.org" || key.Issuer() != "Lotse" || key.Period() != 30 {
		t.Errorf("an authenticator app reads %v", key)
	}
}

func FuzzParseTOTP(f *testing.F) {
	for _, s := range []string{"123456", "123 456", "", "12345", "1234567", "１２３４５６", "-12345", "12 34 56 "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		code, err := parseTOTP(s)
		if err == nil && (len(code) != 6 || strings.Trim(code, "0123456789") != "") {
			t.Errorf("%q became %q", s, code)
		}
	})
}
