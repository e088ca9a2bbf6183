package calls

import (
	"strconv"
	"strings"
	"time"

	"github.com/asterism-go/asterism/ami"
)

// Tracker makes calls of events. It is not safe for concurrent use: feed it from one goroutine. Its memory is bounded by
// the channels that are alive; a channel whose Hangup was lost stays.
type Tracker struct {
	settings settings
	channels map[string]*channel // by Uniqueid, live ones
	bridges  map[string]*bridge  // by BridgeUniqueid
	linked   map[string]*call    // by the Linkedid that a channel of the call had when it was made
	changes  []Change            // of the event that is being fed
}

// Change is one thing that has happened to a call, with the call as it was right after it.
type Change struct {
	Kind ChangeKind
	At   time.Time
	// Call is a copy: later changes do not touch it.
	Call Call
}

// NewTracker returns a Tracker that has seen no event.
func NewTracker(cfg Config) *Tracker {
	return &Tracker{
		settings: newSettings(cfg),
		channels: map[string]*channel{},
		bridges:  map[string]*bridge{},
		linked:   map[string]*call{},
	}
}

// handlers are the events that say something about calls; all others are ignored.
var handlers = map[string]func(*Tracker, ami.Message, time.Time){
	"Newchannel":    (*Tracker).newchannel,
	"Newstate":      (*Tracker).newstate,
	"DialBegin":     (*Tracker).dialBegin,
	"DialEnd":       (*Tracker).dialEnd,
	"BridgeEnter":   (*Tracker).bridgeEnter,
	"BridgeLeave":   (*Tracker).bridgeLeave,
	"BridgeDestroy": (*Tracker).bridgeDestroy,
	"Hold":          (*Tracker).hold,
	"Unhold":        (*Tracker).unhold,
	"VarSet":        (*Tracker).varSet,
	"HangupRequest": (*Tracker).hangupRequest,
	"Hangup":        (*Tracker).hangup,
}

// Feed takes the next event and returns what it changes, in order; often nothing. arrived is used for an event without
// Timestamp (timestampevents in manager.conf). An event about a channel that the Tracker has never seen begin is ignored.
func (t *Tracker) Feed(event ami.Message, arrived time.Time) []Change {
	handle, ok := handlers[event.Event()]
	if !ok {
		return nil
	}
	t.changes = nil
	at, ok := parseTimestamp(event.Get("Timestamp"))
	if !ok {
		at = arrived
	}
	handle(t, event, at)
	return t.changes
}

func (t *Tracker) changed(kind ChangeKind, c *call, at time.Time) {
	t.changes = append(t.changes, Change{Kind: kind, At: at, Call: t.snapshot(c, at)})
}

// channelOf returns the channel that the event is about, or nil if its beginning was not seen.
func (t *Tracker) channelOf(event ami.Message) *channel {
	return t.channels[event.Get("Uniqueid")]
}

// varSet keeps the variables of Config.Variables.
func (t *Tracker) varSet(event ami.Message, _ time.Time) {
	name := event.Get("Variable")
	ch := t.channelOf(event)
	if ch == nil || !t.settings.variables[name] {
		return
	}
	if ch.call.variables == nil {
		ch.call.variables = map[string]string{}
	}
	ch.call.variables[name] = event.Get("Value")
}

// parseTimestamp reads seconds.microseconds since 1970 (manager_event in main/manager.c).
func parseTimestamp(text string) (time.Time, bool) {
	whole, fraction, _ := strings.Cut(text, ".")
	sec, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	if fraction == "" {
		return time.Unix(sec, 0), true
	}
	micro, err := strconv.ParseUint((fraction + "000000")[:6], 10, 32)
	if err != nil {
		return time.Time{}, false
	}
	return time.Unix(sec, int64(micro)*1000), true
}
