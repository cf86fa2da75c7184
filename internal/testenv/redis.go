package testenv

import (
	"context"
	"fmt"
	"io"
	"net"
	"os/exec"
)

// RedisServer is a Redis that one test has for itself.
type RedisServer struct {
	URL  string
	port string
	dir  string
}

// redisScript serves Redis from $1 on port $2 until its standard input ends.
const redisScript = `
exec >"$1/log" 2>&1
redis-server --bind 127.0.0.1 --port "$2" --dir "$1" --save '' --appendonly no &
server=$!
read -r _
kill -TERM $server; wait $server
rm -rf "$1"`

func startRedis() (*RedisServer, error) {
	if _, err := exec.LookPath("redis-server"); err != nil {
		return nil, fmt.Errorf("redis-server not found: apt-get install redis-server, or set TEST_REDIS")
	}
	dir, port, err := place("lotse-redis-", nil)
	if err != nil {
		return nil, err
	}
	server := &RedisServer{URL: "redis://127.0.0.1:" + port + "/0", port: port, dir: dir}
	if err := supervise(redisScript, dir, port, nil); err != nil {
		return nil, err
	}
	return server, await(dir, server.ping)
}

// ping speaks just enough of the protocol to know that Redis answers.
func (s *RedisServer) ping(ctx context.Context) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", "127.0.0.1:"+s.port)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "PING\r\n"); err != nil {
		return err
	}
	answer := make([]byte, len("+PONG"))
	if _, err := io.ReadFull(conn, answer); err != nil || string(answer) != "+PONG" {
		return fmt.Errorf("no answer to PING")
	}
	return nil
}
