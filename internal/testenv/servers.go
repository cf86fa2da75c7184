package testenv

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"lotse/internal/store"
	"lotse/internal/testenv/local"
)

// The servers of this test binary. They are the one thing tests share.
var (
	postgresOnce = sync.OnceValues(startPostgres)
	redisOnce    = sync.OnceValues(func() (string, error) {
		server, err := startRedis("")
		if err != nil {
			return "", err
		}
		return server.URL, nil
	})
)

func postgresServer(t testing.TB) string {
	t.Helper()
	if url := os.Getenv("TEST_POSTGRES"); url != "" {
		return url
	}
	url, err := postgresOnce()
	if err != nil {
		t.Fatalf("PostgreSQL for tests: %v", err)
	}
	return url
}

// postgresScript makes a cluster in $1 and serves it on port $2 until its
// standard input ends. What it writes goes to a log file, so that nothing keeps
// the output of the test binary open.
const postgresScript = `
exec >"$1/log" 2>&1
initdb -D "$1/data" -U lotse --auth=trust -E UTF8 --locale=C --no-sync || exit 1
postgres -D "$1/data" -p "$2" -k "$1" -c listen_addresses=127.0.0.1 -c fsync=off \
  -c synchronous_commit=off -c full_page_writes=off -c max_connections=300 -c shared_buffers=64MB &
server=$!
read -r _
kill -INT $server; wait $server
rm -rf "$1"`

func startPostgres() (string, error) {
	bin, err := local.PostgresBin()
	if err != nil {
		return "", err
	}
	owner, err := local.PostgresOwner()
	if err != nil {
		return "", err
	}
	dir, port, err := place("lotse-postgres-", owner)
	if err != nil {
		return "", err
	}
	if err := supervise(postgresScript, dir, port, owner, "PATH="+bin+":"+os.Getenv("PATH")); err != nil {
		return "", err
	}
	url := "postgres://lotse@127.0.0.1:" + port + "/postgres?sslmode=disable"
	return url, await(dir, func(ctx context.Context) error {
		db, err := store.Open(ctx, url)
		if err != nil {
			return err
		}
		return db.Close()
	})
}

// place makes a directory for a server and finds it a free port.
func place(prefix string, owner *syscall.Credential) (dir, port string, err error) {
	if dir, err = os.MkdirTemp("", prefix); err != nil {
		return "", "", err
	}
	if owner != nil {
		if err := os.Chown(dir, int(owner.Uid), int(owner.Gid)); err != nil {
			return "", "", err
		}
	}
	port, err = local.FreePort()
	return dir, port, err
}

// supervise runs script with dir and port as arguments and a standard input
// that ends with this process.
func supervise(script, dir, port string, owner *syscall.Credential, env ...string) error {
	cmd := exec.Command("sh", "-c", script, "sh", dir, port)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: owner, Setpgid: true}
	if _, err := cmd.StdinPipe(); err != nil {
		return err
	}
	running.mu.Lock()
	defer running.mu.Unlock()
	running.cmds = append(running.cmds, cmd) // keeps the pipe from being collected and closed
	return cmd.Start()
}

var running struct {
	mu   sync.Mutex
	cmds []*exec.Cmd
}

// await calls ready until it succeeds.
func await(dir string, ready func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			return fmt.Errorf("server did not start: %w\n%s", err, strings.TrimSpace(string(log)))
		case <-tick.C:
		}
	}
}

// Servers starts what TEST_POSTGRES and TEST_REDIS do not name already and
// returns both as environment variables for other processes. The servers end
// with this process.
func Servers() (env []string, err error) {
	for name, start := range map[string]func() (string, error){"TEST_POSTGRES": postgresOnce, "TEST_REDIS": redisOnce} {
		url := os.Getenv(name)
		if url == "" {
			if url, err = start(); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
		env = append(env, name+"="+url)
	}
	return env, nil
}
