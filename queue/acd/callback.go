package acd

import (
	"fmt"
	"slices"
	"time"
)

// AskCallback keeps the place of a caller who hangs up and is called back: the caller goes on waiting, with Callback set, and has
// no MaxWait any more, even when it has been reached. An offer that no agent has answered yet is taken back; it is [ErrStale] if one has.
func (s *State) AskCallback(id, number string) error {
	c := s.callers[id]
	switch {
	case c == nil:
		return fmt.Errorf("%w: caller %q", ErrUnknown, id)
	case c.state != Waiting && c.state != Offered:
		return fmt.Errorf("%w: caller %q is %v", ErrStale, id, c.state)
	}
	c.Callback, c.Number = true, number
	c.noLimit, c.overdue = true, false
	s.takeAllBack(c)
	s.tell(Transition{Kind: CallbackAsked, Queue: c.Queue, Caller: id, CallerInfo: c.Caller, Position: c.position(), Wait: s.now.Sub(c.Joined)})
	return nil
}

// RestCallback has a caller who is called back keep the place and get no agent before a time; zero: before RestCallback is called
// again.
func (s *State) RestCallback(id string, until time.Time) error {
	c, err := s.callback(id)
	if err != nil {
		return err
	}
	s.sleep(c, until)
	return nil
}

// DueCallback says that the customer is dialled for an agent who has answered the offer: [CallbackDue] is told.
func (s *State) DueCallback(id string) error {
	c, err := s.callback(id)
	if err != nil {
		return err
	}
	s.recall(c, nil)
	return nil
}

// ReachCallback says that the customer has answered, and is a caller like any other from now on.
func (s *State) ReachCallback(id string) error {
	c, err := s.callback(id)
	if err != nil {
		return err
	}
	c.Callback, c.away, c.rest = false, false, time.Time{}
	s.tell(Transition{Kind: CallbackReached, Queue: c.Queue, Caller: id, CallerInfo: c.Caller, Position: c.position(), Wait: s.now.Sub(c.Joined)})
	s.seek(c)
	return nil
}

// MissCallback says why the customer was not reached, and when the next attempt may be. An agent who waits for the customer is
// released.
func (s *State) MissCallback(id, reason string, next time.Time) error {
	c, err := s.callback(id)
	if err != nil {
		return err
	}
	s.sleep(c, next)
	s.takeAllBack(c)
	s.tell(Transition{
		Kind: CallbackMissed, Queue: c.Queue, Caller: id, CallerInfo: c.Caller, Position: c.position(), Wait: s.now.Sub(c.Joined), Reason: reason,
	})
	return nil
}

// FailCallback ends a call-back that has not reached the customer.
func (s *State) FailCallback(id string) error {
	return s.dismiss(id, Transition{Outcome: CallbackEnd})
}

// callback returns a caller who is called back, and has not answered yet.
func (s *State) callback(id string) (*caller, error) {
	c := s.callers[id]
	switch {
	case c == nil:
		return nil, fmt.Errorf("%w: caller %q", ErrUnknown, id)
	case !c.Callback:
		return nil, fmt.Errorf("%w: caller %q is not called back", ErrStale, id)
	}
	return c, nil
}

// recall has a customer dialled.
func (s *State) recall(c *caller, why *Decision) {
	c.away = true
	s.tell(Transition{
		Kind: CallbackDue, Queue: c.Queue, Caller: c.ID, CallerInfo: c.Caller, Wait: s.now.Sub(c.Joined), Position: c.position(), Why: why,
	})
}

// sleep has a caller get no agent before a time; zero: until further notice.
func (s *State) sleep(c *caller, until time.Time) {
	c.away, c.rest = until.IsZero(), until
	if s.now.Before(until) {
		s.timers.add(until, seekTimer, c)
		return
	}
	s.seek(c)
}

func (c *caller) rests(now time.Time) bool { return c.away || now.Before(c.rest) }

// takeAllBack ends the offer of a caller, who waits again.
func (s *State) takeAllBack(c *caller) {
	r := c.reserved
	if r == nil {
		return
	}
	for _, a := range slices.Clone(r.agents) {
		s.withdraw(r, a, Withdrawn)
	}
	s.again(r)
}

// Note tells something that does not change the State, so that whoever reads transitions hears of it in order: a [MessageLeft] or
// an [AgentRefused]. Its Time is set.
func (s *State) Note(t Transition) {
	t.Time = time.Time{}
	s.tell(t)
}
