package chat

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// counted counts the writes of a connection.
type counted struct {
	net.Conn
	writes [][]byte
}

func (c *counted) Write(p []byte) (int, error) {
	c.writes = append(c.writes, bytes.Clone(p))
	return len(p), nil
}

func (*counted) SetWriteDeadline(time.Time) error { return nil }

func TestAFrameArrivesWholeWhateverItsLength(t *testing.T) {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := websocket.Accept(&slimWriter{ResponseWriter: w, timeout: time.Second}, r, nil)
		if err != nil {
			return
		}
		ws.SetReadLimit(1 << 20)
		defer ws.CloseNow()
		for {
			kind, data, err := ws.Read(context.Background())
			if err != nil || ws.Write(context.Background(), kind, data) != nil {
				return
			}
		}
	}))
	defer site.Close()
	ws, _, err := websocket.Dial(t.Context(), site.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.CloseNow()
	ws.SetReadLimit(1 << 20)
	for _, n := range []int{0, 1, 2, 11, 12, 13, 14, 15, 16, 17, 27, 28, 29, 30, 125, 126, 127, 128, 129, 1 << 10, 65535, 65536, 1 << 18} {
		sent := bytes.Repeat([]byte{byte('a' + n%26)}, n)
		if err := ws.Write(t.Context(), websocket.MessageText, sent); err != nil {
			t.Fatal(err)
		}
		if _, got, err := ws.Read(t.Context()); err != nil || !bytes.Equal(got, sent) {
			t.Fatalf("%d bytes came back as %d: %v", n, len(got), err)
		}
	}
}

func TestPiecesOfAFrameAreWrittenTogether(t *testing.T) {
	under := &counted{}
	c := &slimConn{Conn: under, timeout: time.Second}
	frame := append([]byte{0x81, 126, 1, 0}, bytes.Repeat([]byte("x"), 256)...)
	for _, piece := range [][]byte{frame[:16], frame[16:], {0x81, 2, '{', '}'}} {
		if n, err := c.Write(piece); n != len(piece) || err != nil {
			t.Fatal(n, err)
		}
	}
	if got := bytes.Join(under.writes, nil); !bytes.Equal(got, append(frame, 0x81, 2, '{', '}')) {
		t.Errorf("%d bytes were written", len(got))
	}
	if first := under.writes[0]; len(first) != 16 || c.held != 0 {
		t.Errorf("the head was not held back until the rest came: %d bytes, %d held", len(first), c.held)
	}
}
