package queuetest

import (
	"container/heap"
	"errors"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/asterism-go/asterism/queue/acd"
)

// run is a simulation under way.
type run struct {
	Model
	state  *acd.State
	events events
	seq    int
	talks  map[string]Sample // of callers who are there, how long they will talk
	chance []*rand.Rand      // one for each flow
	desk   *rand.Rand        // of the agents
	result Result
}

// event is what will happen at a time.
type event struct {
	at   time.Time
	seq  int
	what func() error
}

type events []event

func (e events) Len() int { return len(e) }

func (e events) Less(i, j int) bool {
	if e[i].at.Equal(e[j].at) {
		return e[i].seq < e[j].seq
	}
	return e[i].at.Before(e[j].at)
}

func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }

func (e *events) Push(x any) { *e = append(*e, x.(event)) }

func (e *events) Pop() any {
	last := len(*e) - 1
	x := (*e)[last]
	(*e)[last] = event{}
	*e = (*e)[:last]
	return x
}

func (r *run) at(t time.Time, what func() error) {
	r.seq++
	heap.Push(&r.events, event{t, r.seq, what})
}

func (r *run) after(d time.Duration, what func() error) { r.at(r.state.Now().Add(d), what) }

// prepare sets up the queues, the agents and the first callers.
func (r *run) prepare() error {
	if err := r.check(); err != nil {
		return err
	}
	r.state.Advance(r.Start)
	for _, q := range r.Queues {
		if err := r.state.SetQueue(q); err != nil {
			return err
		}
		if q.ServiceGoal > 0 {
			r.result.Book.SetGoal(q.Name, q.ServiceGoal)
		}
	}
	for _, a := range r.Agents {
		if err := r.state.SetAgent(a.Agent); err != nil {
			return err
		}
		r.after(a.From, func() error { return r.state.Login(a.ID) })
		if a.To > 0 {
			r.after(a.To, func() error { return r.state.Logout(a.ID) })
		}
	}
	r.desk = rand.New(rand.NewPCG(r.Seed, 0)) //nolint:gosec // a simulation must be repeatable
	for i, f := range r.Flows {
		r.chance = append(r.chance, rand.New(rand.NewPCG(r.Seed, uint64(i)+1))) //nolint:gosec // a simulation must be repeatable
		r.next(f, i)
	}
	return nil
}

// next has the next caller of a flow arrive. Where the rate is less than the greatest one, callers are left out by chance
// (thinning; Lewis and Shedler 1979).
func (r *run) next(f Flow, i int) {
	gap := r.chance[i].ExpFloat64() / f.PerHour.Most * float64(time.Hour)
	r.after(time.Duration(gap), func() error {
		since := r.state.Now().Sub(r.Start)
		if since >= r.Length {
			return nil
		}
		defer r.next(f, i)
		if r.chance[i].Float64()*f.PerHour.Most >= f.PerHour.At(since) {
			return nil
		}
		return r.arrive(f, i)
	})
}

// arrive lets a caller in.
func (r *run) arrive(f Flow, i int) error {
	r.result.Calls++
	id := strconv.Itoa(r.result.Calls)
	service := f.Service(r.chance[i])
	var patience time.Duration
	if f.Patience != nil {
		patience = f.Patience(r.chance[i])
	}
	err := r.state.Join(acd.Caller{ID: id, Queue: f.Queue, Priority: f.Priority, Needs: f.Needs})
	var refused *acd.RefusedError
	if errors.As(err, &refused) {
		return nil
	}
	if err != nil {
		return err
	}
	r.talks[id] = Fixed(service)
	if f.Patience != nil {
		r.after(patience, func() error {
			if c, ok := r.state.Caller(id); ok && c.State != acd.Connected {
				return r.state.Abandon(id)
			}
			return nil
		})
	}
	return nil
}

// play lets it all happen until nothing is left to happen.
func (r *run) play() error {
	for {
		due, ok := r.state.Next()
		switch {
		case len(r.events) > 0 && (!ok || !due.Before(r.events[0].at)):
			e := heap.Pop(&r.events).(event)
			r.state.Advance(e.at)
			if err := e.what(); err != nil {
				return err
			}
		case ok && len(r.talks)+len(r.events) > 0:
			r.state.Advance(due)
		default:
			return nil
		}
		if err := r.settle(); err != nil {
			return err
		}
	}
}

// settle decides, and has the agents and the callers do what follows.
func (r *run) settle() error {
	for {
		r.state.Settle()
		told := r.state.Take()
		if len(told) == 0 {
			return nil
		}
		for _, t := range told {
			r.result.Transitions++
			r.result.Book.Add(t)
			if r.Observe != nil {
				r.Observe(t)
			}
			if err := r.follow(t); err != nil {
				return err
			}
		}
	}
}

func (r *run) follow(t acd.Transition) error {
	switch t.Kind {
	case acd.OfferMade:
		for _, agent := range t.Agents {
			if err := r.ring(t.Reservation, agent); err != nil {
				return err
			}
		}
	case acd.Began:
		r.after(r.talks[t.Caller](r.desk), func() error { return r.state.Finish(t.Caller, false) })
	case acd.Left, acd.Finished:
		delete(r.talks, t.Caller)
	default:
	}
	return nil
}

// ring has an agent answer, or not. A reservation that is over by then is none of the agent's business any more.
func (r *run) ring(reservation uint64, agent string) error {
	if r.Missed > 0 && r.desk.Float64() < r.Missed {
		return nil // until the ring timeout
	}
	answer := func() error {
		if err := r.state.Pick(reservation, agent); err != nil {
			return ignoreStale(err)
		}
		if r.Refused > 0 && r.desk.Float64() < r.Refused {
			return ignoreStale(r.state.Fail(reservation, agent, acd.Refused))
		}
		return ignoreStale(r.state.Accept(reservation))
	}
	if r.Pickup == nil {
		return answer()
	}
	r.after(r.Pickup(r.desk), answer)
	return nil
}

func ignoreStale(err error) error {
	if errors.Is(err, acd.ErrStale) {
		return nil
	}
	return err
}

// Compare runs the model once with each strategy in all queues: the same callers, as they depend on the seed only.
func Compare(m Model, strategies ...acd.Strategy) (map[acd.Strategy]*Result, error) {
	results := map[acd.Strategy]*Result{}
	for _, strategy := range strategies {
		one := m
		one.Queues = append([]acd.Queue(nil), m.Queues...)
		for i := range one.Queues {
			one.Queues[i].Strategy = strategy
		}
		result, err := one.Run()
		if err != nil {
			return nil, err
		}
		results[strategy] = result
	}
	return results, nil
}
