package acd

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Join lets a caller into a queue. The error is a [*RefusedError] if the queue takes none, which is told as a transition too.
func (s *State) Join(c Caller) error {
	q := s.queues[c.Queue]
	switch {
	case c.ID == "":
		return errors.New("acd: a caller needs an id")
	case q == nil:
		return fmt.Errorf("%w: queue %q", ErrUnknown, c.Queue)
	case s.callers[c.ID] != nil:
		return fmt.Errorf("%w: caller %q", ErrDuplicate, c.ID)
	}
	if outcome := s.refuses(q); outcome != NoOutcome {
		s.tell(Transition{Kind: NotJoined, Queue: q.Name, Caller: c.ID, CallerInfo: c, Outcome: outcome})
		return &RefusedError{q.Name, outcome}
	}
	if c.Joined.IsZero() || c.Joined.After(s.now) {
		c.Joined = s.now
	}
	s.seq++
	joined := &caller{Caller: c, state: Waiting, seq: s.seq, noLimit: c.Callback}
	s.callers[c.ID] = joined
	s.enter(joined, q, s.now)
	joined.first, s.fewer = joined.position(), true
	s.tell(Transition{Kind: Joined, Queue: q.Name, Caller: c.ID, CallerInfo: joined.Caller, Position: joined.first})
	return nil
}

// refuses says why a queue takes no caller, or NoOutcome.
func (s *State) refuses(q *queue) Outcome {
	switch {
	case !q.has(q.JoinNeeds):
		return JoinEmpty
	case q.MaxLength > 0 && len(q.line) >= q.MaxLength:
		return Full
	}
	if q.MaxExpected > 0 {
		if e, ok := q.expected(len(q.line) + 1); ok && e.P50 > q.MaxExpected {
			return TooLong
		}
	}
	return NoOutcome
}

// has reports whether a queue has such an agent.
func (q *queue) has(need Presence) bool {
	return need == Nobody || slices.ContainsFunc(q.members, func(m *member) bool { return m.agent.present(need) })
}

// Abandon says that a caller has hung up, in whatever state.
func (s *State) Abandon(id string) error { return s.End(id, End{}) }

// End is how and when a call has ended of which it is learnt later.
type End struct {
	// At is when it was. Zero, or a time that is yet to come: now. Waits and talks last until then, and the transition has
	// that time, so that it may be before those that were told already.
	At time.Time
	// ByAgent says that the agent has hung up; it matters for those who talk.
	ByAgent bool
	// Restart says that Asterisk was restarted: the outcome is [Restart].
	Restart bool
}

// End says that the call of a caller is over, in whatever state.
func (s *State) End(id string, e End) error {
	c := s.callers[id]
	if c == nil {
		return fmt.Errorf("%w: caller %q", ErrUnknown, id)
	}
	if e.At.IsZero() || e.At.After(s.now) {
		e.At = s.now
	}
	if c.state == Connected {
		e.At = later(e.At, c.answered)
		s.finish(c, e)
		return nil
	}
	how := Abandoned
	if e.Restart {
		how = Restart
	}
	s.gone(c, Transition{Time: later(e.At, c.Joined), Outcome: how})
	return nil
}

// Exit says that a caller has pressed a key, and reports whether that leads out of the queue. A caller whom an agent has
// answered stays.
func (s *State) Exit(id, key string) bool {
	c := s.callers[id]
	if c == nil || c.state != Waiting && c.state != Offered {
		return false
	}
	to, ok := c.queue.Exits[key]
	if ok {
		s.gone(c, Transition{Outcome: ExitKey, Key: key, To: to})
	}
	return ok
}

// Send takes a caller who has not talked yet out of the queue, because the program sends it elsewhere.
func (s *State) Send(id, to string) error { return s.dismiss(id, Transition{Outcome: Sent, To: to}) }

func (s *State) dismiss(id string, t Transition) error {
	c := s.callers[id]
	switch {
	case c == nil:
		return fmt.Errorf("%w: caller %q", ErrUnknown, id)
	case c.state == Connected:
		return fmt.Errorf("%w: caller %q talks", ErrStale, id)
	}
	s.gone(c, t)
	return nil
}

// gone takes a caller who has not talked out of the queue, and its agents out of the offer.
func (s *State) gone(c *caller, t Transition) {
	t.Kind, t.Queue, t.Caller, t.CallerInfo = Left, c.Queue, c.ID, c.Caller
	if t.Time.IsZero() {
		t.Time = s.now
	}
	t.Position, t.First, t.Wait = c.position(), c.first, t.Time.Sub(c.Joined)
	if r := c.reserved; r != nil {
		for _, a := range slices.Clone(r.agents) {
			s.withdraw(r, a, CallerGone)
		}
		s.close(r)
	}
	c.step(leave)
	s.drop(c)
	s.tell(t)
}

// Expected is how long a caller will wait, as far as that can be known.
type Expected struct {
	// Mean, and the wait that is not exceeded in half of all cases and in nine of ten.
	Mean, P50, P90 time.Duration
}

// Expect estimates how long a caller who would join a queue now, at the end, would wait. ok is false while nothing is known:
// before the first call is over, or without agents.
func (s *State) Expect(queue string) (e Expected, ok bool) {
	q := s.queues[queue]
	if q == nil {
		return Expected{}, false
	}
	if q.free > 0 && len(q.line) == 0 {
		return Expected{}, true
	}
	return q.expected(len(q.line) + 1)
}

// Place tells the position of a caller, from 1, and how long who has just come to that place waits. The position is 0 if the
// caller does not wait; ok is false if the wait is not known.
func (s *State) Place(id string) (position int, e Expected, ok bool) {
	c := s.callers[id]
	if c == nil || c.state == Connected {
		return 0, Expected{}, false
	}
	position = c.position()
	e, ok = c.queue.expected(position)
	return position, e, ok
}
