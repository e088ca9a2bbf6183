package agents

import (
	"strings"
	"time"
)

// Assign says that a person sits at a telephone now (hot desking): what happens there happens to the person. The nameless
// agent of the telephone is [Gone]. Who sat elsewhere is released there first; who sits there already stays. It is
// [ErrOccupied] if another person does, who is to be released first.
//
// It changes nothing in Asterisk: to log the person in to queues is for a [Desk].
func (m *Model) Assign(person Person, endpoint string, at time.Time) ([]Change, error) {
	switch {
	case person.ID == "" || strings.Contains(person.ID, "/"):
		return nil, &InvalidError{Field: "Person.ID", Problem: "is empty, or contains a slash as an endpoint does"}
	case endpoint == "":
		return nil, &InvalidError{Field: "endpoint", Problem: "is empty"}
	}
	m.changes = nil
	p := m.phone(endpoint)
	if p.seat != nil && p.seat.person && p.seat.id != person.ID {
		return nil, ErrOccupied
	}
	m.pass(at)
	a := m.persons[person.ID]
	if a == nil {
		a = &agent{id: person.ID, person: true}
		m.persons[person.ID] = a
	}
	a.name = person.Name
	if a.phone != p {
		m.stand(a)
		m.sit(a, p, at)
	}
	m.touched[a] = true
	return m.flush(at), nil
}

// Release says that a person does not sit anywhere any more. The agent stays, [Offline], with the statistics.
func (m *Model) Release(id string, at time.Time) ([]Change, error) {
	a := m.persons[id]
	if a == nil {
		return nil, ErrNoSuchAgent
	}
	m.changes = nil
	m.pass(at)
	m.stand(a)
	return m.flush(at), nil
}

// sit puts a person in the place of the nameless agent of a telephone.
func (m *Model) sit(a *agent, p *phone, at time.Time) {
	if nameless := p.seat; nameless != nil {
		m.forget(nameless, at)
	}
	p.seat, a.phone = a, p
}

// stand leaves the telephone of a person to a nameless agent.
func (m *Model) stand(a *agent) {
	p := a.phone
	m.touched[a] = true
	if p == nil {
		return
	}
	a.phone, p.seat = nil, nil
	m.seat(p)
}

// forget tells that an agent is gone, if it was ever told.
func (m *Model) forget(a *agent, at time.Time) {
	delete(m.touched, a)
	if a.told.ID != "" {
		m.changes = append(m.changes, Change{Kind: Gone, At: at, Agent: a.told.clone()})
	}
}

// Forget drops an agent who is of no use any more, with the statistics: a person, who is released first, or a telephone that
// is a member of no queue. A telephone that has a hint, or a member, comes back at once as a new agent.
func (m *Model) Forget(id string, at time.Time) ([]Change, error) {
	a := m.find(id)
	if a == nil {
		return nil, ErrNoSuchAgent
	}
	m.changes = nil
	m.pass(at)
	p := a.phone
	if a.person {
		m.stand(a)
		delete(m.persons, id)
	}
	m.forget(a, at)
	if !a.person && p != nil {
		p.seat = nil
		if len(p.members) == 0 && !m.hinted(p) {
			delete(m.phones, p.Endpoint)
		} else {
			m.seat(p)
		}
	}
	return m.flush(at), nil
}

func (m *Model) hinted(p *phone) bool {
	for _, h := range m.hints {
		if h.endpoint == p.Endpoint {
			return true
		}
	}
	return false
}

// ResetStats begins the statistics of all agents anew, as at the start of a day.
func (m *Model) ResetStats(at time.Time) []Change {
	m.changes = nil
	m.pass(at)
	for a := range m.agents {
		a.stats = Stats{}
		a.since = latest(a.since, at)
		m.touched[a] = true
	}
	return m.flush(at)
}
