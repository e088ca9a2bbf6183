package ami

import (
	"iter"
	"strings"
)

// Message is one message of the Manager protocol: an event, a response, or an action read back. Its headers keep their
// order, their spelling and their repetitions. A Message is immutable, so it may be kept, copied and shared between
// goroutines. The zero value is a message without headers.
//
// Keys are compared without regard to case, because Asterisk itself spells the same header in several ways (CallerIDNum
// and CallerIDnum, Uniqueid and UniqueID, BridgeUniqueid and BridgeUniqueID all occur in Asterisk 22).
//
// Values are what Asterisk meant: in the few headers whose values Asterisk escapes as C does, a \" is a " again; see
// [Message.Raw] for which they are. All other values are as on the wire.
type Message struct {
	// data is the text as it came, with the line end of its last header and without the blank line that ended it. Behind it
	// is a table of where in it the headers start: two bytes each, four if the message is wide. All in one string is one
	// allocation.
	data string
	size uint32 // of the text
	kind kind
	mark Mark
}

// kind is what is known of a message since it was read: whether its table is wide, and of the usual first headers, "Event:
// NAME" and "Response: NAME", which it is and, in the low byte, how long the name is. So nobody need look at the text for
// that: often it is in the cache of another core. It is all in one field because Go keeps a struct of more than four in
// memory, which is slower.
type kind uint16

const (
	isEvent kind = 1 << (8 + iota)
	isResponse
	isWide
	nameLength kind = 1<<8 - 1
)

const (
	eventPrefix    = "Event: "
	responsePrefix = "Response: "
)

// narrow is the last place in a text that a table of two bytes a header can name.
const narrow = 1<<16 - 1

// ParseMessage reads the text of one message, with or without the blank line that ends it. It is for text that is at hand,
// as in tests; a stream is for a [Reader]. The error is a [*ProtocolError] if there is no header, more than one message, or
// more than [DefaultMaxMessageSize] bytes.
func ParseMessage(block string) (Message, error) {
	if len(block) > DefaultMaxMessageSize {
		return Message{}, errTooLarge(DefaultMaxMessageSize)
	}
	text := []byte(block + "\r\n\r\n")
	var s scanner
	if !s.scan(text) {
		return Message{}, &ProtocolError{Problem: "a message without headers"}
	}
	if rest := strings.Trim(string(text[s.pos:]), "\r\n"); rest != "" {
		return Message{}, &ProtocolError{Problem: "text after the blank line that ends the message"}
	}
	return s.message(text), nil
}

// Len returns the number of headers.
func (m Message) Len() int {
	table := len(m.data) - int(m.size)
	if m.kind&isWide != 0 {
		return table / 4
	}
	return table / 2
}

// Get returns the value of the first header with this key, or "" if there is none.
func (m Message) Get(key string) string {
	value, _ := m.Lookup(key)
	return value
}

// Lookup returns the value of the first header with this key, and whether there is one.
func (m Message) Lookup(key string) (string, bool) {
	for i := range m.Len() {
		if m.hasKey(i, key) {
			return m.value(i), true
		}
	}
	return "", false
}

// Values returns the values of all headers with this key, in order: the lines of Output, every ChanVariable.
func (m Message) Values(key string) []string {
	var values []string
	for i := range m.Len() {
		if m.hasKey(i, key) {
			values = append(values, m.value(i))
		}
	}
	return values
}

// Raw returns the value of the first header with this key exactly as on the wire, or "" if there is none. It differs from
// [Message.Get] only where Asterisk escapes the value as C does (ast_escape_c in main/utils.c):
//   - CallerIDName and ConnectedLineName of a channel's snapshot, also with a prefix as in DestCallerIDName, and its
//     ChanVariable (ast_manager_build_channel_state_string_prefix in main/manager_channels.c);
//   - Value of VarSet (varset_to_ami in main/stasis_channels.c);
//   - Subtype and Message of PresenceStateChange (presence_state_to_ami in main/presencestate.c).
func (m Message) Raw(key string) string {
	for i := range m.Len() {
		if m.hasKey(i, key) {
			return m.raw(i)
		}
	}
	return ""
}

// All yields every header, key and value, in the order of the wire.
func (m Message) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for i := range m.Len() {
			if !yield(m.key(i), m.value(i)) {
				return
			}
		}
	}
}

