package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/coder/websocket"

	"lotse/cmd/loadgen/world"
	"lotse/internal/testenv/local"
)

// peer is the running server of bench/peer.
type peer struct {
	cmd  *exec.Cmd
	addr string
}

func startPeer(program, cores string) (*peer, error) {
	port, err := local.FreePort()
	if err != nil {
		return nil, err
	}
	p := &peer{addr: "127.0.0.1:" + port, cmd: exec.Command("taskset", "-c", cores, program, "-listen", "127.0.0.1:"+port)}
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	return p, world.Answers("http://"+p.addr+"/readyz", 20*time.Second)
}

func (p *peer) close() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

func (p *peer) pids() ([]int, error)        { return []int{p.cmd.Process.Pid}, nil }
func (p *peer) cpu() (time.Duration, error) { return cpuOf([]int{p.cmd.Process.Pid}) }

// peerLine is a connection that listens to one channel and publishes to another.
type peerLine struct {
	ws   *websocket.Conn
	mu   sync.Mutex
	id   int
	to   string
	fill string
}

// open makes n rooms of two connections.
func (p *peer) open(ctx context.Context, n int, e *ears) ([]room, error) {
	rooms := make([]room, n)
	for i := range rooms {
		for end := range 2 {
			l, err := p.dial(ctx, fmt.Sprintf("r%d-%d", i, end), fmt.Sprintf("r%d-%d", i, 1-end))
			if err != nil {
				return rooms, err
			}
			rooms[i][end] = l
			go l.listen(ctx, func(at int64) { e.hear(i, end, at) })
		}
	}
	return rooms, nil
}

func (p *peer) dial(ctx context.Context, own, other string) (*peerLine, error) {
	ws, _, err := websocket.Dial(ctx, "ws://"+p.addr+"/connection/websocket", nil)
	if err != nil {
		return nil, err
	}
	ws.SetReadLimit(1 << 20)
	l := &peerLine{ws: ws, to: other, fill: strings.Repeat("x", 150)}
	for _, text := range []string{`{"id":1,"connect":{}}`, fmt.Sprintf(`{"id":2,"subscribe":{"channel":%q}}`, own)} {
		if err := ws.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
			return nil, err
		}
		if _, data, err := ws.Read(ctx); err != nil || bytes.Contains(data, []byte(`"error"`)) {
			return nil, fmt.Errorf("peer: %s %w", data, err)
		}
	}
	l.id = 2
	return l, nil
}

func (l *peerLine) say(at int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.id++
	text := fmt.Appendf(nil, `{"id":%d,"publish":{"channel":%q,"data":{"at":%d,"fill":%q}}}`, l.id, l.to, at, l.fill)
	return l.ws.Write(context.Background(), websocket.MessageText, text)
}

func (l *peerLine) cut() { _ = l.ws.CloseNow() }

// listen hands on what is pushed and answers pings.
func (l *peerLine) listen(ctx context.Context, heard func(int64)) {
	for {
		_, data, err := l.ws.Read(ctx)
		if err != nil {
			return
		}
		for one := range bytes.SplitSeq(data, []byte("\n")) {
			if string(one) == "{}" {
				_ = l.ws.Write(ctx, websocket.MessageText, one)
				continue
			}
			var f struct {
				Push struct {
					Pub struct{ Data struct{ At int64 } }
				}
			}
			if json.Unmarshal(one, &f) == nil && f.Push.Pub.Data.At != 0 {
				heard(f.Push.Pub.Data.At)
			}
		}
	}
}
