package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Bytes is binary data; in JSON it is base64url without padding.
type Bytes []byte

// KID names a key pair: the first 16 bytes of SHA-256 of its public KEM key.
type KID [16]byte

// RoomID names a room: 16 random bytes made in the seeker's browser.
type RoomID [16]byte

// Hash is a SHA-256 value. The zero Hash means "none".
type Hash [32]byte

// MarshalText writes base64url without padding.
func (b Bytes) MarshalText() ([]byte, error) { return []byte(encode64(b)), nil }

// String writes base64url without padding.
func (b Bytes) String() string { return encode64(b) }

// UnmarshalText reads strict base64url without padding; ErrEncoding otherwise.
func (b *Bytes) UnmarshalText(text []byte) (err error) { *b, err = decode64(string(text)); return err }

// String writes base64url, 22 characters; it is also the sender name of staff.
func (k KID) String() string { return encode64(k[:]) }

// MarshalText writes base64url without padding.
func (k KID) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (k *KID) UnmarshalText(text []byte) error { return decodeInto(k[:], string(text)) }

// ParseKID reads a key id; ErrEncoding otherwise.
func ParseKID(s string) (k KID, err error) { err = decodeInto(k[:], s); return k, err }

// String writes base64url, 22 characters.
func (r RoomID) String() string { return encode64(r[:]) }

// MarshalText writes base64url without padding.
func (r RoomID) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (r *RoomID) UnmarshalText(text []byte) error { return decodeInto(r[:], string(text)) }

// ParseRoomID reads a room id; ErrEncoding otherwise.
func ParseRoomID(s string) (r RoomID, err error) { err = decodeInto(r[:], s); return r, err }

// String writes base64url, 43 characters, or "" for the zero Hash.
func (h Hash) String() string {
	if h.IsZero() {
		return ""
	}
	return encode64(h[:])
}

// IsZero reports whether the hash means "none"; it also serves JSON omitzero.
func (h Hash) IsZero() bool { return h == Hash{} }

// MarshalText writes base64url without padding, or nothing for the zero Hash.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (h *Hash) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*h = Hash{}
		return nil
	}
	return decodeInto(h[:], string(text))
}

// ParseHash reads a hash; ErrEncoding otherwise.
func ParseHash(s string) (h Hash, err error) { err = h.UnmarshalText([]byte(s)); return h, err }

func encode64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// decode64 refuses what encoding/base64 tolerates: line breaks and loose last bits.
func decode64(s string) ([]byte, error) {
	if strings.ContainsAny(s, "\r\n") {
		return nil, ErrEncoding
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil {
		return nil, ErrEncoding
	}
	return b, nil
}

func decodeInto(dst []byte, s string) error {
	b, err := decode64(s)
	if err != nil || len(b) != len(dst) {
		return ErrEncoding
	}
	copy(dst, b)
	return nil
}

// lp is the one canonical encoding: each field as u32be length and bytes.
func lp(fields ...[]byte) []byte {
	size := 0
	for _, f := range fields {
		size += 4 + len(f)
	}
	out := make([]byte, 0, size)
	for _, f := range fields {
		out = binary.BigEndian.AppendUint32(out, uint32(len(f)))
		out = append(out, f...)
	}
	return out
}

func u32(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

func hashOf(b []byte) Hash { return sha256.Sum256(b) }

// parseStrict decodes exactly one JSON value without unknown fields into v.
func parseStrict(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("%w: %w", ErrEncoding, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return ErrEncoding
	}
	return nil
}
