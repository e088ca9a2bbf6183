// Package ari is a client of the Asterisk REST Interface: programs that have the calls of a Stasis application, and every
// request that Asterisk knows.
//
// # Ask
//
// A [Client] is a struct with documented fields. Every operation of Asterisk is a method of its resource, and every answer has a
// type; both are generated from Asterisk's own description, of Asterisk 22 and 16:
//
//	client := &ari.Client{URL: "http://pbx.example.com:8088/ari", Username: "ivr", Password: password}
//	channels, err := client.Channels().List(ctx)
//
// A no of Asterisk is an [*Error] with its status and its words. If no answer came, [SafeToRetry] says whether the request may
// be sent again without being carried out twice. All values are escaped, and the credentials are sent in a header only.
//
// # Answer calls
//
// An [App] is what Stasis(name) in the dialplan leads to. [Serve] gives each call that comes to a function, in a goroutine of
// its own, that reads like the call:
//
//	app := &ari.App{Client: client, Name: "ivr"}
//	err := ari.Serve(ctx, app, func(ctx context.Context, call *ari.Channel) error {
//		if err := call.Answer(ctx); err != nil {
//			return err
//		}
//		pin, err := call.Collect(ctx, ari.Digits{Prompt: []string{"sound:agent-pass"}, Max: 4, End: "#"})
//		...
//		return call.Play(ctx, "sound:vm-goodbye")
//	})
//
// When the caller hangs up, ctx ends with [ErrHangup]. When ctx ends, what is going on is stopped on Asterisk too, and nothing
// is left behind. A call whose function fails goes on in the dialplan with the variable ARI_STATUS; see [Server] for more:
// an end that waits, calls that outlive the program, a bound.
//
// # Make calls
//
// [App.Originate] makes a call and [Channel.Wait] waits for the answer; [App.Create] and [Channel.Dial] do it in two steps,
// between which events can be waited for. [Channel.Connect] has two channels hear each other; [App.CreateBridge] is for more.
// The ids of everything that is made are our own, and who waits for it is known before the request leaves: so the event that
// is waited for cannot come too early.
//
// # Listen
//
// [App.Events] is a range over events. [Event.Decode] gives each the type that is called like it; what the package does not
// know comes all the same:
//
//	for event, err := range app.Events(ctx) {
//		if errors.Is(err, ari.ErrSlowConsumer) {
//			app.Resync(ctx) // some events are missing; more come
//			continue
//		}
//		if err != nil {
//			return err
//		}
//		switch event.Mark { ... }
//	}
//
// Asterisk cuts off a reader that stands still for 100 ms. So this one always reads, and keeps what its consumers have not
// taken yet, up to a bound. Beyond that events are lost, but never in silence: the consumer is told how many and where.
//
// # Reconnect
//
// When the websocket is lost, the App makes another by itself. A [Mark] says where events are missing, and where the state is
// known again; a channel that has gone meanwhile is announced by a StasisEnd with the mark [Gone].
//
// Asterisk keeps no events for a websocket that it does not have. But it can make the websocket itself, and then it does: with
// App.Outbound, and this in its websocket_client.conf and ari.conf, a program that restarts misses nothing.
//
//	[ours]
//	type = websocket_client
//	uri = ws://ivr.example.com:8089/ari
//	protocols = ari
//	connection_type = persistent
//	username = asterisk
//	password = ...
//
//	[ours]
//	type = outbound_websocket
//	websocket_client_id = ours
//	apps = ivr
//	local_ari_user = ivr
//
// The App is the http.Handler for that address.
//
// # What a restart loses
//
// A program that Asterisk connects to may be killed and started again at any time: Asterisk keeps what happens meanwhile, and
// sends it first, in order and with its times. Two things it does not keep: what it has sent and the program has not taken yet,
// and what it writes in the moment until it notices. So nothing is lost if nothing happens just then. If something does, a
// [Server] with Resume finds the calls whose StasisStart is lost, and a Snapshot tells of those that have ended; digits are gone.
//
// Asterisk 22.10.1 itself may die of the end of such a websocket, whichever side ends it and however, if it writes an event at
// that moment: the thread of the websocket frees it without the lock under which events are written
// (outbound_session_handler_thread and session_send_or_queue in res/ari/ari_websockets.c). It is the number of events per second
// that counts: of programs that ended while 3,000 came, 2 of 16 that were killed took Asterisk with them, and 5 of 32 that
// closed the websocket in order; while 300 came, none of 30 and 1 of 23; while none came, none. So leave out with App.Filter what
// nobody needs, end a program when calls are few, or have something between it and Asterisk that keeps the connection.
//
// # Measure and test
//
// [NewCollector] makes the metrics of an application for Prometheus, Client.Tracer gets OpenTelemetry spans of calls, of what
// takes time in them and of requests; [Hooks] and a slog.Logger tell the rest. A [Doctor] finds what is wrong with an Asterisk
// and says which lines put it right. Package aritest has an ARI on loopback that follows a script, to test programs against,
// and package cycore joins this one and programs that are written for CyCoreSystems/ari.
//
// All of this is checked against real Asterisks of the series 16 and 22. References such as "record_file in
// res/res_stasis_recording.c" name a function in Asterisk's source.
package ari
