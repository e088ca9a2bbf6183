package calls

import "fmt"

// Verdict is how a record of Asterisk's and a call agree. Every one but Agrees and Unexplained is a class of
// disagreement that has a reason, which [Verdict.Explain] gives.
type Verdict string

// The verdicts on call detail records and on rows of the channel event log.
const (
	Agrees Verdict = "agrees"
	// Unseen: no call has the channel. It came and went in a gap; [Witness.Report] makes a call of it.
	Unseen Verdict = "unseen"
	// InGap: the call is uncertain about it, because the stream had a gap. [Witness.Report] fills it.
	InGap Verdict = "in_gap"
	// Unexplained: none of the others. Either the record or the call is wrong in a way that is not known.
	Unexplained Verdict = "unexplained"
)

// The verdicts on call detail records only.
const (
	// HalfRecord: one of the channels is half of a Local channel, no telephone.
	HalfRecord Verdict = "local_half"
	// ByApplication: the record is answered because an application was: a queue, a menu, an announcement, a conference.
	ByApplication Verdict = "application"
	// WasWaiting: the record of a telephone that only rang is answered, because the one who called it was up already.
	WasWaiting Verdict = "caller_was_up"
	// Moved: the record of two who talked is not answered, or of two others: it was closed when the call was moved.
	Moved Verdict = "moved"
)

// The verdicts on rows of the channel event log only: what it does not tell.
const (
	// RingUntold: rows do not tell ringing, so a telephone that rang and one that was never reached are the same.
	RingUntold Verdict = "ringing_untold"
	// HoldUntold: rows do not tell holds. Those who are held talk on, and a call placed meanwhile is no consultation.
	HoldUntold Verdict = "hold_untold"
	// DialplanUntold: rows do not tell menus and spies.
	DialplanUntold Verdict = "dialplan_untold"
	// QueueUntold: rows tell a queue only by the members that it rang, and not how a caller left it.
	QueueUntold Verdict = "queue_untold"
	// NumberUntold: rows do not tell the number that was dialled, if nobody answered.
	NumberUntold Verdict = "number_untold"
	// UpForAMoment: a telephone was up, but the caller had gone or was not let through; rows do not tell which.
	UpForAMoment Verdict = "up_for_a_moment"
	// NotEnded: the rows end before the call, as when Asterisk has crashed.
	NotEnded Verdict = "not_ended"
	// Incomplete: the rows begin after the call.
	Incomplete Verdict = "incomplete"
)

// explanations are the reasons as sentences.
var explanations = map[Verdict]string{
	Agrees:         "both say the same",
	Unseen:         "the stream of events never told of this channel: it came and went in a gap",
	InGap:          "it happened in a gap of the stream, so the call does not know it",
	Unexplained:    "there is no reason known why they differ",
	HalfRecord:     "the record is of half of a Local channel, which is no telephone",
	ByApplication:  "an application answered, which counts for the record and not for the call",
	WasWaiting:     "the caller was up already, so the record of a telephone that only rang is answered",
	Moved:          "the record was closed, or given to others, when the call was moved",
	RingUntold:     "the channel event log does not tell ringing",
	HoldUntold:     "the channel event log does not tell holds",
	DialplanUntold: "the channel event log tells of menus and spies nothing",
	QueueUntold:    "the channel event log tells of a queue only whom it rang",
	NumberUntold:   "the channel event log has no row with the number that was dialled",
	UpForAMoment:   "a telephone was up for a moment, and the channel event log does not tell whether the caller was let through",
	NotEnded:       "the channel event log ends before the call",
	Incomplete:     "the channel event log begins after the call",
}

// Explain returns the reason as a sentence without a full stop.
func (v Verdict) Explain() string { return explanations[v] }

// The sources of a second witness.
const (
	FromCEL = "cel" // the channel event log
	FromCDR = "cdr" // call detail records
)

// Disagreement is something that a call and a record tell differently.
type Disagreement struct {
	Verdict Verdict
	Source  string // FromCEL or FromCDR
	Call    string // its ID; for Unseen, that of the record
	// What differs, e.g. "result", or "ended" with the channel after it.
	What string
	// Told is what the call says, Recorded what the record does.
	Told, Recorded string
}

// String tells it as a sentence.
func (d Disagreement) String() string {
	return fmt.Sprintf("call %s: %s: told %q, recorded (%s) %q: %s", d.Call, d.What, d.Told, d.Source, d.Recorded, d.Verdict.Explain())
}

// Filling is something that the stream of events did not tell of a call, and a second witness did. From call detail
// records it is to the second, and stays in [Call].Uncertain.
type Filling struct {
	// What it is: a name as in [Call].Uncertain, "legs", or "call" for one that only records tell of.
	What   string
	Source string // FromCEL or FromCDR
}

// Report is what a [Witness] has found.
type Report struct {
	// Calls are those that have gained by it, with [Call].Filled: calls that were given, with what a gap had hidden, and
	// calls that only records tell of.
	Calls []Call
	// Disagreements are all but those of the verdict Agrees.
	Disagreements []Disagreement
	// Counts is how many records and calls there were of each verdict: each call detail record counts once, each
	// call that the channel event log tells of once for each thing that differs, or once as Agrees.
	Counts map[Verdict]int
}
