package bus_test

import (
	"testing"

	"lotse/internal/bus"
	"lotse/internal/bus/bustest"
	"lotse/internal/testenv"
)

func TestMemory(t *testing.T) {
	bustest.Run(t, func(t *testing.T) bus.Bus { return bustest.Serve(t, bus.NewMemory()) })
}

func TestRedis(t *testing.T) {
	bustest.Run(t, func(t *testing.T) bus.Bus { return testenv.RedisBus(t, testenv.Redis(t)) })
}

func TestRedisCluster(t *testing.T) {
	url := testenv.RedisCluster(t)
	bustest.Run(t, func(t *testing.T) bus.Bus {
		return testenv.RedisBus(t, url+"&prefix="+t.Name()[len("TestRedisCluster/"):]+":")
	})
}
