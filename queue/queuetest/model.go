package queuetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/asterism-go/asterism/queue/acd"
	"github.com/asterism-go/asterism/queue/stats"
)

// Model is a call centre to be simulated. It is not changed by a run.
type Model struct {
	// Start is when it opens, Length for how long calls arrive; those that are there then are served to their end.
	Start  time.Time
	Length time.Duration
	// Seed is that of all chance.
	Seed   uint64
	Queues []acd.Queue
	Agents []Agent
	Flows  []Flow
	// Pickup is how long agents let it ring. Default: they answer at once.
	Pickup Sample
	// Missed is the share of offers that an agent lets ring in vain, Refused of those that an agent refuses after the answer.
	Missed, Refused float64
	// Interval is that of the Book. Default: 15 minutes.
	Interval time.Duration
	// Observe, if not nil, is told each transition.
	Observe func(acd.Transition)
}

// Agent is one who works from From to To after the start; zero To: always.
type Agent struct {
	acd.Agent
	From, To time.Duration
}

// Team returns n agents who work all the time, in all queues named.
func Team(n int, queues ...string) []Agent {
	team := make([]Agent, n)
	for i := range team {
		team[i].ID = fmt.Sprintf("agent-%03d", i+1)
		for _, q := range queues {
			team[i].Members = append(team[i].Members, acd.Member{Queue: q})
		}
	}
	return team
}

// Flow is a stream of callers to a queue: a Poisson process.
type Flow struct {
	Queue string
	// PerHour is how many arrive at a time since the start.
	PerHour Rate
	// Service is how long they talk. Patience is how long they wait until they hang up; default: for ever.
	Service, Patience Sample
	Priority          int
	Needs             []acd.Need
}

// Rate is how many callers arrive in an hour, by the time since the start. Most is the greatest of all.
type Rate struct {
	At   func(since time.Duration) float64
	Most float64
}

// Steady is always the same rate.
func Steady(perHour float64) Rate {
	return Rate{At: func(time.Duration) float64 { return perHour }, Most: perHour}
}

// Hours is a rate for each hour since the start; after the last one nobody comes.
func Hours(perHour ...float64) Rate {
	most := 0.0
	for _, r := range perHour {
		most = max(most, r)
	}
	return Rate{Most: most, At: func(since time.Duration) float64 {
		if i := int(since / time.Hour); i < len(perHour) {
			return perHour[i]
		}
		return 0
	}}
}

// Sample draws a duration by chance.
type Sample func(*rand.Rand) time.Duration

// Exponential has a mean, and no memory.
func Exponential(mean time.Duration) Sample {
	return func(r *rand.Rand) time.Duration { return time.Duration(r.ExpFloat64() * float64(mean)) }
}

// Fixed is always the same.
func Fixed(d time.Duration) Sample { return func(*rand.Rand) time.Duration { return d } }

// Result is what has come of a run.
type Result struct {
	Book *stats.Book
	// Calls is how many have arrived, Transitions how many there were.
	Calls, Transitions int
	// End is when the last call was over.
	End time.Time
}

// Run simulates the model. The error says what is wrong with it.
func (m Model) Run() (*Result, error) {
	r := &run{Model: m, state: acd.New(m.Seed), talks: map[string]Sample{}}
	r.result.Book = stats.New(orDefault(m.Interval, 15*time.Minute))
	if err := r.prepare(); err != nil {
		return nil, err
	}
	if err := r.play(); err != nil {
		return nil, err
	}
	r.result.Book.Advance(r.state.Now())
	r.result.End = r.state.Now()
	return &r.result, nil
}

func (m Model) check() error {
	switch {
	case m.Length <= 0:
		return errors.New("queuetest: Model.Length is not positive")
	case m.Missed < 0 || m.Refused < 0 || m.Missed >= 1 || m.Refused >= 1:
		return errors.New("queuetest: Missed and Refused are shares: not less than 0, and less than 1")
	}
	for i, f := range m.Flows {
		if f.Service == nil || f.PerHour.At == nil || f.PerHour.Most <= 0 {
			return fmt.Errorf("queuetest: flow %d to %q needs PerHour and Service", i, f.Queue)
		}
	}
	return nil
}

func orDefault[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}
