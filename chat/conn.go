package chat

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"lotse/internal/fault"
	"lotse/internal/staff"
)

// conn is one socket. While nothing happens it costs one goroutine that waits in
// read, two small buffers and this struct.
//
// Order of locks: handling, then mu. Nothing that waits is done under mu.
type conn struct {
	s    *Service
	ws   *websocket.Conn
	doze *doze
	id   string // of connIDs
	born int64  // unix milliseconds

	// Set by hello, before greeted. A seeker sits in one conversation, an actor
	// at a desk.
	side         Who
	conversation ID
	actor        *staff.Actor

	nextBeat int64 // unix milliseconds; belongs to the pulse
	greeted  atomic.Bool
	replaced atomic.Bool  // a newer connection has the seat
	heard    atomic.Int64 // unix milliseconds of the last frame
	alive    atomic.Int64 // of the last look at the staff session

	handling sync.Mutex // frames are handled one after the other
	rates    rates      // guarded by handling

	mu       sync.Mutex
	out      [][]byte
	outBytes int
	writing  bool
	closing  bool
	gone     bool
	held     bool          // the seat is taken and has to be given up at the end
	drained  chan struct{} // closed when out is empty, if somebody waits
	streams  []*stream
	dirt     dirt
	syncing  bool
	status   Status
	sent     sentFrames
}

// ServeSocket upgrades a request and returns; the socket lives on. While the node
// drains it answers 503.
func (s *Service) ServeSocket(w http.ResponseWriter, r *http.Request) {
	if s.hub.isDraining() {
		w.Header().Set("Retry-After", "3")
		http.Error(w, "draining", http.StatusServiceUnavailable)
		return
	}
	slim := &slimWriter{ResponseWriter: w, timeout: s.tune.WriteTimeout}
	ws, err := websocket.Accept(slim, r, &websocket.AcceptOptions{
		OriginPatterns: s.origins, Subprotocols: []string{Protocol}, CompressionMode: websocket.CompressionDisabled,
	})
	if err != nil {
		s.metrics.refused.Inc()
		return // Accept has answered
	}
	ws.SetReadLimit(maxMessage)
	c := &conn{s: s, ws: ws, doze: &slim.conn.doze, id: s.hub.ids.next(), born: time.Now().UnixMilli()}
	c.heard.Store(c.born)
	if !s.hub.add(c) {
		_ = ws.CloseNow()
		return
	}
	go c.take() // the first frame comes at once
}

// who is the side of the seat, "" before hello.
func (c *conn) who() Who {
	if !c.greeted.Load() {
		return ""
	}
	return c.side
}

// read waits for one frame. Whatever comes after it is read by a goroutine with a
// fresh small stack, so that the deep stack of reading and handling a frame is not
// kept by an idle connection.
func (c *conn) read() {
	c.mu.Lock()
	wait := !c.closing && c.doze.may() // closing: the library may be reading
	c.mu.Unlock()
	if wait {
		c.doze.wait()
	}
	c.take()
}

// take reads and handles one frame. handling keeps the frames in order.
//
//go:noinline
func (c *conn) take() {
	data, err := c.next()
	switch {
	case errors.Is(err, errTooLarge):
		c.refuse(fault.New(fault.TooLarge, "too_large"))
	case errors.Is(err, errNotText):
		c.refuse(fault.New(fault.Invalid, "malformed"))
	case err != nil:
		c.end()
		return
	default:
		c.heard.Store(time.Now().UnixMilli())
	}
	if err != nil || string(data) == string(heartbeat) {
		go c.read()
		return
	}
	c.handling.Lock()
	go c.read()
	c.handle(data)
	c.handling.Unlock()
}

var (
	errTooLarge = errors.New("chat: frame too large")
	errNotText  = errors.New("chat: not a text frame")
)

// next reads one frame. Frames beyond maxFrame are read to their end and dropped.
func (c *conn) next() ([]byte, error) {
	kind, r, err := c.ws.Reader(context.Background())
	if err != nil {
		return nil, err
	}
	var first [3]byte // most frames of an idle connection are heartbeats, which are shorter
	n, err := io.ReadFull(r, first[:])
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return first[:n], nil
	}
	if err != nil {
		return nil, err
	}
	data, err := readRest(r, first)
	if err == nil && kind != websocket.MessageText {
		err = errNotText
	}
	return data, err
}

func readRest(r io.Reader, first [3]byte) ([]byte, error) {
	data := append(make([]byte, 0, 512), first[:]...)
	for {
		n, err := r.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		switch {
		case errors.Is(err, io.EOF):
			return data, nil
		case err != nil:
			return nil, err
		case len(data) > maxFrame:
			if _, err := io.Copy(io.Discard, r); err != nil {
				return nil, err
			}
			return nil, errTooLarge
		case len(data) == cap(data):
			data = append(data, 0)[:len(data)]
		}
	}
}

