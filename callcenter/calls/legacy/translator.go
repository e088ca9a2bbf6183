package legacy

import (
	"strings"

	"github.com/asterism-go/asterism/ami"
)

// Translator translates a stream of events. The zero value has seen no event. It is not safe for concurrent use. Its memory
// is bounded by the channels that are alive.
type Translator struct {
	channels map[string]*channel // by Uniqueid as Asterisk tells it
	names    map[string]*channel // by name, as it is now
	out      []ami.Message
}

// channel is an ast_channel. Its Uniqueid stays with it when a masquerade gives it the telephone of another one.
type channel struct {
	id      string // as Asterisk tells it
	name    string
	phone   *phone
	pending ami.Message // its Newchannel, until it is known who has made it
	waiting bool
	bridged *channel
	dials   []*channel // whom it rings
}

// phone is the telephone that a channel drives now. What package calls takes for a channel is this: since Asterisk 12 name
// and id stay with it.
type phone struct {
	id, name, linkedid string
	up                 bool
	peer               *phone // whom it talked with last
}

// translators are the events that are told differently. An event that is in no list passes as it is.
var translators = map[string]func(*Translator, ami.Message){
	"Newchannel":        (*Translator).newchannel,
	"Newstate":          (*Translator).newstate,
	"Newexten":          (*Translator).newexten,
	"Rename":            (*Translator).rename,
	"Masquerade":        (*Translator).masquerade,
	"Dial":              (*Translator).dial,
	"Bridge":            (*Translator).bridge,
	"Link":              (*Translator).link,
	"Unlink":            (*Translator).unlink,
	"LocalBridge":       (*Translator).localBridge,
	"Hold":              (*Translator).hold,
	"Transfer":          (*Translator).transfer,
	"Pickup":            (*Translator).pickup,
	"Join":              (*Translator).join,
	"Leave":             (*Translator).leave,
	"AgentCalled":       (*Translator).agentCalled,
	"AgentConnect":      (*Translator).agentConnect,
	"ParkedCall":        (*Translator).parked,
	"UnParkedCall":      (*Translator).parked,
	"ParkedCallTimeOut": (*Translator).parked,
	"ParkedCallGiveUp":  (*Translator).parked,
	"ConfbridgeJoin":    (*Translator).confbridge,
	"ConfbridgeLeave":   (*Translator).confbridge,
	"MeetmeJoin":        (*Translator).meetme,
	"MeetmeLeave":       (*Translator).meetme,
	"ChanSpyStart":      (*Translator).spy,
	"ChanSpyStop":       (*Translator).spy,
	"Hangup":            (*Translator).hangup,
}

// Translate returns the events of today that say the same; none, if it has to be seen first what comes next.
func (t *Translator) Translate(event ami.Message) []ami.Message {
	if t.channels == nil {
		t.channels, t.names = map[string]*channel{}, map[string]*channel{}
	}
	t.out = nil
	if translate := translators[event.Event()]; translate != nil {
		translate(t, event)
		return t.out
	}
	if ch := t.channel(event); ch != nil {
		t.show(ch)
		t.pass(event, ch)
		return t.out
	}
	return []ami.Message{event}
}

// channel returns the channel that an event is about.
func (t *Translator) channel(event ami.Message) *channel {
	if ch := t.channels[event.Get("Uniqueid")]; ch != nil {
		return ch
	}
	return t.names[modern(event.Get("Channel"))]
}

// modern writes the halves of a Local channel as ;1 and ;2; Asterisk 1.4 has ,1 and ,2.
func modern(name string) string {
	if n := len(name); strings.HasPrefix(name, "Local/") && n > 2 && name[n-2] == ',' {
		return name[:n-2] + ";" + name[n-1:]
	}
	return name
}

// newchannel waits: nothing in it tells who has made the channel, but a Dial that follows does.
func (t *Translator) newchannel(event ami.Message) {
	id := event.Get("Uniqueid")
	if id == "" || t.channels[id] != nil {
		return
	}
	name := modern(event.Get("Channel"))
	ch := &channel{id: id, name: name, phone: &phone{id: id, name: name}, pending: event, waiting: true}
	t.channels[id], t.names[name] = ch, ch
	if other := t.otherHalf(name); other != nil && !other.waiting {
		ch.phone.linkedid = other.phone.linkedid
		t.show(ch)
	}
}

