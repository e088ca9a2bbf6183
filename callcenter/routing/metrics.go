package routing

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics counts decisions for Prometheus. Give it to a Router, and register it. No label holds a number or a username.
//
//	asterisk_routing_decisions_total{pbx,desk,cause}       counter; causes as in Cause
//	asterisk_routing_decision_duration_seconds{pbx}        histogram, without the time in which callers are asked
//	asterisk_routing_identifications_total{pbx,result}     counter, of questions to the directory; results as in Result
//	asterisk_routing_questions_total{pbx,question,result}  counter, of questions to callers
//	asterisk_routing_rules{pbx}                            gauge, of rules in use
type Metrics struct {
	decisions  *prometheus.CounterVec
	duration   prometheus.Histogram
	identified *prometheus.CounterVec
	questions  *prometheus.CounterVec
	size       prometheus.Gauge

	// The counters of before, because to find one in a vector takes longer than to decide.
	mu    sync.RWMutex
	known map[counterKey]prometheus.Counter
}

// counterKey is a counter by the values of its labels; desk is empty if it is one of identified.
type counterKey struct{ desk, value string }

// counter finds a counter of decisions or identified.
func (m *Metrics) counter(key counterKey) prometheus.Counter {
	m.mu.RLock()
	c, ok := m.known[key]
	m.mu.RUnlock()
	if ok {
		return c
	}
	if key.desk == "" {
		c = m.identified.WithLabelValues(key.value)
	} else {
		c = m.decisions.WithLabelValues(key.desk, key.value)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.known[key] = c
	return c
}

var _ prometheus.Collector = (*Metrics)(nil)

// durationBuckets are from a decision by number to the longest budgets that a caller bears.
var durationBuckets = []float64{.000005, .00005, .0005, .001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2}

// NewMetrics returns Metrics whose series carry the name of the PBX.
func NewMetrics(pbx string) *Metrics {
	labels := prometheus.Labels{"pbx": pbx}
	counter := func(name, help string, by ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help, ConstLabels: labels}, by)
	}
	return &Metrics{
		decisions: counter("asterisk_routing_decisions_total", "Decisions where calls go, by desk and cause.", "desk", "cause"),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "asterisk_routing_decision_duration_seconds", Help: "Time that decisions took.",
			ConstLabels: labels, Buckets: durationBuckets, NativeHistogramBucketFactor: 1.1,
		}),
		identified: counter("asterisk_routing_identifications_total", "Questions to the directory who a caller is, by result.", "result"),
		questions: counter("asterisk_routing_questions_total",
			"Questions to callers who they are, by result.", "question", "result"),
		known: map[counterKey]prometheus.Counter{},
		size:  prometheus.NewGauge(prometheus.GaugeOpts{Name: "asterisk_routing_rules", Help: "Rules in use.", ConstLabels: labels}),
	}
}

func (m *Metrics) decision(d *Decision) {
	if m == nil {
		return
	}
	m.counter(counterKey{d.Desk, string(d.Cause)}).Inc()
	m.duration.Observe(d.Took.Seconds())
	m.steps(d)
}

// steps counts the questions to the directory and to the caller.
func (m *Metrics) steps(d *Decision) {
	if m == nil {
		return
	}
	for i := range d.Steps {
		switch s := &d.Steps[i]; s.What {
		case Identify:
			m.counter(counterKey{"", string(s.Result)}).Inc()
		case AskStep:
			m.questions.WithLabelValues(s.Name, string(s.Result)).Inc()
		default:
		}
	}
}

func (m *Metrics) rules(n int) {
	if m != nil {
		m.size.Set(float64(n))
	}
}

// Describe implements [prometheus.Collector].
func (m *Metrics) Describe(ch chan<- *prometheus.Desc) {
	for _, c := range m.collectors() {
		c.Describe(ch)
	}
}

// Collect implements [prometheus.Collector].
func (m *Metrics) Collect(ch chan<- prometheus.Metric) {
	for _, c := range m.collectors() {
		c.Collect(ch)
	}
}

func (m *Metrics) collectors() []prometheus.Collector {
	return []prometheus.Collector{m.decisions, m.duration, m.identified, m.questions, m.size}
}
