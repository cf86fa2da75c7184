package world

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"lotse/internal/testenv/local"
)

// How long servers may take to answer after a start, and to end.
const (
	startPatience = 90 * time.Second
	endPatience   = 30 * time.Second
)

// server is a PostgreSQL or Redis of this world behind a proxy.
type server struct {
	*ward
	port  string
	proxy *Proxy
	ready func() error
}

func (s *server) launch() error {
	if err := s.start(); err != nil {
		return err
	}
	if err := await(s.name, startPatience, s.ready); err != nil {
		return fmt.Errorf("%w\n%s", err, s.tail())
	}
	return nil
}

// newPostgres makes a cluster in dir and serves it. Commits are durable as in
// operation.
func newPostgres(dir, logs string) (*server, error) {
	bin, err := local.PostgresBin()
	if err != nil {
		return nil, err
	}
	owner, err := local.PostgresOwner()
	if err != nil {
		return nil, err
	}
	port, err := local.FreePort()
	if err != nil {
		return nil, err
	}
	if owner != nil {
		if err := os.Chown(dir, int(owner.Uid), int(owner.Gid)); err != nil {
			return nil, err
		}
	}
	data := filepath.Join(dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "lotse", "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync")
	initdb.Dir = dir
	initdb.SysProcAttr = &syscall.SysProcAttr{Credential: owner}
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	s := &server{port: port, ward: &ward{name: "postgres", dir: dir, logs: logs, account: owner, args: []string{
		filepath.Join(bin, "postgres"), "-D", data, "-p", port, "-k", dir, "-c", "listen_addresses=127.0.0.1",
		"-c", "max_connections=200", "-c", "shared_buffers=128MB", "-c", "max_wal_size=512MB",
	}}}
	s.ready = func() error {
		return exec.Command(filepath.Join(bin, "pg_isready"), "-q", "-h", "127.0.0.1", "-p", port).Run()
	}
	if s.proxy, err = newProxy("127.0.0.1:" + port); err != nil {
		return nil, err
	}
	return s, s.launch()
}

// newRedis serves an empty Redis that keeps nothing.
func newRedis(dir, logs string) (*server, error) {
	if _, err := exec.LookPath("redis-server"); err != nil {
		return nil, fmt.Errorf("redis-server not found: apt-get install redis-server")
	}
	port, err := local.FreePort()
	if err != nil {
		return nil, err
	}
	s := &server{port: port, ward: &ward{name: "redis", dir: dir, logs: logs, args: []string{
		"redis-server", "--bind", "127.0.0.1", "--port", port, "--dir", dir, "--save", "", "--appendonly", "no",
	}}}
	s.ready = func() error { return answers("127.0.0.1:"+port, "PING\r\n") }
	if s.proxy, err = newProxy("127.0.0.1:" + port); err != nil {
		return nil, err
	}
	return s, s.launch()
}

// answers dials, says something and waits for a line.
func answers(addr, say string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return err
	}
	if _, err := fmt.Fprint(conn, say); err != nil {
		return err
	}
	_, err = bufio.NewReader(conn).ReadString('\n')
	return err
}

// close ends the server as a whole: killing PostgreSQL would leave its children
// behind for a while.
func (s *server) close() {
	_ = s.end("INT", endPatience)
	s.proxy.Close()
}

// url of the server through its proxy, in the form that Lotse takes.
func (s *server) url() string {
	if s.name == "redis" {
		return "redis://" + s.proxy.Addr() + "/0"
	}
	return "postgres://lotse@" + s.proxy.Addr() + "/postgres?sslmode=disable"
}

// seen is the url as nodes use it.
func (s *server) seen(direct bool) string {
	if direct {
		return s.direct()
	}
	return s.url()
}

// direct is the url without the proxy.
func (s *server) direct() string {
	return strings.Replace(s.url(), s.proxy.Addr(), "127.0.0.1:"+s.port, 1)
}
