package world

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
	"time"
)

// echo answers each line with itself.
func echo(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				for lines := bufio.NewScanner(c); lines.Scan(); {
					fmt.Fprintln(c, lines.Text())
				}
			}()
		}
	}()
	return l.Addr().String()
}

// ask sends a line and waits a while for the answer.
func ask(c net.Conn, line string, patience time.Duration) (string, error) {
	if _, err := fmt.Fprintln(c, line); err != nil {
		return "", err
	}
	_ = c.SetReadDeadline(time.Now().Add(patience))
	return bufio.NewReader(c).ReadString('\n')
}

func dial(t *testing.T, p *Proxy) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if got, err := ask(c, "hello", time.Minute); got != "hello\n" || err != nil {
		t.Fatalf("%q %v", got, err)
	}
	return c
}

func TestProxyDisturbsAndHeals(t *testing.T) {
	p, err := newProxy(echo(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	r := rand.New(rand.NewPCG(1, 2))

	cut := dial(t, p)
	p.Cut(r, 1)
	if got, err := ask(cut, "again", time.Minute); err == nil {
		t.Errorf("a cut connection answers %q", got)
	}
	held := dial(t, p)
	p.Hold(r, 1)
	if got, err := ask(held, "again", 50*time.Millisecond); got != "" {
		t.Errorf("a held connection answers %q %v", got, err)
	}
	slow := dial(t, p)
	p.Slow(r, 1, time.Millisecond)
	if got, err := ask(slow, "again", time.Minute); got != "again\n" {
		t.Errorf("a slow connection answers %q %v", got, err)
	}
	p.Shut()
	if c, err := net.Dial("tcp", p.Addr()); err == nil {
		if got, err := ask(c, "again", time.Minute); err == nil {
			t.Errorf("a shut proxy answers %q", got)
		}
		c.Close()
	}
	p.Heal()
	dial(t, p)
}
