package ami

import (
	"strconv"
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
	reconnectsDesc = prometheus.NewDesc("asterisk_ami_reconnects_total",
		"Times that the Manager connection was made again after it was lost.", nil, nil)
	gapsDesc = prometheus.NewDesc("asterisk_ami_gaps_total",
		"Stretches of events that were not delivered because a consumer was too slow, once per consumer.", nil, nil)
	queueDesc = prometheus.NewDesc("asterisk_ami_queued_events",
		"Events that wait for the consumer for whom most wait.", nil, nil)
	lagDesc = prometheus.NewDesc("asterisk_ami_event_lag_seconds",
		"Time from the Timestamp of the last event to its arrival; the clocks of both machines are in it.", nil, nil)
	rttDesc = prometheus.NewDesc("asterisk_ami_ping_seconds",
		"Round trip of the last Ping of the keepalive.", nil, nil)
	droppedDesc = prometheus.NewDesc("asterisk_ami_events_dropped_total",
		"Events that were not delivered because a consumer was too slow, once per consumer.", nil, nil)
)

// NewCollector returns the metrics of a client for a Prometheus registry. The label pbx says which Asterisk it is:
//
//   - asterisk_ami_up{pbx} is 1 while the client is logged in;
//   - asterisk_ami_events_total{pbx,event} counts the events that came;
//   - asterisk_ami_events_dropped_total{pbx} counts those that a slow consumer lost, see [GapError];
//   - asterisk_ami_gaps_total{pbx} counts the gaps, and asterisk_ami_queued_events{pbx} is how near the next one is: how many
//     events wait for the slowest consumer;
//   - asterisk_ami_reconnects_total{pbx} counts how often the connection was made again;
//   - asterisk_ami_event_lag_seconds{pbx} is how old the last event was when it came, if events have a Timestamp
//     (timestampevents in manager.conf);
//   - asterisk_ami_ping_seconds{pbx} is the round trip of the last Ping of the keepalive;
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
	for _, desc := range []*prometheus.Desc{upDesc, reconnectsDesc, gapsDesc, queueDesc, lagDesc, rttDesc} {
		ch <- desc
	}
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
	ch <- prometheus.MustNewConstMetric(reconnectsDesc, prometheus.CounterValue, float64(m.reconnects.Load()))
	ch <- prometheus.MustNewConstMetric(gapsDesc, prometheus.CounterValue, float64(m.gaps.Load()))
	ch <- prometheus.MustNewConstMetric(queueDesc, prometheus.GaugeValue, float64(col.c.audience.depth()))
	if m.timed.Load() {
		ch <- prometheus.MustNewConstMetric(lagDesc, prometheus.GaugeValue, time.Duration(m.lag.Load()).Seconds())
	}
	if rtt := m.rtt.Load(); rtt > 0 {
		ch <- prometheus.MustNewConstMetric(rttDesc, prometheus.GaugeValue, time.Duration(rtt).Seconds())
	}
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
	gaps       atomic.Uint64
	lag        atomic.Int64 // in ns, when timed
	timed      atomic.Bool
	rtt        atomic.Int64 // in ns; 0: no Ping yet

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
	if last := events[len(events)-1]; last.mark == Live {
		m.arrived(last)
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

// arrived notes how old an event is.
func (m *metrics) arrived(event Message) {
	timestamp, ok := event.Lookup("Timestamp")
	if !ok {
		return
	}
	if at, err := strconv.ParseFloat(timestamp, 64); err == nil {
		now := time.Now()
		m.lag.Store(int64((float64(now.UnixMicro())/1e6 - at) * float64(time.Second)))
		m.timed.Store(true)
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
