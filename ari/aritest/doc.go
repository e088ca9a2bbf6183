// Package aritest is an ARI on loopback that follows a script, to test programs against. It speaks the real protocol: HTTP, and
// a websocket for the events.
//
//	server := aritest.Start(t,
//		aritest.Connect("ivr"),
//		aritest.Send(`{"type":"StasisStart","args":[],"channel":{"id":"c1"}}`),
//		aritest.Expect("POST /channels/{channel}/answer"),
//		aritest.Reply(204, ""),
//		aritest.Expect("POST /channels/{channel}/play/{playback}", "media=sound:beep"),
//		aritest.Reply(201, `{"id":"{playback}","state":"queued"}`),
//		aritest.Send(`{"type":"PlaybackFinished","playback":{"id":"{playback}","state":"done"}}`),
//	)
//	client := &ari.Client{URL: server.URL}
//
// The steps happen one after the other; a step that does not fails the test, and so does one that is left at its end. Words in
// braces take the value that they stand for when they are first expected, such as an id that the client has chosen, and are
// that value from then on, in what is expected and in what is sent.
//
// Real Asterisk is not always that orderly: the package's tests run the same program against both.
package aritest
