package main

import (
	"database/sql"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"lotse/internal/store"
)

// metrics is what Prometheus may know: numbers about the whole node, none about
// a person or a conversation.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
}

func newMetrics(db *store.DB) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "lotse_http_request_seconds",
			Help:    "Duration of HTTP requests; sockets and streams count when they end.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"method", "pattern", "status"}),
	}
	m.registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		collectors.NewBuildInfoCollector(),
		m.requests,
	)
	for pool, stats := range map[string]func() sql.DBStats{"read": db.ReadStats, "write": db.WriteStats} {
		m.pool(pool, stats)
	}
	return m
}

// pool registers the numbers of one pool of database connections.
func (m *metrics) pool(name string, stats func() sql.DBStats) {
	labels := prometheus.Labels{"pool": name}
	m.registry.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "lotse_db_connections_in_use", Help: "Database connections at work.", ConstLabels: labels,
		}, func() float64 { return float64(stats().InUse) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "lotse_db_wait_seconds_total", Help: "Time spent waiting for a database connection.", ConstLabels: labels,
		}, func() float64 { return stats().WaitDuration.Seconds() }),
	)
}

// mails registers how many mails to centres are in each state; failed and unclear
// ones need a person.
func (m *metrics) mails(counts func() map[string]int) {
	for _, state := range []string{"queued", "sending", "sent", "failed", "unclear"} {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "lotse_upkeep_mails", Help: "Mails that ask centres to confirm their entries, by state.", ConstLabels: prometheus.Labels{"state": state},
		}, func() float64 { return float64(counts()[state]) }))
	}
}

func (m *metrics) request(verb, pattern string, status int, took time.Duration) {
	m.requests.WithLabelValues(method(verb), pattern, strconv.Itoa(status)).Observe(took.Seconds())
}

// handler serves /metrics, and nothing else, on the listener of its own.
func (m *metrics) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	return mux
}
