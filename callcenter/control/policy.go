package control

import (
	"slices"
	"time"

	"github.com/asterism-go/asterism/callcenter/calls"
)

// Role is what somebody is in the call centre. Programs may have others than these.
type Role string

// The roles of [DefaultPolicy].
const (
	Agent      Role = "agent"
	Supervisor Role = "supervisor"
	Admin      Role = "admin"
)

// Actor is who gives a command.
type Actor struct {
	// ID is who it is, for the audit: a login.
	ID   string
	Role Role
	// Endpoint is the actor's own telephone: "PJSIP/101".
	Endpoint string
	// Queues are those that a supervisor looks after.
	Queues []string
}

// Verb is a kind of command.
type Verb string

// The verbs.
const (
	VerbDial     Verb = "dial"
	VerbAnswer   Verb = "answer"
	VerbHangup   Verb = "hangup"
	VerbHold     Verb = "hold"
	VerbResume   Verb = "resume"
	VerbTransfer Verb = "transfer" // blind, to an extension or a mailbox
	VerbConsult  Verb = "consult"  // attended transfer
	VerbPark     Verb = "park"
	VerbRetrieve Verb = "retrieve"
	VerbPickup   Verb = "pickup"
	VerbInvite   Verb = "invite" // a third party
	VerbDigits   Verb = "digits"
	VerbMute     Verb = "mute"
	VerbPrompt   Verb = "prompt"
	VerbSpy      Verb = "spy" // also whisper and barge
)

// Scope says which calls a rule is about.
type Scope int

// The scopes.
const (
	// Own is calls that the actor's own telephone takes part in, and what is done with that telephone.
	Own Scope = iota
	// OwnQueues is also calls that were in one of the actor's queues.
	OwnQueues
	// Anything is all calls and all telephones.
	Anything
)

// Rule lets a role do something.
type Rule struct {
	Role  Role
	Verbs []Verb
	Scope Scope
	// Modes are the modes of spying that are allowed; none means all.
	Modes []calls.SpyMode
	// Targets are the endpoints that may be spied on; none means all that the Scope lets.
	Targets []string
}

// Policy says who may do what. What no rule lets is denied.
type Policy struct{ Rules []Rule }

// DefaultPolicy lets agents do everything with their own calls, and pick up and retrieve any; supervisors also everything
// with the calls of their queues, and listen to them; admins everything.
func DefaultPolicy() Policy {
	all := []Verb{
		VerbDial, VerbAnswer, VerbHangup, VerbHold, VerbResume, VerbTransfer, VerbConsult, VerbPark, VerbRetrieve, VerbPickup,
		VerbInvite, VerbDigits, VerbMute, VerbPrompt,
	}
	take := []Verb{VerbRetrieve, VerbPickup}
	return Policy{Rules: []Rule{
		{Role: Agent, Verbs: all, Scope: Own},
		{Role: Agent, Verbs: take, Scope: Anything},
		{Role: Supervisor, Verbs: append(all, VerbSpy), Scope: OwnQueues},
		{Role: Supervisor, Verbs: take, Scope: Anything},
		{Role: Admin, Verbs: append(all, VerbSpy), Scope: Anything},
	}}
}

// Command is what somebody wants done, as [Policy] and the audit see it. Fields that do not apply are zero.
type Command struct {
	Verb  Verb
	Actor Actor
	// Call and Leg are what it is about.
	Call calls.Call
	Leg  calls.Leg
	// Endpoint is the telephone that it is done with.
	Endpoint string
	// Number is what is dialled.
	Number string
	Mode   calls.SpyMode
	// Key is that of the request.
	Key string
}

// Entry is a command in the audit.
type Entry struct {
	Command
	At   time.Time
	Took time.Duration
	// Err is why it was refused or has failed; nil if it was done.
	Err error
}

func (p Policy) check(cmd Command) error {
	for i := range p.Rules {
		if p.Rules[i].lets(cmd) {
			return nil
		}
	}
	return &DeniedError{Actor: cmd.Actor.ID, Role: cmd.Actor.Role, Verb: cmd.Verb}
}

func (r *Rule) lets(cmd Command) bool {
	if r.Role != cmd.Actor.Role || !slices.Contains(r.Verbs, cmd.Verb) {
		return false
	}
	if cmd.Verb == VerbSpy {
		if len(r.Modes) > 0 && !slices.Contains(r.Modes, cmd.Mode) || len(r.Targets) > 0 && !slices.Contains(r.Targets, cmd.Leg.Endpoint) {
			return false
		}
	}
	switch r.Scope {
	case Anything:
		return true
	case OwnQueues:
		return cmd.own() || cmd.inQueues()
	default:
		return cmd.own()
	}
}

// own tells whether a command is about the actor's own telephone, and done with it.
func (cmd *Command) own() bool {
	own := cmd.Actor.Endpoint
	if own == "" || (cmd.Endpoint != "" && cmd.Endpoint != own) {
		return false
	}
	if cmd.Call.ID == "" {
		return cmd.Endpoint == own
	}
	return slices.ContainsFunc(cmd.Call.Legs, func(leg calls.Leg) bool { return leg.Endpoint == own })
}

// inQueues tells whether the call was in one of the actor's queues. A supervisor listens with his own telephone.
func (cmd *Command) inQueues() bool {
	if cmd.Endpoint != "" && cmd.Endpoint != cmd.Actor.Endpoint {
		return false
	}
	return slices.ContainsFunc(cmd.Call.Queues, func(v calls.QueueVisit) bool { return slices.Contains(cmd.Actor.Queues, v.Queue) })
}
