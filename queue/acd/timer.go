package acd

import (
	"container/heap"
	"time"
)

// timerKind says what is due.
type timerKind uint8

const (
	wrapTimer timerKind = iota
	blockTimer
	stepTimer
	seekTimer
	stickyTimer
	waitTimer
	overflowTimer
	ringTimer
)

// timer is something that is due at a time. It may have been overtaken: who handles it looks whether it is still so.
type timer struct {
	at   time.Time
	seq  uint64
	kind timerKind
	what any // *agent, *caller or *reservation
}

// timers is a heap of what is due, the first first.
type timers struct {
	list timerList
	seq  uint64
}

type timerList []timer

func (l timerList) Len() int { return len(l) }

func (l timerList) Less(i, j int) bool {
	if l[i].at.Equal(l[j].at) {
		return l[i].seq < l[j].seq
	}
	return l[i].at.Before(l[j].at)
}

func (l timerList) Swap(i, j int) { l[i], l[j] = l[j], l[i] }

func (l *timerList) Push(x any) { *l = append(*l, x.(timer)) }

func (l *timerList) Pop() any {
	last := len(*l) - 1
	t := (*l)[last]
	(*l)[last] = timer{}
	*l = (*l)[:last]
	return t
}

func (t *timers) add(at time.Time, kind timerKind, what any) {
	t.seq++
	heap.Push(&t.list, timer{at, t.seq, kind, what})
}

// Next is when something is due next, so that Advance is to be called. ok is false if nothing is.
func (s *State) Next() (at time.Time, ok bool) {
	if len(s.timers.list) == 0 {
		return time.Time{}, false
	}
	return s.timers.list[0].at, true
}

// Advance sets the time and has happen what is due until then, each at its own time; decisions that come of it are made in
// between. Time does not go back: an earlier one is the time that it is.
func (s *State) Advance(now time.Time) {
	for len(s.timers.list) > 0 && !s.timers.list[0].at.After(now) {
		t := heap.Pop(&s.timers.list).(timer)
		s.now = later(s.now, t.at)
		s.due(t)
		if at, ok := s.Next(); !ok || at.After(s.now) {
			s.Settle()
		}
	}
	s.now = later(s.now, now)
}

// Pass sets the time as Advance does, and has nothing happen that is due: the next Advance does. It is for a time in
// which it is not known who is still there.
func (s *State) Pass(now time.Time) { s.now = later(s.now, now) }

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

func (s *State) due(t timer) {
	switch what := t.what.(type) {
	case *agent:
		s.dueForAgent(t, what)
	case *reservation:
		if s.reserved[what.id] == what && what.caller.state == Offered && !s.now.Before(what.end) {
			s.expire(what)
		}
	case *caller:
		if what.state == Waiting || what.state == Offered || what.state == Accepting {
			s.dueForCaller(t, what)
		}
	}
}

func (s *State) dueForAgent(t timer, a *agent) {
	if t.kind == wrapTimer && a.activity == Wrapping && !s.now.Before(a.wrapEnd) {
		a.step(release)
	}
	s.update(a)
}

func (s *State) dueForCaller(t timer, c *caller) {
	switch t.kind {
	case stepTimer:
		s.stepDue(c)
	case seekTimer, stickyTimer:
		s.seek(c)
	case overflowTimer:
		if c.state == Waiting && !c.overflowed && c.queue.Overflow.After > 0 && s.now.Sub(c.Joined) >= c.queue.Overflow.After {
			s.overflow(c)
		}
	case waitTimer:
		if c.noLimit || c.queue.MaxWait == 0 || s.now.Before(s.waitEnd(c)) {
			return
		}
		if c.state != Waiting {
			c.overdue = true
			return
		}
		s.gone(c, Transition{Outcome: TimedOut})
	default:
	}
}

// waitEnd is when the caller has waited for long enough.
func (s *State) waitEnd(c *caller) time.Time {
	if c.overflowed {
		return c.enter.Add(c.queue.MaxWait)
	}
	return c.Joined.Add(c.queue.MaxWait)
}

func (s *State) stepDue(c *caller) {
	steps := c.queue.Steps
	if c.stage >= len(steps) || s.now.Sub(c.Joined) < steps[c.stage].After {
		return
	}
	c.queue.remove(c)
	s.demands(c)
	c.queue.insert(c)
	s.tell(Transition{Kind: Relaxed, Queue: c.Queue, Caller: c.ID, Position: c.position()})
}

// overflow moves a caller to another queue, if that takes it. Who is called back stays: how that is done is the business of the
// queue that was asked for it.
func (s *State) overflow(c *caller) {
	to := s.queues[c.queue.Overflow.Queue]
	if c.Callback || to == nil || s.refuses(to) != NoOutcome {
		return // it stays
	}
	from := c.queue
	from.remove(c)
	c.overflowed, c.notThese, c.sticky = true, nil, time.Time{}
	s.enter(c, to, s.now)
	s.tell(Transition{Kind: Moved, Queue: to.Name, From: from.Name, Caller: c.ID, CallerInfo: c.Caller, Position: c.position()})
}
