package crowd

import (
	"context"
	"fmt"
	"strings"
	"time"

	"lotse/chat/client"
	"lotse/cmd/loadgen/history"
)

// Hostile tries what nobody should, over and over, until ctx ends. Others are a
// source of conversations that are none of its business.
type Hostile struct {
	*person
	others func() []string
}

// NewHostile makes one; number tells people of a town apart.
func NewHostile(town *Town, number int, seed uint64, others func() []string) *Hostile {
	h := &Hostile{person: newPerson(town, fmt.Sprintf("hostile %d", number), number, "", seed), others: others}
	return h
}

// Run tries one trick after the other. The only things it writes down are answers
// that tell it what it must not know.
func (h *Hostile) Run(ctx context.Context) {
	for ctx.Err() == nil {
		conn, err := client.Dial(ctx, h.line.URL(), client.Options{HTTP: h.line.Options.HTTP, Silence: time.Second})
		if err == nil {
			tricks[h.roll(len(tricks))](h, ctx, conn)
			h.listen(ctx, conn)
			_ = conn.Cut()
		}
		h.rest(ctx, 4*h.town.Pace)
	}
}

// listen reads what is answered until there is silence.
func (h *Hostile) listen(ctx context.Context, conn *client.Conn) {
	for {
		f, err := conn.Recv(ctx)
		if err != nil {
			return
		}
		if f.T != "error" && f.T != "bye" {
			h.note(history.Event{Kind: history.Odd, C: f.C, Text: "a stranger was told " + f.T})
		}
	}
}

// tricks is what a stranger without a seat tries.
var tricks = []func(*Hostile, context.Context, *client.Conn){
	func(h *Hostile, ctx context.Context, c *client.Conn) { // garbage
		for _, text := range []string{"", "x", "[]", "{", `{"t":7}`, `{"t":"nothing"}`, strings.Repeat("[", 9000), `{"t":"hello"}`} {
			_ = c.SendRaw(ctx, []byte(text))
		}
	},
	func(h *Hostile, ctx context.Context, c *client.Conn) { // too much at once
		_ = c.SendRaw(ctx, []byte(`{"t":"send","body":"`+strings.Repeat("A", 100<<10)+`"}`))
		_ = c.SendBinary(ctx, make([]byte, 100))
	},
	func(h *Hostile, ctx context.Context, c *client.Conn) { // a token made up
		_ = c.Send(ctx, client.Frame{T: "hello", V: client.Version, Token: strings.Repeat("A", 43)})
	},
	func(h *Hostile, ctx context.Context, c *client.Conn) { // somebody else's conversation
		for _, id := range h.others() {
			for _, t := range []string{"send", "read", "close", "release", "accept", "transfer"} {
				_ = c.Send(ctx, client.Frame{T: t, C: id})
			}
		}
	},
	func(h *Hostile, ctx context.Context, c *client.Conn) { // a flood
		for range 500 {
			if c.SendRaw(ctx, []byte(`{"t":"typing","on":true}`)) != nil {
				return
			}
		}
	},
	func(h *Hostile, ctx context.Context, c *client.Conn) {}, // silence
}
