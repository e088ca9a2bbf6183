package acd

import "time"

// Kind says what has changed.
type Kind uint8

// The kinds of a [Transition].
const (
	Joined          Kind = iota + 1 // a caller waits: Position
	NotJoined                       // a caller was not let in: Outcome, and has never waited
	Moved                           // a caller has gone over into another queue, From
	Relaxed                         // a caller has got to the next of Queue.Steps
	OfferMade                       // agents are to be rung: Reservation, Agents
	OfferEnded                      // for one agent: Agent, Cause, Ring
	Picked                          // the agent has answered and is asked for the caller: Agent
	Began                           // caller and agent talk: Agent, Wait, Ring
	Finished                        // they have talked: Agent, Wait, Talk, Outcome ([Answered], or [Restart] if that has cut it off)
	Left                            // a caller has left without: Outcome, Wait, Position
	AgentChanged                    // an agent is in another state: Agent, State, Was, For, Reason
	CallbackAsked                   // a caller hangs up and will be called back: Position
	AgentAdded                      // an agent has logged in to a queue
	AgentRemoved                    // an agent has logged out of a queue
	CallbackDue                     // a customer is to be dialled: Wait, Position
	CallbackReached                 // the customer has answered, and waits like any other caller
	CallbackMissed                  // the customer was not reached, and is dialled again later: Reason
	MessageLeft                     // a caller has left a message: Recording, For, Outcome is how the waiting had ended
	AgentRefused                    // somebody wanted to log in or out, or to pause, and may not: Agent, Reason
)

var kindNames = [...]string{
	Joined: "joined", NotJoined: "not_joined", Moved: "moved", Relaxed: "relaxed", OfferMade: "offer_made", OfferEnded: "offer_ended",
	Picked: "picked", Began: "began", Finished: "finished", Left: "left", AgentChanged: "agent_changed", CallbackAsked: "callback_asked",
	AgentAdded: "agent_added", AgentRemoved: "agent_removed", CallbackDue: "callback_due", CallbackReached: "callback_reached",
	CallbackMissed: "callback_missed", MessageLeft: "message_left", AgentRefused: "agent_refused",
}

// String returns the kind in lower case.
func (k Kind) String() string { return name(kindNames[:], k) }

// Outcome is how a caller has left, or why one was not let in.
type Outcome uint8

// The outcomes.
const (
	NoOutcome   Outcome = iota
	Answered            // has talked
	Abandoned           // has hung up
	TimedOut            // has waited for MaxWait
	ExitKey             // has pressed one of Queue.Exits
	LeaveEmpty          // there were no agents any more
	JoinEmpty           // there were no agents
	Full                // MaxLength waited already
	TooLong             // the expected wait was more than MaxExpected
	Sent                // was sent elsewhere by the program
	CallbackEnd         // was called back in vain
	Restart             // Asterisk itself was restarted, which ends all calls
)

var outcomeNames = [...]string{
	NoOutcome: "none", Answered: "answered", Abandoned: "abandoned", TimedOut: "timeout", ExitKey: "exitkey", LeaveEmpty: "leaveempty",
	JoinEmpty: "joinempty", Full: "full", TooLong: "toolong", Sent: "transferred", CallbackEnd: "callback_failed", Restart: "restart",
}

// String returns the outcome in lower case.
func (o Outcome) String() string { return name(outcomeNames[:], o) }

// MarshalText returns the outcome as String does, for JSON.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// Cause is why an offer to an agent is over.
type Cause uint8

// The causes.
const (
	NoCause     Cause = iota
	Taken             // the agent has got the caller
	Unanswered        // it rang in vain
	Refused           // the agent did not want it
	LineBusy          // the telephone was busy
	Unreachable       // the telephone was not there
	Lost              // another agent was quicker
	CallerGone        // the caller has left
	AgentGone         // the agent has logged out
	Withdrawn         // the program has taken it back
)

var causeNames = [...]string{
	NoCause: "none", Taken: "taken", Unanswered: "no_answer", Refused: "refused", LineBusy: "busy", Unreachable: "unreachable",
	Lost: "lost", CallerGone: "caller_gone", AgentGone: "agent_gone", Withdrawn: "withdrawn",
}

// String returns the cause in lower case.
func (c Cause) String() string { return name(causeNames[:], c) }

// MarshalText returns the cause as String does, for JSON.
func (c Cause) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// missed reports whether the agent is to blame, so that NoAnswer applies.
func (c Cause) missed() bool { return c == Unanswered || c == LineBusy || c == Unreachable }

// Transition is one change of a [State]. Kind says which fields have a meaning; the others are zero.
type Transition struct {
	Time time.Time
	Kind Kind
	// Queue and Caller are those that it is about, both as they are after it. CallerInfo is what is known of the caller.
	Queue, Caller string
	CallerInfo    Caller
	// Agent is who it is about, Agents who are to be rung.
	Agent  string
	Agents []string
	// Reservation numbers the offers; the next one is another.
	Reservation uint64
	Outcome     Outcome
	Cause       Cause
	// Key was pressed, and To is where it leads.
	Key, To string
	// From is the queue from which a caller was moved.
	From string
	// Position counts from 1 and is that of a caller; First is the one at joining.
	Position, First int
	// Wait is how long the caller has waited, Ring how long the agent's telephone has rung, Talk how long they have talked.
	Wait, Ring, Talk time.Duration
	// ByAgent says that it was the agent who has ended the talk.
	ByAgent bool
	// State is that of the agent after it, Was before it and for how long; Reason that of a pause.
	State, Was AgentState
	For        time.Duration
	Reason     string
	// Recording is the name of a message.
	Recording string
	// Why explains an offer.
	Why *Decision
}
