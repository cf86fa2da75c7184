package finder

import (
	"encoding/json"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"
)

// known are the households that the figures are measured with, each one that a
// counsellor knows; loadgen measures with the same.
func known(tb testing.TB) (all []string) {
	tb.Helper()
	content, err := os.ReadFile("../cmd/loadgen/bench/households.json")
	if err != nil {
		tb.Fatal(err)
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(content, &raw); err != nil {
		tb.Fatal(err)
	}
	for _, one := range raw {
		all = append(all, string(one))
	}
	return all
}

func BenchmarkHouseholds(b *testing.B) {
	r := rules(b)
	var requests []Request
	for _, text := range known(b) {
		requests = append(requests, request(b, text))
	}
	b.ReportAllocs()
	i, before := 0, cpu()
	for b.Loop() {
		if _, err := r.Evaluate(requests[i%len(requests)]); err != nil {
			b.Fatal(err)
		}
		i++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "households/s")
	b.ReportMetric(float64(b.N)/(cpu()-before), "households/cpu-s") // what the machine does besides left out
}

// cpu is the time this process has used, in seconds.
func cpu() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}

func BenchmarkNextQuestion(b *testing.B) {
	r := rules(b)
	var requests []Request
	for _, text := range known(b) {
		requests = append(requests, request(b, text))
	}
	var took []time.Duration
	i := 0
	for b.Loop() {
		start := time.Now()
		if _, _, err := r.Next(requests[i%len(requests)]); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
		i++
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms-p99")
}
