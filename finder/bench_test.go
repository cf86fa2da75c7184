package finder

import (
	"slices"
	"syscall"
	"testing"
	"time"
)

// The figures of the finder: households per second with reasons, and the next
// question. Every household below is one that a counsellor knows.
var known = []string{
	`{"persons":[{"id":"a","birth":"1990-04","facts":{"training":"none","hours":30,"job_seeking":false,"wage":1500,"wage_net":1150,"self_employed":0,"other_income":0,"reduced_pension":0,"private_pension":0,"assets":2000,"sgb2_last_year":false,"receives_buergergeld":false,"receives_sgb12":false,"receives_asylblg":false,"residence":"german","unemployed":false,"ability":"able","receives_alg":false,"disability":0,"care_grade":0,"months_insured":24,"insured":true,"hardship":false,"significant_disability":false,"care_unpaid":false,"pregnant":false}},{"id":"k","birth":"2019-02-01","parents":["a","away"],"facts":{"maintenance":0,"other_income":0,"assets":0,"disability":0,"care_grade":0,"receives_buergergeld":false,"receives_sgb12":false,"receives_asylblg":false,"sgb2_last_year":false}}],"household":{"rent":700,"heating":80,"area":60,"owner":false,"rent_level":4,"homeless":false,"receives_kindergeld":true}}`,
	`{"persons":[{"id":"a","birth":"1956-01-01","facts":{"pension":850,"reduced_pension":0,"private_pension":0,"basic_pension_months":420,"other_income":0,"wage":0,"self_employed":0,"assets":3000,"residence":"german","ability":"able","disability":0,"care_grade":0,"training":"none","receives_sgb12":false,"receives_buergergeld":false,"receives_asylblg":false,"hours":0,"unemployed":false,"job_seeking":false,"months_insured":0,"pregnant":false}}],"household":{"rent":405,"heating":40,"area":45,"owner":false,"rent_level":3,"homeless":false}}`,
	`{"persons":[{"id":"a","birth":"1985","partner":"b","facts":{"wage":2400,"wage_net":1700,"training":"none","residence":"german"}},{"id":"b","birth":"1987","partner":"a","facts":{"wage":0,"training":"none"}},{"id":"k1","birth":"2014-05-01","parents":["a","b"]},{"id":"k2","birth":"2019-02-01","parents":["a","b"]}],"household":{"rent":900,"heating":{"low":80,"high":150}}}`,
	`{"persons":[{"id":"a","birth":"2001","facts":{"training":"study","wage":450}}],"household":{"rent":400}}`,
}

func BenchmarkHouseholds(b *testing.B) {
	r := rules(b)
	var requests []Request
	for _, text := range known {
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
	for _, text := range known {
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
