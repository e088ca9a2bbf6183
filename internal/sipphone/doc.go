// Package sipphone is a SIP phone for tests and the demo: a witness of who hears whom.
//
// A [Phone] registers at an Asterisk on loopback, places and takes calls, and sends a tone of its own in all of them. A
// [Call] tells which other tones it hears, from when to when ([Call.Heard]), so that a test can prove which two phones
// talked, whatever Asterisk says about it:
//
//	alice, err := sipphone.New(ctx, sipphone.Config{Server: pbx.SIP, User: "alice", Password: "secret", Tone: 500})
//	...
//	call, err := alice.Dial(ctx, "102")
//	err = call.WaitAnswered(ctx)
//	err = call.WaitHears(ctx, 650) // the tone of phone 102
//
// Calls can be held, resumed and transferred, blindly and after a consultation. Audio is G.711 mu-law in packets of 20 ms,
// digits are telephone-events (RFC 4733). Signalling is SIP over UDP (RFC 3261) on github.com/emiago/sipgo.
package sipphone
