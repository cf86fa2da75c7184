package chat

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"lotse/chat/client"
)

// frames validates frames against docs/protocol.schema.json.
type frames struct{ fromClient, fromServer *jsonschema.Schema }

var protocolSchema = sync.OnceValues(func() (*frames, error) {
	data, err := os.ReadFile("../docs/protocol.schema.json")
	if err != nil {
		return nil, err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("protocol.json", doc); err != nil {
		return nil, err
	}
	var f frames
	if f.fromClient, err = c.Compile("protocol.json#/$defs/fromClient"); err != nil {
		return nil, err
	}
	f.fromServer, err = c.Compile("protocol.json#/$defs/fromServer")
	return &f, err
})

// checkFrame fails unless a frame is in the schema.
func checkFrame(t testing.TB, out bool, data []byte) {
	f, err := protocolSchema()
	if err != nil {
		t.Errorf("schema: %v", err)
		return
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Errorf("frame is not JSON: %v", err)
		return
	}
	schema, from := f.fromServer, "server"
	if out {
		schema, from = f.fromClient, "client"
	}
	if err := schema.Validate(v); err != nil {
		t.Errorf("frame of %s breaks the schema: %s\n%v", from, data, err)
	}
}

// line is a socket of a test, with everything received so far.
type line struct {
	t    testing.TB
	conn *client.Conn
	mu   sync.Mutex
	cond *sync.Cond
	got  []client.Frame
	err  error
	done chan struct{}
}

func wsURL(s *httptest.Server) string { return "ws" + strings.TrimPrefix(s.URL, "http") }

// dial opens a socket that says nothing and checks every frame it receives.
func dial(t testing.TB, web *httptest.Server, mute bool) *line {
	t.Helper()
	l := &line{t: t, done: make(chan struct{})}
	l.cond = sync.NewCond(&l.mu)
	conn, err := client.Dial(t.Context(), wsURL(web), client.Options{Mute: mute, Trace: func(out bool, data []byte) {
		if !out {
			checkFrame(t, false, data)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	l.conn = conn
	go l.read()
	t.Cleanup(func() {
		_ = conn.Cut()
		<-l.done
	})
	return l
}

func (l *line) read() {
	defer close(l.done)
	for {
		f, err := l.conn.Recv(context.Background())
		l.mu.Lock()
		if err != nil {
			l.err = err
			l.cond.Broadcast()
			l.mu.Unlock()
			return
		}
		l.got = append(l.got, f)
		l.cond.Broadcast()
		l.mu.Unlock()
	}
}

// patienceOfTests bounds every waiting for a condition.
const patienceOfTests = 20 * time.Second

// await waits for a frame that fits and takes everything up to it off the list.
func (l *line) await(what string, fits func(client.Frame) bool) client.Frame {
	l.t.Helper()
	timer := time.AfterFunc(patienceOfTests, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.err == nil {
			l.err = fmt.Errorf("waited too long")
		}
		l.cond.Broadcast()
	})
	defer timer.Stop()
	l.mu.Lock()
	defer l.mu.Unlock()
	for seen := 0; ; l.cond.Wait() {
		for ; seen < len(l.got); seen++ {
			if f := l.got[seen]; fits(f) {
				l.got = l.got[seen+1:]
				return f
			}
		}
		if l.err != nil {
			l.t.Fatalf("no %s: %v; got %v", what, l.err, types(l.got))
		}
	}
}

func types(list []client.Frame) []string {
	var out []string
	for _, f := range list {
		out = append(out, strings.TrimSpace(f.T+" "+f.State+" "+string(f.Code)))
	}
	return out
}

// frame waits for a frame of a type.
func (l *line) frame(t string) client.Frame {
	l.t.Helper()
	return l.await(t, func(f client.Frame) bool { return f.T == t })
}

// wantState waits for a state of a conversation.
func (l *line) wantState(s State) client.Frame {
	l.t.Helper()
	return l.await("state "+string(s), func(f client.Frame) bool { return f.T == "state" && f.State == string(s) })
}

// refused waits for an error with a code.
func (l *line) refused(code string) client.Frame {
	l.t.Helper()
	return l.await("error "+code, func(f client.Frame) bool { return f.T == "error" && string(f.Code) == code })
}

// closed waits for the end and returns the close code.
func (l *line) closed() int {
	l.t.Helper()
	select {
	case <-l.done:
	case <-time.After(patienceOfTests):
		l.t.Fatal("the socket stays open")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return client.CloseCode(l.err)
}

// send sends a valid frame.
func (l *line) send(f client.Frame) {
	l.t.Helper()
	data, err := json.Marshal(f)
	if err != nil {
		l.t.Fatal(err)
	}
	checkFrame(l.t, true, data)
	l.raw(string(data))
}

// raw sends anything.
func (l *line) raw(text string) {
	l.t.Helper()
	if err := l.conn.SendRaw(l.t.Context(), []byte(text)); err != nil {
		l.t.Fatal(err)
	}
}

// sit opens a seeker's socket.
func (s *seeker) sit(web *httptest.Server, last ...int64) *line {
	s.r.t.Helper()
	l := dial(s.r.t, web, false)
	hello := client.Frame{T: "hello", V: client.Version, Token: s.token}
	if len(last) > 0 {
		hello.Last = map[string]int64{s.id.String(): last[0]}
	}
	l.send(hello)
	l.frame("welcome")
	return l
}

// work opens a counsellor's socket and presses ready.
func (r *rig) work(p *person, web *httptest.Server) *line {
	r.t.Helper()
	l := dial(r.t, web, false)
	l.send(client.Frame{T: "hello", V: client.Version, Ticket: r.w.ticket(p)})
	l.frame("welcome")
	l.frame("status")
	l.send(client.Frame{T: "status", State: deskReady})
	l.await("ready", func(f client.Frame) bool { return f.T == "status" && f.State == deskReady })
	return l
}
