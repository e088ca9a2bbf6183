package calls

import "github.com/prometheus/client_golang/prometheus"

// Metrics counts calls for Prometheus. Feed it the changes of one Tracker and register it; both may happen at the same
// time in different goroutines. No label holds a channel, a number or an id of a call.
//
//	asterisk_calls_live{pbx}                                gauge
//	asterisk_calls_total{pbx,direction,result}              counter, of ended calls
//	asterisk_calls_ring_seconds{pbx,direction}              histogram, from the start to the answer
//	asterisk_calls_talk_seconds{pbx,direction}              histogram, of answered calls, holds excluded
//	asterisk_calls_wait_seconds{pbx,queue,outcome}          histogram, of visits to queues
//	asterisk_calls_uncertain_total{pbx}                     counter, of finished calls of which something is uncertain
//	asterisk_calls_gaps_total{pbx}                          counter, of gaps that finished calls have lived through
//	asterisk_calls_corrected_total{pbx}                     counter, of calls that were not as they were said to be when they ended
type Metrics struct {
	live      prometheus.Gauge
	total     *prometheus.CounterVec
	ring      *prometheus.HistogramVec
	talk      *prometheus.HistogramVec
	wait      *prometheus.HistogramVec
	uncertain prometheus.Counter
	gaps      prometheus.Counter
	corrected prometheus.Counter
}

var _ prometheus.Collector = (*Metrics)(nil)

// NewMetrics returns Metrics whose series carry the name of the PBX.
func NewMetrics(pbx string) *Metrics {
	labels := prometheus.Labels{"pbx": pbx}
	counter := func(name, help string) prometheus.CounterOpts {
		return prometheus.CounterOpts{Name: name, Help: help, ConstLabels: labels}
	}
	histogram := func(name, help string, buckets ...float64) prometheus.HistogramOpts {
		return prometheus.HistogramOpts{
			Name: name, Help: help, ConstLabels: labels, Buckets: buckets, NativeHistogramBucketFactor: 1.1,
		}
	}
	return &Metrics{
		live: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "asterisk_calls_live", Help: "Calls that have not ended.", ConstLabels: labels,
		}),
		total: prometheus.NewCounterVec(counter("asterisk_calls_total", "Calls that have ended, by direction and result."),
			[]string{"direction", "result"}),
		ring: prometheus.NewHistogramVec(histogram("asterisk_calls_ring_seconds",
			"Time from the start of a call until it was answered.", 1, 2, 5, 10, 15, 20, 30, 45, 60, 120), []string{"direction"}),
		talk: prometheus.NewHistogramVec(histogram("asterisk_calls_talk_seconds",
			"Time that the caller of an answered call talked.", 5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600), []string{"direction"}),
		wait: prometheus.NewHistogramVec(histogram("asterisk_calls_wait_seconds",
			"Time that a caller waited in a queue.", 1, 5, 10, 20, 30, 60, 120, 300, 600, 1800), []string{"queue", "outcome"}),
		uncertain: prometheus.NewCounter(counter("asterisk_calls_uncertain_total",
			"Finished calls of which something is uncertain, because events were lost.")),
		gaps: prometheus.NewCounter(counter("asterisk_calls_gaps_total",
			"Gaps in the stream that finished calls have lived through.")),
		corrected: prometheus.NewCounter(counter("asterisk_calls_corrected_total",
			"Calls that were not as they were said to be when they ended.")),
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
	case Absorbed:
		m.live.Dec()
	case Ended:
		m.live.Dec()
		m.total.WithLabelValues(direction, string(change.Call.Result)).Inc()
		if change.Call.Result == Answered {
			m.talk.WithLabelValues(direction).Observe(change.Call.TalkTime.Seconds())
		}
	case Corrected:
		m.corrected.Inc()
	case Finished:
		m.finished(&change.Call)
	default: // nothing is counted of the others
	}
}

func (m *Metrics) finished(c *Call) {
	for i := range c.Queues {
		v := &c.Queues[i]
		m.wait.WithLabelValues(v.Queue, string(v.Outcome)).Observe(v.Waited(c.Ended).Seconds())
	}
	if len(c.Uncertain) > 0 || len(c.Gaps) > 0 {
		m.uncertain.Inc()
	}
	m.gaps.Add(float64(len(c.Gaps)))
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
	return []prometheus.Collector{m.live, m.total, m.ring, m.talk, m.wait, m.uncertain, m.gaps, m.corrected}
}
