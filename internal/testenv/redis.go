package testenv

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"lotse/internal/testenv/local"
)

// RedisServer is a Redis that one test has for itself and may stop.
type RedisServer struct {
	URL  string
	port string
	dir  string
	args string
}

// redisScript serves Redis from $1 on port $2 until its standard input ends.
const redisScript = `
exec >>"$1/log" 2>&1
redis-server --bind 127.0.0.1 --port "$2" --dir "$1" --save '' --appendonly no $REDIS_ARGS &
server=$!
read -r _
kill -TERM $server; wait $server
rm -rf "$1"`

// NewRedisServer starts a Redis for this test alone.
func NewRedisServer(t testing.TB) *RedisServer {
	t.Helper()
	server, err := startRedis("")
	if err != nil {
		t.Fatalf("Redis for tests: %v", err)
	}
	return server
}

func startRedis(args string) (*RedisServer, error) {
	if _, err := exec.LookPath("redis-server"); err != nil {
		return nil, fmt.Errorf("redis-server not found: apt-get install redis-server, or set TEST_REDIS")
	}
	dir, port, err := place("lotse-redis-", nil)
	if err != nil {
		return nil, err
	}
	server := &RedisServer{URL: "redis://127.0.0.1:" + port + "/0", port: port, dir: dir, args: args}
	return server, server.start()
}

func (s *RedisServer) start() error {
	if err := supervise(redisScript, s.dir, s.port, nil, "REDIS_ARGS="+s.args); err != nil {
		return err
	}
	return await(s.dir, func(ctx context.Context) error {
		answer, err := s.command(ctx, "PING")
		if err == nil && answer != "+PONG" {
			err = fmt.Errorf("PING was answered with %q", answer)
		}
		return err
	})
}

// Stop ends the server, and with it all connections and all data.
func (s *RedisServer) Stop(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	if _, err := s.command(ctx, "SHUTDOWN NOSAVE"); err == nil {
		t.Fatal("Redis refuses to stop")
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range tick.C {
		if _, err := s.command(ctx, "PING"); err != nil {
			return
		}
	}
}

// Start serves again on the same address after Stop.
func (s *RedisServer) Start(t testing.TB) {
	t.Helper()
	if err := s.start(); err != nil {
		t.Fatalf("Redis for tests: %v", err)
	}
}

// command sends one inline command on a connection of its own and returns the
// first line of the answer.
func (s *RedisServer) command(ctx context.Context, line string) (string, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", "127.0.0.1:"+s.port)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return "", err
		}
	}
	if _, err := fmt.Fprintf(conn, "%s\r\n", line); err != nil {
		return "", err
	}
	answer, err := bufio.NewReader(conn).ReadString('\n')
	return strings.TrimSpace(answer), err
}

// RedisCluster starts a cluster of three servers for this test alone and
// returns its url.
func RedisCluster(t testing.TB) string {
	t.Helper()
	const slots, size = 16384, 3
	var nodes []*RedisServer
	var busPorts []string
	for i := range size {
		busPort, err := local.FreePort()
		if err != nil {
			t.Fatal(err)
		}
		node, err := startRedis("--cluster-enabled yes --cluster-port " + busPort)
		if err != nil {
			t.Fatalf("Redis for tests: %v", err)
		}
		nodes, busPorts = append(nodes, node), append(busPorts, busPort)
		node.must(t, fmt.Sprintf("CLUSTER ADDSLOTSRANGE %d %d", i*slots/size, (i+1)*slots/size-1))
		nodes[0].must(t, fmt.Sprintf("CLUSTER MEET 127.0.0.1 %s %s", node.port, busPorts[i]))
	}
	for _, node := range nodes {
		if err := await(node.dir, node.clusterReady); err != nil {
			t.Fatal(err)
		}
	}
	return "redis://127.0.0.1:" + nodes[0].port + "?cluster=1"
}

func (s *RedisServer) must(t testing.TB, line string) {
	t.Helper()
	answer, err := s.command(t.Context(), line)
	if err != nil || answer != "+OK" {
		t.Fatalf("%s: %q %v", line, answer, err)
	}
}

// clusterReady asks for a key: a cluster that is not complete answers with
// CLUSTERDOWN, a complete one with nothing or with the address of the owner.
func (s *RedisServer) clusterReady(ctx context.Context) error {
	answer, err := s.command(ctx, "GET probe")
	if err == nil && strings.HasPrefix(answer, "-CLUSTERDOWN") {
		err = fmt.Errorf("%s", answer)
	}
	return err
}
