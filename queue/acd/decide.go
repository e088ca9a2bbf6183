package acd

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Reason is why an agent may not have a caller, or that the agent may.
type Reason uint8

// The reasons, in the order in which they are looked at.
const (
	Chosen       Reason = iota // the agent is rung
	NotBest                    // another one is better by the strategy
	MorePenalty                // another one has less penalty
	NotFree                    // the agent has something else to do: see Verdict.State
	OverPenalty                // the penalty is over the limit of the caller
	LacksSkill                 // the agent lacks a skill
	WaitsForLast               // the caller waits for the agent of the last time
	JustMissed                 // the agent has missed or refused this caller a short while ago
	Rests                      // the caller is to be called back, and not now
)

var reasonNames = [...]string{
	Chosen: "chosen", NotBest: "not best", MorePenalty: "more penalty", NotFree: "not free", OverPenalty: "over the penalty limit",
	LacksSkill: "lacks a skill", WaitsForLast: "the caller waits for another agent", JustMissed: "just missed the caller", Rests: "the caller is called back later",
}

// String returns the reason in words.
func (r Reason) String() string { return name(reasonNames[:], r) }

// Verdict is what a decision says of one agent.
type Verdict struct {
	Agent  string
	Reason Reason
	// State is what the agent was doing.
	State AgentState
}

// Decision is what is to be done next. The zero value says that there is nothing.
type Decision struct {
	// Caller is offered to Agents; they are more than one with [RingAll] only.
	Caller string
	Agents []string
	// Queue and Strategy are those by which they were chosen, Waited how long the caller had waited.
	Queue    string
	Strategy Strategy
	Waited   time.Duration
	// Considered are all members of the queue in its order, and why each is chosen or not.
	Considered []Verdict

	caller  *caller
	members []*member
	chance  bool
}

// Any reports whether there is something to be done.
func (d Decision) Any() bool { return d.caller != nil }

