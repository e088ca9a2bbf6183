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
// # Channels in Stasis
//
// A leg may be in an application of ARI (Stasis in the dialplan), which decides about it. What AMI's commands do there was
// measured, with Asterisk 16 and 22 alike:
//
//	hang up, mute, digits   as elsewhere
//	spy, whisper, barge     as elsewhere
//	play to one side        as elsewhere, or by Control.ARI
//	park, retrieve          as elsewhere: the parked leg leaves its application
//	blind transfer          the other party is redirected into the dialplan and leaves its application, then the leg is hung
//	                        up; AMI's BlindTransfer would leave both in silence
//	hold, resume            by Control.ARI, unless Phones can
//	third party             comes in as one who barges in: only the application can add to its bridge
//	attended transfer       refused with an ApplicationError: such a leg has no features
//	pick up                 refused with an ApplicationError: the call would end
//
// The application sees legs leave (StasisEnd) and does what it does then: most hang up on the other side.
//
// # Telephones that can be told
//
// Answer, hold and resume are done by the telephone itself. [NotifyPhones] tells it by SIP; such telephones say "Allow-Events:
// talk, hold". [HTTPPhones] tells it by its web interface. Either way [Desk] waits until the calls show that it was done.
//
//	          by NOTIFY                    by HTTP
//	Yealink   Event talk and hold          features.action_uri.enable = 1, features.action_uri_limit_ip = the program's
//	                                       address, features.show_action_uri_option = 0; YealinkCommands
//	Snom      Event talk and hold          the HTTP server with a user and a password, and not by digest only;
//	                                       SnomCommands
//	Polycom   Event talk and hold          -
//	others    those that say Allow-Events  PhoneCommands of their own
//
// The addresses of HTTP are from the makers' manuals; which telephones honour the NOTIFY is what their users report. None of
// it was tried with those telephones; what was, with Asterisk 16 and 22, is the NOTIFY itself, by a telephone that does what
// these do. A telephone that does not do it ends in an [UnconfirmedError].
//
// # What Asterisk must allow
//
// The user in manager.conf needs to read call, dialplan and dtmf, and to write call and originate, and system for
// [NotifyPhones]. An attended transfer from the
// screen is the one of features.conf (atxfer); the dialplan must allow it to the party (Dial's options t and T).
package control
