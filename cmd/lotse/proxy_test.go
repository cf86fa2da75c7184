package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"lotse/chat/client"
	"lotse/internal/testenv"
)

// TestRollingUpdateBehindNginx runs the configuration of docs/deploy in front of
// two nodes and updates one after the other, as docs/operations.md says, while
// two people talk. Every word arrives once and in order, and no page fails.
func TestRollingUpdateBehindNginx(t *testing.T) {
	ports := []string{freePort(t), freePort(t)}
	public := "https://localhost:" + freePort(t)
	environ := []string{
		"LOTSE_DATA=" + t.TempDir(), "DATABASE_URL=" + testenv.Postgres(t), "REDIS_URL=" + testenv.Redis(t), "LOTSE_DRAIN=1s",
		"LOTSE_PUBLIC_URL=" + public, "LOTSE_TRUSTED_PROXIES=127.0.0.1/32",
		"LOTSE_OPERATOR_NAME=x", "LOTSE_OPERATOR_ADDRESS=y", "LOTSE_OPERATOR_EMAIL=z@x.example",
	}
	d := demoIn(t, environ)
	var nodes [2]*process
	for i, port := range ports {
		nodes[i] = startProcess(t, append(environ, "LOTSE_LISTEN=127.0.0.1:"+port), "serve")
	}
	browser := startNginx(t, public, ports)

	anna := newCounsellorBy(t, browser(), public, "anna@demo.example", d.password)
	seeker := newSeekerBy(t, browser(), public, "schulden")
	anna.meet(t)
	seeker.expectState(t, "active")
	said := 0
	talk := func() {
		for range 5 {
			said++
			seeker.say(t, fmt.Sprintf("Frage %d.", said))
			anna.expectText(t, fmt.Sprintf("Frage %d.", said))
			anna.say(t, fmt.Sprintf("Antwort %d.", said))
			seeker.expectText(t, fmt.Sprintf("Antwort %d.", said))
		}
	}
	talk()
	for i, port := range ports {
		nodes[i].signal(t, syscall.SIGTERM)
		talk()
		if err := nodes[i].wait(); err != nil {
			t.Errorf("node %d ended with %v", i, err)
		}
		talk()
		nodes[i] = startProcess(t, append(environ, "LOTSE_LISTEN=127.0.0.1:"+port), "serve")
		talk()
		for _, path := range []string{"/de/", "/de/chat", "/readyz"} {
			res, err := browser().Get(public + path)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if res.StatusCode != http.StatusOK {
				t.Errorf("%s after the update of node %d: %d", path, i, res.StatusCode)
			}
		}
	}
	checkWhatNginxPassesOn(t, browser(), public)
}

// checkWhatNginxPassesOn looks at headers and at an address that a client made up.
func checkWhatNginxPassesOn(t *testing.T, browser *http.Client, public string) {
	t.Helper()
	res, err := browser.Get(public + "/de/")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.Header.Get("Strict-Transport-Security") == "" || res.TLS.Version < tls.VersionTLS12 || res.Header.Get("Content-Security-Policy") == "" {
		t.Errorf("TLS %x, headers %v", res.TLS.Version, res.Header)
	}
	old := &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10, InsecureSkipVerify: true}
	if conn, err := tls.Dial("tcp", strings.TrimPrefix(public, "https://"), old); err == nil {
		conn.Close()
		t.Error("TLS 1.1 is good enough")
	}
	limited := false
	for i := range 400 { // whoever invents addresses still has one bucket
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, public+"/api/v1/availability?topic=schulden&language=de", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Forwarded-For", "203.0.113."+strconv.Itoa(i%250))
		res, err := browser.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		limited = limited || res.StatusCode == http.StatusTooManyRequests
	}
	if !limited {
		t.Error("made-up addresses get around the limit")
	}
	_, err = client.Dial(t.Context(), strings.Replace(public, "http", "ws", 1)+"/ws", client.Options{HTTP: browser, Origin: "https://evil.example"})
	if err == nil || !strings.Contains(err.Error(), "403") {
		t.Errorf("a socket from another origin: %v", err)
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

// startNginx serves docs/deploy/nginx.conf at public in front of the nodes and
// returns how to make a browser that trusts its certificate. Only names, ports
// and places of files differ from the text of the file.
func startNginx(t *testing.T, public string, ports []string) func() *http.Client {
	t.Helper()
	program, err := exec.LookPath("nginx")
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/nginx"); err != nil {
			t.Fatal("nginx not found: apt-get install nginx-light")
		}
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil { // nginx's workers may be another account
		t.Fatal(err)
	}
	roots := certify(t, dir)
	text, err := os.ReadFile("../../docs/deploy/nginx.conf")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := strings.Cut(strings.TrimPrefix(public, "https://"), ":")
	changes := []string{
		"node-a:8080", "127.0.0.1:" + ports[0], "node-b:8080", "127.0.0.1:" + ports[1], "/etc/nginx/tls/", dir + "/",
		"listen 443 ssl http2;", "listen 127.0.0.1:" + port + " ssl http2;", "listen 80;", "listen 127.0.0.1:" + freePort(t) + ";",
		"listen [::]:443 ssl http2;", "", "listen [::]:80;", "",
	}
	for i := 0; i < len(changes); i += 2 {
		if !strings.Contains(string(text), changes[i]) {
			t.Errorf("nginx.conf lacks %q", changes[i])
		}
	}
	site := strings.NewReplacer(changes...).Replace(string(text))
	frame := strings.NewReplacer("DIR", dir, "SITE", site).Replace(`
daemon off; pid DIR/pid; error_log stderr; events {}
http {
client_body_temp_path DIR/body; proxy_temp_path DIR/proxy; fastcgi_temp_path DIR/fastcgi; uwsgi_temp_path DIR/uwsgi; scgi_temp_path DIR/scgi;
SITE
}
`)
	conf := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(conf, []byte(frame), 0o600); err != nil {
		t.Fatal(err)
	}
	serveNginx(t, program, conf)
	awaitPort(t, port)
	return func() *http.Client {
		return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	}
}

func serveNginx(t *testing.T, program, conf string) {
	t.Helper()
	out := &logWatch{grown: make(chan struct{})}
	cmd := exec.Command(program, "-c", conf)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("nginx said:\n%s", out.text())
		}
	})
}

// awaitPort waits until something listens.
func awaitPort(t *testing.T, port string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", "127.0.0.1:"+port)
		if err == nil {
			conn.Close()
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("nginx does not listen: %v", err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// certify writes a certificate for localhost and returns who trusts it.
func certify(t *testing.T, dir string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	form := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true}
	cert, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{"fullchain.pem": {Type: "CERTIFICATE", Bytes: cert}, "privkey.pem": {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	parsed, err := x509.ParseCertificate(cert)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return roots
}
