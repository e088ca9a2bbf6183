// Package acd decides which agent gets which waiting caller: the pure core of a call centre's queues. It knows neither
// Asterisk nor a clock nor a network: whoever uses it (package queue for real calls, package queuetest for simulated ones)
// tells it what happens and when, and does what it says.
//
// # A routing domain
//
// A [State] holds all queues that share agents, their agents and their callers. It has one owner: it is not safe for use by
// several goroutines, and so nothing in it can race.
//
//	s := acd.New(1)
//	s.SetQueue(acd.Queue{Name: "support", Strategy: acd.LongestIdle, WrapUp: 10 * time.Second})
//	s.SetAgent(acd.Agent{ID: "anna", Members: []acd.Member{{Queue: "support"}}})
//	s.Advance(now)
//	s.Login("anna")
//	s.Join(acd.Caller{ID: "1", Queue: "support"})
//	s.Settle()
//	for _, t := range s.Take() { ... } // ..., an Offered with the reservation, the caller and the agents to ring
//
// # Decisions
//
// [Decide] reads a State and says what is to be done next: which caller is offered to which agents, who was considered and why
// not, and why those. It changes nothing and uses no chance but that of the seed, so the same State gives the same Decision.
// [State.Apply] carries it out; [State.Settle] does both until nothing is left to decide.
//
// Callers are served in this order: the weight of the queue, then priority, then who has joined first. A caller is overtaken
// only by a caller whom an agent may serve who may not serve the first one: for lack of a skill, by the limit of penalty,
// because the caller waits for the agent of the last time, or because the agent has just missed or refused this caller.
//
// # Transitions
//
// Whatever changes is told as a [Transition]. Statistics, queue_log, the calls themselves and what is stored are all made of
// the same ones, so they agree.
package acd
