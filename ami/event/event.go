package event

import (
	"strings"
	"sync"
	"time"

	"github.com/asterism-go/asterism/ami"
)

// Event is an event that was decoded: a pointer to one of the structs of this package. A type switch tells them apart.
// Events must not be changed by those who share them.
type Event interface {
	// Message returns the event as it came, with all its headers; its Event is the name as on the wire.
	Message() ami.Message
	// Timestamp is when Asterisk made the event: the zero time if it does not say, which it does with timestampevents = yes
	// in manager.conf and, for events of lists, never.
	Timestamp() time.Time
	// Err says which fields had a value that is not of their type: errors.Join of one [*FieldError] for each. Those fields
	// have their zero value.
	Err() error
	// Unmapped returns the headers that the struct has no field for, in order: what a newer Asterisk adds, and those of a
	// [UserEvent]. Of a header that should not repeat and does, the first is in its field and the others are here.
	Unmapped() []ami.Header
}

// decoder is what all events are.
type decoder interface {
	Event
	// set reads one header; false says that there is no field for it.
	set(key, value string) bool
	base() *Base
	// wireName returns the event's name; it can be called on nil.
	wireName() string
}

// Base is what all events have. It is embedded in each.
type Base struct {
	message  ami.Message
	unmapped []ami.Header
	problems []error
	channel  string // of the ChanVariable that is being read
}

// Message returns the event as it came.
func (b *Base) Message() ami.Message { return b.message }

// Unmapped returns the headers without a field, in order.
func (b *Base) Unmapped() []ami.Header { return b.unmapped }

func (b *Base) base() *Base { return b }

// Unknown is an event that this package does not know. All its headers are unmapped.
type Unknown struct {
	Base
}

func (e *Unknown) set(_, _ string) bool { return false }

func (e *Unknown) wireName() string { return "" }

// Decode returns the event typed. It never fails: an event that is not known is an [*Unknown], as is a message that is no
// event; a header that is not known is Unmapped; and what has a wrong value is told by Err.
func Decode(m ami.Message) Event {
	d := create(m.Event())
	fill(d, m)
	return d
}

// As returns the event typed if it is a T:
//
//	if hangup, ok := event.As[event.Hangup](m); ok {
//
// It costs next to nothing if it is another event.
func As[T any](m ami.Message) (*T, bool) {
	named, ok := any((*T)(nil)).(decoder)
	if !ok || !strings.EqualFold(m.Event(), named.wireName()) {
		return nil, false
	}
	e := new(T)
	fill(any(e).(decoder), m)
	return e, true
}

// create returns an empty event of this name.
func create(name string) decoder {
	if d := blank(name); d != nil {
		return d
	}
	if info, ok := Lookup(name); ok {
		return blank(info.Name)
	}
	return new(Unknown)
}

// fill reads the headers of the message into the event.
func fill(d decoder, m ami.Message) {
	b := d.base()
	b.message = m
	f := fillers.Get().(*filler)
	f.decoder, f.message, f.headers, f.seen = d, m, 0, seen{}
	m.All()(f.each)
	f.decoder, f.message = nil, ami.Message{}
	fillers.Put(f)
}

// filler reads headers into an event. One is used again and again, because it would cost more than the event itself.
type filler struct {
	decoder decoder
	message ami.Message
	headers int
	seen    seen
	each    func(key, value string) bool // the method next
}

var fillers = sync.Pool{New: func() any {
	f := new(filler)
	f.each = f.next
	return f
}}

func (f *filler) next(key, value string) bool {
	f.headers++
	switch {
	case f.headers == 1: // Event
	case !f.repeatable(key) && f.seen.before(f.message, key),
		!f.decoder.set(key, value) && !shared(key) && !readOther(f.decoder, key, value):
		b := f.decoder.base()
		b.unmapped = append(b.unmapped, ami.Header{Key: key, Value: value})
	}
	return true
}

// readOther reads a header whose key is not as set knows it: in another spelling, or with a channel in parentheses.
func readOther(d decoder, key, value string) bool {
	if name, channel, ok := strings.Cut(key, "("); ok && strings.HasSuffix(channel, ")") {
		b := d.base()
		b.channel = strings.TrimSuffix(channel, ")")
		done := d.set(name, value)
		b.channel = ""
		return done
	}
	for _, spelled := range spellings()[strings.ToLower(key)] {
		if spelled != key && d.set(spelled, value) {
			return true
		}
	}
	return false
}

// spellings are the keys of all fields by their form in lower case.
var spellings = sync.OnceValue(func() map[string][]string {
	found := map[string][]string{}
	for key := range strings.Lines(keys) {
		key = strings.TrimSuffix(key, "\n")
		folded := strings.ToLower(key)
		found[folded] = append(found[folded], key)
	}
	return found
})

// shared reports whether the header is one that any event can have and that is no field.
func shared(key string) bool {
	switch key {
	case "Privilege", "Timestamp", "ActionID", "SystemName", "EventList", "ListItems", "SequenceNumber", "File", "Line", "Func":
		return true
	}
	return false
}

// repeatable reports whether the header may come more than once in the event.
func (f *filler) repeatable(key string) bool {
	if key == "Variable" {
		_, ok := f.decoder.(*Status) // the variables that the action asks for
		return ok
	}
	return strings.HasSuffix(key, "ChanVariable") || strings.HasSuffix(key, ")") && strings.Contains(key, "ChanVariable(")
}

// seen is a set of keys of one message: a bit for each of 2048 hashes.
type seen [32]uint64

// before reports whether the key was in the message before, and adds it.
func (s *seen) before(m ami.Message, key string) bool {
	h := uint(len(key))
	for i := range min(len(key), 24) {
		h = h*31 + uint(key[i]|0x20)
	}
	h ^= h >> 9
	word, bit := h/64%uint(len(s)), uint64(1)<<(h%64)
	if s[word]&bit == 0 {
		s[word] |= bit
		return false
	}
	return len(m.Values(key)) > 1
}
