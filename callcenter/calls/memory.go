package calls

import "strings"

// What lives costs the garbage collector time again and again, and the more of it there is, the more each event costs. So
// the pieces are few: what nearly every call has is part of the memory of its call, and the strings of a channel are in one.
// And no piece is bigger than 512 bytes, because the collector looks through those of up to that size several times as fast
// (heapBitsInSpan in runtime/mbitmap.go): a channel and a call are two pieces each, one always there with the other.

// callMemory is memory of a call for the first of what it has. What is bigger, or comes later, has memory of its own.
type callMemory struct {
	members, legs [2]*channel
	linkedids     [1]string
	talks         [1]*talk
	talk          talk
}

// callMoreMemory is the same in its other piece.
type callMoreMemory struct {
	dial     dial
	bridge   bridge
	inBridge [2]*channel
}

// channelMemory is the same for a channel.
type channelMemory struct {
	dials       [1]*dial
	talks, open [1]*talk
}

func newCall(id string) *call {
	c := &call{id: id, callMore: &callMore{}}
	m := &c.memory
	c.members, c.legs, c.talks = m.members[:0], m.legs[:0], m.talks[:0]
	c.linkedids = append(m.linkedids[:0], id)
	return c
}

// newDial and newTalk return memory that is to be filled at once.
func (c *call) newDial() *dial {
	if own := &c.callMore.memory.dial; own.dest == nil {
		return own
	}
	return new(dial)
}

func (c *call) newTalk() *talk {
	if own := &c.memory.talk; own.a == nil {
		return own
	}
	return new(talk)
}

// newBridge has memory of the call whose channel enters it first.
func (c *call) newBridge(id string) *bridge {
	if own := &c.callMore.memory.bridge; own.id == "" {
		own.id, own.members = id, c.callMore.memory.inBridge[:0]
		return own
	}
	return &bridge{id: id}
}

func newChannel(uniqueid, name string) *channel {
	ch := &channel{
		uniqueid: uniqueid, name: name, endpoint: endpointOf(name), plumbing: IsPlumbing(name), channelMore: &channelMore{},
	}
	m := &ch.memory
	ch.dials, ch.talks, ch.open = m.dials[:0], m.talks[:0], m.open[:0]
	return ch
}

// keep copies texts that are kept, all into one, so that they do not keep the whole message.
func keep(texts ...*string) {
	size := 0
	for _, text := range texts {
		size += len(*text)
	}
	var all strings.Builder
	all.Grow(size)
	for _, text := range texts {
		all.WriteString(*text)
	}
	rest := all.String()
	for _, text := range texts {
		size = len(*text)
		*text, rest = rest[:size], rest[size:]
	}
}

// replace copies a value that is kept, unless the field has it already.
func replace(field *string, value string) {
	if *field != value {
		*field = strings.Clone(value)
	}
}

// usual are values that come again and again: statuses of DialEnd (main/dial.c, apps/app_dial.c), hangup causes
// (include/asterisk/causes.h).
var usual = map[string]string{
	"ANSWER": "ANSWER", "NOANSWER": "NOANSWER", "BUSY": "BUSY", "CANCEL": "CANCEL", "CONGESTION": "CONGESTION",
	"CHANUNAVAIL": "CHANUNAVAIL",
	"0":           "0", "16": "16", "17": "17", "19": "19", "21": "21", "26": "26", "32": "32", "34": "34", "127": "127",
}

// keepUsual is a copy of a value that is kept, which shares the memory of the usual ones.
func keepUsual(value string) string {
	if same, ok := usual[value]; ok {
		return same
	}
	return strings.Clone(value)
}
