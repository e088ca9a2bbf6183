// Package asyncagi serves AGI(agi:async) of a dialplan over the Manager: Asterisk calls no server, so it needs neither a
// port nor a way to one. A [Listener] stands where the listener of a FastAGI server does, with the same handlers:
//
//	client := &ami.Client{Addr: "pbx.example.com:5038", Username: "agi", Secret: secret}
//	listener := asyncagi.Listen(client)
//	if err := client.Connect(ctx); err != nil {
//		return err
//	}
//	srv := &agi.Server{Handler: mux}
//	err := srv.Serve(listener) // exten => _X.,1,AGI(agi:async,helpdesk/sales)
//
// The first argument in the dialplan is the script, by which a Mux chooses the handler. The user in manager.conf must be
// permitted to read and write the class agi.
//
// # What is different
//
// Asterisk looks for commands ten times a second, so each takes some 100 ms; [agi.Session.Batch] sends many at once. A
// command is bounded by the length of a line of the Manager. A prompt cannot be stopped. When the call is over, nothing more
// can be done: the dead session of FastAGI does not exist. And AGISTATUS does not tell how the handler ended: the channel
// variable ASYNCAGISTATUS does, with the same words SUCCESS and FAILURE. It is not set if the program has died, and then the
// call waits for another one to take it up: let the dialplan bound that, by TIMEOUT(absolute) say.
//
// Asterisk reads at most 1,024 bytes of a reply, and the rest with the next one (launch_asyncagi in res/res_agi.c); here the
// pieces are put together again. If the connection to the Manager is lost, so are the sessions; their calls go on in the
// dialplan with ASYNCAGISTATUS=FAILURE when it is back.
package asyncagi
