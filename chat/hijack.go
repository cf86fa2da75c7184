package chat

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"net"
	"net/http"
	"time"
)

// The buffers that a connection keeps for its life, instead of the two of 4 KiB that
// net/http and the websocket library would: a heartbeat fits into the one for
// reading, and what is longer is read past it. The one for writing takes no more
// than the head of a frame; slimConn puts the frame together again.
const (
	readBuffer  = 128
	writeBuffer = 16
)

// slimWriter hands the connection over with small buffers and a deadline on each
// write, so that a peer that does not read cannot hold a writer for ever.
type slimWriter struct {
	http.ResponseWriter
	timeout time.Duration
	conn    *slimConn // once it is handed over
}

// Hijack implements http.Hijacker.
func (w *slimWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	raw, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	if err := raw.SetDeadline(time.Time{}); err != nil { // what the HTTP server had set
		raw.Close()
		return nil, nil, err
	}
	// What the HTTP server has read beyond the request: Accept takes it out again.
	early, err := rw.Reader.Peek(rw.Reader.Buffered())
	if err != nil {
		raw.Close()
		return nil, nil, err
	}
	in := bufio.NewReaderSize(bytes.NewReader(early), max(readBuffer, len(early)))
	if _, err := in.Peek(len(early)); err != nil {
		raw.Close()
		return nil, nil, err
	}
	w.conn = &slimConn{Conn: raw, timeout: w.timeout, doze: newDoze(raw, in)}
	return w.conn, bufio.NewReadWriter(in, bufio.NewWriterSize(w.conn, writeBuffer)), nil
}

// slimConn sets a deadline before each write, and writes the two pieces in which a
// small buffer hands over a frame as one.
type slimConn struct {
	net.Conn
	timeout time.Duration
	first   [writeBuffer]byte // a piece that waits for the rest of its frame
	held    int
	pieces  [2][]byte
	doze    doze
}

// Write implements net.Conn. A piece that is held back is not lost: its frame goes
// on in the next write. Writes do not run side by side.
func (c *slimConn) Write(p []byte) (int, error) {
	if c.held == 0 && len(p) <= writeBuffer && frameLength(p) > len(p) {
		c.held = copy(c.first[:], p)
		return len(p), nil
	}
	if err := c.SetWriteDeadline(time.Now().Add(c.timeout)); err != nil {
		return 0, err
	}
	if c.held == 0 {
		return c.Conn.Write(p)
	}
	c.pieces = [2][]byte{c.first[:c.held], p}
	c.held = 0
	both := net.Buffers(c.pieces[:])
	_, err := both.WriteTo(c.Conn)
	c.pieces = [2][]byte{}
	if err != nil {
		return 0, err
	}
	return len(p), nil
}

// frameLength is the length of the frame that p begins with, as a server writes
// them (RFC 6455, 5.2, without a mask). p holds its head.
func frameLength(p []byte) int {
	if len(p) < 2 {
		return 0
	}
	switch n := int(p[1] & 0x7f); {
	case n == 126 && len(p) >= 4:
		return 4 + int(binary.BigEndian.Uint16(p[2:]))
	case n == 127 && len(p) >= 10:
		return 10 + int(binary.BigEndian.Uint64(p[2:]))
	default:
		return 2 + n
	}
}
