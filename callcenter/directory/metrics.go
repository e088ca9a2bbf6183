package directory

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics counts lookups for Prometheus. Give it to a Chain and its Cache, and register it. No label holds a number or a
// username.
//
//	asterisk_directory_lookups_total{pbx,by,result}            counter, of lookups that asked sources; by number or username
//	asterisk_directory_lookup_duration_seconds{pbx,by}         histogram, of the same
//	asterisk_directory_source_requests_total{pbx,source,result} counter, of questions to sources; results as in Result
//	asterisk_directory_source_duration_seconds{pbx,source}     histogram, of questions that were asked
//	asterisk_directory_source_up{pbx,source}                   gauge: 1 if the last question was answered, 0 if it failed
//	asterisk_directory_cache_requests_total{pbx,result}        counter: hit, negative, stale, miss, shared
type Metrics struct {
	lookups  *prometheus.CounterVec
	duration *prometheus.HistogramVec
	requests *prometheus.CounterVec
	source   *prometheus.HistogramVec
	up       *prometheus.GaugeVec
	cached   *prometheus.CounterVec
	byCache  map[cacheResult]prometheus.Counter // found beforehand, because a hit takes less than a look into cached
}

var _ prometheus.Collector = (*Metrics)(nil)

// cacheResult is what a cache did for a lookup.
type cacheResult string

const (
	cacheHit      cacheResult = "hit"
	cacheNegative cacheResult = "negative" // a hit that says that nobody is known
	cacheStale    cacheResult = "stale"
	cacheMiss     cacheResult = "miss"
	cacheShared   cacheResult = "shared" // a miss that waited for another one's lookup
)

// buckets are from a table in memory to the longest deadlines that a caller bears.
var buckets = []float64{.0001, .0005, .001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5}

// NewMetrics returns Metrics whose series carry the name of the PBX.
func NewMetrics(pbx string) *Metrics {
	labels := prometheus.Labels{"pbx": pbx}
	counter := func(name, help string, by ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help, ConstLabels: labels}, by)
	}
	histogram := func(name, help string, by ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: name, Help: help, ConstLabels: labels, Buckets: buckets, NativeHistogramBucketFactor: 1.1,
		}, by)
	}
	m := &Metrics{
		lookups: counter("asterisk_directory_lookups_total",
			"Lookups that asked sources, by what was looked for and how they ended.", "by", "result"),
		duration: histogram("asterisk_directory_lookup_duration_seconds", "Time that lookups took that asked sources.", "by"),
		requests: counter("asterisk_directory_source_requests_total",
			"Questions to sources, by how they ended.", "source", "result"),
		source: histogram("asterisk_directory_source_duration_seconds", "Time that sources took to answer.", "source"),
		up: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "asterisk_directory_source_up", Help: "Whether the last question to the source was answered.", ConstLabels: labels,
		}, []string{"source"}),
		cached: counter("asterisk_directory_cache_requests_total", "Lookups in the cache, by how they ended.", "result"),
	}
	m.byCache = map[cacheResult]prometheus.Counter{}
	for _, result := range []cacheResult{cacheHit, cacheNegative, cacheStale, cacheMiss, cacheShared} {
		m.byCache[result] = m.cached.WithLabelValues(string(result))
	}
	return m
}

func (m *Metrics) cache(result cacheResult) {
	if m != nil {
		m.byCache[result].Inc()
	}
}

func (m *Metrics) step(s Step) {
	if m == nil {
		return
	}
	m.requests.WithLabelValues(s.Source, string(s.Result)).Inc()
	if s.Result != Skipped {
		m.source.WithLabelValues(s.Source).Observe(s.Took.Seconds())
	}
	switch s.Result {
	case Found, Ambiguous, NotFound:
		m.up.WithLabelValues(s.Source).Set(1)
	case Failed, TimedOut:
		m.up.WithLabelValues(s.Source).Set(0)
	default: // it was not its doing
	}
}

func (m *Metrics) lookup(by string, err error, took time.Duration) {
	if m == nil {
		return
	}
	result := string(Found)
	switch {
	case errors.Is(err, ErrUnavailable):
		result = "unavailable"
	case errors.Is(err, ErrAmbiguous):
		result = string(Ambiguous)
	case err != nil:
		result = string(NotFound)
	}
	m.lookups.WithLabelValues(by, result).Inc()
	m.duration.WithLabelValues(by).Observe(took.Seconds())
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
	return []prometheus.Collector{m.lookups, m.duration, m.requests, m.source, m.up, m.cached}
}
