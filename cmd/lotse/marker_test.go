package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"lotse/chat/client"
	"lotse/internal/seal"
	"lotse/internal/testenv"
)

// The marks that a person leaves in this test. The addresses are a real one of
// loopback and one that a trusted proxy names.
const (
	markAddress = "127.77.66.55"
	markBehind  = "2001:db8:77:66::55"
)

// markedBrowser comes from a marked address and says marked things about itself.
type markedBrowser struct {
	agent string
	next  http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (b markedBrowser) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("User-Agent", b.agent)
	r.Header.Set("Referer", "https://"+b.agent+".example/")
	r.Header.Set("Accept-Language", "de, x-"+b.agent[:8])
	r.Header.Set("X-Forwarded-For", markBehind)
	return b.next.RoundTrip(r)
}

func newMarkedBrowser(agent string) *http.Client {
	from := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(markAddress)}}
	return &http.Client{Transport: markedBrowser{agent, &http.Transport{DialContext: from.DialContext}}}
}

// visit is everything a marked person does and says, and what is known of it.
type visit struct {
	marks map[string]string // what it is → the text that must be nowhere
	known string            // the conversation's id, which the server does keep
}

// mark makes a text that exists nowhere else.
func (v *visit) mark(what string) string {
	text := "Mark" + what + rand.Text()
	v.marks[what] = text
	return text
}

// TestMarksAreFoundNowhere leads a marked person through a chat, a hand-over to
// another team and a message left behind, against the program in a process of
// its own, and then looks for the marks in everything the server has written.
// Each place must hold something known, so that a look at nothing is noticed.
func TestMarksAreFoundNowhere(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		look(t, []string{"LOTSE_DATA=" + t.TempDir()}, nil)
	})
	t.Run("postgres and redis", func(t *testing.T) {
		redis := testenv.NewRedisServer(t)
		look(t, []string{"LOTSE_DATA=" + t.TempDir(), "DATABASE_URL=" + testenv.Postgres(t), "REDIS_URL=" + redis.URL}, redis)
	})
}

func look(t *testing.T, environ []string, redis *testenv.RedisServer) {
	places := newPlaces(t, environ, redis)
	environ = append(environ, "TMPDIR="+places.temp, "LOTSE_METRICS_LISTEN=127.0.0.1:0", "LOTSE_LOG_LEVEL=debug",
		"LOTSE_TRUSTED_PROXIES=127.0.0.0/8", "LOTSE_DRAIN=1s")
	d := demoIn(t, environ)
	node := startProcess(t, environ, "serve")
	v := &visit{marks: map[string]string{"address": markAddress, "address behind": markBehind, "password": d.password}}
	browser := newMarkedBrowser(v.mark("Agent"))
	v.readPages(t, browser, node.url)
	v.leaveMessage(t, browser, node.url)
	v.chatAndMove(t, browser, node.url, d)

	places.lookInside(t, v, node)
	log := node.log
	private := "http://" + regexp.MustCompile(`metrics=(\S+)`).FindStringSubmatch(log.text())[1]
	_, numbers := get(t, private+"/metrics", nil)
	places.check(t, v, "metrics", []byte(numbers), "lotse_chat_messages_total")
	node.signal(t, syscall.SIGTERM)
	if err := node.wait(); err != nil {
		t.Errorf("the node ended with %v", err)
	}
	places.check(t, v, "log", []byte(log.text()), `pattern="POST /api/v1/conversations"`)
	places.lookAtFiles(t, v, "files after the end")
}

// readPages looks something up as people do before they dare to write.
func (v *visit) readPages(t *testing.T, browser *http.Client, node string) {
	t.Helper()
	word := v.mark("Search")
	for _, path := range []string{"/de/", "/de/chat?topic=" + word, "/de/stellen?topic=schulden&postcode=" + word, "/de/" + word, "/api/v1/availability?topic=" + word, "/team?weiter=" + word} {
		res, err := browser.Get(node + path)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
	}
}

