package ari

import (
	"errors"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// requestMetrics is what a client counts, whether or not anybody collects it.
type requestMetrics struct {
	once      sync.Once
	histogram *prometheus.HistogramVec
}

// answered notes a request that is over. Those that were not answered are not in it.
func (m *requestMetrics) answered(op *Operation, took time.Duration, err error) {
	var refused *Error
	if err == nil || errors.As(err, &refused) {
		m.durations().WithLabelValues(op.String()).Observe(took.Seconds())
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
