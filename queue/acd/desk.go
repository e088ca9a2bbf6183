package acd

import (
	"fmt"
	"time"
)

// change has something done to an agent, and works out its state.
func (s *State) change(id string, do func(*agent)) error {
	a := s.agents[id]
	if a == nil {
		return fmt.Errorf("%w: agent %q", ErrUnknown, id)
	}
	do(a)
	s.update(a)
	return nil
}

// Login has an agent get calls. It is not paused any more.
func (s *State) Login(id string) error {
	return s.change(id, func(a *agent) {
		if a.loggedIn {
			return
		}
		a.loggedIn, a.paused, a.reason, a.misses = true, false, "", 0
		for _, m := range a.members {
			s.tell(Transition{Kind: AgentAdded, Queue: m.queue.Name, Agent: a.ID})
		}
	})
}

// Logout has an agent get no more calls. A talk goes on; an offer is taken back.
func (s *State) Logout(id string) error {
	return s.change(id, func(a *agent) {
		if !a.loggedIn {
			return
		}
		a.loggedIn = false
		for _, m := range a.members {
			s.tell(Transition{Kind: AgentRemoved, Queue: m.queue.Name, Agent: a.ID})
		}
		s.takeBack(a)
		s.unstick(a)
	})
}

// takeBack ends the offer to an agent.
func (s *State) takeBack(a *agent) {
	if (a.activity != Reserved && a.activity != Answering) || a.caller == nil {
		return
	}
	r := a.caller.reserved
	s.withdraw(r, a, AgentGone)
	if len(r.agents) == 0 {
		s.again(r)
	}
}

// unstick has those who wait for an agent look for another.
func (s *State) unstick(a *agent) {
	for _, m := range a.members {
		for _, c := range m.queue.line {
			if c.LastAgent == a.ID && s.now.Before(c.sticky) {
				s.seek(c)
			}
		}
	}
}

// Pause has an agent get no calls for a reason. What is going on goes on.
func (s *State) Pause(id, reason string) error {
	return s.change(id, func(a *agent) {
		a.paused, a.reason = true, reason
		s.unstick(a)
	})
}

// Unpause ends a pause, and what the agent got for calls that it has missed.
func (s *State) Unpause(id string) error {
	return s.change(id, func(a *agent) {
		a.paused, a.reason, a.misses, a.blocked = false, "", 0, time.Time{}
	})
}

// SetBusy says whether an agent is in a call that has nothing to do with queues.
func (s *State) SetBusy(id string, busy bool) error {
	return s.change(id, func(a *agent) { a.busy = busy })
}

// EndWrapUp has an agent who wraps up get calls again. For another one it does nothing.
func (s *State) EndWrapUp(id string) error {
	return s.change(id, func(a *agent) {
		if a.activity == Wrapping {
			a.step(release)
		}
	})
}

// ExtendWrapUp gives an agent who wraps up more time, from now.
func (s *State) ExtendWrapUp(id string, d time.Duration) error {
	a := s.agents[id]
	switch {
	case a == nil:
		return fmt.Errorf("%w: agent %q", ErrUnknown, id)
	case a.activity != Wrapping:
		return fmt.Errorf("%w: agent %q is %v", ErrStale, id, a.state)
	}
	a.wrapEnd = s.now.Add(d)
	s.timers.add(a.wrapEnd, wrapTimer, a)
	return nil
}
