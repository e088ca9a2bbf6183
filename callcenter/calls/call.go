package calls

import "time"

// Call is what a person would call one call: from the first channel that was made for it until the last one has gone.
// A field that is unknown, or does not apply, has its zero value.
type Call struct {
	// ID names the call: the Uniqueid of its first channel. It never changes.
	ID string
	// Direction is seen from the telephone system: from a trunk, to a trunk, or neither.
	Direction Direction
	// Kind tells a call proper from a consultation before a transfer, and from spying.
	Kind Kind
	// Result says how the call ended; for a live call, how it would if it ended now.
	Result Result
	// Missed is set when an inbound call was answered by nobody, whatever its Result.
	Missed bool
	// Dialed is the number that the caller dialled, as it arrived in the dialplan. For a call that the system placed
	// (Originate) it is the number that the telephone rung first was to be connected to.
	Dialed string
	// Caller placed the call; Callee is whom it was for, the first thing that it came to: the telephone rung first, or the
	// group if several rang at once, or a queue, a menu, a conference, an application.
	Caller, Callee Party
	// Started is when the first leg was made, Answered when the first one of those rung answered, Ended when the last party
	// had gone.
	Started, Answered, Ended time.Time
	// AnsweredBy is the channel of the leg that answered first.
	AnsweredBy string
	// HangupBy is the channel of the leg that ended the call, or [System].
	HangupBy string
	// MergedInto is the ID of the call that this one has become part of: by an attended transfer, or because an application
	// has joined them. Its legs may live on and talk; what they do then belongs to that call.
	MergedInto string
	// TalkTime is for how long the caller talked, hold time excluded; of the first telephone, if the system called.
	TalkTime time.Duration
	// Legs are the telephones of the call, in the order in which their channels were made, the caller first.
	Legs []Leg
	// Conversations are who heard whom, in the order in which they began. A hold ends a conversation; the next one of the
	// same two begins after it. One between legs of two calls is told by the call of the older leg.
	Conversations []Conversation
	Transfers     []Transfer
	Queues        []QueueVisit
	Recordings    []Recording
	// Spies are those who listened to a leg of this call. Their own calls have the Kind Spying.
	Spies       []Spy
	Parking     []Parking
	Pickups     []Pickup
	Conferences []Conference
	Menus       []Menu
	// Voicemail is set if the caller was sent to a mailbox; the class dialplan tells.
	Voicemail *Voicemail
	// Variables are the channel variables named in [Config.Variables] that were set on a channel of the call, with the
	// last value of each.
	Variables map[string]string
	// Gaps are the pieces of the stream that were lost while the call lived. What happened in them is not known, but for
	// what a snapshot showed afterwards.
	Gaps []Gap
	// Uncertain names what is not certain, because it happened in a gap or was never told: "ended", "answered",
	// "conversations", "hold", "kind", "parties", "queues", "parking", "conferences"; and "result", "ringing" of what a
	// [Witness] has told. If Gaps is empty, everything else is certain.
	Uncertain []string
	// Filled names what a second witness has told afterwards; see [Witness]. A Tracker leaves it empty.
	Filled []Filling
}

// System is the HangupBy of a call that no party ended: the dialplan or a timeout did.
const System = "system"

// Party is one side of a call.
type Party struct {
	// Number is as Asterisk or the configuration gave it. It is empty for a caller who withholds it.
	Number string
	Name   string
	Kind   PartyKind
}

// Leg is a telephone's part of a call: one channel.
type Leg struct {
	// Channel is the channel's name and Uniqueid its id. Names come again after a restart of Asterisk, ids do not.
	Channel, Uniqueid string
	Role              Role
	// Spy is set for a leg that only listens to others: it takes no part in the call.
	Spy  bool
	Kind PartyKind // Extension or External
	// Endpoint is the channel's name without the part that numbers it, e.g. PJSIP/101.
	Endpoint     string
	Number, Name string
	// Started is when the channel was made, Ringing when it first rang, Answered when it was first up, Ended when its
	// party had gone.
	Started, Ringing, Answered, Ended time.Time
	// Outcome is empty while the leg lives.
	Outcome Outcome
	// HoldTime is for how long this leg kept the others on hold; TalkTime for how long it talked with anybody, in whatever
	// call.
	HoldTime, TalkTime time.Duration
	// Uncertain is set if a gap in the stream hides when the leg was answered or ended, or the like.
	Uncertain bool
}

