package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/coder/websocket"
)

// readLimit is the largest frame that is taken from a server.
const readLimit = 4 << 20

// Options is how to dial.
type Options struct {
	HTTP   *http.Client
	Origin string
	// Trace sees every frame that is sent (out) or received.
	Trace func(out bool, data []byte)
	// Mute leaves heartbeats unanswered, to test the server.
	Mute bool
	// Silence is how long nothing may come, heartbeats included, until the
	// connection is given up, and how long dialling may take; 0 means for ever.
	// The protocol gives 35 s for heartbeats every 25 s.
	Silence time.Duration
}

// patience is ctx for something that may take as long as a silence.
func (o Options) patience(ctx context.Context) (context.Context, context.CancelFunc) {
	if o.Silence == 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, o.Silence)
}

// Conn is one socket. Recv must not be called by two goroutines at once; the
// other methods may be.
type Conn struct {
	ws *websocket.Conn
	o  Options
}

// Dial opens a socket without saying hello.
func Dial(ctx context.Context, url string, o Options) (*Conn, error) {
	d := &websocket.DialOptions{HTTPClient: o.HTTP, Subprotocols: []string{Version}}
	if o.Origin != "" {
		d.HTTPHeader = http.Header{"Origin": {o.Origin}}
	}
	ctx, cancel := o.patience(ctx)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, url, d)
	if err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	ws.SetReadLimit(readLimit)
	return &Conn{ws: ws, o: o}, nil
}

// Greet says hello and returns the welcome. An error or bye frame instead is a *Refused.
func (c *Conn) Greet(ctx context.Context, hello Frame) (Frame, error) {
	hello.T, hello.V = "hello", Version
	if err := c.Send(ctx, hello); err != nil {
		return Frame{}, err
	}
	f, err := c.Recv(ctx)
	if err != nil {
		return f, err
	}
	if f.T != "welcome" {
		return f, &Refused{f}
	}
	return f, nil
}

// Refused is an error frame as an error.
type Refused struct{ Frame Frame }

// Error names the code.
func (r *Refused) Error() string { return "refused: " + string(r.Frame.Code) }

// Passing reports whether the same frame may be taken later. A bye instead of a
// welcome says so itself.
func (r *Refused) Passing() bool {
	if r.Frame.T == "bye" {
		return r.Frame.Reconnect
	}
	return r.Frame.Code == "unavailable" || r.Frame.Code == "internal" || r.Frame.Code == "too_many"
}

// Send writes one frame.
func (c *Conn) Send(ctx context.Context, f Frame) error {
	data, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return c.SendRaw(ctx, data)
}

// SendRaw writes any text as one frame.
func (c *Conn) SendRaw(ctx context.Context, data []byte) error {
	if c.o.Trace != nil {
		c.o.Trace(true, data)
	}
	return c.ws.Write(ctx, websocket.MessageText, data)
}

// SendBinary writes a binary message, which the protocol does not have.
func (c *Conn) SendBinary(ctx context.Context, data []byte) error {
	return c.ws.Write(ctx, websocket.MessageBinary, data)
}

// Recv returns the next frame that is not a heartbeat, and answers heartbeats. A
// ctx that ends closes the connection.
func (c *Conn) Recv(ctx context.Context) (Frame, error) {
	for {
		data, err := c.next(ctx)
		if err != nil {
			return Frame{}, err
		}
		if c.o.Trace != nil {
			c.o.Trace(false, data)
		}
		if string(data) == "{}" {
			if c.o.Mute {
				continue
			}
			if err := c.SendRaw(ctx, data); err != nil {
				return Frame{}, err
			}
			continue
		}
		var f Frame
		if err := json.Unmarshal(data, &f); err != nil {
			return f, fmt.Errorf("frame: %w", err)
		}
		return f, nil
	}
}

func (c *Conn) next(ctx context.Context) ([]byte, error) {
	ctx, cancel := c.o.patience(ctx)
	defer cancel()
	_, data, err := c.ws.Read(ctx)
	return data, err
}

// Close says goodbye.
func (c *Conn) Close() error { return c.ws.Close(websocket.StatusNormalClosure, "") }

// Cut ends the connection without a word, as a lost network does.
func (c *Conn) Cut() error { return c.ws.CloseNow() }

// CloseCode is the code with which the server closed; 0 when it said none.
func CloseCode(err error) int {
	var e websocket.CloseError
	if errors.As(err, &e) {
		return int(e.Code)
	}
	return 0
}
