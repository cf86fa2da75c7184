package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
)

// Version is the value of v, Suite the value of suite, in every object. Suite 1
// is DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. There is no
// negotiation: an object with other values is refused with ErrVersion.
const (
	Version = 1
	Suite   = 1
)

const (
	pubSize   = 65 // uncompressed P-256 point
	keySize   = 32
	nonceSize = 12
	tagSize   = 16
	hpkeInfo  = "bek1"
)

func kem() hpke.KEM { return hpke.DHKEM(ecdh.P256()) }

// PrivateKey is an HPKE key pair of the suite, of a seeker or of staff.
type PrivateKey struct {
	key hpke.PrivateKey
	pub Bytes
	kid KID
	own []byte // a seeker's key for the own mark of epochs; nil for staff
}

// GenerateKey makes a fresh key pair.
func GenerateKey() (*PrivateKey, error) {
	k, err := kem().GenerateKey()
	if err != nil {
		return nil, err
	}
	return newPrivateKey(k), nil
}

// NewSeed makes the 32 random bytes that a seeker's tab keeps instead of a key.
func NewSeed() Bytes { return random(keySize) }

// SeekerKey derives the key pair of a seeker from a 32-byte seed (RFC 9180
// DeriveKeyPair); ErrKey for another length.
func SeekerKey(seed []byte) (*PrivateKey, error) {
	if len(seed) != keySize {
		return nil, ErrKey
	}
	k, err := kem().DeriveKeyPair(seed)
	if err != nil {
		return nil, ErrKey
	}
	key := newPrivateKey(k)
	key.own = derive(seed, "bek1 own")
	return key, nil
}

func newPrivateKey(k hpke.PrivateKey) *PrivateKey {
	pub := Bytes(k.PublicKey().Bytes())
	return &PrivateKey{key: k, pub: pub, kid: KIDOf(pub)}
}

// Public returns the public key, 65 bytes.
func (k *PrivateKey) Public() Bytes { return k.pub }

// KID returns the name of the key.
func (k *PrivateKey) KID() KID { return k.kid }

// KIDOf names a public KEM key: SHA-256(pub)[:16].
func KIDOf(pub []byte) KID {
	sum := sha256.Sum256(pub)
	return KID(sum[:16])
}

func checkPub(pub []byte) error {
	if len(pub) != pubSize {
		return ErrKey
	}
	if _, err := kem().NewPublicKey(pub); err != nil {
		return ErrKey
	}
	return nil
}

func hpkeSeal(pub, aad, plain []byte) (enc, ct []byte, err error) {
	pk, err := kem().NewPublicKey(pub)
	if err != nil {
		return nil, nil, ErrKey
	}
	enc, s, err := hpke.NewSender(pk, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(hpkeInfo))
	if err != nil {
		return nil, nil, err
	}
	ct, err = s.Seal(aad, plain)
	return enc, ct, err
}

func hpkeOpen(k *PrivateKey, enc, aad, ct []byte) ([]byte, error) {
	return openBase(k, []byte(hpkeInfo), enc, aad, ct)
}

func openBase(k *PrivateKey, info, enc, aad, ct []byte) ([]byte, error) {
	r, err := hpke.NewRecipient(enc, k.key, hpke.HKDFSHA256(), hpke.AES256GCM(), info)
	if err != nil {
		return nil, ErrTag
	}
	plain, err := r.Open(aad, ct)
	if err != nil {
		return nil, ErrTag
	}
	return plain, nil
}

// derive is HKDF-SHA256 with an empty salt and 32 bytes of output.
func derive(secret []byte, info string) []byte { return deriveSalted(secret, nil, info) }

func deriveSalted(secret, salt []byte, info string) []byte {
	out, err := hkdf.Key(sha256.New, secret, salt, info, keySize)
	if err != nil {
		panic(err) // 32 bytes are always within HKDF's limit
	}
	return out
}

func mac(key []byte, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

// gcmSeal returns nonce‖ciphertext‖tag with a fresh random nonce.
func gcmSeal(key, plain, aad []byte) []byte {
	nonce := random(nonceSize)
	return gcm(key).Seal(nonce, nonce, plain, aad)
}

func gcmOpen(key, box, aad []byte) ([]byte, error) {
	if len(box) < nonceSize+tagSize {
		return nil, ErrTag
	}
	plain, err := gcm(key).Open(nil, box[:nonceSize], box[nonceSize:], aad)
	if err != nil {
		return nil, ErrTag
	}
	return plain, nil
}

func gcm(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // keys are 32 bytes by construction
	}
	a, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return a
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails since Go 1.24
	return b
}
