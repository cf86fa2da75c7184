package seal

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"slices"
)

// The kinds of key wraps.
const (
	WrapPassword = "password"
	WrapPasskey  = "passkey"
	WrapRecovery = "recovery"
)

// KeyWrap is the user master key under one way to unlock. ID is the credential id
// (base64url) of a passkey and empty otherwise.
type KeyWrap struct {
	Kind string `json:"kind"`
	ID   string `json:"id,omitempty"`
	CT   Bytes  `json:"ct"` // nonce‖AES-256-GCM(KEK, UMK)
}

// KeyFile is what the server keeps of a person's keys: public keys, private keys
// under the user master key, and that key under each way to unlock.
type KeyFile struct {
	V       int       `json:"v"`
	Suite   int       `json:"suite"`
	KID     KID       `json:"kid"`
	KEMPub  Bytes     `json:"kem_pub"`
	SigPub  Bytes     `json:"sig_pub"`
	KEMPriv Bytes     `json:"kem_priv"` // nonce‖AES-256-GCM(HKDF(UMK,"bek1 keys"), pkcs8)
	SigPriv Bytes     `json:"sig_priv"`
	Wraps   []KeyWrap `json:"wraps"`
}

// MaxWraps limits the ways to unlock one key file.
const MaxWraps = 16

// ParseKeyFile reads strict JSON and checks the form.
func ParseKeyFile(data []byte) (KeyFile, error) {
	var f KeyFile
	if err := parseStrict(data, &f); err != nil {
		return KeyFile{}, err
	}
	return f, f.Check()
}

// Check verifies everything that needs no secret. It returns ErrVersion,
// ErrEncoding, ErrMember or ErrKey.
func (f KeyFile) Check() error {
	if f.V != Version || f.Suite != Suite {
		return ErrVersion
	}
	if len(f.KEMPriv) > 512 || len(f.SigPriv) > 512 || len(f.Wraps) == 0 || len(f.Wraps) > MaxWraps {
		return ErrEncoding
	}
	for _, w := range f.Wraps {
		if err := w.Check(); err != nil {
			return err
		}
	}
	if KIDOf(f.KEMPub) != f.KID {
		return ErrMember
	}
	if err := checkPub(f.KEMPub); err != nil {
		return err
	}
	return checkPub(f.SigPub)
}

// Check verifies the form of one wrap: known kind, id exactly for passkeys, size.
func (w KeyWrap) Check() error {
	known := slices.Contains([]string{WrapPassword, WrapPasskey, WrapRecovery}, w.Kind)
	if !known || (w.Kind == WrapPasskey) != (w.ID != "") || len(w.ID) > 2048 || len(w.CT) != nonceSize+keySize+tagSize {
		return ErrEncoding
	}
	return nil
}

func (f KeyFile) privAAD(which string) []byte {
	return lp([]byte("bek1/staffkey"), []byte(which), f.KEMPub, f.SigPub)
}

func umkAAD(kid KID, kind, id string) []byte {
	return lp([]byte("bek1/umk"), kid[:], []byte(kind), []byte(id))
}

// KEK is a way to unlock: its kind, the passkey's credential id, and the 32-byte
// key that DerivePassword, PasskeyKEK or Code.RecoveryKEK gives.
type KEK struct {
	Kind string
	ID   string
	Key  []byte
}

// StaffKeys are the unlocked keys of a person.
type StaffKeys struct {
	kem *PrivateKey
	sig *ecdsa.PrivateKey
}

// NewStaffKeys makes fresh keys and the file to store, unlockable by each KEK.
func NewStaffKeys(keks ...KEK) (*StaffKeys, KeyFile, error) {
	dh, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, KeyFile{}, err
	}
	sig, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, KeyFile{}, err
	}
	k, err := staffKeys(dh, sig)
	if err != nil {
		return nil, KeyFile{}, err
	}
	f, err := k.file(dh, random(keySize), keks)
	return k, f, err
}

func staffKeys(dh *ecdh.PrivateKey, sig *ecdsa.PrivateKey) (*StaffKeys, error) {
	key, err := hpke.NewDHKEMPrivateKey(dh)
	if err != nil {
		return nil, ErrKey
	}
	return &StaffKeys{kem: newPrivateKey(key), sig: sig}, nil
}

func (k *StaffKeys) file(dh *ecdh.PrivateKey, umk []byte, keks []KEK) (KeyFile, error) {
	f := KeyFile{V: Version, Suite: Suite, KID: k.KID(), KEMPub: k.kem.Public(), SigPub: k.SigPub()}
	kemDER, err := x509.MarshalPKCS8PrivateKey(dh)
	if err != nil {
		return f, err
	}
	sigDER, err := x509.MarshalPKCS8PrivateKey(k.sig)
	if err != nil {
		return f, err
	}
	secret := derive(umk, "bek1 keys")
	f.KEMPriv = gcmSeal(secret, kemDER, f.privAAD("kem"))
	f.SigPriv = gcmSeal(secret, sigDER, f.privAAD("sig"))
	for _, kek := range keks {
		f.Wraps = append(f.Wraps, kek.wrap(f.KID, umk))
	}
	return f, f.Check()
}

