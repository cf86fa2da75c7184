package client

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"lotse/internal/seal"
)

// server answers each socket by a script.
func server(t *testing.T, script func(ctx context.Context, ws *websocket.Conn, hello Frame)) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer ws.CloseNow()
		var hello Frame
		if _, data, err := ws.Read(r.Context()); err != nil || json.Unmarshal(data, &hello) != nil {
			return
		}
		script(r.Context(), ws, hello)
	}))
	t.Cleanup(s.Close)
	return "ws" + strings.TrimPrefix(s.URL, "http")
}

func say(ctx context.Context, ws *websocket.Conn, frames ...string) {
	for _, f := range frames {
		_ = ws.Write(ctx, websocket.MessageText, []byte(f))
	}
}

const welcome = `{"t":"welcome","seat":"seeker","conversations":[]}`

func TestLineGivesMessagesOnceAndInOrderAndResumes(t *testing.T) {
	var connections atomic.Int32
	url := server(t, func(ctx context.Context, ws *websocket.Conn, hello Frame) {
		say(ctx, ws, welcome)
		if connections.Add(1) == 1 {
			say(ctx, ws, `{}`, `{"t":"message","c":"c","seq":2,"id":"b"}`, `{"t":"message","c":"c","seq":1,"id":"a"}`, `{"t":"message","c":"c","seq":2,"id":"b"}`)
			_, _, _ = ws.Read(ctx) // the heartbeat
			return
		}
		if hello.Last["c"] != 2 {
			t.Errorf("resumed behind %v", hello.Last)
		}
		say(ctx, ws, `{"t":"message","c":"c","seq":2,"id":"b"}`, `{"t":"message","c":"c","seq":3,"id":"d"}`)
		_, _, _ = ws.Read(ctx)
	})
	ctx, cancel := context.WithCancel(t.Context())
	var got []int64
	l := &Line{URL: func() string { return url }, Wait: time.Millisecond, Hello: func(context.Context) (Frame, error) { return Frame{Token: "x"}, nil }}
	l.On = func(f Frame) {
		if f.T == "message" {
			got = append(got, f.Seq)
		}
		if f.Seq == 3 {
			cancel()
		}
	}
	if err := l.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if len(got) != 3 || got[0] != 1 || got[1] != 2 || got[2] != 3 {
		t.Errorf("given %v", got)
	}
}

func TestPostIsRepeatedUntilItIsAnswered(t *testing.T) {
	var connections atomic.Int32
	url := server(t, func(ctx context.Context, ws *websocket.Conn, _ Frame) {
		say(ctx, ws, welcome)
		_, data, err := ws.Read(ctx)
		if err != nil || connections.Add(1) == 1 {
			return // the first attempt is lost
		}
		var f Frame
		_ = json.Unmarshal(data, &f)
		if f.ID == "bad" {
			say(ctx, ws, `{"t":"error","re":"send","code":"out_of_order","c":"c","id":"bad"}`)
		} else {
			say(ctx, ws, `{"t":"ack","c":"c","id":"`+f.ID+`","seq":1}`)
		}
		_, _, _ = ws.Read(ctx)
	})
	ctx, cancel := context.WithCancel(t.Context())
	l := &Line{URL: func() string { return url }, Wait: time.Millisecond, On: func(Frame) {},
		Hello: func(context.Context) (Frame, error) { return Frame{Token: "x"}, nil }}
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	ack, err := l.Post(ctx, Send("c", seal.Message{ID: "m", N: 1}))
	if err != nil || ack.Seq != 1 {
		t.Errorf("ack %+v %v", ack, err)
	}
	l.Cut()
	_, err = l.Post(ctx, Send("c", seal.Message{ID: "bad", N: 1}))
	if r, ok := errors.AsType[*Refused](err); !ok || r.Frame.Code != "out_of_order" {
		t.Errorf("refusal %v", err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestLineEndsWhereItIsOfNoUse(t *testing.T) {
	for _, code := range []websocket.StatusCode{4001, 4003, 4009} {
		url := server(t, func(ctx context.Context, ws *websocket.Conn, _ Frame) {
			say(ctx, ws, welcome)
			_ = ws.Close(code, "")
		})
		l := &Line{URL: func() string { return url }, On: func(Frame) {}, Hello: func(context.Context) (Frame, error) { return Frame{}, nil }}
		if err := l.Run(t.Context()); CloseCode(err) != int(code) {
			t.Errorf("%d: %v", code, err)
		}
	}
	url := server(t, func(ctx context.Context, ws *websocket.Conn, _ Frame) { say(ctx, ws, `{"t":"error","code":"deleted"}`) })
	l := &Line{URL: func() string { return url }, On: func(Frame) {}, Hello: func(context.Context) (Frame, error) { return Frame{}, nil }}
	if r, ok := errors.AsType[*Refused](l.Run(t.Context())); !ok || r.Frame.Code != "deleted" {
		t.Error("a refused hello is tried again")
	}
}

func TestRefusedCallIsAProblem(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer t" {
			t.Errorf("authorization %q", r.Header.Get("Authorization"))
		}
		w.WriteHeader(http.StatusConflict)
		_, _ = w.Write([]byte(`{"status":409,"code":"closed","detail_data":{"state":"closed"}}`))
	}))
	defer s.Close()
	_, err := API{Base: s.URL, Token: "t"}.Open(t.Context(), Opening{})
	p, ok := errors.AsType[*Problem](err)
	if !ok || p.Status != 409 || p.Code != "closed" || len(p.DetailData) == 0 {
		t.Errorf("%v", err)
	}
}

func TestSilenceEndsAConnection(t *testing.T) {
	var connections atomic.Int32
	url := server(t, func(ctx context.Context, ws *websocket.Conn, _ Frame) {
		say(ctx, ws, welcome)
		if connections.Add(1) == 2 {
			say(ctx, ws, `{"t":"message","c":"c","seq":1,"id":"a"}`)
		}
		_, _, _ = ws.Read(ctx) // says nothing any more
	})
	ctx, cancel := context.WithCancel(t.Context())
	l := &Line{URL: func() string { return url }, Wait: time.Millisecond, Options: Options{Silence: 50 * time.Millisecond},
		Hello: func(context.Context) (Frame, error) { return Frame{Token: "x"}, nil }}
	l.On = func(f Frame) {
		if f.T == "message" {
			cancel()
		}
	}
	if err := l.Run(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestLineComesBackToAServerThatIsIllForTheMoment(t *testing.T) {
	var connections atomic.Int32
	ctx, cancel := context.WithCancel(t.Context())
	url := server(t, func(ctx context.Context, ws *websocket.Conn, _ Frame) {
		switch connections.Add(1) {
		case 1:
			say(ctx, ws, `{"t":"error","re":"hello","code":"unavailable"}`)
		case 2:
			say(ctx, ws, `{"t":"bye","code":4010,"reconnect":true}`)
		default:
			say(ctx, ws, welcome)
			_, _, _ = ws.Read(ctx)
		}
	})
	l := &Line{URL: func() string { return url }, Wait: time.Millisecond, On: func(Frame) { cancel() },
		Hello: func(context.Context) (Frame, error) { return Frame{Token: "x"}, nil }}
	if err := l.Run(ctx); err != nil {
		t.Fatal(err)
	}
}
