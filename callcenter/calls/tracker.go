package calls

import (
	"time"

	"github.com/asterism-go/asterism/ami"
)

// Tracker makes calls of events. It is a pure state machine: no I/O, no clock, no goroutine; the same events give the same
// calls. It is not safe for concurrent use: feed it from one goroutine.
//
// An event costs a few map accesses, and one that enters or leaves a bridge a walk over those who are in it; no event
// walks over all calls. Memory is bounded by the channels that are alive and the calls that have ended within the grace
// of 5 s. A channel whose Hangup was lost stays until [Tracker.Resync] or [Tracker.Audit] finds it gone.
type Tracker struct {
	settings settings
	channels map[string]*channel       // by Uniqueid, until their call is finished
	locals   map[string]*channel       // halves of Local channels by name, live ones; names come again, ids do not
	bridges  map[string]*bridge        // by BridgeUniqueid
	linked   map[string]*call          // by the Linkedid that a channel of the call had when it was made
	visits   map[string]*visit         // open ones, by the Uniqueid of the caller
	seats    map[string]*seat          // open ones, by the Uniqueid of the member of a conference
	parked   map[string]*parking       // open ones, by the Uniqueid of who is parked
	expected map[string]func(*channel) // what is to be done with a channel that was named before it was told, by Uniqueid
	holding  map[string]*channel       // by endpoint: an extension's channel that keeps its party on hold
	placed   map[string]*channel       // by endpoint: the last one with which an extension placed a call

	doubtful map[string]*channel // by endpoint: an extension's channel that may hold since a gap

	now       time.Time // the latest time seen in the stream
	settling  []settling
	ended     []*call // in their grace, oldest first
	walk      walk
	requests  bool            // a HangupRequest was seen: they are not masked out
	keys      bool            // a DTMFEnd was seen: the class dtmf is told
	strangers map[string]bool // that the last audit found
	guessing  bool            // what happens now is taken from a snapshot
	changes   []Change        // of what is being done now
	fed       []Change        // memory of those that the last Feed has returned
	talked    []Conversation  // memory of conversations
}

// Change is one thing that has happened to a call, with the call as it was right after it.
type Change struct {
	Kind ChangeKind
	// At is when it happened, in the clock of the stream.
	At time.Time
	// Call is what was known then: nothing touches it later, and it may be kept and read in any goroutine. Its slices are
	// not to be written to, because other changes share them.
	Call Call
}

// NewTracker returns a Tracker that has seen no event.
func NewTracker(cfg Config) *Tracker {
	return &Tracker{
		settings: newSettings(cfg),
		channels: map[string]*channel{},
		locals:   map[string]*channel{},
		bridges:  map[string]*bridge{},
		linked:   map[string]*call{},
		visits:   map[string]*visit{},
		seats:    map[string]*seat{},
		parked:   map[string]*parking{},
		expected: map[string]func(*channel){},
		holding:  map[string]*channel{},
		placed:   map[string]*channel{},
		doubtful: map[string]*channel{},
	}
}

// handlers are the events that say something about calls; all others are ignored.
var handlers = map[string]func(*Tracker, ami.Message, time.Time){
	"Newchannel":         (*Tracker).newchannel,
	"Newstate":           (*Tracker).newstate,
	"Newexten":           (*Tracker).newexten,
	"VarSet":             (*Tracker).varSet,
	"DTMFEnd":            (*Tracker).dtmfEnd,
	"DialBegin":          (*Tracker).dialBegin,
	"DialEnd":            (*Tracker).dialEnd,
	"LocalBridge":        (*Tracker).localBridge,
	"BridgeEnter":        (*Tracker).bridgeEnter,
	"BridgeLeave":        (*Tracker).bridgeLeave,
	"BridgeDestroy":      (*Tracker).bridgeDestroy,
	"Hold":               (*Tracker).hold,
	"Unhold":             (*Tracker).unhold,
	"BlindTransfer":      (*Tracker).blindTransfer,
	"AttendedTransfer":   (*Tracker).attendedTransfer,
	"Pickup":             (*Tracker).pickup,
	"ParkedCall":         (*Tracker).parkedCall,
	"ParkedCallSwap":     (*Tracker).parkedCallSwap,
	"UnParkedCall":       (*Tracker).unParkedCall,
	"ParkedCallTimeOut":  (*Tracker).parkedCallTimeOut,
	"ParkedCallGiveUp":   (*Tracker).parkedCallGiveUp,
	"QueueCallerJoin":    (*Tracker).queueCallerJoin,
	"QueueCallerLeave":   (*Tracker).queueCallerLeave,
	"QueueCallerAbandon": (*Tracker).queueCallerAbandon,
	"AgentCalled":        (*Tracker).agentCalled,
	"AgentConnect":       (*Tracker).agentConnect,
	"ConfbridgeJoin":     (*Tracker).confbridgeJoin,
	"ConfbridgeLeave":    (*Tracker).confbridgeLeave,
	"ChanSpyStart":       (*Tracker).chanSpyStart,
	"ChanSpyStop":        (*Tracker).chanSpyStop,
	"MixMonitorStart":    (*Tracker).mixMonitorStart,
	"MixMonitorStop":     (*Tracker).mixMonitorStop,
	"HangupRequest":      (*Tracker).hangupRequest,
	"Hangup":             (*Tracker).hangup,
}

