package acd

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// CallerRecord is all that has to be stored of a caller, so that it finds its place again: see [State.RestoreCaller].
type CallerRecord struct {
	Caller     Caller      `json:"caller"`
	State      CallerState `json:"state"`
	Agent      string      `json:"agent,omitempty"` // who talks with the caller
	Entered    time.Time   `json:"entered"`         // into this queue
	Answered   time.Time   `json:"answered,omitzero"`
	First      int         `json:"first"`
	Sequence   uint64      `json:"sequence"`
	Overflowed bool        `json:"overflowed,omitempty"`
	NoLimit    bool        `json:"no_limit,omitempty"` // has asked to be called back: there is no MaxWait any more
	Away       bool        `json:"away,omitempty"`     // see State.RestCallback
	Rest       time.Time   `json:"rest,omitzero"`
}

// UnmarshalText is the way back from MarshalText.
func (s *CallerState) UnmarshalText(text []byte) error {
	for i, n := range callerStateNames {
		if n == string(text) {
			*s = CallerState(i)
			return nil
		}
	}
	return fmt.Errorf("acd: callers have no state %q", text)
}

// UnmarshalText is the way back from MarshalText.
func (s *AgentState) UnmarshalText(text []byte) error {
	for i, n := range agentStateNames {
		if n == string(text) {
			*s = AgentState(i)
			return nil
		}
	}
	return fmt.Errorf("acd: agents have no state %q", text)
}

// AgentRecord is all that has to be stored of an agent: see [State.RestoreAgent].
type AgentRecord struct {
	ID       string         `json:"id"`
	LoggedIn bool           `json:"logged_in,omitempty"`
	Busy     bool           `json:"busy,omitempty"`
	Paused   bool           `json:"paused,omitempty"`
	Reason   string         `json:"reason,omitempty"`
	Misses   int            `json:"misses,omitempty"`
	Blocked  time.Time      `json:"blocked,omitzero"`
	WrapEnd  time.Time      `json:"wrap_end,omitzero"` // if the agent wraps up
	Idle     time.Time      `json:"idle,omitzero"`
	State    AgentState     `json:"state"`
	Since    time.Time      `json:"since,omitzero"` // of the state
	Members  []MemberRecord `json:"members,omitempty"`
}

// MemberRecord is what an agent has done in a queue.
type MemberRecord struct {
	Queue string        `json:"queue"`
	Calls int           `json:"calls"`
	Talk  time.Duration `json:"talk"`
}

// Caller returns what is to be stored of a caller. ok is false if there is none.
func (s *State) Caller(id string) (r CallerRecord, ok bool) {
	c := s.callers[id]
	if c == nil {
		return CallerRecord{}, false
	}
	r = CallerRecord{
		Caller: c.Caller, State: c.state, Entered: c.enter, Answered: c.answered, First: c.first, Sequence: c.seq, Overflowed: c.overflowed,
		NoLimit: c.noLimit, Away: c.away, Rest: c.rest,
	}
	if c.agent != nil {
		r.Agent = c.agent.ID
	}
	return r, true
}

// Agent returns what is to be stored of an agent. ok is false if there is none.
func (s *State) Agent(id string) (r AgentRecord, ok bool) {
	a := s.agents[id]
	if a == nil {
		return AgentRecord{}, false
	}
	r = AgentRecord{
		ID: a.ID, LoggedIn: a.loggedIn, Busy: a.busy, Paused: a.paused, Reason: a.reason, Misses: a.misses, Blocked: a.blocked, Idle: a.idle,
		State: a.state, Since: a.since,
	}
	if a.activity == Wrapping {
		r.WrapEnd = a.wrapEnd
	}
	for _, m := range a.members {
		r.Members = append(r.Members, MemberRecord{m.queue.Name, m.calls, m.talk})
	}
	return r, true
}

// RestoreAgent gives an agent of SetAgent, who has not logged in yet, what was stored. [State.Restored] follows.
func (s *State) RestoreAgent(r AgentRecord) error {
	a := s.agents[r.ID]
	if a == nil {
		return fmt.Errorf("%w: agent %q", ErrUnknown, r.ID)
	}
	a.loggedIn, a.busy, a.paused, a.reason, a.misses, a.blocked = r.LoggedIn, r.Busy, r.Paused, r.Reason, r.Misses, r.Blocked
	if s.now.Before(r.Blocked) {
		s.timers.add(r.Blocked, blockTimer, a)
	}
	if s.now.Before(r.WrapEnd) {
		a.activity, a.wrapEnd = Wrapping, r.WrapEnd
		s.timers.add(r.WrapEnd, wrapTimer, a)
	}
	for _, done := range r.Members {
		if q := s.queues[done.Queue]; q != nil && a.in(q) != nil {
			a.in(q).calls, a.in(q).talk = done.Calls, done.Talk
		}
	}
	if !r.Idle.IsZero() {
		a.idle = r.Idle
	}
	a.state, a.since = r.State, r.Since
	if r.Since.IsZero() {
		a.since = s.now
	}
	for _, m := range a.members {
		if a.free() {
			m.queue.free++
		}
	}
	s.free(a)
	return nil
}

