// Package queueagents joins the agents of a queue.Server with those of package agents, so that there is one picture of who is logged
// in and paused, and one desk for both kinds of queues:
//
//	edits := make(chan agents.Edit, 64)
//	own := &queueagents.Queues{Server: server, Agents: server.Agents, Edits: edits}
//	desk := &agents.Desk{Client: client, Own: own} // its commands go to both kinds of queues
//	server.Observe = own.Observe                   // what the queues do themselves the Model is told
//	for change, err := range agents.FollowWith(ctx, client, model, agents.Sources{Edits: edits}) {
//
// In a queue.Server an agent is logged in or out, and paused or not, for all queues at once: a command that names one queue is
// for all of the agent, and what it has brought about is told of each queue. Penalties are those of the configuration.
package queueagents

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/asterism-go/asterism/callcenter/agents"
	"github.com/asterism-go/asterism/queue"
	"github.com/asterism-go/asterism/queue/acd"
)

// Server is what is needed of a [queue.Server].
type Server interface {
	Do(ctx context.Context, what func(*acd.State) error) error
}

var _ Server = (*queue.Server)(nil)

// Queues are the queues of a Server, as [agents.Queues]. Its methods may be called by several goroutines at once; its fields must not
// change then.
type Queues struct {
	Server Server
	// Agents are those of the Server.
	Agents []queue.Agent
	// Edits, if not nil, gets what a Model is to be told: it is Sources.Edits of [agents.FollowWith]. If it is full the Server
	// waits, so somebody must read it as long as the Server runs, and it should have room for some.
	Edits chan<- agents.Edit
}

var _ agents.Queues = (*Queues)(nil)

// Carry is that of [agents.Queues]: all verbs but [agents.SetPenalty].
func (q *Queues) Carry(ctx context.Context, c agents.Command) ([]agents.Done, error) {
	if c.Verb == agents.SetPenalty {
		return nil, &agents.InvalidError{Field: "Verb", Problem: "is not for these queues: their penalties are configured"}
	}
	a, err := q.find(c)
	if err != nil {
		return nil, err
	}
	var before, after acd.AgentRecord
	err = q.Server.Do(ctx, func(s *acd.State) error {
		before, _ = s.Agent(a.ID)
		err := carry(s, a.ID, c, before)
		after, _ = s.Agent(a.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	now := time.Now()
	q.tell(after, now)
	changed := before.LoggedIn != after.LoggedIn || before.Paused != after.Paused || before.Reason != after.Reason
	done := make([]agents.Done, 0, len(a.Members))
	for _, m := range a.Members {
		done = append(done, agents.Done{Member: member(a, m, after), Changed: changed})
	}
	return done, nil
}

// find returns whose telephone it is.
func (q *Queues) find(c agents.Command) (*queue.Agent, error) {
	known := false
	for i := range q.Agents {
		a := &q.Agents[i]
		in := c.Queue == "" || slices.ContainsFunc(a.Members, func(m acd.Member) bool { return m.Queue == c.Queue })
		if known = known || in; in && a.Endpoint == c.Interface {
			return a, nil
		}
	}
	if !known {
		return nil, agents.ErrNoSuchQueue
	}
	return nil, agents.ErrNotMember
}

func carry(s *acd.State, id string, c agents.Command, now acd.AgentRecord) error {
	switch c.Verb {
	case agents.LogIn:
		if err := s.Login(id); err != nil || !c.Paused {
			return err
		}
		return s.Pause(id, c.Reason)
	case agents.LogOut:
		return s.Logout(id)
	case agents.Pause:
		if !now.LoggedIn {
			return agents.ErrNotMember
		}
		return s.Pause(id, c.Reason)
	case agents.Unpause:
		if !now.LoggedIn {
			return agents.ErrNotMember
		}
		return s.Unpause(id)
	default:
		return fmt.Errorf("queueagents: %v is not known", c.Verb)
	}
}

// Observe takes the transitions of the Server, for Server.Observe.
func (q *Queues) Observe(t acd.Transition) {
	if t.Kind != acd.AgentChanged || q.Edits == nil {
		return
	}
	r := acd.AgentRecord{ID: t.Agent, LoggedIn: t.State != acd.LoggedOut, Paused: t.State == acd.Paused, Reason: t.Reason}
	if t.State != acd.Paused {
		r.Reason = ""
	}
	if busyWithCaller(t.State) { // whether a pause follows is not said: it is told when it begins
		return
	}
	q.tell(r, t.Time)
}

// busyWithCaller reports whether the state hides whether the agent is paused.
func busyWithCaller(s acd.AgentState) bool {
	return s == acd.Talking || s == acd.Screening || s == acd.Ringing || s == acd.WrapUp
}

// tell tells the Model what an agent is to its queues.
func (q *Queues) tell(r acd.AgentRecord, at time.Time) {
	i := slices.IndexFunc(q.Agents, func(a queue.Agent) bool { return a.ID == r.ID })
	if i < 0 || q.Edits == nil {
		return
	}
	a := &q.Agents[i]
	q.Edits <- func(m *agents.Model) (all []agents.Change) {
		for _, in := range a.Members {
			var changes []agents.Change
			if r.LoggedIn {
				changes, _ = m.SetMember(member(a, in, r), at) // it has a queue and an interface
			} else {
				changes = m.RemoveMember(in.Queue, a.Endpoint, at)
			}
			all = append(all, changes...)
		}
		return all
	}
}

// member is what an agent is to a queue, as package agents has it.
func member(a *queue.Agent, in acd.Member, r acd.AgentRecord) agents.Member {
	m := agents.Member{
		Queue: in.Queue, Interface: a.Endpoint, Name: a.Name, Membership: "queue", Penalty: in.Penalty, Own: true,
		Paused: r.Paused, PausedReason: r.Reason,
	}
	if a.Device != "" && a.Device != queue.NoDevice {
		m.StateInterface = a.Device
	}
	i := slices.IndexFunc(r.Members, func(done acd.MemberRecord) bool { return done.Queue == in.Queue })
	if i >= 0 {
		m.CallsTaken = r.Members[i].Calls
	}
	return m
}
