package acd

import "time"

// Agent is a person who answers.
type Agent struct {
	// ID is unique in a [State].
	ID string
	// Name is that of the person; it decides nothing.
	Name string
	// Skills are what the agent can do, and how well.
	Skills map[string]int
	// Members are the queues whose calls the agent gets while logged in, in any order.
	Members []Member
}

// Member is what an agent is to one queue.
type Member struct {
	Queue string
	// Penalty: agents with less get the call if any of them is free.
	Penalty int
	// Weight is the share of calls that the strategy [Weighted] gives. Default: 1.
	Weight int
	// Order is the place in the strategies [Linear] and [RoundRobin]; among equals, the order of their ids.
	Order int
}

// AgentState is what an agent does. At any time it is exactly one of these; of several that would fit, the first.
type AgentState uint8

// The states of an agent.
const (
	LoggedOut AgentState = iota
	Talking              // with a caller of a queue
	Screening            // has answered and has not taken the caller yet
	Ringing              // is offered a caller
	WrapUp               // the time after a call
	Paused               // wants no calls, for a reason
	Busy                 // is in a call that has nothing to do with queues
	BackedOff            // has missed a call and gets none for a while
	Idle                 // waits for a call
)

var agentStateNames = [...]string{
	LoggedOut: "logged_out", Talking: "talking", Screening: "screening", Ringing: "ringing", WrapUp: "wrap_up",
	Paused: "paused", Busy: "busy", BackedOff: "backed_off", Idle: "idle",
}

// String returns the state in lower case.
func (s AgentState) String() string { return name(agentStateNames[:], s) }

// MarshalText returns the state as String does, for JSON.
func (s AgentState) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// agent is an agent in a State.
type agent struct {
	Agent
	members  []*member
	levels   []int // by number of the skill
	loggedIn bool
	busy     bool
	paused   bool
	reason   string // of the pause
	activity Activity
	caller   *caller // whom the agent is reserved for, or talks with
	queue    *queue  // of the last call, for wrap-up
	wrapEnd  time.Time
	blocked  time.Time // no calls before
	misses   int       // in a row
	idle     time.Time // since when the agent is free, or was at last
	state    AgentState
	since    time.Time // of the state
	dirty    bool
}

// member is an agent in one queue.
type member struct {
	Member
	agent *agent
	queue *queue
	calls int           // answered
	talk  time.Duration // all in all
}

// work returns the state that follows from the facts.
func (a *agent) work(now time.Time) AgentState {
	switch {
	case a.activity == Engaged:
		return Talking
	case a.activity == Answering:
		return Screening
	case a.activity == Reserved:
		return Ringing
	case !a.loggedIn:
		return LoggedOut
	case a.activity == Wrapping:
		return WrapUp
	case a.paused:
		return Paused
	case a.busy:
		return Busy
	case now.Before(a.blocked):
		return BackedOff
	}
	return Idle
}

func (a *agent) free() bool { return a.state == Idle }

// in returns what the agent is to a queue, nil if not a member.
func (a *agent) in(q *queue) *member {
	for _, m := range a.members {
		if m.queue == q {
			return m
		}
	}
	return nil
}

// present reports whether the agent is what a queue needs.
func (a *agent) present(need Presence) bool {
	switch need {
	case Nobody:
		return true
	case LoggedIn:
		return a.loggedIn
	case Unpaused:
		return a.loggedIn && !a.paused
	default:
		return a.free()
	}
}

// can reports whether the agent has the skills.
func (a *agent) can(needs []need) bool {
	for _, n := range needs {
		level := 0
		if n.skill < len(a.levels) {
			level = a.levels[n.skill]
		}
		if level < n.min {
			return false
		}
	}
	return true
}
