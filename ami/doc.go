// Package ami is a client of the Asterisk Manager Interface: it sends actions to an Asterisk, and listens to the events of
// everything that happens there.
//
// # Connect
//
// A [Client] is a struct with documented fields. Those of a user in manager.conf are enough:
//
//	client := &ami.Client{Addr: "pbx.example.com:5038", Username: "board", Secret: secret}
//	if err := client.Connect(ctx); err != nil {
//		return err
//	}
//	defer client.Close()
//
// The secret stays here: Asterisk gets an MD5 digest of it with a challenge. For a connection that nobody can listen to,
// set Client.TLS. When Connect returns, Asterisk is fully booted, as far as it tells.
//
// # Do
//
// An [Action] is a name and headers; [Client.Do] returns the answer to exactly this action, whatever else is going on, and
// [Client.List] collects answers that are lists of events:
//
//	answer, err := client.Do(ctx, ami.Action{Name: "CoreStatus"})
//	...
//	channels, err := client.List(ctx, ami.Action{Name: "CoreShowChannels"})
//
// A no of Asterisk is a [*ResponseError]. If no answer came, [SafeToRetry] says whether the action may be sent again
// without being carried out twice. No value can become a second header or a second action: see [InvalidActionError].
//
// # Listen
//
// [Client.Events] is a range over events. Several may run at once, and an action may be sent from inside:
//
//	for event, err := range client.Events(ctx) {
//		if errors.Is(err, ami.ErrSlowConsumer) {
//			resync() // some events are missing; more come
//			continue
//		}
//		if err != nil {
//			return err
//		}
//		fmt.Println(event.Event(), event.Get("Channel"))
//	}
//
// Asterisk ends the connection of a client that does not read for 100 ms. So this one always reads, and keeps what its
// consumers have not taken yet, up to a bound. Beyond that events are lost, but never in silence: the consumer is told how
// many and where.
//
// An event is a [Message], as are answers. Its headers are in order, may repeat and are found in any spelling. Much of what
// events hold was chosen by callers, and Asterisk does not escape all of it: the data of a Newexten or a UserEvent that
// holds CR LF looks like further headers, even like further events.
//
// [Client.Stream] yields long lists as they come, and [Client.Originate] orders a call and tells what has become of it. Actions
// for which Asterisk needs long go over a second connection by themselves.
//
// Client.Subscribe has Asterisk send only the events that are wanted, which for a call centre saves three quarters of the
// traffic. [Message.Suspicious] says which events may be forged. A [Cluster] is several Asterisks behind one stream.
//
// # Reconnect
//
// When the connection is lost, the client makes another by itself, with waits that grow and are left to chance a little.
// [Client.States] yields what becomes of it, [Client.Ready] waits for it. In the stream of events a mark says where some are
// missing. A model of what Asterisk does is made and kept by one loop, if Client.Snapshots says what to read at each login:
//
//	for event, err := range client.Events(ctx) {
//		...
//		switch event.Mark() {
//		case ami.ResyncBegin:
//			model.Forget()
//		case ami.Snapshot, ami.Live:
//			model.Update(event)
//		case ami.ResyncEnd, ami.Disconnected:
//			model.Complete = event.Mark() == ami.ResyncEnd
//		}
//	}
//
// # Close
//
// [Client.Close] ends everything at once; [Client.Drain] waits for the answers to what was sent.
//
// # Measure and test
//
// [NewCollector] makes the metrics of a client for Prometheus; [Hooks] and a slog.Logger tell the rest. [Client.Diagnose] finds
// what is missing in manager.conf. Package amitest has a Manager on loopback that follows a script, to test programs against.
// A [Recorder] records messages without their secrets; a [Reader] reads them again, and amitest replays them.
//
// All of this is checked against real Asterisks of the series 16 and 22. References such as "action_login in
// main/manager.c" name a function in Asterisk's source.
package ami
