package world

import (
	"math/rand/v2"
	"net"
	"sync"
	"time"
)

// Proxy passes TCP connections on to one address and can disturb them. Its own
// address never changes, so what connects through it can come back.
type Proxy struct {
	to       string
	listener net.Listener

	mu    sync.Mutex
	pipes map[*pipe]struct{}
	shut  bool // refuse new connections
	wg    sync.WaitGroup
}

// pipe is one connection through a proxy.
type pipe struct {
	near, far net.Conn

	mu   sync.Mutex
	held bool          // swallow everything, tell nobody
	slow time.Duration // wait before each piece
}

// newProxy listens on a free port of loopback and passes on to an address.
func newProxy(to string) (*Proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{to: to, listener: l, pipes: map[*pipe]struct{}{}}
	p.wg.Go(p.accept)
	return p, nil
}

// Addr is where the proxy listens.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

func (p *Proxy) accept() {
	for {
		near, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.wg.Go(func() { p.serve(near) })
	}
}

func (p *Proxy) serve(near net.Conn) {
	far, err := net.DialTimeout("tcp", p.to, time.Second)
	if err != nil {
		reset(near)
		return
	}
	pipe := &pipe{near: near, far: far}
	if !p.add(pipe) {
		pipe.cut()
		return
	}
	defer p.remove(pipe)
	var both sync.WaitGroup
	both.Go(func() { pipe.pass(near, far) })
	both.Go(func() { pipe.pass(far, near) })
	both.Wait()
}

func (p *Proxy) add(x *pipe) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shut {
		return false
	}
	p.pipes[x] = struct{}{}
	return true
}

func (p *Proxy) remove(x *pipe) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.pipes, x)
}

// pass copies one direction until either end is gone, and then ends both; of a
// held connection only the end that is gone, so that the other learns nothing.
func (x *pipe) pass(from, to net.Conn) {
	buf := make([]byte, 16<<10)
	for {
		n, err := from.Read(buf)
		held, slow := x.state()
		time.Sleep(slow)
		switch {
		case err != nil && held:
			_ = from.Close()
			return
		case err != nil:
			x.close()
			return
		case held:
			continue
		}
		if _, err := to.Write(buf[:n]); err != nil {
			x.close()
			return
		}
	}
}

func (x *pipe) state() (held bool, slow time.Duration) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.held, x.slow
}

func (x *pipe) close() {
	_ = x.near.Close()
	_ = x.far.Close()
}

// cut ends a connection as a crash of a router does: by reset.
func (x *pipe) cut() {
	reset(x.near)
	reset(x.far)
}

func reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.Close()
}

// some picks a share of the present connections.
func (p *Proxy) some(r *rand.Rand, share float64) []*pipe {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []*pipe
	for x := range p.pipes {
		if r.Float64() < share {
			list = append(list, x)
		}
	}
	return list
}

// Cut resets a share of the connections, 1 for all.
func (p *Proxy) Cut(r *rand.Rand, share float64) {
	for _, x := range p.some(r, share) {
		x.cut()
	}
}

// Slow makes each piece of a share of the connections wait, until they end or
// Heal is called.
func (p *Proxy) Slow(r *rand.Rand, share float64, by time.Duration) {
	for _, x := range p.some(r, share) {
		x.mu.Lock()
		x.slow = by
		x.mu.Unlock()
	}
}

// Hold makes a share of the connections half-open: they stay, and nothing comes
// through in either direction. What is swallowed is gone, so Heal resets them.
func (p *Proxy) Hold(r *rand.Rand, share float64) {
	for _, x := range p.some(r, share) {
		x.mu.Lock()
		x.held = true
		x.mu.Unlock()
	}
}

// Shut refuses new connections and cuts all, until Heal.
func (p *Proxy) Shut() {
	p.mu.Lock()
	p.shut = true
	p.mu.Unlock()
	for _, x := range p.some(rand.New(rand.NewPCG(0, 0)), 2) {
		x.cut()
	}
}

// Heal ends all disturbances.
func (p *Proxy) Heal() {
	p.mu.Lock()
	p.shut = false
	p.mu.Unlock()
	for _, x := range p.some(rand.New(rand.NewPCG(0, 0)), 2) {
		held, _ := x.state()
		x.mu.Lock()
		x.slow = 0
		x.mu.Unlock()
		if held {
			x.cut()
		}
	}
}

// Close ends the proxy and waits for its goroutines.
func (p *Proxy) Close() {
	_ = p.listener.Close()
	p.Shut()
	p.wg.Wait()
}
