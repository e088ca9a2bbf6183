package agents

// State is what an agent does. At any time it is exactly one of these.
type State uint8

// The states of an agent.
const (
	Unknown     State = iota // events are missing: before the first snapshot, or while the connection is lost
	Offline                  // logged in to no queue
	Ready                    // waits for calls
	Ringing                  // the telephone rings
	Talking                  // somebody hears the agent
	Held                     // in a call in which one side keeps the other on hold
	WrapUp                   // the time after a call in which the queue gives no other one
	Paused                   // paused in all queues that the agent is logged in to
	Busy                     // the telephone is busy, or in use without anybody to talk to: dialling, in a menu
	DND                      // the telephone is told not to disturb: by its device, or it refuses every call at once
	Unreachable              // the telephone is not registered or does not answer the PBX
)

var stateNames = [...]string{
	Unknown: "unknown", Offline: "offline", Ready: "ready", Ringing: "ringing", Talking: "talking", Held: "held",
	WrapUp: "wrap_up", Paused: "paused", Busy: "busy", DND: "dnd", Unreachable: "unreachable",
}

// String returns the state in lower case.
func (s State) String() string {
	if int(s) >= len(stateNames) {
		return "invalid"
	}
	return stateNames[s]
}

// States returns all states, in the order of their constants.
func States() []State {
	all := make([]State, len(stateNames))
	for i := range all {
		all[i] = State(i)
	}
	return all
}

// MarshalText returns the state as String does, for JSON.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// fact is something that is so at the moment; a set of them decides the state.
type fact uint16

const (
	lost        fact = 1 << iota // events are missing
	talks                        // the telephone is in a conversation
	holds                        // in a call that had a conversation which is on hold
	rings                        // it is being called
	inUse                        // it has a call, of whatever kind
	loggedIn                     // in one queue at least
	paused                       // in all queues that the agent is logged in to
	gone                         // the telephone cannot be reached
	undisturbed                  // it does not want calls
	engaged                      // its device says busy
	wraps                        // a queue waits for the agent to finish after a call
)

// row says: whoever has the fact, or lacks it if lacking is set, is in the state.
type row struct {
	fact    fact
	lacking bool
	state   State
}

// transitions decides, from the top: the first row that applies. What a telephone does comes before what queues know, because
// it is so also for who has logged out or is paused meanwhile; a pause comes before what hinders calls to reach the agent
// anyway, because it has a reason that somebody gave.
var transitions = [...]row{
	{fact: lost, state: Unknown},
	{fact: talks, state: Talking},
	{fact: holds, state: Held},
	{fact: rings, state: Ringing},
	{fact: inUse, state: Busy},
	{fact: loggedIn, lacking: true, state: Offline},
	{fact: paused, state: Paused},
	{fact: gone, state: Unreachable},
	{fact: undisturbed, state: DND},
	{fact: engaged, state: Busy},
	{fact: wraps, state: WrapUp},
}

// transition returns the state that these facts make, whatever the state was before.
func transition(facts fact) State {
	for _, r := range transitions {
		if (facts&r.fact != 0) != r.lacking {
			return r.state
		}
	}
	return Ready
}
