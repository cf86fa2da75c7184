package web

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"sync"
	"time"
)

// finderSeal closes what a person has answered so far, so that it can travel
// in a hidden field from page to page: the server keeps nothing, and nobody who
// finds the page later can read or change it.
//
// There is a key for each day (UTC), which opens on that day and the next. It is
// derived from the server's secret, so that every node can open what another
// closed, and lives in memory alone.
type finderSeal struct {
	secret []byte
	now    func() time.Time

	mu   sync.Mutex
	keys map[string]cipher.AEAD // by day: today's and yesterday's
}

// maxSealed bounds a sealed field, in bytes.
const maxSealed = 48 << 10

// errSeal is all that is told about a field that does not open.
var errSeal = errors.New("the answers were changed or are too old")

// newFinderSeal returns a seal; without a secret it makes one that dies with the
// process.
func newFinderSeal(secret []byte, now func() time.Time) *finderSeal {
	if len(secret) == 0 {
		secret = make([]byte, 32)
		_, _ = rand.Read(secret) // never fails
	}
	return &finderSeal{secret: secret, now: now, keys: map[string]cipher.AEAD{}}
}

// day is the date so many days before now.
func (f *finderSeal) day(before int) string {
	return f.now().UTC().AddDate(0, 0, -before).Format(time.DateOnly)
}

// key returns the key of a day and forgets those that open nothing any more.
func (f *finderSeal) key(day string) cipher.AEAD {
	f.mu.Lock()
	defer f.mu.Unlock()
	if found, ok := f.keys[day]; ok {
		return found
	}
	for old := range f.keys {
		if old < f.day(1) {
			delete(f.keys, old)
		}
	}
	mac := hmac.New(sha256.New, f.secret)
	mac.Write([]byte("finder answers\x00" + day))
	block, err := aes.NewCipher(mac.Sum(nil))
	if err != nil {
		panic(err) // 32 bytes are a key
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // AES has the block size of GCM
	}
	f.keys[day] = aead
	return aead
}

// close seals plain as text for a form.
func (f *finderSeal) close(plain []byte) string {
	aead := f.key(f.day(0))
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(plain)+aead.Overhead())
	_, _ = rand.Read(nonce) // never fails
	return base64.RawURLEncoding.EncodeToString(aead.Seal(nonce, nonce, plain, nil))
}

// open returns what was sealed today or yesterday; errSeal otherwise.
func (f *finderSeal) open(sealed string) ([]byte, error) {
	if len(sealed) > maxSealed {
		return nil, errSeal
	}
	box, err := base64.RawURLEncoding.Strict().DecodeString(sealed)
	if err != nil {
		return nil, errSeal
	}
	for before := range 2 {
		aead := f.key(f.day(before))
		if len(box) < aead.NonceSize() {
			return nil, errSeal
		}
		if plain, err := aead.Open(nil, box[:aead.NonceSize()], box[aead.NonceSize():], nil); err == nil {
			return plain, nil
		}
	}
	return nil, errSeal
}
