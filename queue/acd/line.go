package acd

import (
	"slices"
	"sort"
	"time"
)

// place returns where in the line of a queue a caller is, or would be.
func (q *queue) place(c *caller) int {
	return sort.Search(len(q.line), func(i int) bool { return !q.line[i].before(c) })
}

func (q *queue) insert(c *caller) { q.line = slices.Insert(q.line, q.place(c), c) }

func (q *queue) remove(c *caller) {
	i := q.place(c)
	if i < len(q.line) && q.line[i] == c {
		q.line = slices.Delete(q.line, i, i+1)
	}
}

func (s *State) sortLine(q *queue) {
	slices.SortStableFunc(q.line, func(a, b *caller) int {
		switch {
		case a.before(b):
			return -1
		case b.before(a):
			return 1
		}
		return 0
	})
}

// position is the place of a caller in the line, from 1.
func (c *caller) position() int { return c.queue.place(c) + 1 }

// demands works out what a caller needs, with the steps that have been taken, and when the next one is due.
func (s *State) demands(c *caller) {
	q := c.queue
	needs := append(s.numbered(c.Needs), q.needs...)
	c.limit, c.priority, c.stage = -1, c.Priority, 0
	if q.UsePenaltyLimit {
		c.limit = q.MaxPenalty
	}
	waited := s.now.Sub(c.Joined)
	for _, step := range q.Steps {
		if step.After > waited {
			s.timers.add(c.Joined.Add(step.After), stepTimer, c)
			break
		}
		c.stage++
		needs = s.relax(needs, step)
		c.priority += step.Raise
		if step.LiftPenalty {
			c.limit = step.MaxPenalty
		}
	}
	c.needs = needs
	s.seek(c)
}

// relax returns what is needed after a step.
func (s *State) relax(needs []need, step Step) []need {
	relaxed := make([]need, 0, len(needs))
	for _, n := range needs {
		if slices.ContainsFunc(step.Drop, func(skill string) bool { return s.skill(skill) == n.skill }) {
			continue
		}
		n.min = max(0, n.min-step.Lower)
		relaxed = append(relaxed, n)
	}
	return relaxed
}

// enter puts a caller into a queue, at a time that may be before now.
func (s *State) enter(c *caller, q *queue, at time.Time) {
	c.queue, c.Queue, c.enter = q, q.Name, at
	s.demands(c)
	q.insert(c)
	if q.MaxWait > 0 {
		s.timers.add(s.waitEnd(c), waitTimer, c)
	}
	if q.Overflow.After > 0 && !c.overflowed {
		s.timers.add(later(c.Joined.Add(q.Overflow.After), s.now), overflowTimer, c)
	}
	if last := s.agents[c.LastAgent]; q.Sticky > 0 && last != nil && last.in(q) != nil {
		c.sticky = c.enter.Add(q.Sticky)
		s.timers.add(c.sticky, stickyTimer, c)
	}
}

// drop takes a caller out of all.
func (s *State) drop(c *caller) {
	c.queue.remove(c)
	delete(s.callers, c.ID)
}
