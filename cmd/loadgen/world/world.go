package world

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"lotse/internal/testenv/local"
	"lotse/internal/testenv/staffed"
)

// Shape is what a world consists of.
type Shape struct {
	Nodes    int
	Postgres bool // with Redis; otherwise SQLite and one node
	Program  string
	Steps    bool // Program was built with steps
	Staff    staffed.Plan
	Env      []string // further settings of the nodes
	Cores    string   // that nodes may use, for taskset; empty: all
	Direct   bool     // nodes reach database and bus without proxies between
	DiskMB   int      // size of the disk of the data, 0: the directory for temporary files
}

// World is a running set of servers.
type World struct {
	Nodes   []*Node
	People  []staffed.Person
	dir     string
	mounted bool
	data    string
	logs    string

	database string // without a proxy

	postgres, redis *server
	shape           Shape
}

// New builds a world and starts it. The caller closes it, also after an error
// if there is one to close.
func New(ctx context.Context, shape Shape) (_ *World, err error) {
	w := &World{shape: shape}
	defer func() {
		if err != nil {
			w.Close()
		}
	}()
	if err := w.ground(); err != nil {
		return nil, err
	}
	secret := rand.Text() + rand.Text()
	if w.database, err = w.servers(); err != nil {
		return nil, err
	}
	if w.People, err = staffed.Fill(ctx, w.database, []byte(secret), shape.Staff); err != nil {
		return nil, fmt.Errorf("people: %w", err)
	}
	for i := range shape.Nodes {
		n, err := w.node(fmt.Sprintf("node%d", i), secret)
		if err != nil {
			return nil, err
		}
		w.Nodes = append(w.Nodes, n)
		if err := n.Launch(); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// ground makes the directories, the data on a small disk of its own if asked.
func (w *World) ground() (err error) {
	if w.dir, err = os.MkdirTemp("", "lotse-world-"); err != nil {
		return err
	}
	w.data, w.logs = filepath.Join(w.dir, "disk"), filepath.Join(w.dir, "logs")
	for _, dir := range []string{w.data, w.logs} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			return err
		}
	}
	if err := os.Chmod(w.dir, 0o755); err != nil { // PostgreSQL runs as somebody else
		return err
	}
	if w.shape.DiskMB == 0 {
		return nil
	}
	mount := exec.Command("mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=%dm,mode=755", w.shape.DiskMB), "lotse", w.data)
	if out, err := mount.CombinedOutput(); err != nil {
		return fmt.Errorf("a small disk needs the right to mount: %w: %s", err, out)
	}
	w.mounted = true
	return nil
}

// servers starts what the nodes stand on and returns the database for those who
// need no proxy.
func (w *World) servers() (url string, err error) {
	if !w.shape.Postgres {
		if err := os.Mkdir(filepath.Join(w.data, "lotse"), 0o700); err != nil {
			return "", err
		}
		return "sqlite:" + filepath.Join(w.data, "lotse", "lotse.db"), nil
	}
	for _, dir := range []string{"postgres", "redis", "lotse"} {
		if err := os.Mkdir(filepath.Join(w.data, dir), 0o700); err != nil {
			return "", err
		}
	}
	if w.postgres, err = newPostgres(filepath.Join(w.data, "postgres"), w.logs); err != nil {
		return "", err
	}
	if w.redis, err = newRedis(filepath.Join(w.data, "redis"), w.logs); err != nil {
		return "", err
	}
	return w.postgres.direct(), nil
}

func (w *World) node(name, secret string) (*Node, error) {
	n := &Node{ward: &ward{name: name, dir: w.dir, logs: w.logs, args: []string{w.shape.Program, "serve"}, cores: w.shape.Cores}}
	var err error
	if n.port, err = local.FreePort(); err != nil {
		return nil, err
	}
	if n.metrics, err = local.FreePort(); err != nil {
		return nil, err
	}
	if n.Proxy, err = newProxy("127.0.0.1:" + n.port); err != nil {
		return nil, err
	}
	n.env = append([]string{
		"LOTSE_LISTEN=127.0.0.1:" + n.port, "LOTSE_METRICS_LISTEN=127.0.0.1:" + n.metrics, "LOTSE_SECRET=" + secret,
		"LOTSE_DATA=" + filepath.Join(w.data, "lotse"), "LOTSE_TRUSTED_PROXIES=127.0.0.1/32",
	}, w.shape.Env...)
	if w.postgres != nil {
		n.env = append(n.env, "DATABASE_URL="+w.postgres.seen(w.shape.Direct), "REDIS_URL="+w.redis.seen(w.shape.Direct))
	}
	if w.shape.Steps {
		if n.step, err = stepFile(w.dir, name); err != nil {
			return nil, err
		}
		n.env = append(n.env, "CLOCK_STEP="+n.step)
	}
	return n, nil
}

// RestartRedis ends Redis without a word, which loses all it holds, and starts it again.
func (w *World) RestartRedis() error { return again(w.redis, "KILL") }

// RestartPostgres crashes PostgreSQL and starts it again: it recovers from its log.
func (w *World) RestartPostgres() error { return again(w.postgres, "QUIT") }

func again(s *server, signal string) error {
	if err := s.end(signal, endPatience); err != nil {
		return err
	}
	s.proxy.Shut()
	s.proxy.Heal()
	return s.launch()
}

// Links are the proxies in front of database and bus, if there are any.
func (w *World) Links() []*Proxy {
	if w.postgres == nil {
		return nil
	}
	return []*Proxy{w.postgres.proxy, w.redis.proxy}
}

// FillDisk takes the last byte of the disk; the result gives it back.
func (w *World) FillDisk() (free func() error, err error) {
	if !w.mounted {
		return nil, errors.New("this world has no disk of its own")
	}
	name := filepath.Join(w.data, "filler")
	f, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	for block := make([]byte, 1<<20); len(block) > 0; {
		if _, err := f.Write(block); err != nil {
			block = block[:len(block)/2]
		}
	}
	return func() error { return os.Remove(name) }, nil
}

// Revive starts what has died by itself, as a supervisor of processes does.
func (w *World) Revive() error {
	if w.postgres != nil && w.postgres.ended() {
		if err := again(w.postgres, "KILL"); err != nil {
			return err
		}
	}
	for _, n := range w.Nodes {
		if n.Died() {
			_ = n.Kill()
			if err := n.Launch(); err != nil {
				return err
			}
		}
	}
	return nil
}

// Upgrade changes the program that a node runs from its next start on.
func (n *Node) Upgrade(program string) { n.args = []string{program, "serve"} }

// Close ends everything and removes it.
func (w *World) Close() {
	for _, n := range w.Nodes {
		n.close()
	}
	for _, s := range []*server{w.postgres, w.redis} {
		if s != nil {
			s.close()
		}
	}
	if w.mounted {
		_ = exec.Command("umount", "--lazy", w.data).Run() // whoever still ends keeps it for so long
	}
	if w.dir != "" {
		_ = os.RemoveAll(w.dir)
	}
}

// Database is the url of the database, for whoever fills it.
func (w *World) Database() string { return w.database }

// Logs is the directory of the logs, for whoever wants to keep them.
func (w *World) Logs() string { return w.logs }
