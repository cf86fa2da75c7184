package staff

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/go-webauthn/webauthn/protocol"

	"lotse/internal/fault"
	"lotse/internal/seal"
)

// authenticator is a passkey in software.
type authenticator struct {
	t       *testing.T
	key     *ecdsa.PrivateKey
	id      []byte
	handle  []byte
	origin  string
	rp      string
	flags   byte // user present, user verified
	counter uint32
	prf     string // what the browser wrongly leaves in the answer
}

const (
	userPresent  = 0x01
	userVerified = 0x04
	attested     = 0x40
)

func newAuthenticator(t *testing.T) *authenticator {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	return &authenticator{t: t, key: key, id: random(24), origin: "https://beratung.example", rp: "beratung.example", flags: userPresent | userVerified}
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (a *authenticator) clientData(kind string, challenge []byte) []byte {
	data, err := json.Marshal(map[string]any{"type": kind, "challenge": b64(challenge), "origin": a.origin, "crossOrigin": false})
	must(a.t, err)
	return data
}

func (a *authenticator) data(flags byte, more []byte) []byte {
	a.counter++
	out := append(sum([]byte(a.rp)), flags)
	return append(binary.BigEndian.AppendUint32(out, a.counter), more...)
}

func (a *authenticator) answer(response map[string]any) json.RawMessage {
	extensions := json.RawMessage("{}")
	if a.prf != "" {
		extensions = json.RawMessage(a.prf)
	}
	out, err := json.Marshal(map[string]any{"id": b64(a.id), "rawId": b64(a.id), "type": "public-key", "clientExtensionResults": extensions, "response": response})
	must(a.t, err)
	return out
}

// create answers a registration.
func (a *authenticator) create(c Ceremony) json.RawMessage {
	options, ok := c.PublicKey.(protocol.PublicKeyCredentialCreationOptions)
	if !ok {
		a.t.Fatalf("options are %T", c.PublicKey)
	}
	a.handle = options.User.ID.(protocol.URLEncodedBase64)
	x, y := a.key.X.FillBytes(make([]byte, 32)), a.key.Y.FillBytes(make([]byte, 32)) //nolint:staticcheck // COSE wants the coordinates
	cose, err := cbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: x, -3: y})
	must(a.t, err)
	more := append(make([]byte, 16), binary.BigEndian.AppendUint16(nil, uint16(len(a.id)))...)
	object, err := cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": a.data(a.flags|attested, append(append(more, a.id...), cose...))})
	must(a.t, err)
	return a.answer(map[string]any{"clientDataJSON": b64(a.clientData("webauthn.create", options.Challenge)), "attestationObject": b64(object), "transports": []string{"internal"}})
}

// get answers a sign-in.
func (a *authenticator) get(c Ceremony) json.RawMessage {
	options, ok := c.PublicKey.(protocol.PublicKeyCredentialRequestOptions)
	if !ok {
		a.t.Fatalf("options are %T", c.PublicKey)
	}
	client, data := a.clientData("webauthn.get", options.Challenge), a.data(a.flags, nil)
	sig, err := ecdsa.SignASN1(rand.Reader, a.key, sum(append(append([]byte{}, data...), sum(client)...)))
	must(a.t, err)
	return a.answer(map[string]any{"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(sig), "userHandle": b64(a.handle)})
}

// register adds a passkey to a person.
func (h *house) register(p *person, a *authenticator, wrap *seal.KeyWrap) (Passkey, error) {
	h.t.Helper()
	ceremony, err := h.BeginPasskey(h.ctx(), h.actor(p))
	must(h.t, err)
	return h.FinishPasskey(h.ctx(), h.actor(p), NewPasskey{Ceremony: ceremony.Ceremony, Name: "Telefon", Answer: a.create(ceremony), Wrap: wrap})
}

func (h *house) passkeyLogin(a *authenticator) (SignIn, error) {
	h.t.Helper()
	ceremony, err := h.BeginPasskeyLogin(h.ctx())
	must(h.t, err)
	return h.FinishPasskeyLogin(h.ctx(), home, ceremony.Ceremony, a.get(ceremony))
}

func TestPasskeyLife(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.hire("p@example.org", counsellor(h.team.ID))
		a := newAuthenticator(t)
		wrap := seal.KeyWrap{Kind: seal.WrapPasskey, ID: b64(a.id), CT: random(60)}
		key, err := h.register(p, a, &wrap)
		must(t, err)
		if !key.Unlocks || string(key.CredentialID) != string(a.id) || len(a.handle) != 32 {
			t.Errorf("registered %+v", key)
		}
		h.clock.move(time.Hour)
		in, err := h.passkeyLogin(a)
		must(t, err)
		profile, err := h.Profile(t.Context(), in.Actor)
		must(t, err)
		if in.Actor.ID != p.id || profile.Session.Method != ByPasskey || len(profile.Keys.Wraps) != 3 || profile.Keys.Wraps[2].ID != wrap.ID {
			t.Errorf("signed in by %s with %d wraps", profile.Session.Method, len(profile.Keys.Wraps))
		}
		list, err := h.Passkeys(t.Context(), in.Actor)
		must(t, err)
		if len(list) != 1 || list[0].UsedAt == nil || !list[0].UsedAt.Equal(h.clock.now()) {
			t.Errorf("passkeys: %+v", list)
		}
		stranger := h.hire("s@example.org", counsellor(h.team.ID))
		wantCode(t, h.DeletePasskey(t.Context(), stranger.in.Actor, key.ID), "passkey_unknown")
		wantCode(t, h.WrapPasskey(t.Context(), stranger.in.Actor, key.ID, wrap), "passkey_unknown")
		must(t, h.DeletePasskey(t.Context(), in.Actor, key.ID))
		wantCode(t, h.DeletePasskey(t.Context(), in.Actor, key.ID), "passkey_unknown")
		_, err = h.passkeyLogin(a)
		wantCode(t, err, "passkey_failed")
	})
}

