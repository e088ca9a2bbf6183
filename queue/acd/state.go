package acd

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// State is a routing domain: queues that share agents, and all who are in them. It must be made by [New], and has one owner:
// its methods must not be called by several goroutines at once.
//
// All times are those of [State.Advance]: nothing reads a clock.
type State struct {
	now      time.Time
	seed     uint64
	draws    uint64 // how often chance has decided
	seq      uint64 // of callers
	offers   uint64 // of reservations
	queues   map[string]*queue
	order    []*queue // as they were added
	agents   map[string]*agent
	callers  map[string]*caller
	reserved map[uint64]*reservation
	skills   map[string]int // their numbers
	timers   timers
	// freed and seeking are who has changed since the last time that there was nothing to decide: what could not be matched
	// then cannot be now, so they are all that a decision has to look at.
	freed   []*agent
	seeking []*caller
	fewer   bool // a queue may have no agents any more
	held    bool // nothing is decided
	out     []Transition
}

// queue is a queue in a State.
type queue struct {
	Queue
	needs   []need
	members []*member // by order
	line    []*caller // waiting or offered, in the order in which they are served
	free    int       // members that are free
	last    int       // the place of the member that was offered a call last, for RoundRobin
	service average
	talking int
}

// The errors of what is asked of a State.
var (
	// ErrUnknown says that there is no such queue, agent or caller.
	ErrUnknown = errors.New("acd: not known")
	// ErrDuplicate says that there is one with that id already.
	ErrDuplicate = errors.New("acd: it is there already")
	// ErrStale says that it is too late: the reservation is over, or the caller is not in that state any more.
	ErrStale = errors.New("acd: too late")
)

// RefusedError says why a caller was not let in.
type RefusedError struct {
	Queue   string
	Outcome Outcome // JoinEmpty, Full or TooLong
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("acd: queue %q takes no caller: %v", e.Queue, e.Outcome)
}

// New returns a State without queues. The seed is that of the strategies [Random] and [Weighted].
func New(seed uint64) *State {
	return &State{
		seed: seed, queues: map[string]*queue{}, agents: map[string]*agent{}, callers: map[string]*caller{},
		reserved: map[uint64]*reservation{}, skills: map[string]int{},
	}
}

// Now is the time of the last Advance.
func (s *State) Now() time.Time { return s.now }

// Take returns the transitions since the last Take, in their order.
func (s *State) Take() []Transition {
	out := s.out
	s.out = nil
	return out
}

// Hold has nothing decided until it is called with false: nobody is offered to anybody, whatever else happens.
func (s *State) Hold(on bool) { s.held = on }

func (s *State) tell(t Transition) {
	if t.Time.IsZero() {
		t.Time = s.now
	}
	s.out = append(s.out, t)
}

// SetQueue adds a queue, or changes one: its members and callers stay.
func (s *State) SetQueue(q Queue) error {
	if err := q.check(); err != nil {
		return err
	}
	q = q.withDefaults()
	have := s.queues[q.Name]
	if have == nil {
		have = &queue{last: -1}
		s.queues[q.Name], s.order = have, append(s.order, have)
	}
	have.Queue, have.needs = q, s.numbered(q.Needs)
	for _, c := range slices.Clone(have.line) {
		s.demands(c)
	}
	s.sortLine(have)
	for _, m := range have.members {
		s.free(m.agent)
	}
	return nil
}

// numbered gives skills their numbers.
func (s *State) numbered(needs []Need) []need {
	numbered := make([]need, 0, len(needs))
	for _, n := range needs {
		numbered = append(numbered, need{s.skill(n.Skill), n.Min})
	}
	return numbered
}

func (s *State) skill(name string) int {
	number, ok := s.skills[name]
	if !ok {
		number = len(s.skills)
		s.skills[name] = number
	}
	return number
}