func (t *Translator) otherHalf(name string) *channel {
	if !strings.HasPrefix(name, "Local/") || len(name) < 2 {
		return nil
	}
	stem := name[:len(name)-1]
	if strings.HasSuffix(name, "1") {
		return t.names[stem+"2"]
	}
	return t.names[stem+"1"]
}

// show tells of a channel that was waited for. Unless somebody has made it, it has come by itself.
func (t *Translator) show(ch *channel) {
	if !ch.waiting {
		return
	}
	ch.waiting = false
	p := ch.phone
	if other := t.otherHalf(ch.name); p.linkedid == "" && other != nil {
		p.linkedid = other.phone.linkedid
	}
	if p.linkedid == "" {
		p.linkedid = p.id
	}
	e := ch.pending
	ch.pending = ami.Message{}
	t.emit(e, "Newchannel", "Channel", p.name, "Uniqueid", p.id, "Linkedid", p.linkedid,
		"ChannelStateDesc", e.Get("ChannelStateDesc")+e.Get("State"), "CallerIDNum", first(e, "CallerIDNum", "CallerID"),
		"CallerIDName", e.Get("CallerIDName"), "Context", e.Get("Context"), "Exten", e.Get("Exten"))
	if other := t.otherHalf(ch.name); other != nil && other.waiting {
		other.phone.linkedid = p.linkedid
		t.show(other)
	}
}

// first is the first of some headers that has a value.
func first(event ami.Message, keys ...string) string {
	for _, key := range keys {
		if value := event.Get(key); value != "" {
			return value
		}
	}
	return ""
}

// emit writes an event of today: its name, the time of the event that it is made of, and pairs of keys and values.
func (t *Translator) emit(from ami.Message, name string, pairs ...string) {
	var b strings.Builder
	b.WriteString("Event: " + name + "\r\n")
	if at := from.Get("Timestamp"); at != "" {
		b.WriteString("Timestamp: " + at + "\r\n")
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			b.WriteString(pairs[i] + ": " + pairs[i+1] + "\r\n")
		}
	}
	if message, err := ami.ParseMessage(b.String()); err == nil {
		t.out = append(t.out, message)
	}
}

// pass writes an event as it is, about the telephone that the channel drives now.
func (t *Translator) pass(event ami.Message, ch *channel) {
	var pairs []string
	for key, value := range event.All() {
		switch strings.ToLower(key) {
		case "event", "timestamp":
		case "uniqueid":
			pairs = append(pairs, "Uniqueid", ch.phone.id)
		case "channel":
			pairs = append(pairs, "Channel", ch.phone.name)
		default:
			pairs = append(pairs, key, value)
		}
	}
	t.emit(event, event.Event(), pairs...)
}

func (t *Translator) newstate(event ami.Message) {
	ch := t.channel(event)
	if ch == nil {
		return
	}
	state := first(event, "ChannelStateDesc", "State")
	if state == "Down" || state == "Rsrvd" {
		return
	}
	ch.phone.up = ch.phone.up || state == "Up"
	t.show(ch)
	t.emit(event, "Newstate", "Channel", ch.phone.name, "Uniqueid", ch.phone.id, "ChannelStateDesc", state)
}

func (t *Translator) newexten(event ami.Message) {
	if ch := t.channel(event); ch != nil {
		t.show(ch)
		t.emit(event, "Newexten", "Channel", ch.phone.name, "Uniqueid", ch.phone.id, "Context", event.Get("Context"),
			"Exten", event.Get("Extension"), "Application", event.Get("Application"), "AppData", event.Get("AppData"))
	}
}

func (t *Translator) hangup(event ami.Message) {
	ch := t.channel(event)
	if ch == nil {
		return
	}
	t.show(ch)
	t.part(event, ch)
	t.emit(event, "Hangup", "Channel", ch.phone.name, "Uniqueid", ch.phone.id, "Cause", event.Get("Cause"))
	delete(t.channels, ch.id)
	if t.names[ch.name] == ch {
		delete(t.names, ch.name)
	}
}
