package chat

import (
	"bufio"
	"bytes"
	"net"
	"net/http"
	"time"
)

// bufferSize replaces the two buffers of 4 KiB that net/http and the websocket
// library would keep for the life of a connection. Frames are mostly smaller.
const bufferSize = 1 << 10

// slimWriter hands the connection over with small buffers and a deadline on each
// write, so that a peer that does not read cannot hold a writer for ever.
type slimWriter struct {
	http.ResponseWriter
	timeout time.Duration
}

// Hijack implements http.Hijacker.
func (w slimWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	raw, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	if err := raw.SetDeadline(time.Time{}); err != nil { // what the HTTP server had set
		raw.Close()
		return nil, nil, err
	}
	conn := deadlineConn{raw, w.timeout}
	// What the HTTP server has read beyond the request: Accept takes it out again.
	early, err := rw.Reader.Peek(rw.Reader.Buffered())
	if err != nil {
		raw.Close()
		return nil, nil, err
	}
	in := bufio.NewReaderSize(bytes.NewReader(early), max(bufferSize, len(early)))
	if _, err := in.Peek(len(early)); err != nil {
		raw.Close()
		return nil, nil, err
	}
	return conn, bufio.NewReadWriter(in, bufio.NewWriterSize(conn, bufferSize)), nil
}

// deadlineConn sets a deadline before each write.
type deadlineConn struct {
	net.Conn
	timeout time.Duration
}

// Write implements net.Conn.
func (c deadlineConn) Write(p []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.timeout)); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}
