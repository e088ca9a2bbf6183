package agi

import (
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

var sessionsDesc = prometheus.NewDesc("asterisk_agi_sessions", "AGI sessions that are being served.", nil, nil)

// NewCollector returns the metrics of a server for a Prometheus registry. The label pbx says which Asterisk it serves:
//
//   - asterisk_agi_sessions{pbx} is how many sessions are being served;
//   - asterisk_agi_sessions_total{pbx,script,result} counts those that have ended; script is the route's pattern;
//   - asterisk_agi_session_seconds{pbx,script} is how long they took;
//   - asterisk_agi_command_duration_seconds{pbx,command} is the time from a command to its reply;
//   - asterisk_agi_command_errors_total{pbx,command,code} counts commands that Asterisk refused or that failed;
//   - asterisk_agi_rejected_total{pbx,reason} counts connections that did not become a session;
//   - asterisk_agi_unsolicited_total{pbx} counts lines that were no answer to anything, asterisk_agi_interrupts_total{pbx}
//     prompts that were stopped by the end of their context;
//   - asterisk_agi_late_total{pbx} counts how often a session that hears digits should have listened 2 ms after a command and did so
//     more than 125 ms after it: this machine is overloaded then, and digits may be lost over AGI; see [Session.HearDigits].
func NewCollector(pbx string, srv *Server) prometheus.Collector {
	srv.setup()
	return prometheus.WrapCollectorWith(prometheus.Labels{"pbx": pbx}, collector{&srv.metrics})
}

type collector struct{ m *metrics }

func (c collector) Describe(ch chan<- *prometheus.Desc) {
	ch <- sessionsDesc
	for _, part := range c.m.parts() {
		part.Describe(ch)
	}
}

func (c collector) Collect(ch chan<- prometheus.Metric) {
	ch <- prometheus.MustNewConstMetric(sessionsDesc, prometheus.GaugeValue, float64(c.m.active.Load()))
	for _, part := range c.m.parts() {
		part.Collect(ch)
	}
}

// metrics is what a server counts, whether or not anybody collects it.
type metrics struct {
	active      atomic.Int64
	sessions    *prometheus.CounterVec
	seconds     *prometheus.HistogramVec
	commands    *prometheus.HistogramVec
	errors      *prometheus.CounterVec
	rejections  *prometheus.CounterVec
	unsolicited prometheus.Counter
	interrupts  prometheus.Counter
	late        prometheus.Counter
	observers   sync.Map // of the commands, by name
	shared      hooks
}

func (m *metrics) init() {
	counters := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	m.sessions = counters("asterisk_agi_sessions_total", "AGI sessions that have ended, by script and result.", "script", "result")
	m.errors = counters("asterisk_agi_command_errors_total", "AGI commands that failed, by command and code.", "command", "code")
	m.rejections = counters("asterisk_agi_rejected_total", "Connections that did not become a session, by reason.", "reason")
	m.seconds = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "asterisk_agi_session_seconds", Help: "How long AGI sessions took, by script.",
		Buckets: []float64{.01, .1, .5, 1, 5, 15, 60, 300, 1800}, NativeHistogramBucketFactor: 1.1,
	}, []string{"script"})
	m.commands = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "asterisk_agi_command_duration_seconds", Help: "Time from an AGI command to its reply, by command.",
		Buckets: []float64{.0005, .001, .005, .025, .1, .5, 1, 5, 15, 60}, NativeHistogramBucketFactor: 1.1,
	}, []string{"command"})
	m.unsolicited = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "asterisk_agi_unsolicited_total", Help: "Lines from Asterisk that were no answer to a command.",
	})
	m.interrupts = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "asterisk_agi_interrupts_total", Help: "Prompts that were stopped by the end of their context.",
	})
	m.late = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "asterisk_agi_late_total", Help: "Times that a session listened for digits so late that one may be lost.",
	})
	m.shared = hooks{command: m.command, unsolicited: m.unsolicited.Inc, interrupted: m.interrupts.Inc, late: m.late.Inc}
}

func (m *metrics) parts() []prometheus.Collector {
	return []prometheus.Collector{m.sessions, m.seconds, m.commands, m.errors, m.rejections, m.unsolicited, m.interrupts, m.late}
}

func (m *metrics) hooks() *hooks { return &m.shared }

func (m *metrics) rejected(reason string) { m.rejections.WithLabelValues(reason).Inc() }

func (m *metrics) ended(script, result string, took time.Duration) {
	m.sessions.WithLabelValues(script, result).Inc()
	m.seconds.WithLabelValues(script).Observe(took.Seconds())
}

func (m *metrics) command(name string, took time.Duration, err error) {
	observer, ok := m.observers.Load(name)
	if !ok {
		name = commandLabel(name)
		observer, _ = m.observers.LoadOrStore(name, m.commands.WithLabelValues(name))
	}
	observer.(prometheus.Observer).Observe(took.Seconds())
	if err != nil {
		m.errors.WithLabelValues(commandLabel(name), errorCode(err)).Inc()
	}
}

// errorCode is a bounded word for why a command failed.
func errorCode(err error) string {
	var refused *CommandError
	var failed *ResultError
	switch {
	case errors.As(err, &refused):
		return strconv.Itoa(refused.Code)
	case errors.As(err, &failed):
		return "failed"
	case errors.Is(err, ErrDead):
		return "511"
	case errors.Is(err, ErrHangup):
		return "hangup"
	case errors.Is(err, ErrDesync):
		return "desync"
	case errors.Is(err, ErrConnectionLost):
		return "connection"
	}
	return "canceled"
}

// commandLabel bounds the names of commands that a program may send: those that Asterisk has.
func commandLabel(name string) string {
	if _, known := commands[name]; known {
		return name
	}
	return "other"
}
