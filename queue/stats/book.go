package stats

import (
	"maps"
	"slices"
	"time"

	"github.com/asterism-go/asterism/queue/acd"
)

// DefaultKeep is how many intervals a [Book] keeps: a week of quarters of an hour.
const DefaultKeep = 7 * 24 * 4

// Period is what has happened in one interval, or ever. Its maps are keyed by name of the queue and id of the agent.
type Period struct {
	From   time.Time         `json:"from,omitzero"` // zero for ever
	Queues map[string]*Queue `json:"queues"`
	Agents map[string]*Agent `json:"agents"`
}

// Book adds up transitions. It is not safe for use by several goroutines at once.
type Book struct {
	// Keep is how many intervals are kept; the oldest are forgotten. Default: [DefaultKeep].
	Keep int

	interval time.Duration
	goals    map[string]time.Duration
	total    *Period
	periods  []*Period // by From
	doing    map[string]doing
	changed  map[key]bool // since Stored
}

// doing is what an agent does, since when.
type doing struct {
	state  acd.AgentState
	reason string
	since  time.Time
}

// New returns an empty Book. interval is the length of its intervals, which begin at multiples of it in UTC; zero: it has none.
func New(interval time.Duration) *Book {
	return &Book{interval: interval, goals: map[string]time.Duration{}, total: newPeriod(time.Time{}), doing: map[string]doing{}, changed: map[key]bool{}}
}

func newPeriod(from time.Time) *Period {
	return &Period{From: from, Queues: map[string]*Queue{}, Agents: map[string]*Agent{}}
}

// SetGoal says what wait is good for a queue, from now on. Default: [acd.DefaultServiceGoal].
func (b *Book) SetGoal(queue string, goal time.Duration) { b.goals[queue] = goal }

func (b *Book) goal(queue string) time.Duration {
	if goal, ok := b.goals[queue]; ok {
		return goal
	}
	return acd.DefaultServiceGoal
}

// Add adds a transition. Those of an agent must come in the order of their times; what is learnt late counts in the interval in which it was.
func (b *Book) Add(t acd.Transition) {
	if t.Kind == acd.AgentChanged {
		b.change(t)
		return
	}
	for _, p := range b.at(t.Time) {
		if t.Queue != "" {
			b.queue(p, t.Queue).add(t, b.goal(t.Queue))
		}
		if t.Kind == acd.Moved {
			b.queue(p, t.From).Moved++
		}
		if t.Agent != "" {
			b.agent(p, t.Agent).add(t)
		}
	}
}

// at returns what a moment counts in: ever, and its interval.
func (b *Book) at(now time.Time) []*Period {
	if b.interval <= 0 {
		return []*Period{b.total}
	}
	if p := b.since(now.UTC().Truncate(b.interval)); p != nil {
		return []*Period{b.total, p}
	}
	return []*Period{b.total}
}

func (b *Book) queue(p *Period, name string) *Queue {
	b.changed[key{from: p.From, queue: name}] = true
	if p.Queues[name] == nil {
		p.Queues[name] = &Queue{}
	}
	return p.Queues[name]
}

func (b *Book) agent(p *Period, id string) *Agent {
	b.changed[key{from: p.From, agent: id}] = true
	if p.Agents[id] == nil {
		p.Agents[id] = &Agent{}
	}
	return p.Agents[id]
}

// change books the time of what an agent has done until now.
func (b *Book) change(t acd.Transition) {
	d, ok := b.doing[t.Agent]
	if !ok {
		d = doing{state: t.Was, since: t.Time.Add(-t.For)}
	}
	b.spend(t.Agent, d, t.Time)
	b.changed[key{agent: t.Agent}] = true
	b.doing[t.Agent] = doing{t.State, t.Reason, t.Time}
}

// spend splits time at the borders of intervals.
func (b *Book) spend(agent string, d doing, until time.Time) {
	for d.since.Before(until) {
		end := until
		if b.interval > 0 {
			if border := d.since.UTC().Truncate(b.interval).Add(b.interval); border.Before(end) {
				end = border
			}
		}
		for _, p := range b.at(d.since) {
			b.agent(p, agent).spend(d.state, d.reason, end.Sub(d.since))
		}
		d.since = end
	}
}

// Advance books what agents have done until now, and go on doing.
func (b *Book) Advance(now time.Time) {
	for _, agent := range slices.Sorted(maps.Keys(b.doing)) {
		d := b.doing[agent]
		b.spend(agent, d, now)
		if d.since.Before(now) {
			d.since = now
			b.changed[key{agent: agent}] = true
			b.doing[agent] = d
		}
	}
}

// Queue returns what has become of the callers of a queue, ever.
func (b *Book) Queue(name string) Queue {
	if q := b.total.Queues[name]; q != nil {
		return q.clone()
	}
	return Queue{}
}

// Agent returns what an agent has done, ever, up to the last Advance or change of its state.
func (b *Book) Agent(id string) Agent {
	if a := b.total.Agents[id]; a != nil {
		return a.clone()
	}
	return Agent{}
}

// Periods returns the intervals in which something has happened, by time.
func (b *Book) Periods() []Period {
	all := make([]Period, len(b.periods))
	for i, p := range b.periods {
		all[i] = p.clone()
	}
	return all
}

// Total returns all that has happened.
func (b *Book) Total() Period { return b.total.clone() }

// Restore sets what had happened before, as Total has told it. With Put the intervals come back too.
func (b *Book) Restore(total Period) { p := total.clone(); b.total = &p }

func (p *Period) clone() Period {
	c := *newPeriod(p.From)
	for name, q := range p.Queues {
		copied := q.clone()
		c.Queues[name] = &copied
	}
	for id, a := range p.Agents {
		copied := a.clone()
		c.Agents[id] = &copied
	}
	return c
}

func (q *Queue) clone() Queue {
	c := *q
	c.Refused, c.Left, c.Missed = maps.Clone(q.Refused), maps.Clone(q.Left), maps.Clone(q.Missed)
	return c
}

func (a *Agent) clone() Agent {
	c := *a
	c.Missed, c.Time, c.Pauses = maps.Clone(a.Missed), maps.Clone(a.Time), maps.Clone(a.Pauses)
	return c
}
