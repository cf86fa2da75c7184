package mail_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"mime"
	"mime/quotedprintable"
	netmail "net/mail"
	"slices"
	"strings"
	"testing"

	"lotse/internal/fault"
	"lotse/internal/mail"
	"lotse/internal/testenv"
)

func sender(t *testing.T, s *testenv.SMTPServer, change func(*mail.Options)) *mail.Sender {
	t.Helper()
	o := mail.Options{Address: s.Address, TLS: mail.StartTLS, From: "stellen@beratung.example", Name: "Beratung Übersee",
		Trust: &tls.Config{RootCAs: s.Roots, MinVersion: tls.VersionTLS12}}
	if change != nil {
		change(&o)
	}
	sender, err := mail.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return sender
}

var letter = mail.Letter{ID: "0198", To: "rat@example.org", Subject: "Stimmen Ihre Angaben noch? Wärmestube",
	Text: "Grüße,\n\n.ein Punkt am Anfang der Zeile\n" + strings.Repeat("lang ", 300) + "\n", Unsubscribe: "https://beratung.example/de/x/abbestellen"}

func TestDeliveryBySTARTTLS(t *testing.T) {
	server := testenv.NewSMTPServer(t, true)
	signedIn := func(o *mail.Options) { o.User, o.Password = "lotse", "secret" }
	if err := sender(t, server, signedIn).Send(t.Context(), letter); err != nil {
		t.Fatal(err)
	}
	letters := server.Letters(t)
	if len(letters) != 1 {
		t.Fatalf("%d letters", len(letters))
	}
	m, err := netmail.ReadMessage(strings.NewReader(letters[0]))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	from, fromErr := m.Header.AddressList("From")
	if err != nil || subject != letter.Subject || fromErr != nil || from[0].Name != "Beratung Übersee" || from[0].Address != "stellen@beratung.example" {
		t.Errorf("subject %q, from %v", subject, from)
	}
	for name, want := range map[string]string{"To": "<rat@example.org>", "Message-Id": "<0198@beratung.example>", "Auto-Submitted": "auto-generated",
		"List-Unsubscribe": "<https://beratung.example/de/x/abbestellen>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if kind := m.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/plain; charset=UTF-8") {
		t.Errorf("content type %q", kind)
	}
	text, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	if got := string(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))); err != nil || strings.TrimSpace(got) != strings.TrimSpace(letter.Text) {
		t.Errorf("text %q, %v", got, err)
	}
}

func TestNothingGoesOutWithoutTLS(t *testing.T) {
	server := testenv.NewSMTPServer(t, false)
	untrusted := sender(t, server, func(o *mail.Options) { o.Trust = nil })
	if err := untrusted.Send(t.Context(), letter); !errors.Is(err, fault.Unavailable) {
		t.Errorf("a certificate that nobody knows: %v", err)
	}
	wrong := sender(t, server, func(o *mail.Options) { o.User, o.Password = "lotse", "guess" })
	if err := wrong.Send(t.Context(), letter); !errors.Is(err, fault.Unavailable) {
		t.Errorf("a wrong password: %v", err)
	}
	if got := server.Recipients(t); len(got) > 0 {
		t.Errorf("recipients %v", got)
	}
	_, err := mail.New(mail.Options{Address: server.Address, TLS: mail.Plain, From: "a@b.example", User: "lotse", Password: "secret"})
	if err == nil {
		t.Error("a password without TLS is taken")
	}
	if err := sender(t, server, func(o *mail.Options) { o.TLS = mail.Plain }).Send(t.Context(), letter); err != nil {
		t.Errorf("plain, as told: %v", err)
	}
}

func TestRefusals(t *testing.T) {
	server := testenv.NewSMTPServer(t, false)
	s := sender(t, server, nil)
	for to, want := range map[string]struct {
		kind fault.Kind
		code string
	}{
		"later@example.org": {fault.Unavailable, "smtp_451"}, "full@example.org": {fault.Unavailable, "smtp_452"},
		"gone@example.org": {fault.Invalid, "smtp_550"}, "spam@example.org": {fault.Invalid, "smtp_554"}, "broken@example.org": {"", ""},
	} {
		l := letter
		l.To = to
		err := s.Send(t.Context(), l)
		if err == nil || fault.KindOf(err) != want.kind || fault.CodeOf(err) != want.code {
			t.Errorf("%s: %v", to, err)
		}
		if err != nil && strings.Contains(err.Error(), "@") {
			t.Errorf("the error names an address: %v", err)
		}
	}
	away := sender(t, server, func(o *mail.Options) { o.Address = "127.0.0.1:1" })
	if err := away.Send(t.Context(), letter); !errors.Is(err, fault.Unavailable) {
		t.Errorf("nobody listens: %v", err)
	}
}

func TestNoHeaderCanBeAdded(t *testing.T) {
	server := testenv.NewSMTPServer(t, false)
	s := sender(t, server, nil)
	for _, evil := range []string{"\r\nBcc: all@example.org", "\nBcc: all@example.org", "\rBcc: all@example.org", "\x00"} {
		for what, change := range map[string]func(*mail.Letter){
			"to": func(l *mail.Letter) { l.To += evil }, "subject": func(l *mail.Letter) { l.Subject += evil },
			"id": func(l *mail.Letter) { l.ID += evil }, "unsubscribe": func(l *mail.Letter) { l.Unsubscribe += evil },
		} {
			l := letter
			change(&l)
			if err := s.Send(t.Context(), l); !errors.Is(err, fault.Invalid) {
				t.Errorf("%s with %q: %v", what, evil, err)
			}
		}
	}
	for _, to := range []string{"a@example.org,b@example.org", "A <a@example.org>", "a@example.org b@example.org", ""} {
		l := letter
		l.To = to
		if err := s.Send(t.Context(), l); !errors.Is(err, fault.Invalid) {
			t.Errorf("to %q: %v", to, err)
		}
	}
	if got := server.Recipients(t); len(got) > 0 {
		t.Errorf("recipients %v", got)
	}
	l := letter
	l.Text = "\r\n.\r\nMAIL FROM:<x@example.org>\r\nRCPT TO:<all@example.org>\r\nDATA\r\n"
	if err := s.Send(t.Context(), l); err != nil {
		t.Error(err)
	}
	if got := server.Recipients(t); !slices.Equal(got, []string{"rat@example.org"}) {
		t.Errorf("recipients %v", got)
	}
}