// SetAgent adds an agent, who is logged out, or changes skills and queues of one. All queues must be known. What an agent has
// done in a queue is kept.
func (s *State) SetAgent(a Agent) error {
	if a.ID == "" {
		return errors.New("acd: an agent needs an id")
	}
	for i, m := range a.Members {
		if s.queues[m.Queue] == nil {
			return fmt.Errorf("%w: queue %q of agent %q", ErrUnknown, m.Queue, a.ID)
		}
		if m.Weight < 0 {
			return fmt.Errorf("acd: agent %q has the weight %d in queue %q", a.ID, m.Weight, m.Queue)
		}
		if slices.ContainsFunc(a.Members[:i], func(o Member) bool { return o.Queue == m.Queue }) {
			return fmt.Errorf("%w: agent %q in queue %q", ErrDuplicate, a.ID, m.Queue)
		}
	}
	have := s.agents[a.ID]
	if have == nil {
		have = &agent{since: s.now, idle: s.now}
		s.agents[a.ID] = have
	}
	before := have.members
	s.unstick(have)
	s.unlist(have)
	have.Agent, have.members, have.levels = a, nil, nil
	s.learn(have)
	for _, m := range a.Members {
		s.enlist(have, m, before)
	}
	if have.free() {
		s.free(have)
	}
	return nil
}

// learn numbers the skills of an agent.
func (s *State) learn(a *agent) {
	for skill := range a.Skills {
		s.skill(skill)
	}
	a.levels = make([]int, len(s.skills))
	for skill, level := range a.Skills {
		a.levels[s.skills[skill]] = level
	}
}

// unlist takes an agent out of its queues.
func (s *State) unlist(a *agent) {
	for _, m := range a.members {
		m.queue.members = slices.DeleteFunc(m.queue.members, func(o *member) bool { return o == m })
		if a.free() {
			m.queue.free--
		}
	}
}

// enlist puts an agent into a queue.
func (s *State) enlist(a *agent, as Member, before []*member) {
	as.Weight = orDefault(as.Weight, 1)
	m := &member{Member: as, agent: a, queue: s.queues[as.Queue]}
	for _, old := range before {
		if old.queue == m.queue {
			m.calls, m.talk = old.calls, old.talk
		}
	}
	a.members = append(a.members, m)
	m.queue.members = append(m.queue.members, m)
	slices.SortStableFunc(m.queue.members, func(x, y *member) int {
		if x.Order != y.Order {
			return x.Order - y.Order
		}
		return strings.Compare(x.agent.ID, y.agent.ID)
	})
	if a.free() {
		m.queue.free++
	}
}

// update works out the state of an agent anew, and tells of it if it has changed.
func (s *State) update(a *agent) {
	s.fewer = true
	was, now := a.state, a.work(s.now)
	if was == now {
		return
	}
	a.state = now
	for _, m := range a.members {
		if was == Idle {
			m.queue.free--
		}
		if now == Idle {
			m.queue.free++
		}
	}
	s.tell(Transition{Kind: AgentChanged, Agent: a.ID, State: now, Was: was, For: s.now.Sub(a.since), Reason: a.reason})
	a.since = s.now
	if now == Idle {
		a.idle = s.now
		s.free(a)
	}
}

// free notes that an agent may have become free for somebody.
func (s *State) free(a *agent) {
	if !a.dirty && a.free() {
		a.dirty = true
		s.freed = append(s.freed, a)
	}
}

// seek notes that there may be an agent for a caller now.
func (s *State) seek(c *caller) {
	if !c.dirty && c.state == Waiting {
		c.dirty = true
		s.seeking = append(s.seeking, c)
	}
}

// settled notes that there is nothing to decide.
func (s *State) settled() {
	for i, a := range s.freed {
		a.dirty, s.freed[i] = false, nil
	}
	for i, c := range s.seeking {
		c.dirty, s.seeking[i] = false, nil
	}
	s.freed, s.seeking = s.freed[:0], s.seeking[:0]
}