// Conversation is two legs that hear each other. End is zero while they do.
type Conversation struct {
	A, B       string // channels; A is the older one
	Start, End time.Time
}

// Transfer is a call that went on with somebody else.
type Transfer struct {
	Type TransferType
	// By is the channel of who transferred; empty if no party did, as with AMI's Redirect and Bridge.
	By string
	// Transferee is who was handed on, and To to whom: the telephone that answered, else the first that rang.
	Transferee, To string
	// Number is the extension that it went to.
	Number string
	At     time.Time
	Result TransferResult
	// Consultation is the ID of the call in which the transferer had asked before.
	Consultation string
}

// QueueVisit is a caller's stay in a queue.
type QueueVisit struct {
	Queue string
	// Entered is when the caller joined the queue, Left when he was answered or gave up, or his time was up; zero while he
	// waits.
	Entered, Left time.Time
	// Outcome is empty while the caller waits.
	Outcome QueueOutcome
	// Agent is the channel of who answered: the telephone itself, not a Local channel in front of it; who picked up, if
	// somebody did.
	Agent string
	// Key is the digit by which the caller left, for the Outcome QueueExitKey.
	Key      string
	Attempts []Attempt
}

// Waited is for how long the caller has waited: until he left, or until now if he still does.
func (v *QueueVisit) Waited(now time.Time) time.Duration {
	if v.Left.IsZero() {
		return now.Sub(v.Entered)
	}
	return v.Left.Sub(v.Entered)
}

// Attempt is one ringing of a member of a queue.
type Attempt struct {
	// Channel is the telephone's; empty if the member's Local channel has rung none.
	Channel string
	// Member is the interface of the queue's member, Agent its name.
	Member, Agent string
	Offered       time.Time
	Outcome       Outcome
}

// Recording is a recording of the call by MixMonitor.
type Recording struct {
	// Files are the files as Asterisk named them; unknown without the class dialplan.
	Files      []string
	Start, End time.Time
	// By says who started it: "dialplan", "queue" or "ami"; empty if unknown.
	By string
}

// Spy is somebody who listens to a leg.
type Spy struct {
	Channel, Target string
	// Mode is that of now, or of the end. It is unknown without the class dialplan; if the spy may change it by key (the option
	// d of ChanSpy), also as long as no key of anybody was told (class dtmf), and after a gap.
	Mode SpyMode
	// Changes are those by key.
	Changes    []SpyChange
	Start, End time.Time
}

// SpyChange is a change of a spy's mode.
type SpyChange struct {
	Mode SpyMode
	At   time.Time
}

// Parking is a stay in a parking lot.
type Parking struct {
	Lot, Slot string
	Parkee    string // channel of who waits
	ParkedBy  string // the endpoint, as Asterisk names it
	At, Left  time.Time
	Outcome   ParkOutcome // empty while it lasts
	By        string      // channel of who retrieved the call
}

// Pickup is a telephone that took a call which rang elsewhere.
type Pickup struct {
	By, Ringing string // channels
	At          time.Time
}

// Conference is a meeting that a leg of the call took part in.
type Conference struct {
	Name string
	// Members are all who were in the room together with the legs of this call, those included. While the call lives they are
	// told by each change, such as [Joined] and [Left] of its legs, but of a room with more than 32 members only its own legs
	// are; conversations and talk time come with [Ended]. [Tracker.Rooms] tells who is in a room now.
	Members []ConferenceMember
}

// ConferenceMember is one stay of a leg in a conference.
type ConferenceMember struct {
	Channel      string
	Joined, Left time.Time // Left is zero while it lasts
}

// Menu is a caller's stay in a menu of the dialplan; the class dialplan tells.
type Menu struct {
	Entered, Left time.Time
	// Digits are the keys that were pressed, Chosen is where the caller went then: the arguments of Dial, or the queue.
	Digits, Chosen string
}

// Voicemail is a mailbox that the caller was sent to. Whether he left a message is not told.
type Voicemail struct {
	Mailbox, Context string
	Entered          time.Time
}

// Gap is a piece of the stream that was lost.
type Gap struct{ Start, End time.Time }
