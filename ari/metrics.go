package ari

import (
	"errors"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

var (
	upDesc = prometheus.NewDesc("asterisk_ari_up",
		"Whether Asterisk knows the application (1) or not (0).", []string{"app"}, nil)
	eventsDesc = prometheus.NewDesc("asterisk_ari_events_total",
		"Events that came for the application, by type.", []string{"app", "type"}, nil)
	droppedDesc = prometheus.NewDesc("asterisk_ari_events_dropped_total",
		"Events that were not delivered because a consumer was too slow, once per consumer.", []string{"app"}, nil)
	gapsDesc = prometheus.NewDesc("asterisk_ari_gaps_total",
		"Stretches of events that were not delivered because a consumer was too slow, once per consumer.", []string{"app"}, nil)
	queueDesc = prometheus.NewDesc("asterisk_ari_queued_events",
		"Events that wait for the consumer for whom most wait.", []string{"app"}, nil)
	reconnectsDesc = prometheus.NewDesc("asterisk_ari_reconnects_total",
		"Times that the websocket was made again after it was lost.", []string{"app"}, nil)
	badDesc = prometheus.NewDesc("asterisk_ari_bad_events_total",
		"Messages of the websocket that are no events.", []string{"app"}, nil)
	channelsDesc = prometheus.NewDesc("asterisk_ari_channels",
		"Channels that are in the application.", []string{"app"}, nil)
)

// NewCollector returns the metrics of an application and its Client for a Prometheus registry. The label pbx says which
// Asterisk it is, app which application:
//
//   - asterisk_ari_up{pbx,app} is 1 while Asterisk knows the application;
//   - asterisk_ari_channels{pbx,app} is how many channels are in it;
//   - asterisk_ari_events_total{pbx,app,type} counts the events that came, those of types that are not known as "other";
//   - asterisk_ari_events_dropped_total{pbx,app} counts those that a slow consumer lost, see [GapError],
//     asterisk_ari_gaps_total{pbx,app} the gaps, and asterisk_ari_queued_events{pbx,app} says how near the next one is;
//   - asterisk_ari_reconnects_total{pbx,app} counts how often the websocket was made again;
//   - asterisk_ari_bad_events_total{pbx,app} counts what came and is no event;
//   - asterisk_ari_request_duration_seconds{pbx,operation} is the time from a request to the whole answer, as a classic and
//     as a native histogram. Requests that were not answered are not in it.
//
// The application counts from its beginning on, whenever this is called.
func NewCollector(pbx string, a *App) prometheus.Collector {
	return prometheus.WrapCollectorWith(prometheus.Labels{"pbx": pbx}, collector{a})
}

// collector is an application as Prometheus sees it.
type collector struct{ a *App }

func (c collector) Describe(ch chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{
		upDesc, eventsDesc, droppedDesc, gapsDesc, queueDesc, reconnectsDesc, badDesc, channelsDesc,
	} {
		ch <- desc
	}
	c.a.Client.metrics.durations().Describe(ch)
}

func (c collector) Collect(ch chan<- prometheus.Metric) {
	a := c.a
	up := 0.0
	if a.State() == Up {
		up = 1
	}
	gauge := func(desc *prometheus.Desc, value float64) {
		ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, a.Name)
	}
	counter := func(desc *prometheus.Desc, value uint64) {
		ch <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(value), a.Name)
	}
	gauge(upDesc, up)
	gauge(channelsDesc, float64(len(a.calls.list())))
	gauge(queueDesc, float64(a.router.depth()))
	counter(droppedDesc, a.losses.events.Load())
	counter(gapsDesc, a.losses.gaps.Load())
	counter(reconnectsDesc, a.counts.reconnects.Load())
	counter(badDesc, a.counts.bad.Load())
	a.counts.mu.Lock()
	defer a.counts.mu.Unlock()
	for name, n := range a.counts.events {
		ch <- prometheus.MustNewConstMetric(eventsDesc, prometheus.CounterValue, float64(*n), a.Name, name)
	}
	a.Client.metrics.durations().Collect(ch)
}

// requestMetrics is what a client counts, whether or not anybody collects it.
type requestMetrics struct {
	once      sync.Once
	histogram *prometheus.HistogramVec
	of        sync.Map // *Operation -> prometheus.Observer: with its labels it would have to be looked for
}

// answered notes a request that is over. Those that were not answered are not in it.
func (m *requestMetrics) answered(op *Operation, took time.Duration, err error) {
	var refused *Error
	if err == nil || errors.As(err, &refused) {
		observer, known := m.of.Load(op)
		if !known {
			observer, _ = m.of.LoadOrStore(op, m.durations().WithLabelValues(op.String()))
		}
		observer.(prometheus.Observer).Observe(took.Seconds())
	}
}

func (m *requestMetrics) durations() *prometheus.HistogramVec {
	m.once.Do(func() {
		m.histogram = prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:                            "asterisk_ari_request_duration_seconds",
			Help:                            "Time from sending a request to its whole answer, by operation.",
			Buckets:                         []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
			NativeHistogramBucketFactor:     1.1,
			NativeHistogramMaxBucketNumber:  160,
			NativeHistogramMinResetDuration: time.Hour,
		}, []string{"operation"})
	})
	return m.histogram
}
