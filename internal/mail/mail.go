// Package mail hands letters to the operator's mail server by SMTP. It knows no
// word of the domain, keeps nothing, logs nothing and never tries twice: whoever
// calls it has a queue and decides. It refuses a letter whose address or subject
// could end a header, and to send a password over a connection without TLS.
package mail

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"strconv"
	"strings"
	"time"
	"unicode"

	smtp "github.com/wneessen/go-mail"

	"lotse/internal/fault"
)

// Letter is one mail in plain text to one person.
type Letter struct {
	ID          string // makes the Message-ID: the same letter has the same one
	To          string // a bare address
	Subject     string
	Text        string
	Unsubscribe string // an https address that takes a POST (RFC 8058); may be empty
}

// The ways to the server.
const (
	StartTLS = "starttls" // plain first, TLS before anything is said; usually port 587
	Implicit = "tls"      // TLS from the first byte; usually port 465
	Plain    = "none"     // no TLS: on loopback only
)

// Options say how the server is reached and who writes.
type Options struct {
	Address  string // host and port
	TLS      string // one of the ways above
	User     string // empty: no sign-in
	Password string
	From     string      // a bare address
	Name     string      // beside it; may be empty
	Trust    *tls.Config // nil: the system's roots
}

// timeout bounds each step of a conversation with the server.
const timeout = 30 * time.Second

// Sender sends letters. It is safe for concurrent use.
type Sender struct {
	Options
	domain string // of the sender's address
}

// New checks the options; it connects to nobody.
func New(o Options) (*Sender, error) {
	from, err := mail.ParseAddress(o.From)
	if err != nil || from.Address != o.From {
		return nil, errors.New("mail: the sender must be a bare address")
	}
	if o.TLS == Plain && o.Password != "" {
		return nil, errors.New("mail: a password needs TLS")
	}
	if hasControl(o.Name) {
		return nil, errors.New("mail: the sender's name holds a control character")
	}
	_, domain, _ := strings.Cut(o.From, "@")
	s := &Sender{Options: o, domain: domain}
	_, err = s.client()
	return s, err
}

// Send hands over a letter. It returns a fault of the kind Unavailable when the
// server was not reached or asked to come again, Invalid when it refused or the
// letter is malformed, each with the code of the reply such as "smtp_550"; and
// another error when the connection broke so late that nobody knows.
func (s *Sender) Send(ctx context.Context, letter Letter) error {
	message, err := s.message(letter)
	if err != nil {
		return fault.Wrap(fault.Invalid, "letter_malformed", err)
	}
	client, err := s.client()
	if err != nil {
		return err
	}
	connection, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return fault.Wrap(fault.Unavailable, "no_connection", err)
	}
	err = client.SendWithSMTPClient(connection, message)
	_ = client.CloseWithSMTPClient(connection) // the letter is taken or refused by now
	if err == nil || message.IsDelivered() {
		return nil
	}
	return verdict(err)
}

// verdict tells from a failed delivery whether it can be tried again.
func verdict(err error) error {
	failed, ok := errors.AsType[*smtp.SendError](err)
	if !ok {
		return err
	}
	code := fmt.Sprintf("smtp_%d", failed.ErrorCode())
	switch late := failed.Reason == smtp.ErrWriteContent || failed.Reason == smtp.ErrSMTPDataClose; {
	case failed.ErrorCode() >= 500:
		return fault.Wrap(fault.Invalid, code, errors.New("refused"))
	case failed.ErrorCode() >= 400:
		return fault.Wrap(fault.Unavailable, code, errors.New("asked to come again"))
	case late:
		return errors.New("the connection broke while the letter was handed over")
	}
	return fault.Wrap(fault.Unavailable, "no_answer", errors.New("the connection broke before the letter"))
}

// message writes the letter.
func (s *Sender) message(l Letter) (*smtp.Msg, error) {
	if hasControl(l.To+l.Subject+l.ID+l.Unsubscribe) || strings.ContainsAny(l.To, ",;<> ") {
		return nil, errors.New("a header holds what it must not")
	}
	m := smtp.NewMsg(smtp.WithCharset(smtp.CharsetUTF8), smtp.WithEncoding(smtp.EncodingQP), smtp.WithNoDefaultUserAgent())
	from := m.From
	if s.Name != "" {
		from = func(address string) error { return m.FromFormat(s.Name, address) }
	}
	if err := errors.Join(from(s.From), m.To(l.To)); err != nil {
		return nil, err
	}
	m.Subject(l.Subject)
	m.SetMessageIDWithValue(l.ID + "@" + s.domain)
	m.SetDate()
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	if l.Unsubscribe != "" {
		m.SetGenHeader("List-Unsubscribe", "<"+l.Unsubscribe+">")
		m.SetGenHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	m.SetBodyString(smtp.TypeTextPlain, l.Text)
	return m, nil
}

func hasControl(s string) bool { return strings.ContainsFunc(s, unicode.IsControl) }

// client makes a client; each letter has a connection of its own.
func (s *Sender) client() (*smtp.Client, error) {
	host, text, err := net.SplitHostPort(s.Address)
	if err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	trust := cmp.Or(s.Trust, &tls.Config{MinVersion: tls.VersionTLS12}).Clone()
	trust.ServerName = cmp.Or(trust.ServerName, host)
	options := []smtp.Option{smtp.WithPort(port), smtp.WithTimeout(timeout), smtp.WithHELO(s.domain), smtp.WithTLSConfig(trust),
		smtp.WithTLSPolicy(smtp.TLSMandatory)}
	switch s.TLS {
	case Implicit:
		options = append(options, smtp.WithSSL())
	case Plain:
		options = append(options, smtp.WithTLSPolicy(smtp.NoTLS))
	}
	if s.User != "" {
		options = append(options, smtp.WithSMTPAuth(smtp.SMTPAuthAutoDiscover), smtp.WithUsername(s.User), smtp.WithPassword(s.Password))
	}
	return smtp.NewClient(host, options...)
}
