package acd

import (
	"fmt"
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
	}
	if a.activity == Wrapping {
		r.WrapEnd = a.wrapEnd
	}
	for _, m := range a.members {
		r.Members = append(r.Members, MemberRecord{m.queue.Name, m.calls, m.talk})
	}
	return r, true
}

// RestoreAgent gives an agent of SetAgent, who has not logged in yet, what was stored. The change of its state is told.
func (s *State) RestoreAgent(r AgentRecord) error {
	return s.change(r.ID, func(a *agent) {
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
		a.state, a.since = a.work(s.now), s.now
		a.idle = later(a.idle, r.Idle)
		if !r.Idle.IsZero() {
			a.idle = r.Idle
		}
		if a.free() {
			for _, m := range a.members {
				m.queue.free++
			}
			s.free(a)
		}
	})
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
	c := &caller{Caller: r.Caller, state: Waiting, seq: r.Sequence, first: r.First, overflowed: r.Overflowed}
	s.callers[c.ID] = c
	if r.State != Connected {
		s.enter(c, q)
		c.enter = r.Entered
		return nil
	}
	c.state, c.agent, c.answered, c.queue, c.enter = Connected, a, r.Answered, q, r.Entered
	a.activity, a.caller, a.queue = Engaged, c, q
	q.talking++
	s.update(a)
	return nil
}
