package menu

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics counts calls in menus for Prometheus. Give it to an Engine, and register it. No label holds a number or digits that a
// caller entered, but the options of menus.
//
//	asterisk_ivr_calls{pbx}                             gauge, of calls in menus
//	asterisk_ivr_calls_total{pbx,outcome}               counter, of calls that are over; outcomes as in Outcome
//	asterisk_ivr_visits_total{pbx,node,outcome}         counter, of stays at nodes; outcomes as in Visit
//	asterisk_ivr_visit_duration_seconds{pbx,kind}       histogram, by kind of node
//	asterisk_ivr_missing_sounds_total{pbx,node}         counter, of sounds and texts that could not be played
//	asterisk_ivr_nodes{pbx}                             gauge, of nodes in use
type Metrics struct {
	calls    prometheus.Gauge
	total    *prometheus.CounterVec
	visits   *prometheus.CounterVec
	duration *prometheus.HistogramVec
	unheard  *prometheus.CounterVec
	nodes    prometheus.Gauge
}

var _ prometheus.Collector = (*Metrics)(nil)

// NewMetrics returns Metrics whose series carry the name of the PBX.
func NewMetrics(pbx string) *Metrics {
	labels := prometheus.Labels{"pbx": pbx}
	counter := func(name, help string, by ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help, ConstLabels: labels}, by)
	}
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: labels})
	}
	return &Metrics{
		calls:  gauge("asterisk_ivr_calls", "Calls in menus."),
		total:  counter("asterisk_ivr_calls_total", "Calls that left the menus, by outcome.", "outcome"),
		visits: counter("asterisk_ivr_visits_total", "Stays of calls at nodes of menus, by outcome.", "node", "outcome"),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "asterisk_ivr_visit_duration_seconds", Help: "Time of stays at nodes of menus.", ConstLabels: labels,
			Buckets: []float64{.01, .1, .5, 1, 2, 5, 10, 20, 40, 80}, NativeHistogramBucketFactor: 1.1,
		}, []string{"kind"}),
		unheard: counter("asterisk_ivr_missing_sounds_total", "Sounds and texts that could not be played, by node.", "node"),
		nodes:   gauge("asterisk_ivr_nodes", "Nodes of the menus in use."),
	}
}

// A nil Metrics counts nothing.

func (m *Metrics) began() {
	if m != nil {
		m.calls.Inc()
	}
}

func (m *Metrics) ended(p *Path) {
	if m != nil {
		m.calls.Dec()
		m.total.WithLabelValues(string(p.Outcome)).Inc()
	}
}

func (m *Metrics) visit(v *Visit, took time.Duration) {
	if m != nil {
		m.visits.WithLabelValues(v.Node, v.Outcome).Inc()
		m.duration.WithLabelValues(v.Kind).Observe(took.Seconds())
	}
}

func (m *Metrics) missing(node string) {
	if m != nil {
		m.unheard.WithLabelValues(node).Inc()
	}
}

func (m *Metrics) loaded(s *Set) {
	if m != nil {
		m.nodes.Set(float64(s.Nodes()))
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
	return []prometheus.Collector{m.calls, m.total, m.visits, m.duration, m.unheard, m.nodes}
}
