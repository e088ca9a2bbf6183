package calls

// Direction is the direction of a call, seen from the telephone system.
type Direction string

// The directions of a call.
const (
	Inbound  Direction = "inbound"  // from a trunk
	Outbound Direction = "outbound" // to a trunk, from an extension or the system
	Internal Direction = "internal" // between extensions, or from an extension to an application
)

// Kind tells what a call is for.
type Kind string

// The kinds of calls.
const (
	Ordinary     Kind = "call"
	Consultation Kind = "consultation" // placed while its telephone held another call
	Spying       Kind = "spy"          // placed to listen to another call
)

// Result says how a call ended.
type Result string

// The results of a call.
const (
	Answered      Result = "answered"  // one of those rung answered, or the caller was in a conference
	Missed        Result = "missed"    // inbound, and nobody answered
	Busy          Result = "busy"      // everybody rung was busy
	NoAnswer      Result = "no_answer" // outbound or internal, it rang, and nobody answered
	Failed        Result = "failed"    // it never rang: congestion, a wrong number, an unreachable telephone
	Abandoned     Result = "abandoned" // inbound: the caller left a queue or a menu before anybody answered
	VoicemailLeft Result = "voicemail" // the caller was sent to a mailbox
	Automated     Result = "automated" // only an application answered
)

// PartyKind says what kind of party is meant.
type PartyKind string

// The kinds of parties.
const (
	External        PartyKind = "external"    // beyond a trunk
	Extension       PartyKind = "extension"   // a telephone of this system
	Group           PartyKind = "group"       // several that were rung at once
	QueueParty      PartyKind = "queue"       // a queue
	MenuParty       PartyKind = "ivr"         // a menu
	ConferenceParty PartyKind = "conference"  // a conference room
	Application     PartyKind = "application" // an announcement, an echo test: no person
	SystemParty     PartyKind = "system"      // the telephone system, which placed the call by itself
)

// Role says what part a leg has in its call.
type Role string

// The roles of a leg.
const (
	Caller         Role = "caller"
	Callee         Role = "callee"
	Agent          Role = "agent"           // rung by a queue
	TransferTarget Role = "transfer_target" // rung for a transfer
	Picker         Role = "pickup"          // it picked the call up
	Retriever      Role = "retriever"       // it took the call from a parking lot
	Listener       Role = "spy"
	Participant    Role = "participant" // of a conference
)

// Outcome says how a leg ended.
type Outcome string

// The outcomes of a leg. All but LegAnswered, LegCancelled and LegNotAnswered are those of a leg that was rung.
const (
	LegAnswered          Outcome = "answered"
	LegAnsweredElsewhere Outcome = "answered_elsewhere" // another one that rang at the same time answered
	LegPickedUp          Outcome = "picked_up"          // another one took the call
	LegRedirected        Outcome = "redirected"         // its telephone sent the call elsewhere
	LegBusy              Outcome = "busy"
	LegDeclined          Outcome = "declined"
	LegNoAnswer          Outcome = "no_answer"   // it rang until the system gave up
	LegCancelled         Outcome = "cancelled"   // the caller gave up
	LegCongestion        Outcome = "congestion"  // the network refused
	LegUnavailable       Outcome = "unavailable" // the telephone is not registered or not reachable
	LegFailed            Outcome = "failed"
	LegNotAnswered       Outcome = "not_answered" // a caller whom the system refused
)

// TransferType says how a call was transferred.
type TransferType string

// The types of transfers.
const (
	Blind      TransferType = "blind"    // to an extension
	Attended   TransferType = "attended" // after asking, or while the target rings
	Redirected TransferType = "redirect" // by AMI's Redirect: nobody of the call did it
	Bridged    TransferType = "bridge"   // two calls were joined, by AMI's Bridge or an application
)

// TransferResult says how a transfer went.
type TransferResult string

// The results of a transfer.
const (
	Completed      TransferResult = "completed"    // the transferee talks with the target
	NotAnswered    TransferResult = "not_answered" // nobody answered, or not yet
	Returned       TransferResult = "returned"     // the transferer took the transferee back
	TransferFailed TransferResult = "failed"
)

// QueueOutcome says how a caller left a queue.
type QueueOutcome string

// The outcomes of a visit to a queue.
const (
	QueueAnswered  QueueOutcome = "answered"
	QueueAbandoned QueueOutcome = "abandoned" // the caller hung up
	QueueTimeout   QueueOutcome = "timeout"   // his time was up, or the queue sent him on
	QueueExitKey   QueueOutcome = "exit_key"  // he pressed a key
	QueueEmpty     QueueOutcome = "empty"     // no member was left
)

// SpyMode says what a spy's target and its party hear.
type SpyMode string

// The modes of spying.
const (
	Listen  SpyMode = "listen"  // nothing
	Whisper SpyMode = "whisper" // the target hears the spy
	Barge   SpyMode = "barge"   // both do
)

// ParkOutcome says how a stay in a parking lot ended.
type ParkOutcome string

// The outcomes of parking.
const (
	Retrieved     ParkOutcome = "retrieved"
	ParkTimeout   ParkOutcome = "timeout"   // the call went back to who had parked it
	ParkAbandoned ParkOutcome = "abandoned" // the parked party hung up
)
