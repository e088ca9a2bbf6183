package acd

import (
	"errors"
	"fmt"
	"time"
)

// The defaults of [Queue].
const (
	DefaultRingTimeout = 20 * time.Second
	DefaultRetry       = 5 * time.Second
	DefaultServiceGoal = 20 * time.Second
)

// Queue says how the callers of one queue are served. The zero value of each field but Name is a sensible one.
type Queue struct {
	// Name is unique in a [State].
	Name string
	// Strategy chooses among the agents who may have a caller. Default: [RingAll].
	Strategy Strategy
	// Weight puts all callers of a queue before those of queues with less.
	Weight int
	// RingTimeout is how long an agent's telephone rings. Default: [DefaultRingTimeout].
	RingTimeout time.Duration
	// Retry is how long an agent who has missed or refused a caller is not offered the same one. Default: [DefaultRetry].
	Retry time.Duration
	// WrapUp is how long an agent gets no call after one.
	WrapUp time.Duration
	// NoAnswer says what becomes of agents who do not answer.
	NoAnswer NoAnswer
	// MaxLength is how many may wait; with more nobody may join. Zero: no bound.
	MaxLength int
	// MaxWait is how long a caller may wait before it leaves with [TimedOut]. Zero: no bound. While it is offered to an agent
	// a caller does not leave.
	MaxWait time.Duration
	// MaxExpected is the longest expected wait (p50) with which a caller may join. Zero: no bound.
	MaxExpected time.Duration
	// JoinNeeds is what agents there must be to join, StayNeeds to stay; if there are none, all who wait leave.
	JoinNeeds, StayNeeds Presence
	// Overflow moves callers to another queue, where they keep their time of joining.
	Overflow Overflow
	// Exits are the keys with which a caller leaves, and where each leads to.
	Exits map[string]string
	// Sticky is how long a caller waits for the agent of the last time, Caller.LastAgent, if that one is there.
	Sticky time.Duration
	// Needs are the skills that every caller of the queue needs, in addition to Caller.Needs.
	Needs []Need
	// MaxPenalty is the highest penalty of members who get calls, if UsePenaltyLimit is set.
	MaxPenalty      int
	UsePenaltyLimit bool
	// Steps relax the demands of a caller as it waits, in order of After.
	Steps []Step
	// CustomerFirst has callers who are called back dialled as soon as an agent could have them, and offered to agents when they
	// have answered: [CallbackDue] is told instead of [OfferMade]. Else the agent who has answered waits for the customer.
	CustomerFirst bool
	// ServiceGoal is the wait within which a caller should be answered. Default: [DefaultServiceGoal].
	ServiceGoal time.Duration
}

// NoAnswer says what becomes of an agent who does not answer.
type NoAnswer struct {
	// PauseAfter pauses an agent who has missed so many calls in a row. Zero: never.
	PauseAfter int
	// BackOff is how long the agent gets no call of any queue after a miss; it doubles with each further one up to MaxBackOff.
	// Defaults: none, and no bound.
	BackOff, MaxBackOff time.Duration
	// Unreachable is the BackOff if the telephone was not there at all.
	Unreachable time.Duration
}

// Overflow moves callers who have waited for long to another queue. Callers who are called back stay until they are reached.
type Overflow struct {
	After time.Duration
	Queue string
}

// Need is a skill that a caller needs, and how much of it.
type Need struct {
	Skill string
	Min   int
}

// Step relaxes the demands of a caller who has waited After.
type Step struct {
	After time.Duration
	// Drop are skills that are not needed any more.
	Drop []string
	// Lower is by how much less of each skill does.
	Lower int
	// MaxPenalty, if LiftPenalty is set, is the new limit of penalty; negative: none.
	MaxPenalty  int
	LiftPenalty bool
	// Raise is added to the priority.
	Raise int
}

// Presence is what a queue needs of its agents.
type Presence uint8

// What a queue may need, from little to much.
const (
	Nobody   Presence = iota // no agent at all
	LoggedIn                 // one who is logged in
	Unpaused                 // one who is logged in and not paused
	Free                     // one who could have a call now
)

var presenceNames = [...]string{Nobody: "nobody", LoggedIn: "logged_in", Unpaused: "unpaused", Free: "free"}

// String returns the presence in lower case.
func (p Presence) String() string { return name(presenceNames[:], p) }

// name returns the name of a value of an enum.
func name[T ~uint8](names []string, v T) string {
	if int(v) >= len(names) {
		return "invalid"
	}
	return names[v]
}

// check returns what is wrong with the configuration, nil if nothing.
func (q *Queue) check() error {
	switch {
	case q.Name == "":
		return errors.New("acd: a queue needs a name")
	case q.Strategy >= Strategy(len(strategyNames)):
		return fmt.Errorf("acd: queue %q: there is no strategy %d", q.Name, q.Strategy)
	case q.Overflow.Queue == q.Name:
		return fmt.Errorf("acd: queue %q flows over into itself", q.Name)
	case q.MaxLength < 0:
		return fmt.Errorf("acd: queue %q: MaxLength %d is negative", q.Name, q.MaxLength)
	}
	for _, d := range []struct {
		name  string
		value time.Duration
	}{
		{"RingTimeout", q.RingTimeout},
		{"Retry", q.Retry},
		{"WrapUp", q.WrapUp},
		{"MaxWait", q.MaxWait},
		{"MaxExpected", q.MaxExpected},
		{"Sticky", q.Sticky},
		{"ServiceGoal", q.ServiceGoal},
		{"Overflow.After", q.Overflow.After},
		{"NoAnswer.BackOff", q.NoAnswer.BackOff},
		{"NoAnswer.MaxBackOff", q.NoAnswer.MaxBackOff},
		{"NoAnswer.Unreachable", q.NoAnswer.Unreachable},
	} {
		if d.value < 0 {
			return fmt.Errorf("acd: queue %q: %s %v is negative", q.Name, d.name, d.value)
		}
	}
	return q.checkSteps()
}

func (q *Queue) checkSteps() error {
	last := time.Duration(0)
	for i, step := range q.Steps {
		if step.After < last {
			return fmt.Errorf("acd: queue %q: step %d is after %v, which is before the step before it", q.Name, i, step.After)
		}
		last = step.After
	}
	return nil
}

// withDefaults fills in the zero fields.
func (q Queue) withDefaults() Queue {
	q.RingTimeout = orDefault(q.RingTimeout, DefaultRingTimeout)
	q.Retry = orDefault(q.Retry, DefaultRetry)
	q.ServiceGoal = orDefault(q.ServiceGoal, DefaultServiceGoal)
	return q
}

func orDefault[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}
