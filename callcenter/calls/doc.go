// Package calls turns the events of an Asterisk manager connection into calls as a person would tell them: who called
// whom, who rang, who answered, who talked with whom and for how long, who hung up.
//
// A [Tracker] is fed the events in order and answers each with the changes that it makes:
//
//	tracker := calls.NewTracker(calls.Config{Trunks: []string{"PJSIP/provider"}})
//	for event, err := range client.Events(ctx) {
//		if err != nil {
//			return err
//		}
//		for _, change := range tracker.Feed(event, time.Now()) {
//			if change.Kind == calls.Ended {
//				fmt.Println(change.Call.Caller.Number, change.Call.Result, change.Call.TalkTime)
//			}
//		}
//	}
//
// The Tracker is a pure state machine: no I/O, no clock, no goroutine. The same events give the same calls. A Call
// marshals to JSON in the schema call/1.
//
// # What it knows so far
//
// Calls that are dialled: inbound, outbound and internal ones, ring groups and fail-over from one destination to the
// next, refusals by their reason, holds, and how each leg ended. Calls that are moved (transfer, park, pickup), queues,
// conferences, spying, Local channels that stay, calls placed by Originate, and what a lost connection hides are not told
// apart yet: such a call is reported with the legs and conversations that its plain dialling and bridging show.
//
// The rules hold for Asterisk 13 and later.
package calls
