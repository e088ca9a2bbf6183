// Package amitest plays Asterisk's side of the Manager protocol in tests, on loopback and after a script:
//
//	manager := amitest.Start(t, amitest.Script{
//		amitest.Login("board", "secret"),
//		amitest.Expect("Originate", "Channel: PJSIP/100"),
//		amitest.Send("Event: Newstate", "ChannelStateDesc: Ringing"),
//		amitest.Reply("Response: Success", "Message: Originate successfully queued"),
//		amitest.Serve(),
//	})
//	client := &ami.Client{Addr: manager.Addr, Username: "board", Secret: "secret"}
//
// [Split], [StrayBlankLine], [Pause], [WriteTimeout] and [Forge] are the habits of Asterisk that break clients; [Replay] plays
// what an ami.Recorder has recorded, at any speed.
//
// Each connection plays one script. A step that does not go as written ends the connection, and the test fails with the
// number of the step. The shapes of [Login] and [Serve] are checked against a real Asterisk.
package amitest
