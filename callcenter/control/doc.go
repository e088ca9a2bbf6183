// Package control carries out what an agent or a supervisor does from a screen: dial a number with a click, hang up,
// transfer, park and retrieve, pick up, send digits, mute, ask a third party in, listen to a call, whisper, barge in.
//
//	center := &control.Control{Client: client, Policy: policy, Audit: record}
//	for change, err := range calls.Follow(ctx, client, tracker) {
//		...
//		center.Apply(change)
//	}
//
// and, from any goroutine:
//
//	agent := center.As(control.Actor{ID: "alice", Role: control.Agent, Endpoint: "PJSIP/101"})
//	dialing, err := agent.Dial(ctx, control.Dial{Number: "2101234567", Prefix: "9", Key: requestID})
//	...
//	outcome, err := dialing.Wait(ctx) // Answered, CalleeBusy, AgentNoAnswer ...
//
// What a command returns is what has happened, as the calls tell it, and not that Asterisk has said "Success": that only
// means that it will try.
//
// # Who may do what
//
// Every command is checked by [Policy] in one place and told to Audit, with its result. What comes from outside, a number, a
// name, a channel, is checked before anything is sent: nothing in it can become a second header, another argument of an
// application, or a second target of a dial; see [ValueError].
//
// # Which call
//
// A command names a leg by its channel, as [calls.Leg] does. It is sent to the Uniqueid that this channel has now: a channel
// that has the same name after a restart of Asterisk is never meant. A leg that has gone is [ErrGone].
//
// # What Asterisk must allow
//
// The user in manager.conf needs to read call, dialplan and dtmf, and to write call and originate. An attended transfer from the
// screen is the one of features.conf (atxfer); the dialplan must allow it to the party (Dial's options t and T).
package control
