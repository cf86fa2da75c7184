package testenv

import (
	"crypto/rand"
	"os"
	"strings"
	"testing"

	"lotse/internal/bus"
	"lotse/internal/bus/bustest"
)

// EachBus runs the test as two subtests, "memory" and "redis", each on a bus
// that runs until the test ends.
func EachBus(t *testing.T, test func(t *testing.T, b bus.Bus)) {
	t.Helper()
	t.Run("memory", func(t *testing.T) { test(t, bustest.Serve(t, bus.NewMemory())) })
	t.Run("redis", func(t *testing.T) { test(t, RedisBus(t, Redis(t))) })
}

// RedisBus returns a running bus on the server at url, as one node has it. Two
// of them on one url are two nodes.
func RedisBus(t testing.TB, url string) *bus.Redis {
	t.Helper()
	b, err := bus.NewRedis(url, Log(t))
	if err != nil {
		t.Fatal(err)
	}
	bustest.Serve(t, b)
	return b
}

// Redis returns the url of a Redis server with a prefix of its own.
func Redis(t testing.TB) string {
	t.Helper()
	url := os.Getenv("TEST_REDIS")
	if url == "" {
		var err error
		if url, err = redisOnce(); err != nil {
			t.Fatalf("Redis for tests: %v", err)
		}
	}
	return withParam(url, "prefix", "t"+strings.ToLower(rand.Text())+":")
}
