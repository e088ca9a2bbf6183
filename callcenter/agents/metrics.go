package agents

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics counts agents for Prometheus. Feed it the changes of one Model ([Metrics.Observe]) and register it; both may happen
// at the same time in different goroutines. No label holds a person, a telephone or a caller.
//
//	asterisk_agents_state{pbx,state}                  gauge, agents in each state
//	asterisk_agents_members{pbx,queue,state}          gauge, the members of each queue by the agent's state
//	asterisk_agents_state_seconds_total{pbx,state}    counter, time that agents have spent in a state
//	asterisk_agents_pause_seconds_total{pbx,reason}   counter, time in pauses by reason, of which 64 are kept apart
//	asterisk_agents_calls_total{pbx,result}           counter, calls offered by queues: answered, no_answer
//	asterisk_agents_refused_total{pbx}                counter, calls that telephones have refused as busy
//
// Time in a state is counted when the state ends.
type Metrics struct {
	state, members, stateSeconds, pauseSeconds, calls, refused *prometheus.Desc

	mu     sync.Mutex
	agents map[string]*Agent
	spent  Stats // by all agents, those too that have gone
}

var _ prometheus.Collector = (*Metrics)(nil)

// NewMetrics returns Metrics whose series carry the name of the PBX.
func NewMetrics(pbx string) *Metrics {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("asterisk_agents_"+name, help, labels, prometheus.Labels{"pbx": pbx})
	}
	return &Metrics{
		state:        desc("state", "Agents in each state.", "state"),
		members:      desc("members", "Members of each queue, by the state of the agent.", "queue", "state"),
		stateSeconds: desc("state_seconds_total", "Time that agents have spent in a state that has ended.", "state"),
		pauseSeconds: desc("pause_seconds_total", "Time that agents have spent in pauses that have ended, by reason.", "reason"),
		calls:        desc("calls_total", "Calls that queues have offered to agents, by result.", "result"),
		refused:      desc("refused_total", "Calls that telephones have refused as busy."),
		agents:       map[string]*Agent{},
	}
}

// Observe takes one change.
func (m *Metrics) Observe(change Change) {
	m.mu.Lock()
	defer m.mu.Unlock()
	is := change.Agent
	was := m.agents[is.ID]
	if was == nil {
		was = &Agent{}
	}
	m.count(&was.Stats, &is.Stats)
	if change.Kind == Gone {
		delete(m.agents, is.ID)
		return
	}
	m.agents[is.ID] = &is
}

// count adds what has been added to an agent's statistics. If there is less than before they have begun anew.
func (m *Metrics) count(was, is *Stats) {
	for _, state := range States() {
		if total := m.spent.of(state); total != nil {
			*total += grown(was.Of(state), is.Of(state))
		}
	}
	for reason, d := range is.Pause {
		m.spent.add(Paused, reason, grown(was.Pause[reason], d))
	}
	m.spent.Calls += grown(was.Calls, is.Calls)
	m.spent.NoAnswer += grown(was.NoAnswer, is.NoAnswer)
	m.spent.Refused += grown(was.Refused, is.Refused)
}

func grown[T int | time.Duration](was, is T) T {
	if is < was {
		return is
	}
	return is - was
}

// Describe implements [prometheus.Collector].
func (m *Metrics) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.state, m.members, m.stateSeconds, m.pauseSeconds, m.calls, m.refused} {
		ch <- d
	}
}

// Collect implements [prometheus.Collector].
func (m *Metrics) Collect(ch chan<- prometheus.Metric) {
	m.mu.Lock()
	defer m.mu.Unlock()
	type place struct {
		queue string
		state State
	}
	states, members := map[State]int{}, map[place]int{}
	for _, a := range m.agents {
		states[a.State]++
		for i := range a.Queues {
			members[place{a.Queues[i].Queue, a.State}]++
		}
	}
	send := func(desc *prometheus.Desc, kind prometheus.ValueType, value float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(desc, kind, value, labels...)
	}
	for _, state := range States() {
		send(m.state, prometheus.GaugeValue, float64(states[state]), state.String())
		send(m.stateSeconds, prometheus.CounterValue, m.spent.Of(state).Seconds(), state.String())
	}
	for at, n := range members {
		send(m.members, prometheus.GaugeValue, float64(n), at.queue, at.state.String())
	}
	for reason, d := range m.spent.Pause {
		send(m.pauseSeconds, prometheus.CounterValue, d.Seconds(), reason)
	}
	send(m.calls, prometheus.CounterValue, float64(m.spent.Calls), "answered")
	send(m.calls, prometheus.CounterValue, float64(m.spent.NoAnswer), "no_answer")
	send(m.refused, prometheus.CounterValue, float64(m.spent.Refused))
}