// String explains the decision in one line.
func (d Decision) String() string {
	if !d.Any() {
		return "nothing to decide"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s of %s (%v, waited %v):", d.Caller, d.Queue, d.Strategy, d.Waited)
	for _, v := range d.Considered {
		fmt.Fprintf(&b, " %s %v", v.Agent, v.Reason)
		if v.Reason == NotFree {
			fmt.Fprintf(&b, " (%v)", v.State)
		}
		b.WriteByte(';')
	}
	return strings.TrimSuffix(b.String(), ";")
}

// Decide says what is to be done next. It changes nothing: the same State gives the same Decision. It looks at the agents and
// callers that have changed since there was last nothing to decide, which is enough (and the tests compare it with looking at
// all of them): a decision costs at most one look at each caller of the queues of an agent, or at each member of a queue.
func Decide(s *State) Decision {
	var best *caller
	for _, c := range s.seeking {
		if c.state == Waiting && c.queue.free > 0 && (best == nil || c.before(best)) && s.anybody(c) {
			best = c
		}
	}
	for _, a := range s.freed {
		if a.free() {
			best = s.firstFor(a, best)
		}
	}
	if best == nil {
		return Decision{}
	}
	return s.decide(best)
}

// anybody reports whether a caller may have somebody at once.
func (s *State) anybody(c *caller) bool {
	for _, m := range c.queue.members {
		if m.agent.free() && s.reason(c, m) == Chosen {
			return true
		}
	}
	return false
}

// firstFor returns the first caller whom an agent may have, if that one is before best.
func (s *State) firstFor(a *agent, best *caller) *caller {
	for _, m := range a.members {
		for _, c := range m.queue.line {
			if best != nil && !c.before(best) {
				break
			}
			if c.state == Waiting && s.reason(c, m) == Chosen {
				best = c
				break
			}
		}
	}
	return best
}

// reason says whether a member may have a caller: Chosen, or why not.
func (s *State) reason(c *caller, m *member) Reason {
	switch a := m.agent; {
	case !a.free():
		return NotFree
	case c.limit >= 0 && m.Penalty > c.limit:
		return OverPenalty
	case !a.can(c.needs):
		return LacksSkill
	case a.ID != c.LastAgent && s.sticks(c):
		return WaitsForLast
	case c.excluded(a, s.now):
		return JustMissed
	case c.rests(s.now):
		return Rests
	}
	return Chosen
}

// sticks reports whether a caller waits for the agent of the last time.
func (s *State) sticks(c *caller) bool {
	if !s.now.Before(c.sticky) {
		return false
	}
	last := s.agents[c.LastAgent]
	return last != nil && last.in(c.queue) != nil && last.loggedIn && !last.paused && !c.excluded(last, s.now)
}

// decide chooses the agents for a caller who may have some.
func (s *State) decide(c *caller) Decision {
	q := c.queue
	d := Decision{
		Caller: c.ID, Queue: q.Name, Strategy: q.Strategy, Waited: s.now.Sub(c.Joined), caller: c,
		Considered: make([]Verdict, len(q.members)),
	}
	var pool []*member
	for i, m := range q.members {
		d.Considered[i] = Verdict{m.agent.ID, s.reason(c, m), m.agent.state}
		if d.Considered[i].Reason != Chosen {
			continue
		}
		if len(pool) > 0 && m.Penalty < pool[0].Penalty {
			pool = pool[:0]
		}
		if len(pool) == 0 || m.Penalty == pool[0].Penalty {
			pool = append(pool, m)
		}
	}
	d.members, d.chance = s.pick(c, pool)
	for _, m := range d.members {
		d.Agents = append(d.Agents, m.agent.ID)
	}
	d.explain(q, pool[0].Penalty)
	return d
}

// explain tells those who might have had the caller why they have not.
func (d *Decision) explain(q *queue, penalty int) {
	chosen := 0
	for i, m := range q.members {
		switch v := &d.Considered[i]; {
		case v.Reason != Chosen:
		case chosen < len(d.members) && m == d.members[chosen]:
			chosen++
		case m.Penalty > penalty:
			v.Reason = MorePenalty
		default:
			v.Reason = NotBest
		}
	}
}

// Apply carries out a decision of this State, which must not have changed since. A decision that there is nothing to do is
// carried out too: later ones rely on it.
func (s *State) Apply(d Decision) {
	if !d.Any() {
		s.settled()
		return
	}
	c, q := d.caller, d.caller.queue
	if d.chance {
		s.draws++
	}
	if c.Callback && q.CustomerFirst {
		s.recall(c, &d)
		return
	}
	s.offers++
	c.step(offer)
	c.tries++
	r := &reservation{id: s.offers, caller: c, end: s.now.Add(q.RingTimeout)}
	c.reserved, s.reserved[r.id] = r, r
	for _, m := range d.members {
		m.agent.step(offer)
		m.agent.caller = c
		r.agents = append(r.agents, m.agent)
		q.last = q.index(m)
	}
	s.timers.add(r.end, ringTimer, r)
	s.tell(Transition{
		Kind: OfferMade, Queue: q.Name, Caller: c.ID, CallerInfo: c.Caller, Agents: d.Agents, Reservation: r.id,
		Wait: s.now.Sub(c.Joined), Position: c.position(), Why: &d,
	})
	for _, a := range r.agents {
		s.update(a)
	}
}

// Settle decides until there is nothing left to decide, unless [State.Hold] forbids it. Then those leave whose queue has not the agents any more that it needs.
func (s *State) Settle() {
	if s.held {
		return
	}
	for {
		d := Decide(s)
		s.Apply(d)
		if !d.Any() {
			break
		}
	}
	if s.fewer {
		s.fewer = false
		s.empty()
	}
}

// empty has callers leave queues that have not the agents that they need.
func (s *State) empty() {
	for _, q := range s.order {
		if q.StayNeeds == Nobody || len(q.line) == 0 || q.has(q.StayNeeds) {
			continue
		}
		for _, c := range slices.Clone(q.line) {
			if c.state == Waiting && !c.Callback {
				s.gone(c, Transition{Outcome: LeaveEmpty})
			}
		}
	}
}
