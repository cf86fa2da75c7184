package staff

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

const devicesMax = 5 // people who share one browser

// deviceOf returns the token in a device cookie that was issued to this account, or "".
func (s *Service) deviceOf(cookie string, account ID) string {
	if account.IsZero() || len(cookie) > devicesMax*44 {
		return ""
	}
	for token := range strings.SplitSeq(cookie, ".") {
		b, err := base64.RawURLEncoding.Strict().DecodeString(token)
		if err == nil && len(b) == 32 && hmac.Equal(b[16:], s.deviceMAC(account, b[:16])) {
			return token
		}
	}
	return ""
}

// rememberDevice returns the device cookie after a sign-in: the tokens it held, this account's first.
func (s *Service) rememberDevice(cookie string, account ID) string {
	token := s.deviceOf(cookie, account)
	if token == "" {
		id := make([]byte, 16)
		_, _ = rand.Read(id) // never fails
		token = base64.RawURLEncoding.EncodeToString(append(id, s.deviceMAC(account, id)...))
	}
	kept := []string{token}
	for old := range strings.SplitSeq(cookie, ".") {
		if _, err := ParseToken(old); err == nil && old != token && len(kept) < devicesMax {
			kept = append(kept, old)
		}
	}
	return strings.Join(kept, ".")
}

func (s *Service) deviceMAC(account ID, id []byte) []byte {
	mac := hmac.New(sha256.New, s.keys.device)
	writeField(mac, account.UUID[:])
	writeField(mac, id)
	return mac.Sum(nil)[:16]
}
