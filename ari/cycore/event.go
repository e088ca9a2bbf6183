package cycore

import (
	"encoding/json"
	"errors"
	"slices"
	"time"

	v5 "github.com/CyCoreSystems/ari/v5"
)

// GapType is the type of a [Gap]. Subscriptions to it, and those to v5.Events.All, get gaps.
const GapType = "Gap"

// errSlow is the reason of a Gap of a subscription that nobody reads.
var errSlow = errors.New("cycore: nobody has taken the events of the subscription")

// Gap is an event that Asterisk does not send: it says that events are missing here.
type Gap struct {
	v5.EventData

	// Lost is how many, 0 if that is not known.
	Lost uint64
	// Err is why: the websocket was lost, or nobody has taken the events.
	Err error
}

func newGap(app string, lost uint64, why error) *Gap {
	return &Gap{EventData: v5.EventData{Application: app, Type: GapType, Timestamp: v5.DateTime(time.Now())}, Lost: lost, Err: why}
}

// Keys implements [v5.Event]: a gap is about everything.
func (g *Gap) Keys() v5.Keys { return v5.Keys{g.Key("", "")} }

func wantsGaps(types []string) bool {
	return slices.Contains(types, GapType) || slices.Contains(types, v5.Events.All)
}

// Unknown is an event of a type that v5 does not have, such as ChannelToneDetected. v5 itself throws these away.
type Unknown struct {
	v5.EventData

	// Channel, Bridge and Endpoint are what it is about, if anything.
	Channel  *v5.ChannelData  `json:"channel"`
	Bridge   *v5.BridgeData   `json:"bridge"`
	Endpoint *v5.EndpointData `json:"endpoint"`
	// JSON is the event as it came.
	JSON json.RawMessage `json:"-"`
}

// Keys implements [v5.Event].
func (u *Unknown) Keys() (keys v5.Keys) {
	if u.Channel != nil {
		keys = append(keys, u.Key(v5.ChannelKey, u.Channel.ID))
	}
	if u.Bridge != nil {
		keys = append(keys, u.Key(v5.BridgeKey, u.Bridge.ID))
	}
	if u.Endpoint != nil {
		keys = append(keys, u.Key(v5.EndpointKey, v5.EndpointID(u.Endpoint.Technology, u.Endpoint.Resource)))
	}
	return keys
}

// newEvent returns an empty event by its type.
func newEvent(name string) v5.Event {
	if fresh := eventTypes[name]; fresh != nil {
		return fresh()
	}
	return &Unknown{}
}

// made makes an event of one type.
func made[T any, P interface {
	*T
	v5.Event
}]() v5.Event {
	return P(new(T))
}

// eventTypes are the events of v5 (events_gen.go). Its Peer and ContactInfo are parts of events and none themselves.
var eventTypes = map[string]func() v5.Event{
	"ApplicationMoveFailed":    made[v5.ApplicationMoveFailed],
	"ApplicationReplaced":      made[v5.ApplicationReplaced],
	"BridgeAttendedTransfer":   made[v5.BridgeAttendedTransfer],
	"BridgeBlindTransfer":      made[v5.BridgeBlindTransfer],
	"BridgeCreated":            made[v5.BridgeCreated],
	"BridgeDestroyed":          made[v5.BridgeDestroyed],
	"BridgeMerged":             made[v5.BridgeMerged],
	"BridgeVideoSourceChanged": made[v5.BridgeVideoSourceChanged],
	"ChannelCallerId":          made[v5.ChannelCallerID],
	"ChannelConnectedLine":     made[v5.ChannelConnectedLine],
	"ChannelCreated":           made[v5.ChannelCreated],
	"ChannelDestroyed":         made[v5.ChannelDestroyed],
	"ChannelDialplan":          made[v5.ChannelDialplan],
	"ChannelDtmfReceived":      made[v5.ChannelDtmfReceived],
	"ChannelEnteredBridge":     made[v5.ChannelEnteredBridge],
	"ChannelHangupRequest":     made[v5.ChannelHangupRequest],
	"ChannelHold":              made[v5.ChannelHold],
	"ChannelLeftBridge":        made[v5.ChannelLeftBridge],
	"ChannelStateChange":       made[v5.ChannelStateChange],
	"ChannelTalkingFinished":   made[v5.ChannelTalkingFinished],
	"ChannelTalkingStarted":    made[v5.ChannelTalkingStarted],
	"ChannelUnhold":            made[v5.ChannelUnhold],
	"ChannelUserevent":         made[v5.ChannelUserevent],
	"ChannelVarset":            made[v5.ChannelVarset],
	"ContactStatusChange":      made[v5.ContactStatusChange],
	"DeviceStateChanged":       made[v5.DeviceStateChanged],
	"Dial":                     made[v5.Dial],
	"EndpointStateChange":      made[v5.EndpointStateChange],
	"MissingParams":            made[v5.MissingParams],
	"PeerStatusChange":         made[v5.PeerStatusChange],
	"PlaybackContinuing":       made[v5.PlaybackContinuing],
	"PlaybackFinished":         made[v5.PlaybackFinished],
	"PlaybackStarted":          made[v5.PlaybackStarted],
	"RecordingFailed":          made[v5.RecordingFailed],
	"RecordingFinished":        made[v5.RecordingFinished],
	"RecordingStarted":         made[v5.RecordingStarted],
	"StasisEnd":                made[v5.StasisEnd],
	"StasisStart":              made[v5.StasisStart],
	"TextMessageReceived":      made[v5.TextMessageReceived],
}
