package calls

// Direction is the direction of a call, seen from the telephone system.
type Direction string

// The directions of a call.
const (
	Inbound  Direction = "inbound"  // from a trunk
	Outbound Direction = "outbound" // from an extension to a trunk
	Internal Direction = "internal" // between extensions, or from an extension to an application
)

// Result says how a call ended.
type Result string

// The results of a call.
const (
	Answered  Result = "answered"  // one of those rung answered
	Missed    Result = "missed"    // inbound, and nobody answered
	Busy      Result = "busy"      // everybody rung was busy
	NoAnswer  Result = "no_answer" // outbound or internal, it rang, and nobody answered
	Failed    Result = "failed"    // it never rang: congestion, a wrong number, an unreachable telephone
	Abandoned Result = "abandoned" // inbound: the caller left an application before anybody was rung
	Automated Result = "automated" // only an application answered
)

// PartyKind says what kind of party is meant.
type PartyKind string

// The kinds of parties.
const (
	External    PartyKind = "external"    // beyond a trunk
	Extension   PartyKind = "extension"   // a telephone of this system
	Group       PartyKind = "group"       // several that were rung at once
	Application PartyKind = "application" // an announcement, a menu: no person
)

// Role says what part a leg has in its call.
type Role string

// The roles of a leg.
const (
	Caller Role = "caller"
	Callee Role = "callee"
)

// Outcome says how a leg ended.
type Outcome string

// The outcomes of a leg. All but LegAnswered, LegCancelled and LegNotAnswered are those of a leg that was rung.
const (
	LegAnswered          Outcome = "answered"
	LegAnsweredElsewhere Outcome = "answered_elsewhere" // another one that rang at the same time answered
	LegBusy              Outcome = "busy"
	LegDeclined          Outcome = "declined"
	LegNoAnswer          Outcome = "no_answer"   // it rang until the system gave up
	LegCancelled         Outcome = "cancelled"   // the caller gave up
	LegCongestion        Outcome = "congestion"  // the network refused
	LegUnavailable       Outcome = "unavailable" // the telephone is not registered or not reachable
	LegFailed            Outcome = "failed"
	LegNotAnswered       Outcome = "not_answered" // a caller whom the system refused
)

// ChangeKind says what has changed in a call.
type ChangeKind int

// The kinds of changes, in the order in which a simple call shows them.
const (
	Started    ChangeKind = iota + 1 // the call is new
	Ringing                          // a leg rings for the first time
	Connected                        // one of those rung has answered
	Talking                          // a conversation has begun
	TalkingEnd                       // a conversation has ended: a hold or a hangup
	Ended                            // the call is complete and will not change any more
)

var changeKinds = [...]string{
	Started: "started", Ringing: "ringing", Connected: "connected", Talking: "talking", TalkingEnd: "talking_end", Ended: "ended",
}

// String returns the kind in lower case.
func (k ChangeKind) String() string {
	if k < Started || k > Ended {
		return "unknown"
	}
	return changeKinds[k]
}
