package agents

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// flush tells what has become of the agents that were touched, and returns all that was told since the input came.
func (m *Model) flush(at time.Time) []Change {
	if len(m.touched) == 0 {
		return m.changes
	}
	all := slices.SortedFunc(maps.Keys(m.touched), func(a, b *agent) int { return cmp.Compare(a.id, b.id) })
	clear(m.touched)
	for _, a := range all {
		m.tell(a, at)
	}
	return m.changes
}

// tell compares an agent with what was told of it last.
func (m *Model) tell(a *agent, at time.Time) {
	m.settle(a, at)
	is := m.view(a)
	if a.told.ID == "" {
		a.told = is
		m.changes = append(m.changes, Change{Kind: Appeared, At: at, Agent: is.clone()})
		return
	}
	changes := compare(&a.told, &is, at)
	a.told = is
	for i := range changes {
		changes[i].Agent = is.clone()
	}
	m.changes = append(m.changes, changes...)
}

// settle moves an agent to the state that it is in now, and counts the time in the one before.
func (m *Model) settle(a *agent, at time.Time) {
	state, reason := transition(m.facts(a)), ""
	if state == Paused {
		reason = a.phone.pauseReason()
	}
	if a.told.ID == "" {
		a.state, a.reason, a.since = state, reason, at
		return
	}
	if state == a.state && reason == a.reason {
		return
	}
	at = latest(a.since, at) // an event that was overtaken by another one
	a.stats.add(a.state, a.reason, at.Sub(a.since))
	a.state, a.reason, a.since = state, reason, at
}

func (m *Model) view(a *agent) Agent {
	is := Agent{
		ID: a.id, Name: a.name, State: a.state, Since: a.since, Reason: a.reason, Stats: a.stats.clone(),
	}
	if a.phone == nil {
		return is
	}
	is.Phone, is.Queues = a.phone.Phone, a.phone.places()
	is.Call = a.phone.callOf(a.state)
	if is.Name == "" {
		is.Name = a.phone.name()
	}
	return is
}

func (a Agent) clone() Agent {
	a.Queues = slices.Clone(a.Queues)
	a.Stats = a.Stats.clone()
	return a
}
