package client

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"sync"
	"time"
)

// The limits of the back-off.
const (
	firstWait = 500 * time.Millisecond
	lastWait  = 20 * time.Second
)

// Line is a socket that comes back: it says hello anew with the last seq it has,
// repeats messages that have no ack, and gives each message once and in order.
type Line struct {
	// URL and Options are how to dial. URL is asked before each attempt, so that
	// another node can be named.
	URL     func() string
	Options Options
	// Hello gives the token or a fresh ticket.
	Hello func(ctx context.Context) (Frame, error)
	// On gets every frame except heartbeats, from the goroutine of Run. Messages
	// come once and in the order of seq, own ones included; an own one that was
	// acknowledged has no sender.
	On func(Frame)
	// Wait replaces the first back-off; 0 means half a second.
	Wait time.Duration

	mu      sync.Mutex
	conn    *Conn
	last    map[string]int64
	held    map[string]map[int64]Frame // arrived before their turn
	pending []*pending
}

type pending struct {
	frame Frame
	done  chan Frame
}

// Run keeps the line open until ctx ends, or a close code or the answer to hello
// says that it is of no use. It returns nil when ctx has ended.
func (l *Line) Run(ctx context.Context) error {
	wait := max(l.Wait, time.Millisecond)
	if l.Wait == 0 {
		wait = firstWait
	}
	ceiling := wait
	for {
		retry, err := l.once(ctx)
		if ctx.Err() != nil {
			return nil
		}
		switch CloseCode(err) {
		case 4001, 4003, 4009:
			return err
		}
		if r, refused := errors.AsType[*Refused](err); refused && retry == 0 && !r.Passing() {
			return err
		}
		ceiling = min(2*ceiling, lastWait)
		if retry == 0 {
			retry = wait + rand.N(ceiling)
		}
		pause := time.NewTimer(retry)
		select {
		case <-ctx.Done():
			pause.Stop()
			return nil
		case <-pause.C:
		}
	}
}

// once is the life of one connection; retry is the server's wish.
func (l *Line) once(ctx context.Context) (retry time.Duration, err error) {
	hello, err := l.Hello(ctx)
	if err != nil {
		return 0, err
	}
	conn, err := Dial(ctx, l.URL(), l.Options)
	if err != nil {
		return 0, err
	}
	defer conn.Cut()
	l.mu.Lock()
	hello.Last = map[string]int64{}
	maps.Copy(hello.Last, l.last)
	l.mu.Unlock()
	welcome, err := conn.Greet(ctx, hello)
	if err != nil {
		return 0, err
	}
	l.On(welcome)
	if err := l.open(ctx, conn); err != nil {
		return 0, err
	}
	defer l.shut()
	for {
		f, err := conn.Recv(ctx)
		if err != nil {
			return retry, err
		}
		if f.T == "bye" {
			retry = max(time.Duration(f.RetryMS)*time.Millisecond, time.Millisecond)
		}
		l.take(f)
	}
}

// open repeats what has no ack and lets senders use the connection.
func (l *Line) open(ctx context.Context, conn *Conn) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conn = conn
	for _, p := range l.pending {
		if err := conn.Send(ctx, p.frame); err != nil {
			l.conn = nil
			return err
		}
	}
	return nil
}

func (l *Line) shut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conn = nil
}

// take gives a frame to On, messages in their turn.
func (l *Line) take(f Frame) {
	switch f.T {
	case "message":
		l.settle(f)
		for _, m := range l.inOrder(f) {
			l.On(m)
		}
		return
	case "ack":
		if own, known := l.settle(f); known {
			own.T, own.Seq, own.At = "message", f.Seq, f.At
			for _, m := range l.inOrder(own) {
				l.On(m)
			}
		}
	case "error":
		if f.Re == "send" {
			l.settle(f)
		}
	}
	l.On(f)
}

// settle ends the waiting for the answer to a message: an ack, an error, or the
// message itself after a reconnect.
func (l *Line) settle(f Frame) (own Frame, known bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, p := range l.pending {
		if p.frame.ID == f.ID && p.frame.C == f.C {
			l.pending = append(l.pending[:i:i], l.pending[i+1:]...)
			p.done <- f
			return p.frame, true
		}
	}
	return Frame{}, false
}

// inOrder holds a message back until all before it have come, and drops those
// given already.
func (l *Line) inOrder(f Frame) []Frame {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.last == nil {
		l.last, l.held = map[string]int64{}, map[string]map[int64]Frame{}
	}
	if l.held[f.C] == nil {
		l.held[f.C] = map[int64]Frame{}
	}
	if f.Seq > l.last[f.C] {
		l.held[f.C][f.Seq] = f
	}
	var turn []Frame
	for {
		next, ok := l.held[f.C][l.last[f.C]+1]
		if !ok {
			return turn
		}
		delete(l.held[f.C], next.Seq)
		l.last[f.C]++
		turn = append(turn, next)
	}
}

// Post sends a message until it is durable or refused, over as many connections
// as that takes. It returns the ack, or the message itself when the ack was lost,
// or a *Refused.
func (l *Line) Post(ctx context.Context, f Frame) (Frame, error) {
	p := &pending{frame: f, done: make(chan Frame, 1)}
	l.mu.Lock()
	l.pending = append(l.pending, p)
	conn := l.conn
	l.mu.Unlock()
	if conn != nil {
		_ = conn.Send(ctx, f) // repeated by the next connection if it was lost
	}
	select {
	case got := <-p.done:
		if got.T == "error" {
			return got, &Refused{got}
		}
		return got, nil
	case <-ctx.Done():
		return Frame{}, ctx.Err()
	}
}

// Tell sends a frame if the line is open, and reports whether it was.
func (l *Line) Tell(ctx context.Context, f Frame) bool {
	l.mu.Lock()
	conn := l.conn
	l.mu.Unlock()
	return conn != nil && conn.Send(ctx, f) == nil
}

// Cut drops the present connection, as a lost network does.
func (l *Line) Cut() {
	l.mu.Lock()
	conn := l.conn
	l.mu.Unlock()
	if conn != nil {
		_ = conn.Cut()
	}
}