func (k KEK) wrap(kid KID, umk []byte) KeyWrap {
	return KeyWrap{Kind: k.Kind, ID: k.ID, CT: gcmSeal(k.Key, umk, umkAAD(kid, k.Kind, k.ID))}
}

func (f KeyFile) umk(k KEK) ([]byte, error) {
	if err := f.Check(); err != nil {
		return nil, err
	}
	if len(k.Key) != keySize {
		return nil, ErrKey
	}
	for _, w := range f.Wraps {
		if w.Kind == k.Kind && w.ID == k.ID {
			return gcmOpen(k.Key, w.CT, umkAAD(f.KID, w.Kind, w.ID))
		}
	}
	return nil, ErrNoWrap
}

// Unlock opens a key file. It returns ErrNoWrap, ErrTag (wrong secret or altered
// file), ErrKey (private and public keys do not belong together) or an error of
// KeyFile.Check.
func Unlock(f KeyFile, kek KEK) (*StaffKeys, error) {
	umk, err := f.umk(kek)
	if err != nil {
		return nil, err
	}
	secret := derive(umk, "bek1 keys")
	kemDER, err := gcmOpen(secret, f.KEMPriv, f.privAAD("kem"))
	if err != nil {
		return nil, err
	}
	sigDER, err := gcmOpen(secret, f.SigPriv, f.privAAD("sig"))
	if err != nil {
		return nil, err
	}
	return f.keys(kemDER, sigDER)
}

func (f KeyFile) keys(kemDER, sigDER []byte) (*StaffKeys, error) {
	dhKey, err := parsePKCS8(kemDER)
	if err != nil {
		return nil, err
	}
	dh, err := dhKey.ECDH()
	if err != nil {
		return nil, ErrKey
	}
	sig, err := parsePKCS8(sigDER)
	if err != nil {
		return nil, err
	}
	k, err := staffKeys(dh, sig)
	if err != nil {
		return nil, err
	}
	if k.KID() != f.KID || !slices.Equal(k.SigPub(), f.SigPub) {
		return nil, ErrKey
	}
	return k, nil
}

// parsePKCS8 reads a P-256 key. Go marshals ecdh and ecdsa keys alike, and
// browsers do too, so both parse as ECDSA first.
func parsePKCS8(der []byte) (*ecdsa.PrivateKey, error) {
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, ErrKey
	}
	ec, ok := key.(*ecdsa.PrivateKey)
	if !ok || ec.Curve != elliptic.P256() {
		return nil, ErrKey
	}
	return ec, nil
}

// Rewrap makes a wrap for another way to unlock; the server replaces the wrap of
// the same kind and id. It returns the errors of Unlock.
func Rewrap(f KeyFile, have, want KEK) (KeyWrap, error) {
	umk, err := f.umk(have)
	if err != nil {
		return KeyWrap{}, err
	}
	if len(want.Key) != keySize {
		return KeyWrap{}, ErrKey
	}
	w := want.wrap(f.KID, umk)
	return w, w.Check()
}

// KID names the key pair; it is also the sender name.
func (k *StaffKeys) KID() KID { return k.kem.KID() }

// KEM is the private key that opens wraps.
func (k *StaffKeys) KEM() *PrivateKey { return k.kem }

// SigPub is the public signature key, 65 bytes.
func (k *StaffKeys) SigPub() Bytes {
	pub, err := k.sig.PublicKey.Bytes()
	if err != nil {
		panic(err) // generated or parsed on the curve
	}
	return pub
}

// Member describes these keys for a team state.
func (k *StaffKeys) Member(name string, reads, signs bool) Member {
	return Member{KID: k.KID(), KEMPub: k.kem.Public(), SigPub: k.SigPub(), Name: name, Reads: reads, Signs: signs}
}

// Sign completes a state: sets By and signs the canonical encoding.
func (k *StaffKeys) Sign(s State) (SignedState, error) {
	s.By = k.KID()
	sum := sha256.Sum256(s.canonical())
	r, v, err := ecdsa.Sign(rand.Reader, k.sig, sum[:])
	if err != nil {
		return SignedState{}, err
	}
	sig := make([]byte, 64)
	r.FillBytes(sig[:32])
	v.FillBytes(sig[32:])
	return SignedState{State: s, Sig: sig}, nil
}
