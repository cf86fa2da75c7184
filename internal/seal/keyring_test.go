package seal

import (
	"bytes"
	"crypto/ecdh"
	"crypto/x509"
	"errors"
	"strings"
	"testing"
)

func TestStaffKeysAllWays(t *testing.T) {
	salt, code := NewSalt(), NewCode()
	auth, kek, err := DerivePassword("Schöner Tag!", salt, Iterations)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(auth, kek) || len(auth) != 32 || len(kek) != 32 {
		t.Error("auth and kek must be different keys")
	}
	prf := random(32)
	passkey := KEK{Kind: WrapPasskey, ID: "Y3JlZA", Key: must(PasskeyKEK(prf, []byte("cred")))}
	password := KEK{Kind: WrapPassword, Key: kek}
	recovery := KEK{Kind: WrapRecovery, Key: code.RecoveryKEK()}
	keys, file, err := NewStaffKeys(password, recovery)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Unlock(file, passkey)
	wantErr(t, err, ErrNoWrap)
	wrap, err := Rewrap(file, recovery, passkey)
	if err != nil {
		t.Fatal(err)
	}
	file.Wraps = append(file.Wraps, wrap)
	for _, k := range []KEK{password, recovery, passkey} {
		got, err := Unlock(file, k)
		if err != nil || got.KID() != keys.KID() || !bytes.Equal(got.SigPub(), keys.SigPub()) {
			t.Errorf("%s: %v", k.Kind, err)
		}
		k.Key = random(32)
		_, err = Unlock(file, k)
		wantErr(t, err, ErrTag)
		k.Key = k.Key[:31]
		_, err = Unlock(file, k)
		wantErr(t, err, ErrKey)
		_, err = Rewrap(file, password, k)
		wantErr(t, err, ErrKey)
	}
	_, err = Rewrap(file, password, KEK{Kind: WrapPasskey, Key: kek})
	wantErr(t, err, ErrEncoding)
	_, err = PasskeyKEK(prf[:31], nil)
	wantErr(t, err, ErrKey)
}

// TestKeysMustBelongTogether gives a file whose private key is another person's.
func TestKeysMustBelongTogether(t *testing.T) {
	umk := random(32)
	kek := KEK{Kind: WrapRecovery, Key: random(32)}
	keys, file, err := NewStaffKeys(kek)
	if err != nil {
		t.Fatal(err)
	}
	file.Wraps = []KeyWrap{kek.wrap(keys.KID(), umk)}
	secret := derive(umk, "bek1 keys")
	other := must(x509.MarshalPKCS8PrivateKey(must(ecdh.P256().NewPrivateKey(random(32)))))
	wrong := must(x509.MarshalPKCS8PrivateKey(must(ecdh.P384().NewPrivateKey(random(48)))))
	for _, der := range [][]byte{other, wrong, []byte("no key")} {
		file.KEMPriv = gcmSeal(secret, der, file.privAAD("kem"))
		file.SigPriv = gcmSeal(secret, other, file.privAAD("sig"))
		_, err = Unlock(file, kek)
		wantErr(t, err, ErrKey)
	}
}

func TestPasswordLimits(t *testing.T) {
	for _, iter := range []int{-1, 0, 1, Iterations - 1, MaxIterations + 1} {
		_, _, err := DerivePassword("pass", NewSalt(), iter)
		wantErr(t, err, ErrIterations)
	}
	_, _, err := DerivePassword("", NewSalt(), Iterations)
	wantErr(t, err, ErrEncoding)
	_, _, err = DerivePassword("pass", NewSalt()[:15], Iterations)
	wantErr(t, err, ErrEncoding)
	salt := NewSalt()
	composed, _, _ := DerivePassword("\u00fcber", salt, Iterations)
	apart, _, _ := DerivePassword("u\u0308ber", salt, Iterations)
	if !bytes.Equal(composed, apart) {
		t.Error("the same password typed in two ways differs")
	}
}

func TestCodes(t *testing.T) {
	code := NewCode()
	if other := NewCode(); other == code {
		t.Error("two equal codes")
	}
	typed := []string{
		code.Text(), strings.ToLower(code.Text()), strings.ReplaceAll(code.Text(), "-", ""),
		" " + strings.ReplaceAll(code.Text(), "-", " – ") + "\n",
		strings.NewReplacer("0", "o", "1", "L").Replace(code.Text()), strings.NewReplacer("0", "O", "1", "i").Replace(code.Text()),
	}
	for _, s := range typed {
		if got, err := ParseCode(s); err != nil || got != code {
			t.Errorf("%q: %v", s, err)
		}
	}
	keys := [][]byte{code.RecoveryAuth(), code.RecoveryKEK(), code.ReturnAuth(), code.ReturnSeed()}
	for i, k := range keys {
		for _, other := range keys[:i] {
			if bytes.Equal(k, other) {
				t.Error("two secrets of a code are equal")
			}
		}
	}
}

func TestCodesWithMistakes(t *testing.T) {
	plain := strings.ReplaceAll(NewCode().Text(), "-", "")
	for i := range plain {
		for _, c := range codeAlphabet {
			if byte(c) == plain[i] {
				continue
			}
			_, err := ParseCode(plain[:i] + string(c) + plain[i+1:])
			wantErr(t, err, ErrCodeCheck)
		}
		_, err := ParseCode(plain[:i] + plain[i+1:])
		wantErr(t, err, ErrCodeLength)
		_, err = ParseCode(plain[:i] + "U" + plain[i+1:])
		wantErr(t, err, ErrCodeSymbol)
	}
	_, err := ParseCode(plain + "0")
	wantErr(t, err, ErrCodeLength)
	_, err = ParseCode("")
	wantErr(t, err, ErrCodeLength)
}

