package acd

import (
	"slices"
	"time"
)

// Caller is somebody who wants to talk to an agent of a queue.
type Caller struct {
	// ID is unique among the callers who are there, such as the id of the channel.
	ID string
	// Queue is the name of the queue.
	Queue string
	// Priority: callers of a queue with more come first.
	Priority int
	// Joined is when the caller has joined; zero: now. A caller who comes back may keep the old place with it.
	Joined time.Time
	// Needs are the skills that an agent must have, in addition to Queue.Needs.
	Needs []Need
	// LastAgent is who has served the caller the last time; see Queue.Sticky.
	LastAgent string
	// Number and Name are the caller's. They decide nothing.
	Number, Name string
	// Callback says that nobody is at the telephone: the caller is called back when the turn comes.
	Callback bool
}

// CallerState is what becomes of a caller.
type CallerState uint8

// The states of a caller.
const (
	Gone       CallerState = iota // has left, by whatever way
	Waiting                       // has no agent
	Offered                       // agents are rung
	Accepting                     // an agent has answered and has not taken the caller yet
	Connected                     // talks with an agent
	callStates                    // how many there are
)

var callerStateNames = [...]string{Gone: "gone", Waiting: "waiting", Offered: "offered", Accepting: "accepting", Connected: "connected"}

// String returns the state in lower case.
func (s CallerState) String() string { return name(callerStateNames[:], s) }

// MarshalText returns the state as String does, for JSON.
func (s CallerState) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// need is a Need with the number of its skill.
type need struct{ skill, min int }

// caller is a caller in a State.
type caller struct {
	Caller
	queue      *queue
	state      CallerState
	seq        uint64 // order of joining
	first      int    // position at joining
	priority   int    // with what steps have added
	needs      []need
	limit      int // of penalty; negative: none
	stage      int // steps taken
	tries      int // offers so far
	reserved   *reservation
	agent      *agent    // who answers, or talks
	enter      time.Time // into this queue
	answered   time.Time // Connected since
	sticky     time.Time // until when LastAgent is waited for
	notThese   []exclusion
	overflowed bool
	overdue    bool      // its time was over while it was offered
	noLimit    bool      // has asked to be called back: there is no MaxWait any more
	away       bool      // not before something has happened: see RestCallback
	rest       time.Time // not before
	dirty      bool
}

// exclusion is an agent who is not offered a caller for a while.
type exclusion struct {
	agent *agent
	until time.Time
}

// excluded reports whether an agent has missed or refused the caller a short while ago.
func (c *caller) excluded(a *agent, now time.Time) bool {
	for _, x := range c.notThese {
		if x.agent == a && now.Before(x.until) {
			return true
		}
	}
	return false
}

// exclude notes that an agent has missed or refused the caller. What is over is forgotten.
func (c *caller) exclude(a *agent, now, until time.Time) {
	c.notThese = slices.DeleteFunc(c.notThese, func(x exclusion) bool { return x.agent == a || !now.Before(x.until) })
	c.notThese = append(c.notThese, exclusion{a, until})
}

// before reports whether a caller is served before another one.
func (c *caller) before(other *caller) bool {
	switch {
	case c.queue != other.queue && c.queue.Weight != other.queue.Weight:
		return c.queue.Weight > other.queue.Weight
	case c.priority != other.priority:
		return c.priority > other.priority
	case !c.Joined.Equal(other.Joined):
		return c.Joined.Before(other.Joined)
	}
	return c.seq < other.seq
}

// reservation is a caller who is offered to agents.
type reservation struct {
	id     uint64
	caller *caller
	agents []*agent // who ring, or the one who answers
	end    time.Time
}
