package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"lotse/chat/client"
	"lotse/internal/seal"
	"lotse/internal/testenv"
)

// A chat between a seeker on one node and a counsellor on another, over a shared
// PostgreSQL and Redis. The seeker's node is told to stop in the middle, or is
// killed; the seeker comes back on the other node and misses nothing.
func TestChatOutlivesItsNode(t *testing.T) {
	environ := []string{
		"LOTSE_DATA=" + t.TempDir(), "DATABASE_URL=" + testenv.Postgres(t), "REDIS_URL=" + testenv.Redis(t), "LOTSE_DRAIN=1s",
	}
	d, err := setUpDemo(t.Context(), openParts(t, environ))
	if err != nil {
		t.Fatal(err)
	}
	stays := start(t, environ, "serve")
	anna := newCounsellor(t, stays.url, "anna@demo.example", d.password)
	t.Run("drained", func(t *testing.T) {
		goes := startProcess(t, environ, "serve")
		seeker := beginChat(t, goes, anna)
		seeker.node.Store(&stays.url)
		goes.signal(t, syscall.SIGTERM)
		bye := seeker.expect(t, "bye", func(client.Frame) bool { return true })
		if !bye.Reconnect || bye.RetryMS <= 0 {
			t.Errorf("bye %+v does not tell to come back", bye)
		}
		if err := goes.wait(); err != nil {
			t.Errorf("the node ended with %v", err)
		}
		continueChat(t, seeker, anna)
	})
	t.Run("killed", func(t *testing.T) {
		goes := startProcess(t, environ, "serve")
		seeker := beginChat(t, goes, anna)
		seeker.node.Store(&stays.url)
		goes.signal(t, syscall.SIGKILL)
		continueChat(t, seeker, anna)
	})
}

func beginChat(t *testing.T, node *process, anna *participant) *participant {
	t.Helper()
	seeker := newSeeker(t, node.url, "schulden")
	anna.meet(t)
	seeker.expectState(t, "active")
	seeker.say(t, "Ist da jemand?")
	anna.expectText(t, "Ist da jemand?")
	anna.say(t, "Ja, ich bin da.")
	seeker.expectText(t, "Ja, ich bin da.")
	return seeker
}

func continueChat(t *testing.T, seeker, anna *participant) {
	t.Helper()
	anna.say(t, "Sind Sie noch da?")
	seeker.expectText(t, "Sind Sie noch da?")
	seeker.say(t, "Ja, wieder da.")
	anna.expectText(t, "Ja, wieder da.")
}

// participant is one end of a chat: a line that comes back, and the room.
type participant struct {
	node   atomic.Pointer[string] // url of the node to connect to
	line   *client.Line
	frames chan client.Frame
	c      string // the conversation
	talk   *client.Talk
	http   *http.Client
	api    client.API // of a seeker
	keys   *seal.StaffKeys
}

