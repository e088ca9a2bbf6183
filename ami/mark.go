package ami

import (
	"fmt"
	"strings"
)

// Mark says what a message that [Client.Events] yields is, other than an event that Asterisk has just sent. A mark cannot be
// forged by what Asterisk sends, as a name of an event can.
type Mark uint8

const (
	// Live is an event as it happens.
	Live Mark = iota
	// Disconnected says that the connection was lost here, and that events are missing until the next ResyncBegin. Its
	// Event is Disconnected; its header Cause says why.
	Disconnected
	// ResyncBegin says that the state of Asterisk, as far as Client.Snapshots asks for it, follows: a model forgets what it
	// knows. Live events come in between, those that happened meanwhile too. A ResyncBegin may follow another one without
	// a ResyncEnd between them, if the connection was lost again: then only the last one counts. Its Event is Resync, its
	// header Phase Begin.
	ResyncBegin
	// Snapshot is an item of a list that describes the state of Asterisk, between ResyncBegin and ResyncEnd.
	Snapshot
	// ResyncEnd says that the state of Asterisk is complete: a model is true again. Its Event is Resync, its header Phase
	// End. For each list that Asterisk refused, for lack of a right or of a module, it has a header Refused with the name of
	// the action and Asterisk's words.
	ResyncEnd
)

var markNames = [...]string{
	Live: "live", Disconnected: "disconnected", ResyncBegin: "resync begin", Snapshot: "snapshot", ResyncEnd: "resync end",
}

// String returns the mark in lower case.
func (m Mark) String() string {
	if int(m) >= len(markNames) {
		return "unknown"
	}
	return markNames[m]
}

// Mark returns what the message is in the stream of [Client.Events]. That of messages from elsewhere is Live.
func (m Message) Mark() Mark { return m.mark }

// marked returns the message with a mark.
func (m Message) marked(mark Mark) Message {
	m.mark = mark
	return m
}

// announce makes a message of the client's own.
func announce(mark Mark, headers ...Header) Message {
	var b strings.Builder
	for _, h := range headers {
		fmt.Fprintf(&b, "%s: %s\r\n", h.Key, oneLine(h.Value))
	}
	m, err := ParseMessage(b.String())
	if err != nil {
		panic(err) // it has headers, and not too many
	}
	return m.marked(mark)
}

// oneLine returns a text without anything that ends a line, and of bounded length.
func oneLine(text string) string {
	const most = 512
	text = strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, text)
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "")
	}
	return text
}

// with returns the message with one more header at its end.
func (m Message) with(key, value string) Message {
	changed, err := ParseMessage(strings.TrimRight(m.String(), "\r\n") + "\r\n" + key + ": " + oneLine(value))
	if err != nil {
		return m // over the limit of a message's size
	}
	return changed.marked(m.mark)
}
