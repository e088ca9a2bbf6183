// Package calls turns the events of an Asterisk manager connection into calls as a person would tell them: who called
// whom, who rang, who answered, who talked with whom and for how long, through which queue, transfer, pickup, parking lot or
// conference; missed or not; recorded where.
//
// [Follow] does it for a connected client:
//
//	tracker := calls.NewTracker(calls.Config{Trunks: []string{"PJSIP/provider"}})
//	for change, err := range calls.Follow(ctx, client, tracker) {
//		if err != nil {
//			slog.Warn("calls", "error", err)
//			continue
//		}
//		if change.Kind == calls.Ended {
//			fmt.Println(change.Call.Caller.Number, change.Call.Result, change.Call.TalkTime)
//		}
//	}
//
// A [Tracker] is a pure state machine that can be fed from anywhere else: [Player] feeds it a recording. The same events give
// the same calls, and events that are close in time may come in any order. A [Call] marshals to JSON in the schema call/1.
//
// # When a call is told
//
// Each change is told within a second of the stream's time. [Ended] comes with the last hangup; what comes later than that
// is told as [Corrected], and [Finished], 5 s later, is the last word. Metrics and a screen want Ended, a database wants
// Finished. A call that only picks up or retrieves another one is [Absorbed] by it and never ends.
//
// # Configuration
//
// What events do not show is in [Config]: which endpoints are trunks, and whose telephone each other one is. [Discover] asks
// Asterisk for it and says what it has guessed. In manager.conf, timestampevents should be yes; the user needs the classes
// call, agent (for queues), reporting (for lists), and dialplan for what only that tells: voicemail, menus, the mode of a
// spy, the file of a recording, the key by which somebody left a queue.
//
// # What is lost
//
// A connection that breaks hides events. What a snapshot shows afterwards is taken over ([Tracker.Resync]); what it does not
// show is uncertain and says so ([Call].Gaps, [Call].Uncertain). Asterisk's records, the channel event log and call detail
// records, know of calls that came and went within a gap, and of hangups in one: a [Witness] fills the calls from them, says
// what came from where ([Call].Filled), and where they disagree.
//
// # What is not known
//
//   - A blind transfer that was refused is not told by Asterisk, and is no transfer here.
//   - Whether a caller who was sent to a mailbox has left a message.
//   - Which of its calls a telephone holds, after a gap.
//   - The mode of a spy who may change it by key, unless the class dtmf is told.
//   - Without the class dialplan an inbound call that leaves a menu is "abandoned", as one that leaves an announcement.
//
// The rules hold for Asterisk 13 and later; package legacy translates what older ones tell.
package calls
