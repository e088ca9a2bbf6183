package calls

import "github.com/prometheus/client_golang/prometheus"

// Metrics counts calls for Prometheus. Feed it the changes of one Tracker and register it; both may happen at the same
// time in different goroutines. No label holds a channel, a number or an id of a call.
//
//	asterisk_calls_live{pbx}                                gauge
//	asterisk_calls_total{pbx,direction,result}              counter, of ended calls
//	asterisk_calls_ring_seconds{pbx,direction}              histogram, from the start to the answer
//	asterisk_calls_talk_seconds{pbx,direction}              histogram, of answered calls, holds excluded
type Metrics struct {
	live  prometheus.Gauge
	total *prometheus.CounterVec
	ring  *prometheus.HistogramVec
	talk  *prometheus.HistogramVec
}

var _ prometheus.Collector = (*Metrics)(nil)

// NewMetrics returns Metrics whose series carry the name of the PBX.
func NewMetrics(pbx string) *Metrics {
	labels := prometheus.Labels{"pbx": pbx}
	return &Metrics{
		live: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "asterisk_calls_live", Help: "Calls that have not ended.", ConstLabels: labels,
		}),
		total: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "asterisk_calls_total", Help: "Calls that have ended, by direction and result.", ConstLabels: labels,
		}, []string{"direction", "result"}),
		ring: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "asterisk_calls_ring_seconds", Help: "Time from the start of a call until it was answered.", ConstLabels: labels,
			Buckets: []float64{1, 2, 5, 10, 15, 20, 30, 45, 60, 120}, NativeHistogramBucketFactor: 1.1,
		}, []string{"direction"}),
		talk: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "asterisk_calls_talk_seconds", Help: "Time that the caller of an answered call talked.", ConstLabels: labels,
			Buckets: []float64{5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600}, NativeHistogramBucketFactor: 1.1,
		}, []string{"direction"}),
	}
}

// Observe counts one change.
func (m *Metrics) Observe(change Change) {
	direction := string(change.Call.Direction)
	switch change.Kind {
	case Started:
		m.live.Inc()
	case Connected:
		m.ring.WithLabelValues(direction).Observe(change.Call.Answered.Sub(change.Call.Started).Seconds())
	case Ended:
		m.live.Dec()
		m.total.WithLabelValues(direction, string(change.Call.Result)).Inc()
		if change.Call.Result == Answered {
			m.talk.WithLabelValues(direction).Observe(change.Call.TalkTime.Seconds())
		}
	default: // nothing is counted of the others
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
	return []prometheus.Collector{m.live, m.total, m.ring, m.talk}
}