// leaveMessage leaves a message with a name.
func (v *visit) leaveMessage(t *testing.T, browser *http.Client, node string) {
	t.Helper()
	p := &participant{http: browser, api: client.API{Base: node, HTTP: browser}}
	p.open(t, url.Values{"topic": {"schulden"}, "language": {"de"}, "kind": {"message"}})
	for kind, text := range map[string]string{"name": v.mark("NameLeft"), "": v.mark("TextLeft")} {
		m := p.seal(t, kind, text)
		ack, err := p.api.Leave(t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
		m.Seq = uint32(ack.Seq)
		p.talk.Add(m)
	}
	v.marks["token of the message"] = p.api.Token
}

// chatAndMove talks with one team and then, with consent, with another.
func (v *visit) chatAndMove(t *testing.T, browser *http.Client, node string, d *demo) {
	t.Helper()
	anna := newCounsellor(t, node, "anna@demo.example", d.password)
	seeker := newSeekerBy(t, browser, node, "schulden")
	anna.meet(t)
	v.known = seeker.c
	seeker.expectState(t, "active")
	seeker.send(t, seeker.seal(t, "name", v.mark("Name")))
	seeker.say(t, v.mark("Text"))
	anna.expectText(t, "MarkName")
	anna.expectText(t, "MarkText")
	anna.say(t, v.mark("Answer"))
	seeker.expectText(t, "MarkAnswer")

	elif := newCounsellor(t, node, "elif@demo.example", d.password)
	tell(t, anna, client.Frame{T: "transfer", C: anna.c, Step: "ask", Team: d.teams["sozial"].String()})
	seeker.expect(t, "state", func(f client.Frame) bool { return f.Transfer != nil && f.Transfer.Step == "ask" })
	tell(t, seeker, client.Frame{T: "transfer", C: seeker.c, Step: "consent"})
	seeker.moveOn(t)
	elif.meet(t)
	elif.say(t, v.mark("AfterMove"))
	seeker.expectText(t, "MarkAfterMove")
	v.marks["token of the chat"] = seeker.api.Token
	for _, p := range []*participant{anna, elif} {
		at, _ := url.Parse(node)
		for _, cookie := range p.http.Jar.Cookies(at) {
			v.marks["cookie of "+p.talk.Sender] = cookie.Value
		}
	}
}

// seal makes a message of a kind; "" is plain text.
func (p *participant) seal(t *testing.T, kind, text string) seal.Message {
	t.Helper()
	words := map[string]string{"text": text}
	if kind != "" {
		words["kind"] = kind
	}
	plain, err := json.Marshal(words)
	if err != nil {
		t.Fatal(err)
	}
	h := seal.Header{Sender: p.talk.Sender, ID: uuid.NewString(), N: p.talk.Transcript.Next(p.talk.Sender), After: p.talk.Transcript.Seq()}
	epoch, body, err := p.talk.Room.Seal(h, plain)
	if err != nil {
		t.Fatal(err)
	}
	return seal.Message{ID: h.ID, Sender: h.Sender, Epoch: epoch, N: h.N, After: h.After, Body: body}
}

// moveOn makes the epoch for the team that reads from now on.
func (p *participant) moveOn(t *testing.T) {
	t.Helper()
	call := p.expect(t, "roster", func(f client.Frame) bool { return f.C == p.c })
	to, err := p.api.Recipients(t.Context(), url.Values{"team": {call.Team}})
	if err != nil {
		t.Fatal(err)
	}
	chain, err := seal.Verify(call.Team, to.Chain, seal.Hash{})
	if err != nil {
		t.Fatal(err)
	}
	epoch, err := p.talk.Room.Next(seal.Change{Chain: chain, Readers: to.Readers, History: true, At: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.api.AddEpoch(t.Context(), epoch); err != nil {
		t.Fatal(err)
	}
}

// tell sends a frame as soon as the line is open.
func tell(t *testing.T, p *participant, f client.Frame) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for !p.line.Tell(ctx, f) {
		if ctx.Err() != nil {
			t.Fatalf("the line does not open for %s", f.T)
		}
	}
}
