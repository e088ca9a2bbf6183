package acd

import (
	"fmt"
	"slices"
	"time"
)

// Pick says that an agent has answered an offer. The other agents of the offer are released, and this one may be asked whether
// it takes the caller: [State.Accept] or [State.Fail] follows. It is [ErrStale] if the offer is over, or somebody else was
// quicker.
func (s *State) Pick(reservation uint64, agent string) error {
	r, a, err := s.offered(reservation, agent)
	if err != nil {
		return err
	}
	c := r.caller
	if c.state != Offered {
		return fmt.Errorf("%w: reservation %d was answered", ErrStale, reservation)
	}
	for _, other := range slices.Clone(r.agents) {
		if other != a {
			s.withdraw(r, other, Lost)
		}
	}
	c.step(answer)
	a.step(answer)
	s.tell(Transition{
		Kind: Picked, Queue: c.Queue, Caller: c.ID, Agent: a.ID, Reservation: r.id, Ring: s.now.Sub(a.since), Wait: s.now.Sub(c.Joined),
	})
	s.update(a)
	return nil
}

// Accept says that the agent who has answered takes the caller: they talk.
func (s *State) Accept(reservation uint64) error {
	r := s.reserved[reservation]
	if r == nil || r.caller.state != Accepting {
		return fmt.Errorf("%w: reservation %d is over", ErrStale, reservation)
	}
	c, a := r.caller, r.agents[0]
	ring := r.end.Add(-c.queue.RingTimeout)
	c.step(accept)
	a.step(accept)
	s.close(r)
	c.queue.remove(c)
	c.agent, c.answered, a.queue, a.misses = a, s.now, c.queue, 0
	if m := a.in(c.queue); m != nil {
		m.calls++
	}
	c.queue.talking++
	s.tell(Transition{
		Kind: Began, Queue: c.Queue, Caller: c.ID, CallerInfo: c.Caller, Agent: a.ID, Reservation: r.id,
		Wait: s.now.Sub(c.Joined), Ring: s.now.Sub(ring), First: c.first,
	})
	s.update(a)
	return nil
}

// Fail says that an offer is over for an agent, and why. When it is for all, the caller waits again, at its old place.
func (s *State) Fail(reservation uint64, agent string, cause Cause) error {
	r, a, err := s.offered(reservation, agent)
	if err != nil {
		return err
	}
	s.withdraw(r, a, cause)
	if len(r.agents) == 0 {
		s.again(r)
	}
	return nil
}

// expire ends an offer that nobody has answered in time.
func (s *State) expire(r *reservation) {
	for _, a := range slices.Clone(r.agents) {
		s.withdraw(r, a, Unanswered)
	}
	s.again(r)
}

func (s *State) offered(reservation uint64, agent string) (*reservation, *agent, error) {
	r, a := s.reserved[reservation], s.agents[agent]
	if a == nil {
		return nil, nil, fmt.Errorf("%w: agent %q", ErrUnknown, agent)
	}
	if r == nil || !slices.Contains(r.agents, a) {
		return nil, nil, fmt.Errorf("%w: reservation %d is over for agent %q", ErrStale, reservation, agent)
	}
	return r, a, nil
}

// withdraw takes an agent out of an offer.
func (s *State) withdraw(r *reservation, a *agent, cause Cause) {
	c := r.caller
	r.agents = slices.DeleteFunc(r.agents, func(o *agent) bool { return o == a })
	a.step(withdraw)
	a.caller = nil
	s.tell(Transition{
		Kind: OfferEnded, Queue: c.Queue, Caller: c.ID, Agent: a.ID, Reservation: r.id, Cause: cause, Ring: s.now.Sub(a.since),
	})
	if cause.missed() || cause == Refused {
		until := s.now.Add(c.queue.Retry)
		c.exclude(a, s.now, until)
		s.timers.add(until, seekTimer, c)
	}
	if cause.missed() {
		s.punish(a, &c.queue.Queue, cause)
	}
	s.update(a)
}

// punish does what the queue does to an agent who has missed a call.
func (s *State) punish(a *agent, q *Queue, cause Cause) {
	a.misses++
	off := q.NoAnswer.BackOff << min(a.misses-1, 20)
	if limit := q.NoAnswer.MaxBackOff; limit > 0 {
		off = min(off, limit)
	}
	if cause == Unreachable && q.NoAnswer.Unreachable > 0 {
		off = q.NoAnswer.Unreachable
	}
	if off > 0 {
		a.blocked = s.now.Add(off)
		s.timers.add(a.blocked, blockTimer, a)
	}
	if n := q.NoAnswer.PauseAfter; n > 0 && a.misses >= n {
		a.paused, a.reason = true, PausedNoAnswer
		s.unstick(a)
	}
}

// PausedNoAnswer is the reason of the pause of agents who have missed NoAnswer.PauseAfter calls.
const PausedNoAnswer = "no answer"

// close forgets a reservation.
func (s *State) close(r *reservation) {
	delete(s.reserved, r.id)
	r.caller.reserved = nil
}

// again has a caller wait again.
func (s *State) again(r *reservation) {
	c := r.caller
	s.close(r)
	c.step(withdraw)
	if c.overdue {
		s.gone(c, Transition{Outcome: TimedOut})
		return
	}
	if after := c.queue.Overflow.After; after > 0 && !c.overflowed && s.now.Sub(c.Joined) >= after {
		s.overflow(c)
	}
	s.seek(c)
}

// Finish says that a talk is over. The agent begins to wrap up.
func (s *State) Finish(id string, byAgent bool) error {
	c := s.callers[id]
	switch {
	case c == nil:
		return fmt.Errorf("%w: caller %q", ErrUnknown, id)
	case c.state != Connected:
		return fmt.Errorf("%w: caller %q is %v", ErrStale, id, c.state)
	}
	s.finish(c, End{At: s.now, ByAgent: byAgent})
	return nil
}

// finish ends a talk. The agent's time of wrap-up begins when it is learnt.
func (s *State) finish(c *caller, e End) {
	a, q := c.agent, c.queue
	talk := e.At.Sub(c.answered)
	if m := a.in(q); m != nil {
		m.talk += talk
	}
	q.service.add(talk + q.WrapUp)
	q.talking--
	c.step(leave)
	delete(s.callers, c.ID)
	t := Transition{
		Time: e.At, Kind: Finished, Queue: q.Name, Caller: c.ID, CallerInfo: c.Caller, Agent: a.ID, Outcome: Answered, ByAgent: e.ByAgent,
		Wait: c.answered.Sub(c.Joined), Talk: talk, First: c.first,
	}
	if e.Restart {
		t.Outcome = Restart
	}
	s.tell(t)
	s.wrapUp(a, q.WrapUp)
}

func (s *State) wrapUp(a *agent, d time.Duration) {
	a.caller = nil
	if d > 0 {
		a.step(finish)
		a.wrapEnd = s.now.Add(d)
		s.timers.add(a.wrapEnd, wrapTimer, a)
	} else {
		a.step(release)
	}
	s.update(a)
}
