package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"lotse/chat/client"
	"lotse/internal/seal"
)

// exchange writes bytes on a fresh connection and returns the first line of the
// answer, "" when the server closed without one.
func exchange(t *testing.T, node string, parts ...string) string {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(node, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, part := range parts {
		if _, err := io.WriteString(conn, part); err != nil {
			break // the server has had enough
		}
	}
	line, _ := bufio.NewReader(conn).ReadString('\n')
	return strings.TrimSpace(line)
}

// Nobody can write lines of their own into the log, in either of its formats.
func TestLogCannotBeForged(t *testing.T) {
	for format, line := range map[string]*regexp.Regexp{
		"text": regexp.MustCompile(`^time=\S+ level=[A-Z]+ msg=`),
		"json": regexp.MustCompile(`^\{"time":"[^"]+","level":"[A-Z]+","msg":"`),
	} {
		t.Run(format, func(t *testing.T) {
			node := startProcess(t, []string{"LOTSE_DATA=" + t.TempDir(), "LOTSE_LOG_LEVEL=debug", "LOTSE_LOG_FORMAT=" + format}, "serve")
			const forged = "time=2026-01-01T00:00:00Z level=ERROR msg=forged"
			for _, raw := range []string{
				"GET /de/%0a" + url.PathEscape(forged) + " HTTP/1.1\r\nHost: x\r\n\r\n",
				"GET /de/\x1b[2J" + strings.ReplaceAll(forged, " ", "+") + " HTTP/1.1\r\nHost: x\r\n\r\n",
				"GET /de/ HTTP/1.1\r\nHost: x\r\nUser-Agent: a\x0b\x1b[31m" + forged + "\r\n\r\n",
				"GET /de/ HTTP/1.1\r\nHost: x%0a" + forged + "\r\n\r\n",
				"FORGED%0A /de/ HTTP/1.1\r\nHost: x\r\n\r\n",
				"GET /de/ HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 1.2.3.4%0a" + forged + "\r\n\r\n",
				"GET /static/" + url.PathEscape("\r\n"+forged) + " HTTP/1.1\r\nHost: x\r\n\r\n",
				"GET /de/ HTTP/1.1\r\nHost: x\r\nBroken Header: " + forged + "\r\n\r\n",
				forged + "\r\n\r\n",
			} {
				exchange(t, node.url, raw)
			}
			get(t, node.url+"/de/impressum", nil)
			awaitTrue(t, "the last request is logged", func() bool { return strings.Contains(node.log.text(), "impressum") })
			for written := range strings.Lines(node.log.text()) {
				if !line.MatchString(written) || strings.Contains(written, "forged") || strings.ContainsAny(written, "\x1b\x0b\r") {
					t.Errorf("the log has the line %q", written)
				}
			}
		})
	}
}

// Whatever is large, deep, compressed or never ends is refused before it costs
// much, and the server goes on.
func TestBombsAreRefused(t *testing.T) {
	environ := []string{"LOTSE_DATA=" + t.TempDir()}
	d := demoIn(t, environ)
	node := start(t, environ, "serve")
	large := strings.Repeat("a", 20<<10)
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write(bytes.Repeat([]byte("a"), 64<<20))
	_ = z.Close()
	post := "POST /api/v1/conversations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
	for name, c := range map[string]struct{ raw, status string }{
		"a large header":            {"GET /de/ HTTP/1.1\r\nHost: x\r\nX: " + large + large + "\r\n\r\n", "431"},
		"many headers":              {"GET /de/ HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("X: "+large[:1000]+"\r\n", 40) + "\r\n", "431"},
		"a long address":            {"GET /de/" + large + large + " HTTP/1.1\r\nHost: x\r\n\r\n", "431"},
		"a body beyond the limit":   {post + fmt.Sprintf("Content-Length: %d\r\n\r\n", 1<<20) + `{"topic":"` + strings.Repeat("a", 1<<20), "413"},
		"chunks beyond the limit":   {post + "Transfer-Encoding: chunked\r\n\r\n" + `a` + "\r\n" + `{"topic":"` + "\r\n" + strings.Repeat("5000\r\n"+large+"\r\n", 20), "413"},
		"two lengths":               {post + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", "400"},
		"length and chunks":         {post + "Content-Length: 2\r\nTransfer-Encoding: gzip, chunked\r\n\r\n{}", "501"},
		"compressed":                {post + fmt.Sprintf("Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n", zipped.Len()) + zipped.String(), "415"},
		"deep":                      {post + "Content-Length: 200000\r\n\r\n" + strings.Repeat(`[`, 200000), "400"},
		"deep objects":              {post + "Content-Length: 180000\r\n\r\n" + strings.Repeat(`{"a":`, 36000), "400"},
		"a number without end":      {post + "Content-Length: 100010\r\n\r\n" + `{"topic":1` + strings.Repeat("0", 100000), "400"},
		"a thousand languages":      {"GET /de/ HTTP/1.1\r\nHost: x\r\nAccept-Language: " + strings.Repeat("de,", 4000) + "\r\n\r\n", "200"},
		"a thousand addresses":      {"GET /de/ HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: " + strings.Repeat("1.1.1.1,", 1500) + "\r\n\r\n", "200"},
		"a thousand ranges":         {"GET /robots.txt HTTP/1.1\r\nHost: x\r\nRange: bytes=" + strings.Repeat("0-1,", 3000) + "\r\n\r\n", "200"},
		"a thousand query values":   {"GET /de/stellen?" + strings.Repeat("topic=a&", 1500) + " HTTP/1.1\r\nHost: x\r\n\r\n", "422"},
		"an upgrade to something":   {"GET /de/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n", "200"},
		"a form instead of a place": {"POST /de/feedback HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 2\r\n\r\n{}", "415"},
	} {
		if line := exchange(t, node.url, c.raw); !strings.Contains(line, " "+c.status+" ") {
			t.Errorf("%s: %q, want %s", name, line, c.status)
		}
	}
	if status, _ := get(t, node.url+"/readyz", nil); status != http.StatusOK {
		t.Errorf("afterwards: %d", status)
	}
	talkOnce(t, node.url, d)
}

// A socket never agrees to compression, so that no frame can unfold to more than
// its own size.
func TestSocketsAreNotCompressed(t *testing.T) {
	node := start(t, []string{"LOTSE_DATA=" + t.TempDir()}, "serve")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, node.url+"/ws", nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
		"Sec-WebSocket-Protocol": client.Version, "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits",
	} {
		req.Header.Set(name, value)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusSwitchingProtocols || res.Header.Get("Sec-WebSocket-Extensions") != "" {
		t.Errorf("%d, extensions %q", res.StatusCode, res.Header.Get("Sec-WebSocket-Extensions"))
	}
}

// TestFloodLeavesOthersTheirPlace opens a thousand conversations from one
// network, many at once and each well formed. No more than the network's share
// come through; meanwhile a person elsewhere gets a counsellor of another team
// and can leave a message with the team that is flooded.
func TestFloodLeavesOthersTheirPlace(t *testing.T) {
	const opens = 1000
	environ := []string{"LOTSE_DATA=" + t.TempDir()}
	d := demoIn(t, environ)
	node := start(t, environ, "serve")
	newCounsellor(t, node.url, "anna@demo.example", d.password)
	elif := newCounsellor(t, node.url, "elif@demo.example", d.password)
	browser := newMarkedBrowser("a-person-elsewhere")

	flood := newFlood(t, node.url)
	half := make(chan struct{})
	var done sync.WaitGroup
	for range 20 {
		done.Go(func() {
			for n := flood.sent.Add(1); n <= opens; n = flood.sent.Add(1) {
				if n == opens/2 {
					close(half)
				}
				flood.open(t)
			}
		})
	}
	<-half
	seeker := newSeekerBy(t, browser, node.url, "grundversorgung")
	elif.meet(t)
	seeker.expectState(t, "active")
	seeker.say(t, "Ich bin durchgekommen.")
	elif.expectText(t, "Ich bin durchgekommen.")
	left := &participant{http: browser, api: client.API{Base: node.url, HTTP: browser}}
	left.open(t, url.Values{"topic": {"schulden"}, "language": {"de"}, "kind": {"message"}})
	done.Wait()

	took := time.Since(flood.began)
	share := 12 + int(took/(20*time.Second)) + 1 // web: openBurst, openEvery
	if n := int(flood.opened.Load()); n > share {
		t.Errorf("%d of the flood came through, more than the share of %d", n, share)
	}
	if other := flood.other.Load(); other > 0 {
		t.Errorf("%d were answered by something else than too_many, queue_full or closed", other)
	}
}

// flood opens conversations as one network.
type flood struct {
	api                 client.API
	opening             client.Opening
	chain               []seal.SignedState
	readers             []seal.KID
	sent, opened, other atomic.Int64
	began               time.Time
}

func newFlood(t *testing.T, node string) *flood {
	t.Helper()
	f := &flood{api: client.API{Base: node, HTTP: &http.Client{}}, began: time.Now()}
	var team string
	awaitTrue(t, "somebody is there", func() bool {
		to, err := f.api.Recipients(t.Context(), url.Values{"topic": {"schulden"}, "language": {"de"}, "kind": {"live"}})
		team, f.chain, f.readers = to.Team.ID, to.Chain, to.Readers
		return err == nil
	})
	_, epoch, err := client.NewTalk(team, f.chain, f.readers, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	f.opening = client.Opening{Topic: "schulden", Language: "de", Kind: "live", OnGone: "keep", Epoch: epoch}
	return f
}

// open opens one conversation with a room of its own.
func (f *flood) open(t *testing.T) {
	o := f.opening
	o.Epoch.Room = seal.RoomID(uuid.New())
	_, err := f.api.Open(t.Context(), o)
	problem, refused := errors.AsType[*client.Problem](err)
	switch {
	case err == nil:
		f.opened.Add(1)
	case refused && (problem.Code == "too_many" || problem.Code == "queue_full" || problem.Code == "closed"):
	default:
		f.other.Add(1)
		t.Logf("flood: %v", err)
	}
}

// Tokens that are guessed, old, cut or of another kind open nothing, and the
// proof of a return code may be tried a few times only.
func TestGuessedAndReplayedTokens(t *testing.T) {
	environ := []string{"LOTSE_DATA=" + t.TempDir()}
	demoIn(t, environ)
	node := start(t, environ, "serve")
	seeker := &participant{api: client.API{Base: node.url}}
	seeker.open(t, url.Values{"topic": {"schulden"}, "language": {"de"}, "kind": {"message"}})
	first := seeker.api.Token
	code := seal.NewCode()
	if err := seeker.api.SetReturn(t.Context(), code.ReturnAuth()); err != nil {
		t.Fatal(err)
	}
	again, err := client.API{Base: node.url}.Return(t.Context(), code.ReturnAuth())
	if err != nil {
		t.Fatal(err)
	}
	for name, token := range map[string]string{
		"the one before": first, "cut": again.Token[:42], "longer": again.Token + "A", "upper case": strings.ToUpper(again.Token),
		"padded": again.Token + "=", "the conversation's id": seeker.c, "guessed": base64.RawURLEncoding.EncodeToString(make([]byte, 32)), "empty": "", "a list": again.Token + "," + first,
	} {
		_, err := client.API{Base: node.url, Token: token}.Conversation(t.Context())
		if problem, refused := errors.AsType[*client.Problem](err); !refused || problem.Status != http.StatusUnauthorized {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := (client.API{Base: node.url, Token: again.Token}).Conversation(t.Context()); err != nil {
		t.Errorf("the right token: %v", err)
	}
	limited := false
	for range 20 {
		_, err := client.API{Base: node.url}.Return(t.Context(), seal.NewCode().ReturnAuth())
		problem, refused := errors.AsType[*client.Problem](err)
		if !refused || problem.Code != "return_unknown" && problem.Code != "too_many" {
			t.Fatalf("a guessed code: %v", err)
		}
		limited = limited || problem.Code == "too_many"
	}
	if !limited {
		t.Error("return codes may be guessed without end")
	}
}
