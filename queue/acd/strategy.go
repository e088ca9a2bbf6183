package acd

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Strategy chooses among the agents who may have a caller and have the least penalty of those.
type Strategy uint8

// The strategies.
const (
	// RingAll rings all of them; the first to answer has the caller.
	RingAll Strategy = iota
	// LongestIdle takes who has been free for the longest time, whatever the queue of the last call.
	LongestIdle
	// FewestCalls takes who has answered the fewest calls of the queue.
	FewestCalls
	// LeastTalkTime takes who has talked the least with callers of the queue.
	LeastTalkTime
	// RoundRobin takes the next one after who was offered the last call of the queue, by Member.Order.
	RoundRobin
	// Random takes one by chance.
	Random
	// Weighted takes one by chance, in proportion to Member.Weight.
	Weighted
	// Linear takes the first by Member.Order.
	Linear
	// BestSkill takes who has most of the skills that the caller needs.
	BestSkill
)

var strategyNames = [...]string{
	RingAll: "ring_all", LongestIdle: "longest_idle", FewestCalls: "fewest_calls", LeastTalkTime: "least_talk_time",
	RoundRobin: "round_robin", Random: "random", Weighted: "weighted", Linear: "linear", BestSkill: "best_skill",
}

// Strategies returns all strategies.
func Strategies() []Strategy {
	all := make([]Strategy, len(strategyNames))
	for i := range all {
		all[i] = Strategy(i)
	}
	return all
}

// String returns the strategy in lower case.
func (s Strategy) String() string { return name(strategyNames[:], s) }

// MarshalText returns the strategy as String does.
func (s Strategy) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText is the way back from MarshalText.
func (s *Strategy) UnmarshalText(text []byte) error {
	for i, n := range strategyNames {
		if n == string(text) {
			*s = Strategy(i)
			return nil
		}
	}
	return fmt.Errorf("acd: there is no strategy %q", text)
}

// pick returns who is chosen of a pool that is not empty, in the order of the queue, and whether chance was used.
func (s *State) pick(c *caller, pool []*member) (chosen []*member, chance bool) {
	q := c.queue
	switch q.Strategy {
	case RingAll:
		return pool, false
	case LongestIdle:
		return least(pool, func(*member) int64 { return 0 }), false
	case FewestCalls:
		return least(pool, func(m *member) int64 { return int64(m.calls) }), false
	case LeastTalkTime:
		return least(pool, func(m *member) int64 { return int64(m.talk) }), false
	case BestSkill:
		return least(pool, func(m *member) int64 { return -int64(m.agent.level(c.needs)) }), false
	case RoundRobin:
		return []*member{next(pool, q)}, false
	case Random:
		return []*member{pool[s.chance().IntN(len(pool))]}, true
	case Weighted:
		return []*member{weighted(pool, s.chance())}, true
	default:
		return pool[:1], false
	}
}

// chance is the next in the row of random numbers, which Apply moves on.
func (s *State) chance() *rand.Rand {
	return rand.New(rand.NewPCG(s.seed, s.draws)) //nolint:gosec // it must be repeatable, not a secret
}

// least returns the one with the least cost; among equals who has been free for longest.
func least(pool []*member, cost func(*member) int64) []*member {
	best, low := pool[0], cost(pool[0])
	for _, m := range pool[1:] {
		n := cost(m)
		if n < low || n == low && m.agent.idle.Before(best.agent.idle) {
			best, low = m, n
		}
	}
	return []*member{best}
}

// next returns the first one behind the last that was offered a call.
func next(pool []*member, q *queue) *member {
	for _, m := range pool {
		if q.index(m) > q.last {
			return m
		}
	}
	return pool[0]
}

func (q *queue) index(m *member) int {
	for i, o := range q.members {
		if o == m {
			return i
		}
	}
	return -1
}

func weighted(pool []*member, chance *rand.Rand) *member {
	sum := 0
	for _, m := range pool {
		sum += m.Weight
	}
	n := chance.IntN(sum)
	for _, m := range pool {
		if n < m.Weight {
			return m
		}
		n -= m.Weight
	}
	return pool[len(pool)-1]
}

// level is how much of the needed skills an agent has, all in all.
func (a *agent) level(needs []need) int {
	sum := 0
	for _, n := range needs {
		if n.skill < len(a.levels) {
			sum += a.levels[n.skill]
		}
	}
	return sum
}

// average is a mean over the last ones, in which older ones count less and less.
type average struct {
	mean  time.Duration
	count int
}

// memory is over how many it goes, roughly.
const memory = 50

func (a *average) add(d time.Duration) {
	a.count = min(a.count+1, memory)
	a.mean += (d - a.mean) / time.Duration(a.count)
}
