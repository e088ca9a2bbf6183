package calls

import "time"

// Call is what a person would call one call: from the first channel that was made for it until the last one has gone.
// A field that is unknown, or does not apply, has its zero value.
type Call struct {
	// ID names the call: the Uniqueid of its first channel. It never changes.
	ID string
	// Direction is seen from the telephone system: from a trunk, to a trunk, or neither.
	Direction Direction
	// Result says how the call ended; for a live call, how it would if it ended now.
	Result Result
	// Missed is set when an inbound call was answered by nobody, whatever its Result.
	Missed bool
	// Dialed is the number that the caller dialled, as it arrived in the dialplan.
	Dialed string
	// Caller placed the call; Callee is whom it was for: the first one rung, or the group if several rang at once, or the
	// application that took the call if nobody was rung.
	Caller, Callee Party
	// Started is when the caller's channel was made, Answered when the first one of those rung answered, Ended when the
	// last party had gone.
	Started, Answered, Ended time.Time
	// AnsweredBy is the channel of the leg that answered first.
	AnsweredBy string
	// HangupBy is the channel of the leg that ended the call, or [System].
	HangupBy string
	// TalkTime is for how long the caller talked, hold time excluded.
	TalkTime time.Duration
	// Legs are the telephones of the call, in the order in which their channels were made, the caller first.
	Legs []Leg
	// Conversations are who heard whom, in the order in which they began. A hold ends a conversation; the next one of the
	// same two begins after it.
	Conversations []Conversation
	// Variables are the channel variables named in [Config.Variables] that were set on a channel of the call, with the
	// last value of each.
	Variables map[string]string
}

// System is the HangupBy of a call that no party ended: the dialplan or a timeout did.
const System = "system"

// Party is one side of a call.
type Party struct {
	// Number is as Asterisk or the configuration gave it. It is empty for a caller who withholds it.
	Number string
	Name   string
	Kind   PartyKind
}

// Leg is a telephone's part of a call: one channel.
type Leg struct {
	// Channel is the channel's name and Uniqueid its id. Names come again after a restart of Asterisk, ids do not.
	Channel, Uniqueid string
	Role              Role
	Kind              PartyKind // Extension or External
	// Endpoint is the channel's name without the part that numbers it, e.g. PJSIP/101.
	Endpoint     string
	Number, Name string
	// Started is when the channel was made, Ringing when it first rang, Answered when it was first up, Ended when its
	// party had gone.
	Started, Ringing, Answered, Ended time.Time
	// Outcome is empty while the leg lives.
	Outcome Outcome
	// HoldTime is for how long this leg kept the others on hold; TalkTime for how long it talked with anybody.
	HoldTime, TalkTime time.Duration
}

// Conversation is two legs that hear each other. End is zero while they do.
type Conversation struct {
	A, B       string // channels; A is the older one
	Start, End time.Time
}
