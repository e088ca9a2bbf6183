package ari

// Mark says what an event that [App.Events] yields is, other than one that Asterisk has just sent.
type Mark uint8

const (
	// Live is an event as it happens, or that Asterisk has kept while nobody was there.
	Live Mark = iota
	// Disconnected says that the websocket was lost here. If the App dials, events are missing until the next ResyncBegin.
	Disconnected
	// ResyncBegin says that the state of Asterisk follows, as far as App.Snapshots asks for it: a model forgets what it knows.
	// Nothing else comes in between but events that are Gone.
	ResyncBegin
	// Snapshot is a part of the state of Asterisk, between ResyncBegin and ResyncEnd. Its Type is Channel, Bridge,
	// Endpoint, LiveRecording or Application.
	Snapshot
	// Gone is an event that Asterisk has not sent: a StasisEnd for a channel that was in the application before the
	// connection was lost and is not any more. Its Time is when that was found. One behind a Snapshot says that Asterisk's list
	// was older than its events: see [App.Resync].
	Gone
	// ResyncEnd says that the state of Asterisk is complete: a model is true again. Its Err says what could not be read.
	ResyncEnd
)

var markNames = [...]string{
	Live: "live", Disconnected: "disconnected", ResyncBegin: "resync begin", Snapshot: "snapshot", Gone: "gone", ResyncEnd: "resync end",
}

// String returns the mark in lower case.
func (m Mark) String() string {
	if int(m) >= len(markNames) {
		return "unknown"
	}
	return markNames[m]
}
