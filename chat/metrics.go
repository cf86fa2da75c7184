package chat

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics counts; no label names a person, a team or a conversation.
type metrics struct {
	sockets   prometheus.Gauge
	refused   prometheus.Counter
	framesIn  *prometheus.CounterVec // by type
	framesOut prometheus.Counter
	errors    *prometheus.CounterVec // by code
	closes    *prometheus.CounterVec // by close code
	messages  prometheus.Counter
	commits   prometheus.Histogram
	batch     prometheus.Histogram
	steps     *prometheus.CounterVec // by the state reached
	lost      prometheus.Counter
}

// newMetrics makes the counters and registers them, unless reg is nil.
func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "lotse_chat_" + name, Help: help})
	}
	vec := func(name, help, label string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "lotse_chat_" + name, Help: help}, []string{label})
	}
	m := &metrics{
		sockets:   prometheus.NewGauge(prometheus.GaugeOpts{Name: "lotse_chat_sockets", Help: "Sockets open on this node."}),
		refused:   counter("upgrades_refused_total", "Socket upgrades refused."),
		framesIn:  vec("frames_in_total", "Frames handled.", "type"),
		framesOut: counter("frames_out_total", "Frames written."),
		errors:    vec("errors_total", "Frames answered with an error.", "code"),
		closes:    vec("closes_total", "Sockets closed by the server.", "code"),
		messages:  counter("messages_total", "Messages made durable."),
		commits: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "lotse_chat_commit_seconds", Help: "Time of a group commit.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 2, 12)}),
		batch: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "lotse_chat_commit_messages", Help: "Messages in a group commit.",
			Buckets: prometheus.ExponentialBuckets(1, 2, 9)}),
		steps: vec("steps_total", "Steps of conversations.", "state"),
		lost:  counter("hints_lost_total", "Hints that could not be published."),
	}
	if reg == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.sockets, m.refused, m.framesIn, m.framesOut, m.errors, m.closes, m.messages, m.commits, m.batch, m.steps, m.lost} {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *metrics) closed(code int) { m.closes.WithLabelValues(strconv.Itoa(code)).Inc() }
