package acd

// Activity is what an agent has to do with a caller.
type Activity uint8

// The activities of an agent.
const (
	Unoccupied Activity = iota
	Reserved            // is offered a caller, and nobody else's
	Answering           // has answered and has not taken the caller yet
	Engaged             // talks
	Wrapping            // has talked
	activities          // how many there are
)

var activityNames = [...]string{
	Unoccupied: "unoccupied", Reserved: "reserved", Answering: "answering", Engaged: "engaged", Wrapping: "wrapping",
}

// String returns the activity in lower case.
func (a Activity) String() string { return name(activityNames[:], a) }

// input is what happens to an agent or a caller.
type input uint8

const (
	offer    input = iota + 1 // the caller is offered to the agent
	answer                    // the agent has picked up
	accept                    // and takes the caller
	withdraw                  // the offer is over: missed, refused, or won by somebody else
	finish                    // the talk is over, and wrap-up begins
	release                   // the talk is over without wrap-up, or wrap-up is
	leave                     // the caller goes
	inputs                    // how many there are
)

var inputNames = [...]string{
	offer: "offer", answer: "answer", accept: "accept", withdraw: "withdraw", finish: "finish", release: "release", leave: "leave",
}

func (i input) String() string { return name(inputNames[:], i) }

// row is one line of a state machine: in the state from, an input leads to the state to.
type row[S any] struct {
	from S
	on   input
	to   S
}

// agentRows is all that an agent can do. What is not here cannot happen.
var agentRows = []row[Activity]{
	{Unoccupied, offer, Reserved},
	{Reserved, withdraw, Unoccupied},
	{Reserved, answer, Answering},
	{Answering, withdraw, Unoccupied},
	{Answering, accept, Engaged},
	{Engaged, finish, Wrapping},
	{Engaged, release, Unoccupied},
	{Wrapping, release, Unoccupied},
}

// callerRows is all that can become of a caller.
var callerRows = []row[CallerState]{
	{Waiting, offer, Offered},
	{Waiting, leave, Gone},
	{Offered, withdraw, Waiting},
	{Offered, answer, Accepting},
	{Offered, leave, Gone},
	{Accepting, withdraw, Waiting},
	{Accepting, accept, Connected},
	{Accepting, leave, Gone},
	{Connected, leave, Gone},
}

// cell is a place in a table of transitions.
type cell[S any] struct {
	to S
	ok bool
}

var (
	agentTable  = table[Activity](agentRows, int(activities))
	callerTable = table[CallerState](callerRows, int(callStates))
)

func table[S ~uint8](rows []row[S], states int) [][inputs]cell[S] {
	t := make([][inputs]cell[S], states)
	for _, r := range rows {
		t[r.from][r.on] = cell[S]{r.to, true}
	}
	return t
}

// step carries out an input, and reports whether it could happen.
func (a *agent) step(on input) bool {
	next := agentTable[a.activity][on]
	if next.ok {
		a.activity = next.to
	}
	return next.ok
}

// step carries out an input, and reports whether it could happen.
func (c *caller) step(on input) bool {
	next := callerTable[c.state][on]
	if next.ok {
		c.state = next.to
	}
	return next.ok
}
