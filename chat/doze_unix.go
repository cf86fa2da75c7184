//go:build unix

package chat

import (
	"errors"
	"syscall"
)

// readable reports whether a read of the socket fd would not wait.
func readable(fd uintptr) bool {
	var first [1]byte
	_, _, err := syscall.Recvfrom(int(fd), first[:], syscall.MSG_PEEK)
	return !errors.Is(err, syscall.EAGAIN)
}
