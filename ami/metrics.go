package ami

import (
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// maxNames is how many different names of events, and of actions, get a series of their own. Asterisk 22 has some 210
// events and 154 actions. Names that come after that count as "other": a caller who can forge events must not be able to
// fill the memory of the monitoring.
const maxNames = 512

var (
	upDesc = prometheus.NewDesc("asterisk_ami_up",
		"Whether the Manager connection is logged in (1) or not (0).", nil, nil)
	eventsDesc = prometheus.NewDesc("asterisk_ami_events_total",
		"Events that came over the Manager connection, by name.", []string{"event"}, nil)
	droppedDesc = prometheus.NewDesc("asterisk_ami_events_dropped_total",
		"Events that were not delivered because a consumer was too slow, once per consumer.", nil, nil)
)

// NewCollector returns the metrics of a client for a Prometheus registry. The label pbx says which Asterisk it is:
//
//   - asterisk_ami_up{pbx} is 1 while the client is logged in;
//   - asterisk_ami_events_total{pbx,event} counts the events that came;
//   - asterisk_ami_events_dropped_total{pbx} counts those that a slow consumer lost, see [GapError];
//   - asterisk_ami_action_duration_seconds{pbx,action} is the time from [Client.Do] or [Client.List] to the whole answer,
//     as a classic and as a native histogram. Actions that were not answered are not in it.
//
// The client counts from its beginning on, whenever this is called. At most 512 names of events and as many of actions
// have a series of their own; the rest is "other".
func NewCollector(pbx string, c *Client) prometheus.Collector {
	return prometheus.WrapCollectorWith(prometheus.Labels{"pbx": pbx}, collector{c})
}

// collector is a client as Prometheus sees it.
type collector struct{ c *Client }

func (col collector) Describe(ch chan<- *prometheus.Desc) {
	ch <- upDesc
	ch <- eventsDesc
	ch <- droppedDesc
	col.c.metrics.durations().Describe(ch)
}

func (col collector) Collect(ch chan<- prometheus.Metric) {
	up := 0.0
	if col.c.State() == Up {
		up = 1
	}
	m := &col.c.metrics
	ch <- prometheus.MustNewConstMetric(upDesc, prometheus.GaugeValue, up)
	ch <- prometheus.MustNewConstMetric(droppedDesc, prometheus.CounterValue, float64(m.dropped.Load()))
	m.durations().Collect(ch)
	m.mu.Lock()
	defer m.mu.Unlock()
	for name, n := range m.events {
		ch <- prometheus.MustNewConstMetric(eventsDesc, prometheus.CounterValue, float64(*n), name)
	}
}

// metrics is what a client counts, whether or not anybody collects it.
type metrics struct {
	dropped    atomic.Uint64
	reconnects atomic.Uint64

	once      sync.Once
	histogram *prometheus.HistogramVec

	mu      sync.Mutex
	events  map[string]*uint64
	actions map[string]bool
}

// count counts events, of which consumers together have lost some.
func (m *metrics) count(events []Message, lost int) {
	if lost > 0 {
		m.dropped.Add(uint64(lost))
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, event := range events {
		if event.mark != Live {
			continue
		}
		name := event.Event()
		n := m.events[name]
		if n == nil {
			n = m.newEvent(name)
		}
		*n++
	}
}

// newEvent returns the counter for a name that is not counted yet.
func (m *metrics) newEvent(name string) *uint64 {
	if m.events == nil {
		m.events = map[string]*uint64{"other": new(uint64)}
	}
	if len(m.events) > maxNames || !plainName(name) {
		return m.events["other"]
	}
	n := new(uint64)
	m.events[strings.Clone(name)] = n
	return n
}

func (m *metrics) answered(action string, took time.Duration) {
	m.durations().WithLabelValues(m.actionLabel(action)).Observe(took.Seconds())
}

func (m *metrics) actionLabel(action string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.actions == nil {
		m.actions = map[string]bool{}
	}
	if m.actions[action] {
		return action
	}
	if len(m.actions) >= maxNames || !plainName(action) {
		return "other"
	}
	m.actions[action] = true
	return action
}

func (m *metrics) durations() *prometheus.HistogramVec {
	m.once.Do(func() {
		m.histogram = prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:                            "asterisk_ami_action_duration_seconds",
			Help:                            "Time from sending an action to its whole answer, by action.",
			Buckets:                         []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
			NativeHistogramBucketFactor:     1.1,
			NativeHistogramMaxBucketNumber:  160,
			NativeHistogramMinResetDuration: time.Hour,
		}, []string{"action"})
	})
	return m.histogram
}

// plainName reports whether a name looks like one of Asterisk's: letters, digits and dashes.
func plainName(name string) bool {
	if name == "" || len(name) > 64 {
		return false
	}
	for _, r := range name {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (r < '0' || r > '9') && r != '-' && r != '_' {
			return false
		}
	}
	return true
}
