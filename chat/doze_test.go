package chat

import (
	"bufio"
	"net"
	"testing"
	"time"
)

// pair is a connection over TCP, its far end, and what dozes on it.
func pair(t *testing.T) (near, far net.Conn, d doze) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if far, err = net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if near, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { near.Close(); far.Close() })
	return near, far, newDoze(near, bufio.NewReaderSize(near, readBuffer))
}

func TestADozeEndsWithWhatComes(t *testing.T) {
	near, far, d := pair(t)
	for n := range 100 { // before the doze or after it, as it happens
		woken := make(chan struct{})
		go func() {
			d.wait()
			close(woken)
		}()
		if n%2 == 0 {
			time.Sleep(time.Millisecond)
			select {
			case <-woken:
				t.Fatal("woken by nothing")
			default:
			}
		}
		if _, err := far.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		<-woken
		if got, err := near.Read(make([]byte, 8)); got != 1 || err != nil {
			t.Fatal(got, err)
		}
	}
}

func TestADozeEndsWithTheConnection(t *testing.T) {
	for name, end := range map[string]func(near, far net.Conn){
		"far end":   func(_, far net.Conn) { far.Close() },
		"this end":  func(near, _ net.Conn) { near.Close() },
		"reset":     func(_, far net.Conn) { _ = far.(*net.TCPConn).SetLinger(0); far.Close() },
		"long over": func(near, far net.Conn) { far.Close(); time.Sleep(10 * time.Millisecond) },
	} {
		t.Run(name, func(t *testing.T) {
			near, far, d := pair(t)
			if name == "long over" {
				end(near, far)
				d.wait()
				return
			}
			woken := make(chan struct{})
			go func() {
				d.wait()
				close(woken)
			}()
			end(near, far)
			<-woken
		})
	}
}

func TestNobodyDozesOverWhatIsRead(t *testing.T) {
	_, far, d := pair(t)
	if !d.may() {
		t.Error("awake with nothing to read")
	}
	if _, err := far.Write([]byte("ab")); err != nil {
		t.Fatal(err)
	}
	if _, err := d.in.ReadByte(); err != nil {
		t.Fatal(err)
	}
	if d.may() {
		t.Error("dozes although half of what came is read and not used")
	}
	one, two := net.Pipe()
	defer one.Close()
	defer two.Close()
	if d := newDoze(one, nil); d.may() {
		t.Error("dozes on what cannot tell")
	}
}
