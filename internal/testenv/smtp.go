package testenv

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	_ "embed"
	"encoding/pem"
	"errors"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

//go:embed smtp.py
var smtpProgram []byte

// SMTPServer is a mail server that one test has for itself. What it does with a
// letter depends on the part before the @: see smtp.py. The user is lotse, the
// password secret.
type SMTPServer struct {
	Address string // host and port
	Roots   *x509.CertPool
	dir     string
}

// smtpScript runs the server until standard input ends. Debian's own Python has the
// package; another one on PATH may not.
const smtpScript = `
exec 3<&0 >"$1/log" 2>&1
/usr/bin/python3 "$1/smtp.py" "$1" "$2" "$SMTP_MODE" <&3
rm -rf "$1"`

// NewSMTPServer starts a mail server. With onlyTLS it takes letters by STARTTLS only.
func NewSMTPServer(t testing.TB, onlyTLS bool) *SMTPServer {
	t.Helper()
	dir, port, err := place("lotse-smtp-", nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &SMTPServer{Address: "127.0.0.1:" + port, dir: dir}
	if err := s.certify(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "smtp.py"), smtpProgram, 0o600); err != nil {
		t.Fatal(err)
	}
	mode := "plain"
	if onlyTLS {
		mode = "tls"
	}
	err = supervise(smtpScript, dir, port, nil, "SMTP_MODE="+mode)
	if err == nil {
		err = await(dir, s.ready)
	}
	if err != nil {
		t.Fatalf("mail server for tests: %v (apt-get install python3-aiosmtpd)", err)
	}
	return s
}

func (s *SMTPServer) ready(ctx context.Context) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.Address)
	if err != nil {
		return err
	}
	return conn.Close()
}

// certify makes a certificate for the loopback address that signs itself.
func (s *SMTPServer) certify() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail.test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	cert, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		return err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})
	s.Roots = x509.NewCertPool()
	s.Roots.AppendCertsFromPEM(public)
	return errors.Join(os.WriteFile(filepath.Join(s.dir, "cert.pem"), public, 0o600),
		os.WriteFile(filepath.Join(s.dir, "key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
}

// Letters are the letters that were taken, as they came, the first first.
func (s *SMTPServer) Letters(t testing.TB) []string {
	t.Helper()
	var list []string
	for n := 1; ; n++ {
		text, err := os.ReadFile(filepath.Join(s.dir, strconv.Itoa(n)+".eml"))
		if errors.Is(err, fs.ErrNotExist) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, string(text))
	}
}

// Recipients are those that were named to the server, refused ones included.
func (s *SMTPServer) Recipients(t testing.TB) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, "rcpt"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return strings.Fields(string(text))
}
