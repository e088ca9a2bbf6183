package calls

// ChangeKind says what has changed in a call.
type ChangeKind int

// The kinds of changes. A simple call shows Started, Ringing, Connected, Talking, TalkingEnd, Ended and Finished.
//
// Each is told within a second of the stream's time after it happened. Conversations wait for half a second: for a moment
// Asterisk puts channels where they do not belong.
const (
	Started          ChangeKind = iota + 1 // the call is new
	Ringing                                // a leg rings for the first time
	Connected                              // somebody has answered
	Talking                                // a conversation has begun
	TalkingEnd                             // a conversation has ended: a hold or a hangup
	Held                                   // a leg keeps the others on hold
	Resumed                                // it does not any more
	Queued                                 // the caller has joined a queue
	Unqueued                               // the caller has left the queue
	Transferred                            // the call was transferred; see Transfer.Result for how it goes
	Parked                                 // a party waits in a parking lot
	Unparked                               // it does not any more
	PickedUp                               // a telephone has taken the call that rang elsewhere
	Joined                                 // a leg has joined a conference
	Left                                   // a leg has left it
	SpyStarted                             // somebody listens to a leg
	SpyChanged                             // somebody who listens has changed by key what the others hear
	RecordingStarted                       // the call is being recorded
	Merged                                 // the call has become part of another one
	Absorbed                               // the call never was one of its own: its leg has gone over to another, as after a pickup
	LegEnded                               // a leg has ended, and the call goes on half a second later
	Ended                                  // the last party has gone
	Corrected                              // what was told with Ended was wrong: an event came late
	Finished                               // the call is complete, and nothing is kept of it any more
)

var changeKinds = [...]string{
	Started: "started", Ringing: "ringing", Connected: "connected", Talking: "talking", TalkingEnd: "talking_end",
	Held: "held", Resumed: "resumed", Queued: "queued", Unqueued: "unqueued", Transferred: "transferred", Parked: "parked",
	Unparked: "unparked", PickedUp: "picked_up", Joined: "joined", Left: "left", SpyStarted: "spy_started", SpyChanged: "spy_changed",
	RecordingStarted: "recording_started", Merged: "merged", Absorbed: "absorbed", LegEnded: "leg_ended", Ended: "ended", Corrected: "corrected",
	Finished: "finished",
}

// String returns the kind in lower case.
func (k ChangeKind) String() string {
	if k < Started || int(k) >= len(changeKinds) {
		return "unknown"
	}
	return changeKinds[k]
}