// Feed takes the next event and returns what it changes, in order; often nothing. arrived is used for an event without
// Timestamp (timestampevents in manager.conf). An event about a channel that the Tracker has never seen begin is ignored;
// see [Tracker.Resync].
//
// A Change may be kept, as by appending to a slice of one's own, but the slice that is returned is used again by the next
// Feed.
func (t *Tracker) Feed(event ami.Message, arrived time.Time) []Change {
	handle, ok := handlers[event.Event()]
	if !ok && len(t.settling) == 0 && len(t.ended) == 0 {
		return nil
	}
	at, timed := parseTimestamp(event.Get("Timestamp"))
	if !timed {
		at = arrived
	}
	t.changes = t.fed[:0]
	t.pass(at)
	if ok {
		handle(t, event, at)
	}
	return t.takeFed()
}

// fedLimit is the most changes that memory is kept for from one Feed to the next.
const fedLimit = 16

func (t *Tracker) takeFed() []Change {
	changes := t.changes
	t.changes, t.fed = nil, nil
	if cap(changes) <= fedLimit {
		t.fed = changes
	}
	if len(changes) == 0 {
		return nil
	}
	return changes
}

// Tick tells the Tracker what time it is when no event does, so that what waits for its time is told: ends of
// conversations after half a second, finished calls after their grace. It does no harm to call it often.
func (t *Tracker) Tick(now time.Time) []Change {
	t.changes = nil
	t.pass(now)
	return t.changes
}

func (t *Tracker) changed(kind ChangeKind, c *call, at time.Time) {
	if len(c.legs) == 0 || c.absorbed != nil { // plumbing alone is no call
		return
	}
	if kind == Started {
		c.told = true
	}
	if c.told {
		t.tell(kind, c, at, latest(at, t.now))
	}
}

// tell adds a change at a time, with the call as it is as of another. What is returned is valid until the next one is told.
func (t *Tracker) tell(kind ChangeKind, c *call, at, asOf time.Time) *Call {
	t.changes = append(t.changes, Change{Kind: kind, At: at})
	told := &t.changes[len(t.changes)-1].Call
	t.snapshot(told, c, asOf)
	return told
}

// channelOf returns the channel that the event is about, or nil if its beginning was not seen.
func (t *Tracker) channelOf(event ami.Message) *channel {
	return t.channels[event.Get("Uniqueid")]
}

// parseTimestamp reads seconds.microseconds since 1970 (manager_event in main/manager.c).
func parseTimestamp(text string) (time.Time, bool) {
	const digits = 6
	var sec, micro int64
	i := 0
	for ; i < len(text) && text[i] != '.'; i++ {
		if text[i] < '0' || text[i] > '9' || i > 12 {
			return time.Time{}, false
		}
		sec = sec*10 + int64(text[i]-'0')
	}
	if i == 0 {
		return time.Time{}, false
	}
	for n := range digits {
		micro *= 10
		if i+1+n >= len(text) {
			continue
		}
		d := text[i+1+n]
		if d < '0' || d > '9' {
			return time.Time{}, false
		}
		micro += int64(d - '0')
	}
	return time.Unix(sec, micro*1000), true
}