func TestPasskeyStepUp(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p, other := h.hire("p@example.org", counsellor(h.team.ID)), h.hire("o@example.org", counsellor(h.team.ID))
		mine, theirs := newAuthenticator(t), newAuthenticator(t)
		_, err := h.register(p, mine, nil)
		must(t, err)
		_, err = h.register(other, theirs, nil)
		must(t, err)
		h.clock.move(StepUpFor)
		stale := h.actor(p)
		ceremony, err := h.BeginPasskeyStepUp(t.Context(), stale)
		must(t, err)
		_, err = h.FinishPasskeyStepUp(t.Context(), stale, ceremony.Ceremony, theirs.get(ceremony))
		wantCode(t, err, "passkey_failed")
		if ceremony, err = h.BeginPasskeyStepUp(t.Context(), stale); err != nil {
			t.Fatal(err)
		}
		_, err = h.FinishPasskeyStepUp(t.Context(), h.actor(other), ceremony.Ceremony, theirs.get(ceremony))
		wantCode(t, err, "ceremony_gone") // begun by somebody else
		if ceremony, err = h.BeginPasskeyStepUp(t.Context(), stale); err != nil {
			t.Fatal(err)
		}
		in, err := h.FinishPasskeyStepUp(t.Context(), stale, ceremony.Ceremony, mine.get(ceremony))
		must(t, err)
		if !in.Actor.Fresh(h.clock.now()) || in.Actor.Session != stale.Session || in.Token == p.in.Token {
			t.Error("the step-up was not recorded, or the token not rotated")
		}
	})
}

func TestPasskeyRefusals(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.hire("p@example.org", counsellor(h.team.ID))
		good := newAuthenticator(t)
		_, err := h.register(p, good, nil)
		must(t, err)
		for name, c := range map[string]struct {
			spoil func(a *authenticator)
			code  string
		}{
			"no user verification": {func(a *authenticator) { a.flags = userPresent }, "passkey_failed"},
			"phishing origin":      {func(a *authenticator) { a.origin = "https://beratung.example.evil.test" }, "passkey_failed"},
			"other relying party":  {func(a *authenticator) { a.rp = "evil.test" }, "passkey_failed"},
			"other key":            {func(a *authenticator) { a.key = newAuthenticator(t).key }, "passkey_failed"},
			"unknown credential":   {func(a *authenticator) { a.id = random(24) }, "passkey_failed"},
			"unknown person":       {func(a *authenticator) { a.handle = random(32) }, "passkey_failed"},
			"nobody":               {func(a *authenticator) { a.handle = nil }, "passkey_failed"},
			"prf output sent":      {func(a *authenticator) { a.prf = `{"prf":{"results":{"first":"c2VjcmV0"}}}` }, "prf_results_sent"},
		} {
			bad := *good
			bad.counter += 100
			c.spoil(&bad)
			if _, err := h.passkeyLogin(&bad); fault.CodeOf(err) != c.code {
				t.Errorf("%s: %v", name, err)
			}
		}
		good.prf = `{"prf":{"enabled":true},"credProps":{"rk":true}}`
		_, err = h.passkeyLogin(good)
		must(t, err)
		copied := *good
		copied.counter -= 1 // an older copy of the authenticator answers
		_, err = h.passkeyLogin(&copied)
		wantCode(t, err, "passkey_failed")
		must(t, h.Disable(t.Context(), Operator(), p.id))
		_, err = h.passkeyLogin(good)
		wantCode(t, err, "passkey_failed")
	})
}

func TestCeremonyIsGoodOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.hire("p@example.org", counsellor(h.team.ID))
		a := newAuthenticator(t)
		_, err := h.register(p, a, nil)
		must(t, err)
		ceremony, err := h.BeginPasskeyLogin(t.Context())
		must(t, err)
		_, err = h.FinishPasskeyLogin(t.Context(), home, ceremony.Ceremony, a.get(ceremony))
		must(t, err)
		for _, token := range []string{ceremony.Ceremony, "", "x", NewToken().Reveal()} {
			_, err = h.FinishPasskeyLogin(t.Context(), home, token, a.get(ceremony))
			wantCode(t, err, "ceremony_gone")
		}
		stale, err := h.BeginPasskeyLogin(t.Context())
		must(t, err)
		h.clock.move(ceremonyLife)
		_, err = h.FinishPasskeyLogin(t.Context(), home, stale.Ceremony, a.get(stale))
		wantCode(t, err, "ceremony_gone")
		broken, err := h.BeginPasskeyLogin(t.Context())
		must(t, err)
		_, err = h.FinishPasskeyLogin(t.Context(), home, broken.Ceremony, json.RawMessage(`{"id":`))
		wantCode(t, err, "passkey_failed")
	})
}

func TestPasskeyWraps(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.hire("p@example.org", counsellor(h.team.ID))
		a, other := newAuthenticator(t), newAuthenticator(t)
		_, err := h.register(p, other, &seal.KeyWrap{Kind: seal.WrapPasskey, ID: b64(a.id), CT: random(60)})
		wantCode(t, err, "invalid_input") // a wrap under another credential
		key, err := h.register(p, a, nil)
		must(t, err)
		if key.Unlocks {
			t.Error("a passkey without a wrap unlocks")
		}
		wrap := seal.KeyWrap{Kind: seal.WrapPasskey, ID: b64(a.id), CT: random(60)}
		for _, bad := range []seal.KeyWrap{{}, {Kind: seal.WrapPassword, CT: wrap.CT}, {Kind: wrap.Kind, ID: wrap.ID, CT: wrap.CT[:59]}, {Kind: wrap.Kind, ID: b64(other.id), CT: wrap.CT}} {
			wantCode(t, h.WrapPasskey(t.Context(), h.actor(p), key.ID, bad), "invalid_input")
		}
		must(t, h.WrapPasskey(t.Context(), h.actor(p), key.ID, wrap))
		stranger := h.hire("s@example.org", counsellor(h.team.ID))
		wantCode(t, h.WrapPasskey(t.Context(), h.actor(stranger), key.ID, wrap), "passkey_unknown")
		wantCode(t, h.DeletePasskey(t.Context(), h.actor(stranger), key.ID), "passkey_unknown")

		p.newKeys(t)
		must(t, h.ReplaceKeys(t.Context(), h.actor(p), p.file, p.recovery))
		f, err := h.Keys(t.Context(), h.actor(p))
		must(t, err)
		if len(f.Wraps) != 2 {
			t.Errorf("%d wraps after the keys were replaced, want 2", len(f.Wraps))
		}
	})
}

func TestPasskeyLimitsAndDoubles(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.hire("p@example.org", counsellor(h.team.ID))
		a := newAuthenticator(t)
		_, err := h.register(p, a, nil)
		must(t, err)
		_, err = h.register(p, a, nil)
		wantCode(t, err, "passkey_exists")
		for range passkeysMax - 1 {
			_, err = h.register(p, newAuthenticator(t), nil)
			must(t, err)
		}
		_, err = h.BeginPasskey(t.Context(), h.actor(p))
		wantCode(t, err, "passkeys_full")
		h.clock.move(StepUpFor)
		_, err = h.BeginPasskey(t.Context(), h.actor(p))
		wantCode(t, err, "step_up_required")
	})
}

func TestPasskeysNeedAName(t *testing.T) {
	for _, origins := range [][]string{nil, {"http://127.0.0.1:8080"}, {"https://[::1]:8443"}} {
		wa, err := newWebAuthn(origins)
		if err != nil || wa != nil {
			t.Errorf("%v: %v, %v", origins, wa, err)
		}
	}
	wa, err := newWebAuthn([]string{"http://127.0.0.1:8080", "http://localhost:8080", "https://else.example"})
	must(t, err)
	if wa.Config.RPID != "localhost" || len(wa.Config.RPOrigins) != 1 {
		t.Errorf("relying party %s, origins %v", wa.Config.RPID, wa.Config.RPOrigins)
	}
	for _, bad := range []string{"beratung.example", "ftp://beratung.example", "https://", "://"} {
		if _, err := newWebAuthn([]string{bad}); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
	s := &Service{}
	_, err = s.BeginPasskeyLogin(t.Context())
	wantCode(t, err, "passkeys_unavailable")
}