// Restored ends the restoring of agents and callers: who is not in the state any more that was stored has changed now, which is told.
func (s *State) Restored() {
	for _, id := range slices.Sorted(maps.Keys(s.agents)) {
		idle := s.agents[id].idle
		s.update(s.agents[id])
		if s.agents[id].state == Idle {
			s.agents[id].idle = idle
		}
	}
}

// QueueRecord is all that has to be stored of a queue: see [State.RestoreQueue].
type QueueRecord struct {
	Name string `json:"name"`
	// Last is who was offered the last call, for [RoundRobin].
	Last string `json:"last,omitempty"`
	// Service is how long calls take, wrap-up included, of how many: expected waits come of it.
	Service time.Duration `json:"service,omitempty"`
	Count   int           `json:"count,omitempty"`
}

// Queue returns what is to be stored of a queue. ok is false if there is none.
func (s *State) Queue(name string) (r QueueRecord, ok bool) {
	q := s.queues[name]
	if q == nil {
		return QueueRecord{}, false
	}
	r = QueueRecord{Name: q.Name, Service: q.service.mean, Count: q.service.count}
	if q.last >= 0 && q.last < len(q.members) {
		r.Last = q.members[q.last].agent.ID
	}
	return r, true
}

// RestoreQueue gives a queue, whose agents are known, what was stored.
func (s *State) RestoreQueue(r QueueRecord) error {
	q := s.queues[r.Name]
	if q == nil {
		return fmt.Errorf("%w: queue %q", ErrUnknown, r.Name)
	}
	q.service = average{r.Service, r.Count}
	q.last = slices.IndexFunc(q.members, func(m *member) bool { return m.agent.ID == r.Last })
	return nil
}

// Return is RestoreCaller for one of whom nothing was stored: that the caller has joined, and talks, is told, with the times when
// it was.
func (s *State) Return(r CallerRecord) error {
	if r.Caller.Joined.IsZero() || r.Caller.Joined.After(s.now) {
		r.Caller.Joined = s.now
	}
	r.Entered = later(r.Entered, r.Caller.Joined)
	if r.Answered.IsZero() || r.Answered.After(s.now) {
		r.Answered = s.now
	}
	if r.State != Connected {
		r.Answered = time.Time{}
	}
	s.seq++
	if r.Sequence == 0 {
		r.Sequence = s.seq
	}
	if err := s.RestoreCaller(r); err != nil {
		return err
	}
	c := s.callers[r.Caller.ID]
	s.fewer = true
	position := r.First
	if c.state == Waiting {
		position = c.position()
	}
	s.tell(Transition{Time: c.Joined, Kind: Joined, Queue: c.Queue, Caller: c.ID, CallerInfo: c.Caller, Position: position})
	if c.state == Connected {
		s.tell(Transition{
			Time: c.answered, Kind: Began, Queue: c.Queue, Caller: c.ID, CallerInfo: c.Caller, Agent: c.agent.ID,
			Wait: c.answered.Sub(c.Joined), First: c.first,
		})
	}
	return nil
}

// RestoreCaller puts a caller back where it was: at its place in the line, or into the talk with its agent. One who was offered
// waits: what has become of the offer nobody knows. Nothing is told of it, as the caller has never left.
func (s *State) RestoreCaller(r CallerRecord) error {
	q, a := s.queues[r.Caller.Queue], s.agents[r.Agent]
	switch {
	case q == nil:
		return fmt.Errorf("%w: queue %q", ErrUnknown, r.Caller.Queue)
	case s.callers[r.Caller.ID] != nil:
		return fmt.Errorf("%w: caller %q", ErrDuplicate, r.Caller.ID)
	case r.State == Connected && a == nil:
		return fmt.Errorf("%w: agent %q", ErrUnknown, r.Agent)
	case r.State == Connected && a.activity != Unoccupied:
		return fmt.Errorf("%w: agent %q is %v", ErrStale, r.Agent, a.state)
	}
	s.seq = max(s.seq, r.Sequence)
	c := &caller{
		Caller: r.Caller, state: Waiting, seq: r.Sequence, first: r.First, overflowed: r.Overflowed, away: r.Away, rest: r.Rest,
		noLimit: r.NoLimit || r.Caller.Callback,
	}
	s.callers[c.ID] = c
	if r.State != Connected {
		s.enter(c, q, r.Entered)
		if s.now.Before(c.rest) {
			s.timers.add(c.rest, seekTimer, c)
		}
		return nil
	}
	c.state, c.agent, c.answered, c.queue, c.enter = Connected, a, r.Answered, q, r.Entered
	a.activity, a.caller, a.queue = Engaged, c, q
	q.talking++
	s.update(a)
	return nil
}
