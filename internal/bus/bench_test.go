package bus_test

import (
	"testing"

	"lotse/internal/bus"
	"lotse/internal/bus/bustest"
	"lotse/internal/testenv"
)

// BenchmarkHint is the way of one hint from publisher to subscriber.
func BenchmarkHint(b *testing.B) {
	for name, open := range map[string]func(testing.TB) bus.Bus{
		"memory": func(b testing.TB) bus.Bus { return bustest.Serve(b, bus.NewMemory()) },
		"redis":  func(b testing.TB) bus.Bus { return testenv.RedisBus(b, testenv.Redis(b)) },
	} {
		b.Run(name, func(b *testing.B) {
			carrier := open(b)
			sub := bustest.Subscribe(b, carrier, "x")
			for b.Loop() {
				if err := carrier.Publish(b.Context(), "x", []byte("1")); err != nil {
					b.Fatal(err)
				}
				bustest.Next(b, sub)
			}
		})
	}
}