// end cleans up after the socket is gone, once.
func (c *conn) end() {
	c.mu.Lock()
	if c.gone {
		c.mu.Unlock()
		return
	}
	c.gone, c.closing = true, true
	held := c.held
	c.out, c.outBytes = nil, 0
	streams := c.streams
	c.streams = nil
	if c.drained != nil {
		close(c.drained)
		c.drained = nil
	}
	c.mu.Unlock()
	_ = c.ws.CloseNow()
	for _, st := range streams {
		c.s.hub.part(st.id, c)
	}
	defer c.s.hub.remove(c)
	switch {
	case !held:
	case c.side == Seeker:
		c.s.leaveSeat(c)
	default:
		c.s.leaveDesk(c)
	}
}

// hold notes that the seat is taken; false when the socket is gone already, and
// then whoever took it gives it up.
func (c *conn) hold() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held = !c.gone
	return c.held
}

// push queues a frame for the client. A client that lets too much pile up is
// closed and resumes.
func (c *conn) push(frame []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pushLocked(frame)
}

func (c *conn) pushLocked(frame []byte) {
	if c.closing {
		return
	}
	c.out = append(c.out, frame)
	c.outBytes += len(frame)
	if c.outBytes > c.s.tune.Outbox {
		c.closing = true
		go c.farewell(closeSlow, 0)
		return
	}
	if !c.writing {
		c.writing = true
		go c.write()
	}
}

// send encodes and queues a frame.
func (c *conn) send(frame any) { c.push(encodeFrame(frame)) }

// refuse answers a frame that was not even looked at.
func (c *conn) refuse(err error) { c.send(errorOf(err, "", "", "")) }

// write empties the outbox and ends. The deadline is on the connection.
func (c *conn) write() {
	for {
		c.mu.Lock()
		batch := c.out
		c.out = nil
		if len(batch) == 0 {
			c.writing = false
			if c.drained != nil {
				close(c.drained)
				c.drained = nil
			}
			c.mu.Unlock()
			return
		}
		c.mu.Unlock()
		for _, frame := range batch {
			if err := c.ws.Write(context.Background(), websocket.MessageText, frame); err != nil {
				c.failed(err)
				return
			}
			c.mu.Lock()
			c.outBytes -= len(frame)
			c.mu.Unlock()
		}
		c.s.metrics.framesOut.Add(float64(len(batch)))
	}
}

// failed gives the connection up after a write that did not come through; the
// reader notices and cleans up.
func (c *conn) failed(err error) {
	if isTimeout(err) {
		c.s.metrics.closed(closeSlow)
	}
	_ = c.ws.CloseNow()
}

func isTimeout(err error) bool {
	t, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	return ok && t.Timeout()
}

// shut closes the socket with one of the codes of the protocol, once, without
// waiting for it.
func (c *conn) shut(code int) { c.shutAfter(code, 0) }

func (c *conn) shutAfter(code int, retry time.Duration) {
	c.mu.Lock()
	if c.closing {
		c.mu.Unlock()
		return
	}
	c.closing = true
	c.mu.Unlock()
	if code == closeReplaced {
		c.replaced.Store(true)
	}
	go c.farewell(code, retry)
}

// farewell says bye and closes. The library bounds each of its waits by five
// seconds and each write has a deadline, so it ends even if the peer is stuck.
func (c *conn) farewell(code int, retry time.Duration) {
	c.s.metrics.closed(code)
	if code != closeSlow {
		c.settle()
		ctx, cancel := context.WithTimeout(context.Background(), c.s.tune.WriteTimeout)
		defer cancel()
		bye := byeFrame{T: "bye", Code: code, Reconnect: mayReconnect(code), RetryMS: int(retry.Milliseconds())}
		_ = c.ws.Write(ctx, websocket.MessageText, encodeFrame(bye)) // the close frame follows whatever came of it
	}
	_ = c.ws.Close(websocket.StatusCode(code), "")
	_ = c.ws.CloseNow()
}

// settle waits until what was queued before the end is written, within the time
// of one write.
func (c *conn) settle() {
	c.mu.Lock()
	if !c.writing {
		c.mu.Unlock()
		return
	}
	if c.drained == nil {
		c.drained = make(chan struct{})
	}
	wait := c.drained
	c.mu.Unlock()
	late := time.NewTimer(c.s.tune.WriteTimeout)
	defer late.Stop()
	select {
	case <-wait:
	case <-late.C:
	}
}

// room waits until the outbox is empty; false when the connection is closing.
func (c *conn) room() bool {
	c.mu.Lock()
	if c.closing || !c.writing {
		ok := !c.closing
		c.mu.Unlock()
		return ok
	}
	if c.drained == nil {
		c.drained = make(chan struct{})
	}
	wait := c.drained
	c.mu.Unlock()
	<-wait // closed by write when the outbox is empty, or by end
	return true
}
