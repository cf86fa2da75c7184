package testenv

import (
	"bytes"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// Monitor notes every command the server gets from now on. The returned
// function gives what was noted so far. It ends with the test.
func (s *RedisServer) Monitor(t testing.TB) func() []byte {
	t.Helper()
	conn, err := net.Dial("tcp", "127.0.0.1:"+s.port)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, "MONITOR\r\n"); err != nil {
		t.Fatal(err)
	}
	var notes notes
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(&notes, conn)
	}()
	t.Cleanup(func() {
		conn.Close()
		<-done
	})
	return notes.text
}

// Dump returns everything the server holds, as it would write it to disk,
// uncompressed.
func (s *RedisServer) Dump(t testing.TB) []byte {
	t.Helper()
	s.must(t, "CONFIG SET rdbcompression no")
	s.must(t, "SAVE")
	data, err := os.ReadFile(filepath.Join(s.dir, "dump.rdb"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// notes is a buffer for two goroutines.
type notes struct {
	mu  sync.Mutex
	all bytes.Buffer
}

// Write implements io.Writer.
func (n *notes) Write(p []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.all.Write(p)
}

func (n *notes) text() []byte {
	n.mu.Lock()
	defer n.mu.Unlock()
	return bytes.Clone(n.all.Bytes())
}
