package ari

import (
	"encoding/json"
	"fmt"
	"time"
)

// Event is an event as it came, of which only what everybody needs has been read: [Event.Decode] reads the rest. It is a
// plain value that may be kept and copied.
type Event struct {
	// Type is Asterisk's name of it, such as StasisStart.
	Type string
	// Application is the application that it is for.
	Application string
	// Channel, Bridge, Playback and Recording say what it is about: the ids of the first three and the name of the last. An
	// event may be about several, such as ChannelEnteredBridge, and those of Dial are of the channel that is being called.
	Channel, Bridge, Playback, Recording string
	// Mark says what the event is, other than one that Asterisk has just sent.
	Mark Mark

	text string
	at   string
	why  error
}

// Time is when it happened, as Asterisk says, which may be long before it came: see [App.ServeHTTP]. It is zero if that is not known.
func (e Event) Time() time.Time {
	t, _ := parseTime(e.at)
	return t
}

// JSON is the event as it came.
func (e Event) JSON() json.RawMessage { return json.RawMessage(e.text) }

// Err is why the connection was lost, or what could not be read again, if the Mark is Disconnected or ResyncEnd.
func (e Event) Err() error { return e.why }

// Decode returns the event with all of its fields: a pointer to the type that is called like it, such as *[StasisStart]. One
// that the package does not know is an *[UnknownEvent], so that nothing is lost with a newer Asterisk; a Snapshot is a
// *[ChannelSnapshot], *[BridgeSnapshot], *[Endpoint], *[LiveRecording] or *[Application]; other marks are nil.
//
//	switch e := decoded.(type) {
//	case *ari.StasisStart:
//		...
//	}
func (e Event) Decode() (any, error) {
	if e.text == "" {
		return nil, nil //nolint:nilnil // a mark has nothing to decode
	}
	var into typed
	if e.Mark == Snapshot {
		into = newSnapshot(e.Type)
	} else {
		into = newEvent(e.Type)
	}
	if into == nil {
		into = &UnknownEvent{}
	}
	d := decoder{text: e.text}
	into.decode(&d)
	if err := d.end(); err != nil {
		return nil, fmt.Errorf("ari: event %q: %w", short(e.Type), err)
	}
	return into, nil
}

// typed is any generated type, by its pointer.
type typed interface{ decode(d *decoder) }

// Header is what all events have.
type Header struct {
	// Type is Asterisk's name of the event.
	Type string
	// Application is the application that it is for, AsteriskID the Asterisk that sends it.
	Application, AsteriskID string
	// Timestamp is when it happened.
	Timestamp time.Time
	// Extra are the fields that a newer Asterisk sends.
	Extra Extra
}

func (h *Header) decodeField(d *decoder) {
	switch d.key {
	case "type":
		h.Type = d.str()
	case "application":
		h.Application = d.str()
	case "asterisk_id":
		h.AsteriskID = d.str()
	case "timestamp":
		h.Timestamp = d.time()
	default:
		h.Extra.add(d)
	}
}

// UnknownEvent is an event of a type that the package does not know: its fields are in Extra.
type UnknownEvent struct{ Header }

func (u *UnknownEvent) decode(d *decoder) {
	for ok := d.enter(); ok && d.next(); {
		u.decodeField(d)
	}
}

// ParseEvent makes an event of the JSON that Asterisk has sent: for streams that were recorded, and for events that come
// another way than over an [App].
func ParseEvent(text []byte) (Event, error) { return parseEvent(string(text)) }

// parseEvent reads what is needed to give an event to those who want it.
func parseEvent(text string) (Event, error) {
	e := Event{text: text}
	d := decoder{text: text}
	for ok := d.enter(); ok && d.next(); {
		switch d.key {
		case "type":
			e.Type = d.str()
		case "application":
			e.Application = d.str()
		case "timestamp":
			e.at = d.str()
		case "channel", "peer":
			e.Channel = d.field("id", e.Channel)
		case "bridge":
			e.Bridge = d.field("id", e.Bridge)
		case "playback":
			e.Playback = d.field("id", e.Playback)
		case "recording":
			e.Recording = d.field("name", e.Recording)
		default:
			d.skip()
		}
	}
	if err := d.end(); err != nil {
		return e, err
	}
	if e.Type == "" {
		return e, &ProtocolError{Problem: "an event without a type"}
	}
	return e, nil
}

// field takes an object and returns one of its fields, or otherwise if it does not have that.
func (d *decoder) field(name, otherwise string) string {
	if d.peek() != '{' {
		d.skip()
		return otherwise
	}
	for ok := d.enter(); ok && d.next(); {
		if d.key == name {
			otherwise = d.str()
		} else {
			d.skip()
		}
	}
	return otherwise
}