func TestChainErrors(t *testing.T) {
	w := newWorld(t)
	genesis := w.signed[0]
	next := sign(t, w.ada, NewState("team-1", &genesis.State, genesis.Members))
	byBen := sign(t, w.ben, NewState("team-1", &genesis.State, genesis.Members))
	spy := newKeys(t)
	bySpy := sign(t, spy, NewState("team-1", &genesis.State, append(genesis.Members[:3:3], spy.Member("Spy", true, true))))
	own := sign(t, spy, NewState("team-1", nil, []Member{spy.Member("Spy", true, true)}))
	noSigner := sign(t, w.ada, NewState("team-1", &genesis.State, []Member{w.ben.Member("Ben", true, false)}))
	otherTeam := sign(t, w.ada, NewState("team-2", &genesis.State, genesis.Members))
	skipped := sign(t, w.ada, NewState("team-1", &next.State, genesis.Members))
	twice := sign(t, w.ada, NewState("team-1", &genesis.State, append(genesis.Members[:3:3], w.ben.Member("Ben", true, false))))
	wrongPrev := NewState("team-1", &genesis.State, genesis.Members)
	wrongPrev.Prev[0] ^= 1
	unsigned := next
	unsigned.Sig = nil
	cases := map[string]struct {
		chain  []SignedState
		pinned Hash
		at     int
		want   Error
	}{
		"empty":                  {nil, Hash{}, 0, ErrChain},
		"not from the genesis":   {[]SignedState{next}, Hash{}, 0, ErrChain},
		"reader signs":           {[]SignedState{genesis, byBen}, Hash{}, 1, ErrSigner},
		"stranger adds himself":  {[]SignedState{genesis, bySpy}, Hash{}, 1, ErrSigner},
		"second genesis":         {[]SignedState{genesis, own}, Hash{}, 1, ErrChain},
		"nobody could follow":    {[]SignedState{genesis, noSigner}, Hash{}, 1, ErrNoSigner},
		"other team":             {[]SignedState{genesis, otherTeam}, Hash{}, 1, ErrTeam},
		"state left out":         {[]SignedState{genesis, skipped}, Hash{}, 1, ErrChain},
		"member twice":           {[]SignedState{genesis, twice}, Hash{}, 1, ErrMember},
		"wrong prev":             {[]SignedState{genesis, sign(t, w.ada, wrongPrev)}, Hash{}, 1, ErrChain},
		"no signature":           {[]SignedState{genesis, unsigned}, Hash{}, 1, ErrSignature},
		"rolled back":            {[]SignedState{genesis}, next.Hash(), 1, ErrRollback},
		"other history":          {[]SignedState{own}, genesis.Hash(), 1, ErrRollback},
		"signature of a sibling": {[]SignedState{genesis, {State: byBen.State, Sig: next.Sig}}, Hash{}, 1, ErrSigner},
	}
	for name, c := range cases {
		_, err := Verify("team-1", c.chain, c.pinned)
		var chainErr *ChainError
		if !errors.Is(err, c.want) || !errors.As(err, &chainErr) || chainErr.N != c.at {
			t.Errorf("%s: got %v, want %v at %d", name, err, c.want, c.at)
		}
	}
	if _, err := Verify("team-1", []SignedState{genesis, next}, genesis.Hash()); err != nil {
		t.Error(err)
	}
	_, err := w.chain.Append(byBen)
	wantErr(t, err, ErrSigner)
}

func TestRecoveryMember(t *testing.T) {
	w := newWorld(t)
	safe := must(GenerateKey())
	rita := Member{KID: safe.KID(), KEMPub: safe.Public(), Name: "Safe", Reads: true, Recovery: true}
	next := sign(t, w.ada, NewState("team-1", &w.signed[0].State, append(w.signed[0].Members[:3:3], rita)))
	chain := must(w.chain.Append(next))
	room, e, err := NewRoom(w.seeker, chain, []KID{w.ben.KID()}, noon)
	if err != nil {
		t.Fatal(err)
	}
	if len(e.Readers()) != 2 {
		t.Error("the recovery member is always a recipient")
	}
	got := must(OpenRoom(safe, []Epoch{e}))
	if must(got.Key(0)) != must(room.Key(0)) {
		t.Error("keys differ")
	}
	if err := chain.CheckCurrent(e, noon); err != nil {
		t.Error(err)
	}
	_, err = chain.Pick([]KID{safe.KID()}, noon)
	wantErr(t, err, ErrRecipient)
	for _, bad := range []Member{
		{KID: rita.KID, KEMPub: rita.KEMPub, Name: "x", Reads: true, Signs: true, Recovery: true},
		{KID: rita.KID, KEMPub: rita.KEMPub, Name: "x", Recovery: true},
		{KID: rita.KID, KEMPub: rita.KEMPub, SigPub: w.ada.SigPub(), Name: "x", Reads: true, Recovery: true},
		{KID: w.ben.KID(), KEMPub: rita.KEMPub, Name: "x", Reads: true, Recovery: true},
	} {
		wantErr(t, bad.check(), ErrMember)
	}
}