// run keeps the line open until the test ends.
func (p *participant) run(t *testing.T, hello func(context.Context) (client.Frame, error)) {
	t.Helper()
	p.frames = make(chan client.Frame, 1000)
	p.line = &client.Line{
		URL:     func() string { return strings.Replace(*p.node.Load(), "http", "ws", 1) + "/ws" },
		Options: client.Options{HTTP: p.http},
		Hello:   hello, On: func(f client.Frame) { p.frames <- f }, Wait: 20 * time.Millisecond,
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := p.line.Run(ctx); err != nil {
			t.Errorf("line: %v", err)
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
}

// expect reads frames until one of the type is as wanted.
func (p *participant) expect(t *testing.T, kind string, want func(client.Frame) bool) client.Frame {
	t.Helper()
	timeout := time.After(patience)
	var seen []string
	for {
		select {
		case f := <-p.frames:
			if f.T == kind && want(f) {
				return f
			}
			seen = append(seen, f.T+":"+f.State+string(f.Code))
		case <-timeout:
			t.Fatalf("no %s as wanted; seen %v", kind, seen)
		}
	}
}

func (p *participant) expectState(t *testing.T, state string) {
	t.Helper()
	timeout := time.After(patience)
	for {
		select {
		case f := <-p.frames:
			for _, s := range append(f.Conversations, f) {
				if s.State == state {
					return
				}
			}
		case <-timeout:
			t.Fatalf("the state %s does not come", state)
		}
	}
}

// say sends a message until it is durable.
func (p *participant) say(t *testing.T, text string) {
	t.Helper()
	m, err := p.talk.Seal(text)
	if err != nil {
		t.Fatal(err)
	}
	p.send(t, m)
}

// send posts a sealed message until it is durable.
func (p *participant) send(t *testing.T, m seal.Message) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ack, err := p.line.Post(ctx, client.Send(p.c, m))
	if err != nil {
		t.Fatalf("send: %v", err)
	}
	m.Seq = uint32(ack.Seq)
	p.talk.Add(m)
}

// expectText waits for a message and reads it.
func (p *participant) expectText(t *testing.T, text string) {
	t.Helper()
	var f client.Frame
	var items []seal.Item
	for len(items) == 0 { // what was read before adds nothing
		f = p.expect(t, "message", func(f client.Frame) bool { return f.C == p.c && f.Sender != "" && f.Sender != p.talk.Sender })
		items = p.talk.Add(f.Message())
	}
	if len(items) != 1 || items[0].Kind != seal.ItemMessage || !strings.Contains(string(items[0].Plain), text) {
		t.Fatalf("got %+v from %+v, want %q", items, f, text)
	}
}

// newSeeker waits until somebody is there, opens a conversation, connects and greets.
func newSeeker(t *testing.T, node, topic string) *participant {
	t.Helper()
	return newSeekerBy(t, http.DefaultClient, node, topic)
}

// newSeekerBy is newSeeker with a browser of its own.
func newSeekerBy(t *testing.T, browser *http.Client, node, topic string) *participant {
	t.Helper()
	p := &participant{http: browser, api: client.API{Base: node, HTTP: browser}}
	p.node.Store(&node)
	ask := url.Values{"topic": {topic}, "language": {"de"}, "kind": {"live"}}
	for deadline := time.Now().Add(patience); ; {
		there, err := p.api.Availability(t.Context(), ask)
		if err != nil {
			t.Fatal(err)
		}
		if there.State == "free" {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("nobody is there: %+v", there)
		}
		time.Sleep(100 * time.Millisecond) // asking is limited
	}
	p.open(t, ask)
	p.run(t, func(context.Context) (client.Frame, error) { return client.Frame{Token: p.api.Token}, nil })
	p.say(t, "Guten Tag.") // nobody is offered a chat without a word
	return p
}

// open makes a conversation for what ask says.
func (p *participant) open(t *testing.T, ask url.Values) {
	t.Helper()
	to, err := p.api.Recipients(t.Context(), ask)
	if err != nil {
		t.Fatal(err)
	}
	talk, epoch, err := client.NewTalk(to.Team.ID, to.Chain, to.Readers, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	opened, err := p.api.Open(t.Context(), client.Opening{
		Topic: ask.Get("topic"), Language: "de", Kind: ask.Get("kind"), OnGone: "keep", Epoch: epoch,
	})
	if err != nil {
		t.Fatal(err)
	}
	p.talk, p.c, p.api.Token = talk, opened.ID, opened.Token
}

// newCounsellor signs in as a browser does, unlocks the keys and is ready.
func newCounsellor(t *testing.T, node, email, password string) *participant {
	t.Helper()
	return newCounsellorBy(t, &http.Client{}, node, email, password)
}

// newCounsellorBy is newCounsellor with a browser that has no cookies yet.
func newCounsellorBy(t *testing.T, browser *http.Client, node, email, password string) *participant {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser.Jar = jar
	p := &participant{http: browser}
	p.node.Store(&node)
	var kdf struct {
		Salt       seal.Bytes `json:"salt"`
		Iterations int        `json:"iterations"`
	}
	p.post(t, "login/start", map[string]string{"email": email}, &kdf)
	auth, kek, err := seal.DerivePassword(password, kdf.Salt, kdf.Iterations)
	if err != nil {
		t.Fatal(err)
	}
	p.post(t, "login", map[string]any{"email": email, "auth": seal.Bytes(auth)}, nil)
	var profile struct{ Keys seal.KeyFile }
	p.call(t, http.MethodGet, "session", nil, &profile)
	if p.keys, err = seal.Unlock(profile.Keys, seal.KEK{Kind: "password", Key: kek}); err != nil {
		t.Fatal(err)
	}
	p.run(t, func(ctx context.Context) (client.Frame, error) {
		var ticket struct{ Ticket string }
		err := p.try(ctx, http.MethodPost, "ticket", struct{}{}, &ticket)
		return client.Frame{Ticket: ticket.Ticket}, err
	})
	p.expect(t, "welcome", func(client.Frame) bool { return true })
	for !p.line.Tell(t.Context(), client.Frame{T: "status", State: "ready"}) {
	}
	p.expect(t, "status", func(f client.Frame) bool { return f.State == "ready" })
	return p
}

// meet accepts the first offer, opens the room and reads what was said before.
func (p *participant) meet(t *testing.T) {
	t.Helper()
	p.c = p.expect(t, "offer", func(client.Frame) bool { return true }).C
	if !p.line.Tell(t.Context(), client.Frame{T: "accept", C: p.c}) {
		t.Fatal("the line is not open")
	}
	p.expect(t, "state", func(f client.Frame) bool { return f.C == p.c && f.State == "active" })
	var own client.Own
	p.call(t, http.MethodGet, "conversations/"+p.c, nil, &own)
	talk, err := client.OpenTalk(p.keys.KEM(), own.Epochs)
	if err != nil {
		t.Fatal(err)
	}
	p.talk = talk
	var said struct{ Messages []client.Frame }
	p.call(t, http.MethodGet, "conversations/"+p.c+"/messages", nil, &said)
	for _, f := range said.Messages {
		p.talk.Add(f.Message())
	}
}

func (p *participant) post(t *testing.T, path string, body, answer any) {
	t.Helper()
	p.call(t, http.MethodPost, path, body, answer)
}

func (p *participant) call(t *testing.T, method, path string, body, answer any) {
	t.Helper()
	if err := p.try(t.Context(), method, path, body, answer); err != nil {
		t.Fatal(err)
	}
}

// try speaks the staff API.
func (p *participant) try(ctx context.Context, method, path string, body, answer any) error {
	var in bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&in).Encode(body); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, *p.node.Load()+"/api/v1/staff/"+path, &in)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := p.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %d %s (%w)", method, path, res.StatusCode, data, err)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(data, answer)
}

// The chat hears of a plan from the roster, which has read it, and not only from the bus.
func TestRosterTellsTheChat(t *testing.T) {
	p := openParts(t, []string{"LOTSE_DATA=" + t.TempDir(), "LOTSE_LISTEN=127.0.0.1:0"})
	if _, err := newServer(p); err != nil {
		t.Fatal(err)
	}
	if p.roster.Changed == nil {
		t.Error("nobody hears of changes of the roster")
	}
}

// A node that drains says so before it closes its door.
func TestDrainingIsNotReady(t *testing.T) {
	p := openParts(t, []string{"LOTSE_DATA=" + t.TempDir(), "LOTSE_LISTEN=127.0.0.1:0"})
	s, err := newServer(p)
	if err != nil {
		t.Fatal(err)
	}
	ready := func() *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		s.handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		return w
	}
	if w := ready(); w.Code != http.StatusOK {
		t.Errorf("before: %d %s", w.Code, w.Body)
	}
	s.draining.Store(true)
	if w := ready(); w.Code != http.StatusServiceUnavailable || w.Body.String() != "draining\n" {
		t.Errorf("during: %d %s", w.Code, w.Body)
	}
}