// Event returns the name of the event, or "" if the message is not an event. The first header decides what a message is
// (OriginateResponse, an event, has a header Response too).
func (m Message) Event() string {
	if m.kind&isEvent != 0 {
		return m.data[len(eventPrefix) : len(eventPrefix)+int(m.kind&nameLength)]
	}
	return m.firstValue("Event")
}

// IsResponse reports whether the message is Asterisk's answer to an action: whether its first header is Response.
func (m Message) IsResponse() bool {
	return m.kind&isResponse != 0 || m.kind&isEvent == 0 && m.Len() > 0 && m.hasKey(0, "Response")
}

// Response returns the kind of answer, such as Success, Error or Goodbye, or "" if the message is not a response.
func (m Message) Response() string {
	if m.kind&isResponse != 0 {
		return m.data[len(responsePrefix) : len(responsePrefix)+int(m.kind&nameLength)]
	}
	return m.firstValue("Response")
}

// String returns the message as on the wire, without the blank line that ends it. It may hold secrets: an action such as
// Login, or what a dialplan keeps in variables.
func (m Message) String() string { return m.data[:m.size] }

// Clone returns a copy of a message that may be kept: for those of [Reader.Borrow].
func (m Message) Clone() Message {
	m.data = strings.Clone(m.data)
	return m
}

// firstValue returns the value of the first header if it has this key, or "".
func (m Message) firstValue(key string) string {
	if m.kind&(isEvent|isResponse) != 0 || m.Len() == 0 || !m.hasKey(0, key) {
		return ""
	}
	return m.raw(0)
}

// classified returns the message with the kind of its first header. Nearly always the key is spelt like this, and the line
// ends with CR LF.
func (m Message) classified() Message {
	is, prefix := isEvent, len(eventPrefix)
	if !strings.HasPrefix(m.data, eventPrefix) {
		if !strings.HasPrefix(m.data, responsePrefix) {
			return m
		}
		is, prefix = isResponse, len(responsePrefix)
	}
	end := int(m.size)
	if m.Len() > 1 {
		end = m.start(1)
	}
	end -= len("\r\n")
	if length := end - prefix; length >= 0 && length <= int(nameLength) && m.data[end] == '\r' {
		m.kind |= is | kind(length)
	}
	return m
}

// start returns where header i starts; behind the last one, where the text ends.
func (m Message) start(i int) int {
	if i == m.Len() {
		return int(m.size)
	}
	if m.kind&isWide != 0 {
		at := m.data[int(m.size)+4*i:]
		return int(uint32(at[0]) | uint32(at[1])<<8 | uint32(at[2])<<16 | uint32(at[3])<<24)
	}
	at := m.data[int(m.size)+2*i:]
	return int(at[0]) | int(at[1])<<8
}

// header returns header i without its line end. A bare LF before the blank line is a line end too.
func (m Message) header(i int) string {
	return strings.TrimSuffix(strings.TrimSuffix(m.data[m.start(i):m.start(i+1)], "\n"), "\r")
}

func (m Message) hasKey(i int, key string) bool {
	start := m.start(i)
	end := start + len(key)
	if end > int(m.size) || end < int(m.size) && m.data[end] != ':' && m.data[end] != '\r' && m.data[end] != '\n' {
		return false
	}
	found := m.data[start:end]
	if found != key && !strings.EqualFold(found, key) {
		return false
	}
	if plain := end < int(m.size) && m.data[end] == ':' && strings.IndexByte(key, ':') < 0 && !strings.HasPrefix(found, perChannel); plain {
		return true
	}
	return keyLength(m.header(i), i == 0) == len(key)
}

func (m Message) key(i int) string {
	header := m.header(i)
	return header[:keyLength(header, i == 0)]
}

// raw returns the value between the colon, with the space that Asterisk writes after it, and the line end.
func (m Message) raw(i int) string {
	header := m.header(i)
	value := strings.TrimPrefix(header[keyLength(header, i == 0):], ":")
	return strings.TrimPrefix(value, " ")
}

func (m Message) value(i int) string {
	value := m.raw(i)
	if strings.IndexByte(value, '\\') >= 0 && m.escaped(i) {
		return unescape(value)
	}
	return value
}
