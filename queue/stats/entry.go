package stats

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/asterism-go/asterism/queue/acd"
)

// Entry is a part of a [Book] that can be stored: what is known of one queue, or of one agent, in one [Period]. One in which
// neither OfQueue nor OfAgent is set says that the Book has forgotten it.
type Entry struct {
	From    time.Time `json:"from,omitzero"` // zero for ever
	Queue   string    `json:"queue,omitempty"`
	Agent   string    `json:"agent,omitempty"`
	OfQueue *Queue    `json:"of_queue,omitempty"`
	OfAgent *Agent    `json:"of_agent,omitempty"`
	// Doing is what the agent does, if From is zero.
	Doing *Doing `json:"doing,omitempty"`
}

// Doing is what an agent does, and since when that has not been booked.
type Doing struct {
	State  acd.AgentState `json:"state"`
	Reason string         `json:"reason,omitempty"`
	Since  time.Time      `json:"since"`
}

// Key is the same for two entries if one takes the place of the other.
func (e *Entry) Key() string {
	from := "ever"
	if !e.From.IsZero() {
		from = strconv.FormatInt(e.From.Unix(), 10)
	}
	if e.Queue != "" {
		return from + "/queue/" + e.Queue
	}
	return from + "/agent/" + e.Agent
}

// key is what of a Book has changed.
type key struct {
	from         time.Time
	queue, agent string
}

// Changed returns what has changed since the last [Book.Stored], so that it can be stored: Put of it all into an empty Book
// makes one that goes on where this one is.
func (b *Book) Changed() []Entry {
	changed := make([]Entry, 0, len(b.changed))
	for k := range b.changed {
		e := Entry{From: k.from, Queue: k.queue, Agent: k.agent}
		if p := b.period(k.from); p != nil {
			b.fill(&e, p)
		}
		changed = append(changed, e)
	}
	return changed
}

func (b *Book) fill(e *Entry, p *Period) {
	if q := p.Queues[e.Queue]; q != nil {
		copied := q.clone()
		e.OfQueue = &copied
	}
	if e.Agent == "" {
		return
	}
	e.OfAgent = &Agent{}
	if a := p.Agents[e.Agent]; a != nil {
		*e.OfAgent = a.clone()
	}
	if d, ok := b.doing[e.Agent]; ok && e.From.IsZero() {
		e.Doing = &Doing{d.state, d.reason, d.since}
	}
}

// Stored says that what Changed has returned is stored.
func (b *Book) Stored() { clear(b.changed) }

// Put sets a part of the Book, as Changed has told it.
func (b *Book) Put(e Entry) {
	p := b.total
	if !e.From.IsZero() {
		p = b.since(e.From.UTC())
	}
	if p == nil {
		return // it is older than what is kept
	}
	if e.OfQueue != nil {
		copied := e.OfQueue.clone()
		p.Queues[e.Queue] = &copied
	}
	if e.OfAgent != nil {
		copied := e.OfAgent.clone()
		p.Agents[e.Agent] = &copied
	}
	if e.Doing != nil {
		b.doing[e.Agent] = doing{e.Doing.State, e.Doing.Reason, e.Doing.Since}
	}
}

// period returns the one that begins then, nil if there is none.
func (b *Book) period(from time.Time) *Period {
	if from.IsZero() {
		return b.total
	}
	for _, p := range slices.Backward(b.periods) {
		if p.From.Equal(from) {
			return p
		}
	}
	return nil
}

// since returns the period that begins then, and makes it if need be; nil if it is older than those that are kept.
func (b *Book) since(from time.Time) *Period {
	if p := b.period(from); p != nil {
		return p
	}
	keep := b.Keep
	if keep <= 0 {
		keep = DefaultKeep
	}
	i, _ := slices.BinarySearchFunc(b.periods, from, func(p *Period, at time.Time) int { return p.From.Compare(at) })
	if i == 0 && len(b.periods) >= keep {
		return nil
	}
	p := newPeriod(from)
	b.periods = slices.Insert(b.periods, i, p)
	for len(b.periods) > keep {
		b.forget(b.periods[0])
		b.periods = slices.Delete(b.periods, 0, 1)
	}
	return p
}

// forget notes that what a period has is not to be stored any longer.
func (b *Book) forget(p *Period) {
	for queue := range maps.Keys(p.Queues) {
		b.changed[key{from: p.From, queue: queue}] = true
	}
	for agent := range maps.Keys(p.Agents) {
		b.changed[key{from: p.From, agent: agent}] = true
	}
}
