package seal

import (
	"bytes"
	"log/slog"
	"slices"
)

// Seeker is the sender name of the seeker; staff send under their KID string.
const Seeker = "seeker"

// MaxPlain is the largest plaintext in bytes: one byte of the largest bucket is
// the padding mark.
const MaxPlain = 16<<10 - 1

// buckets are the only lengths a padded plaintext can have.
var buckets = []int{256, 512, 1 << 10, 2 << 10, 4 << 10, 8 << 10, 16 << 10}

// RoomKey is the secret of one epoch. The zero value means "not known".
type RoomKey struct {
	Room   RoomID
	Epoch  uint32
	secret [keySize]byte
}

// IsZero reports whether the key is not known.
func (k RoomKey) IsZero() bool { return k.secret == [keySize]byte{} }

// LogValue keeps the secret out of every log.
func (k RoomKey) LogValue() slog.Value { return slog.StringValue("[room key]") }

// String keeps the secret out of every print.
func (k RoomKey) String() string { return "[room key]" }

// GoString keeps the secret out of %#v.
func (k RoomKey) GoString() string { return "[room key]" }

// Header is the metadata bound to a message: it travels in clear, and a message
// opens only under exactly the header it was sealed with (room and epoch come
// from the key). N counts this sender's messages in the room from 1 without gap;
// After is the last server seq the sender had seen.
type Header struct {
	Sender string
	ID     string
	N      uint32
	After  uint32
}

func (k RoomKey) messageKey(sender string) []byte {
	return derive(k.secret[:], "bek1 msg "+sender)
}

func (k RoomKey) messageAAD(h Header) []byte {
	return lp([]byte("bek1/msg"), k.Room[:], u32(k.Epoch), []byte(h.Sender), []byte(h.ID), u32(h.N), u32(h.After))
}

func (h Header) check() error {
	if h.Sender == "" || len(h.Sender) > 64 || h.ID == "" || len(h.ID) > 64 || h.N == 0 {
		return ErrEncoding
	}
	return nil
}

// Seal pads and encrypts plain: nonce(12)‖ciphertext‖tag(16). It returns
// ErrTooLong, ErrEncoding (unusable header) or ErrKey (unknown room key).
func (k RoomKey) Seal(h Header, plain []byte) (Bytes, error) {
	if k.IsZero() {
		return nil, ErrKey
	}
	if err := h.check(); err != nil {
		return nil, err
	}
	padded, err := pad(plain)
	if err != nil {
		return nil, err
	}
	return gcmSeal(k.messageKey(h.Sender), padded, k.messageAAD(h)), nil
}

// Open decrypts a body under exactly this header. It returns ErrTag, ErrPadding,
// ErrEncoding or ErrKey.
func (k RoomKey) Open(h Header, body []byte) ([]byte, error) {
	if k.IsZero() {
		return nil, ErrKey
	}
	if err := h.check(); err != nil {
		return nil, err
	}
	if !ValidBody(len(body)) {
		return nil, ErrEncoding
	}
	padded, err := gcmOpen(k.messageKey(h.Sender), body, k.messageAAD(h))
	if err != nil {
		return nil, err
	}
	return unpad(padded)
}

// ValidBody reports whether a body of n bytes has one of the bucket lengths; the
// server refuses every other length.
func ValidBody(n int) bool { return slices.Contains(buckets, n-nonceSize-tagSize) }

// pad is ISO/IEC 7816-4: 0x80, then zeros up to the smallest bucket that fits.
func pad(plain []byte) ([]byte, error) {
	for _, size := range buckets {
		if len(plain) < size {
			out := make([]byte, size)
			copy(out, plain)
			out[len(plain)] = 0x80
			return out, nil
		}
	}
	return nil, ErrTooLong
}

// unpad also insists on the smallest bucket, so that a length says nothing else.
func unpad(padded []byte) ([]byte, error) {
	plain := bytes.TrimRight(padded, "\x00")
	if len(plain) == 0 || plain[len(plain)-1] != 0x80 {
		return nil, ErrPadding
	}
	plain = plain[:len(plain)-1]
	if i := slices.Index(buckets, len(padded)); i > 0 && len(plain) < buckets[i-1] {
		return nil, ErrPadding
	}
	return plain, nil
}
