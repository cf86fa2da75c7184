package chat

import (
	"bufio"
	"net"
	"syscall"
)

// doze waits for the next frame with a shallow stack: a goroutine that waits within
// a read of the websocket library needs 4 KiB, one that waits here 2. Where the
// connection cannot tell (TLS within this process) it does not wait at all, and the
// read does.
type doze struct {
	raw   syscall.RawConn
	in    *bufio.Reader // the library's
	ready func(fd uintptr) bool
}

func newDoze(conn net.Conn, in *bufio.Reader) doze {
	tells, ok := conn.(syscall.Conn)
	if !ok {
		return doze{}
	}
	raw, err := tells.SyscallConn()
	if err != nil {
		return doze{} // the read says what is wrong
	}
	asked := false
	return doze{raw: raw, in: in, ready: func(fd uintptr) bool {
		again := asked // after a wait it is ready, and the next wait begins anew
		asked = !again && !readable(fd)
		return again || !asked
	}}
}

// may reports whether the next frame has to come from the system. It must not be
// called while something reads.
func (d *doze) may() bool { return d.raw != nil && d.in.Buffered() == 0 }

// wait returns when there is something to read, be it an end or an error, which the
// next read finds.
func (d *doze) wait() { _ = d.raw.Read(d.ready) }
