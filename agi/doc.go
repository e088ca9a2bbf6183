// Package agi answers calls from a dialplan over FastAGI: Asterisk asks a server what to do with a call, and the server
// tells it, command by command.
//
// # Serve
//
// A [Handler] is to a call what an http.Handler is to a request. A [Mux] chooses one by the path in the dialplan:
//
//	mux := agi.NewMux()
//	mux.HandleFunc("helpdesk/{queue}", func(ctx context.Context, s *agi.Session) error {
//		return s.SetVariable(ctx, "DESK", deskFor(s.Env().CallerID, s.Param("queue")))
//	})
//	srv := &agi.Server{Handler: mux}
//	err := srv.ListenAndServe() // exten => _X.,1,AGI(agi://127.0.0.1/helpdesk/sales)
//
// When the handler returns, the dialplan goes on. After an error it finds AGISTATUS=FAILURE, and so it does if there was
// no route, no room or a panic; it should test for that.
//
// # Talk
//
// Each method of [Session] is a command: Answer, StreamFile, GetData, SetVariable. Asterisk 22 has 47 of them, and so
// has this package; their parameters that no method has go through [Session.Raw]. [LookupCommand] says what is known of
// each. No argument can become a second command: what Asterisk would misread is refused with an [*ArgumentError] before
// a byte of it is sent.
//
// AGI has no framing, and Asterisk does not escape values: one with a line break looks like several replies. Still a reply
// is never taken for another command's. Values are read between words that no caller can know, and lines that nobody has
// asked for are noticed, counted and skipped; where the session cannot find back it ends with [ErrDesync].
//
// # Stop
//
// The context of a handler ends when the caller hangs up, with the cause [ErrHangup], also while no command runs. What is
// left to be done then goes through [Session.Dead]. A context of your own, with a timeout say, stops the prompt that is
// being played and not the call.
//
// # Other ways to be called
//
// A [Server] serves FastAGI. The same handler serves a program that Asterisk starts, with [ServeStdin], which may also listen
// to the caller ([Session.Audio]), and AsyncAGI over the Manager, with the listener of package asyncagi. Package zafagi
// serves handlers that were written for github.com/zaf/agi.
//
// # Trust
//
// A caller chooses the number and the name that come with the call, and so do whatever the dialplan passes on. None of it
// belongs into a function or an expression that Asterisk evaluates: [Session.Evaluate], [Session.SetFunction] and
// [Session.Exec] say where that is. An environment that is not in Asterisk's own order is refused: it was tampered with.
//
// # Measure and test
//
// [NewCollector] makes the metrics of a server for Prometheus. Package agitest plays Asterisk's side of a call against a
// handler.
//
// All of this is checked against real Asterisks of the series 16 and 22. References such as "run_agi in res/res_agi.c"
// name a function in Asterisk's source.
package agi
