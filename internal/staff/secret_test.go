package staff

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"lotse/internal/fault"
)

// One of each goes through every way to print, and none comes out.
func TestSecretsDoNotPrint(t *testing.T) {
	token, email, secret := NewToken(), Email("kim@example.org"), Secret("auth-secret-auth-secret-auth-sec")
	var out bytes.Buffer
	for _, log := range []*slog.Logger{slog.New(slog.NewTextHandler(&out, nil)), slog.New(slog.NewJSONHandler(&out, nil))} {
		log.Info("x", "token", token, "email", email, "secret", secret, slog.Group("g", slog.Any("token", token)))
	}
	for _, verb := range []string{"%v", "%s", "%q", "%#v", "%+v"} {
		fmt.Fprintf(&out, verb+verb+verb, token, email, secret)
		fmt.Fprintf(&out, verb, struct {
			T Token
			E Email
			S Secret
		}{token, email, secret})
	}
	for _, hidden := range []string{token.Reveal(), "kim@", "auth-secret", "0x61, 0x75"} {
		if strings.Contains(out.String(), hidden) {
			t.Errorf("%q was printed", hidden)
		}
	}
	if token.Reveal() == "" || email.Reveal() != "kim@example.org" {
		t.Error("the owner cannot get at the value")
	}
}

func TestParseEmail(t *testing.T) {
	for in, want := range map[string]Email{
		"kim@example.org": "kim@example.org", " Kim.O'Neil+x@EXAMPLE.org\n": "kim.o'neil+x@example.org",
		"kim@müller.example": "kim@xn--mller-kva.example", "k@a.b": "k@a.b",
		"": "", "kim": "", "@example.org": "", "kim@": "", "kim@localhost": "", "a@b@c.de": "", ".kim@a.de": "", "kim.@a.de": "", "k..m@a.de": "",
		"kim@-a.de": "", "kim@a..de": "", "kim@a.de.": "", `"k m"@a.de`: "", "k m@a.de": "", "kim@[127.0.0.1]": "", "küm@a.de": "",
		"kim\x00@a.de": "", "kim@a\n.de": "", strings.Repeat("a", 65) + "@a.de": "", "a@" + strings.Repeat("b.", 130) + "de": "",
	} {
		got, err := ParseEmail(in)
		if got != want || (err == nil) != (want != "") || err != nil && fault.CodeOf(err) != "invalid_email" {
			t.Errorf("%q: %q, %v", in, got.Reveal(), err)
		}
	}
}

func FuzzParseEmail(f *testing.F) {
	for _, s := range []string{"kim@example.org", "K@MÜLLER.example", "a@b@c", "\"x\"@y.z", "a@xn--a.b", "ａ@ｂ.ｃ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e, err := ParseEmail(s)
		if err != nil {
			return
		}
		again, err := ParseEmail(e.Reveal())
		if err != nil || again != e {
			t.Errorf("%q became %q, which becomes %q, %v", s, e.Reveal(), again.Reveal(), err)
		}
		if strings.ContainsAny(e.Reveal(), " \t\r\n,;<>\"") || strings.Count(e.Reveal(), "@") != 1 {
			t.Errorf("%q became %q", s, e.Reveal())
		}
	})
}

func FuzzParseToken(f *testing.F) {
	f.Add(NewToken().Reveal())
	f.Add("")
	f.Add(strings.Repeat("A", 43))
	f.Add(strings.Repeat("_", 43))
	f.Fuzz(func(t *testing.T, s string) {
		token, err := ParseToken(s)
		if err == nil && (token.Reveal() != s || len(s) != 43 || strings.ContainsAny(s, "+/=\n")) {
			t.Errorf("%q was accepted", s)
		}
	})
}

func FuzzParseArgon(f *testing.F) {
	f.Add(argon{memory: 64, passes: 1}.encode(random(16), random(32)))
	f.Add("$argon2id$v=19$m=4294967295,t=4294967295,p=1$AAAA$AAAA")
	f.Fuzz(func(t *testing.T, s string) {
		cost, _, key, err := parseArgon(s)
		if err == nil && (len(key) != 32 || cost.memory > argonMaxMemory || cost.passes > argonMaxPasses) {
			t.Errorf("%q was accepted", s)
		}
	})
}

func FuzzDeviceCookie(f *testing.F) {
	s := &Service{keys: derived{device: random(32)}}
	id := NewID()
	f.Add(s.rememberDevice("", id))
	f.Add("a.b.c")
	f.Fuzz(func(t *testing.T, cookie string) {
		kept := s.rememberDevice(cookie, id)
		if s.deviceOf(kept, id) == "" || strings.Count(kept, ".") >= devicesMax || strings.ContainsAny(kept, " ;,\"\\\r\n") {
			t.Errorf("%q became %q", cookie, kept)
		}
	})
}

func TestIDsHaveOneSpelling(t *testing.T) {
	id := NewID()
	if got, err := ParseID(id.String()); err != nil || got != id {
		t.Errorf("%v: %v, %v", id, got, err)
	}
	for _, bad := range []string{"", "x", "{" + id.String() + "}", "urn:uuid:" + id.String(), strings.ToUpper(id.String()), strings.ReplaceAll(id.String(), "-", "")} {
		if _, err := ParseID(bad); bad != id.String() && fault.CodeOf(err) != "invalid_id" {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestValidNames(t *testing.T) {
	for name, want := range map[string]bool{
		"Kim": true, "Anne-Marie Öztürk": true, "أمل": true, "": false, " Kim": false, "Kim\n": false, "a\u202eb": false, "a\u200bb": false,
		strings.Repeat("x", 60): true, strings.Repeat("x", 61): false, strings.Repeat("أ", 51): false, "\xff": false,
	} {
		if got := validName(name); got != want {
			t.Errorf("%q: %t", name, got)
		}
	}
	for tag, want := range map[string]bool{"": true, "de": true, "de-simple": true, "zh-hant": true, "d": false, "DE": false, "de-": false, "de_at": false, "deutsch-land": false} {
		if got := validLanguage(tag); got != want {
			t.Errorf("language %q: %t", tag, got)
		}
	}
}
