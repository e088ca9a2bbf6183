package callcenter

import (
	"maps"
	"time"

	"github.com/asterism-go/asterism/callcenter/agents"
	"github.com/asterism-go/asterism/callcenter/calls"
)

// Picture is everything as it is at one moment. What it holds is not to be changed, but by Apply.
type Picture struct {
	// Serial is the number of the last change that is in it.
	Serial uint64 `json:"serial"`
	// Calls are the live calls by ID.
	Calls map[string]calls.Call `json:"calls"`
	// Agents are by ID, Extensions by endpoint, Queues by name.
	Agents     map[string]agents.Agent `json:"agents"`
	Extensions map[string]Extension    `json:"extensions"`
	Queues     map[string]Queue        `json:"queues"`
}

// Activity is what happens at a telephone.
type Activity string

// The activities, from the one that counts most.
const (
	Talking     Activity = "talking"
	OnHold      Activity = "on_hold"   // it keeps others on hold, or is kept
	Connected   Activity = "connected" // up, and nobody hears it: a menu, a queue, an announcement
	Ringing     Activity = "ringing"
	Dialing     Activity = "dialing"
	Busy        Activity = "busy" // it takes no call
	Unreachable Activity = "unreachable"
	Free        Activity = "free"
)

// Extension is a telephone of the house.
type Extension struct {
	Endpoint string   `json:"endpoint"`
	Number   string   `json:"number"`
	Name     string   `json:"name,omitempty"`
	Activity Activity `json:"activity"`
	// Call is the ID of the call that Activity is about, and With the other party of it.
	Call string      `json:"call,omitempty"`
	With calls.Party `json:"with,omitzero"`
	// Since is when the activity began, if it is about a call.
	Since time.Time `json:"since,omitzero"`
	// Calls is how many calls the telephone has.
	Calls int `json:"calls,omitempty"`
}

// Queue is a queue with those who wait and those who answer.
type Queue struct {
	Name string `json:"name"`
	// Waiting are the callers, those who have waited longest first.
	Waiting []Waiting `json:"waiting,omitempty"`
	// Agents are how many of its members are in each state.
	Agents map[string]int `json:"agents,omitempty"`
}

// Waiting is a caller in a queue.
type Waiting struct {
	Call   string      `json:"call"`
	Caller calls.Party `json:"caller"`
	Since  time.Time   `json:"since"`
}

// Change is one thing in the picture that has changed: of Call, Agent, Extension and Queue one is set, as it is now, or Gone
// tells what there is no more.
type Change struct {
	Serial    uint64        `json:"serial"`
	Call      *calls.Call   `json:"call,omitempty"`
	Agent     *agents.Agent `json:"agent,omitempty"`
	Extension *Extension    `json:"extension,omitempty"`
	Queue     *Queue        `json:"queue,omitempty"`
	Gone      *Gone         `json:"gone,omitempty"`
}

// Gone names a call or an agent that is not in the picture any more.
type Gone struct {
	Call  string `json:"call,omitempty"`
	Agent string `json:"agent,omitempty"`
}

// Apply makes the next picture of this one. Changes are to be applied in order; those that are in the picture already do no
// harm.
func (p *Picture) Apply(change Change) {
	if change.Serial <= p.Serial {
		return
	}
	p.Serial = change.Serial
	switch {
	case change.Call != nil:
		p.Calls[change.Call.ID] = *change.Call
	case change.Agent != nil:
		p.Agents[change.Agent.ID] = *change.Agent
	case change.Extension != nil:
		p.Extensions[change.Extension.Endpoint] = *change.Extension
	case change.Queue != nil:
		p.Queues[change.Queue.Name] = *change.Queue
	case change.Gone != nil:
		delete(p.Calls, change.Gone.Call)
		delete(p.Agents, change.Gone.Agent)
	}
}

func newPicture() Picture {
	return Picture{
		Calls: map[string]calls.Call{}, Agents: map[string]agents.Agent{}, Extensions: map[string]Extension{},
		Queues: map[string]Queue{},
	}
}

func (p *Picture) copy() Picture {
	return Picture{
		Serial: p.Serial, Calls: maps.Clone(p.Calls), Agents: maps.Clone(p.Agents), Extensions: maps.Clone(p.Extensions),
		Queues: maps.Clone(p.Queues),
	}
}

func now() time.Time { return time.Now().Round(0) }
