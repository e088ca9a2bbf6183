package calls

import (
	"strings"
	"time"

	"github.com/asterism-go/asterism/ami"
)

// channel is what is known of a channel. It is kept until its call is finished. It has two pieces of memory: see memory.go.
type channel struct {
	uniqueid, name string
	endpoint       string
	party          Party
	call           *call
	partner        *channel // the other half of a Local channel

	plumbing   bool
	external   bool // its endpoint is a trunk
	dialed     bool // something rang it; else it placed the call
	originated bool // the system rang it by itself (Originate)
	placing    bool // it came from outside the dialplan: its Uniqueid was its Linkedid
	picked     bool // another one picked its call up
	retrieved  bool // it took a call from a parking lot
	spying     bool
	gaveUp     bool // a caller who hung up before anybody answered
	uncertain  bool
	guessed    bool  // made from a snapshot: its Newchannel was not seen
	goneUnseen bool  // its Hangup was not seen
	absent     int8  // audits in a row that did not find it
	lastSpy    *spy  // that it was, or is
	rung       *dial // the last dial that rang it
	dials      []*dial

	started, ringing, answered time.Time
	requested                  time.Time // of its HangupRequest
	ended                      time.Time // of its Hangup

	bridge    *bridge
	entered   time.Time // into the bridge
	component uint64    // mark of the last walk that met it
	open      []*talk   // the conversations that it is in
	talks     []*talk   // all of them
	holds     []span    // an open one has no end

	memory channelMemory
	*channelMore
}

// channelMore is the other piece of a channel.
type channelMore struct {
	cause   string // of its Hangup, or of its HangupRequest while it lives
	refusal string // the cause of its HangupRequest
	exten   string // where it was in the dialplan when it last dialled
	shown   string // the number that it was shown when it was rung

	enterExten string // where it was in the dialplan when it entered the bridge
	lastBridge *bridge
	left       time.Time // that one
	unheld     time.Time
	unparked   time.Time // when it last left a parking lot
	moved      *transfer // a redirect that it may be in the middle of
	attempt    *transfer // an attended transfer by feature code that it is in the middle of
	seats      []*seat

	application, appData string // of its last Newexten
	mixFile              string
	recordings           []*recording
	menu                 *menu
	lastVisit            *visit
}

// span is a piece of time; its end is zero while it lasts.
type span struct{ start, end time.Time }

// newchannel: a channel belongs to the call of its parent, whose Linkedid it has when it is made
// (ast_channel_alloc in main/channel.c). Later changes of the Linkedid say nothing about calls.
func (t *Tracker) newchannel(event ami.Message, at time.Time) {
	uniqueid := event.Get("Uniqueid")
	if ch := t.channels[uniqueid]; uniqueid == "" || ch != nil {
		t.seenAfterAll(ch, event, at)
		return // told twice, as after a reconnect
	}
	name, exten, party := event.Get("Channel"), event.Get("Exten"), callerOf(event)
	keep(&uniqueid, &name, &exten, &party.Number, &party.Name)
	ch := t.addChannel(uniqueid, name, event.Get("Context"), at)
	ch.exten, ch.party = exten, t.identify(ch, party)
	linkedid := event.Get("Linkedid")
	if ch.placing = linkedid == uniqueid || linkedid == ""; ch.placing {
		linkedid = uniqueid
	}
	c, isNew := t.callOf(ch, linkedid)
	if ch.placing {
		c.dialedNumber = ch.exten
	}
	c.add(ch)
	t.pairByName(ch)
	if ch.placing && !ch.plumbing && !ch.external {
		t.placesCall(ch)
	}
	if (isNew || !c.told) && !ch.plumbing {
		t.changed(Started, c, at)
	}
	if do := t.expected[ch.uniqueid]; do != nil {
		delete(t.expected, ch.uniqueid)
		do(ch)
	}
}

// whenTold does something with a channel, now or when it is told: an event of another topic of Asterisk's may overtake its
// Newchannel.
func (t *Tracker) whenTold(uniqueid string, at time.Time, do func(*channel)) {
	if ch := t.channels[uniqueid]; ch != nil {
		do(ch)
		return
	}
	if uniqueid == "" {
		return
	}
	uniqueid = strings.Clone(uniqueid)
	t.expected[uniqueid] = do
	t.settle(at, func(t *Tracker) { delete(t.expected, uniqueid) })
}

// seenAfterAll: the Newchannel of a channel that a snapshot has told first.
func (t *Tracker) seenAfterAll(ch *channel, event ami.Message, at time.Time) {
	if ch == nil || !ch.guessed {
		return
	}
	ch.guessed, ch.uncertain = false, false
	ch.call.nothingLost(ch)
	ch.started = at
	if ch.exten = strings.Clone(event.Get("Exten")); ch.placing {
		ch.call.dialedNumber = ch.exten
	}
	if !ch.external || !ch.dialed {
		party := callerOf(event)
		keep(&party.Number, &party.Name)
		ch.party = t.identify(ch, party)
	}
}

// addChannel makes a channel that belongs to no call yet. uniqueid and name are kept.
func (t *Tracker) addChannel(uniqueid, name, context string, at time.Time) *channel {
	ch := newChannel(uniqueid, name)
	ch.started = at
	ch.external = !ch.plumbing && t.settings.trunk(ch.endpoint, context)
	t.channels[uniqueid] = ch
	if isLocal(name) {
		t.locals[name] = ch
	}
	return ch
}

// callOf finds the call for a new channel, or makes it. A child may be told before its parent.
func (t *Tracker) callOf(ch *channel, linkedid string) (c *call, isNew bool) {
	if c = t.linked[linkedid]; c != nil {
		return c.root(), false
	}
	if linkedid != ch.uniqueid {
		keep(&linkedid)
	} else {
		linkedid = ch.uniqueid
	}
	c = newCall(linkedid)
	c.started = ch.started
	t.linked[linkedid] = c
	return c, true
}

// callerOf is the caller id of a channel, in the memory of the event.
func callerOf(event ami.Message) Party {
	return Party{Number: known(event.Get("CallerIDNum")), Name: known(event.Get("CallerIDName"))}
}

// identify names the telephone behind a channel, which has this caller id. An outside caller is who the trunk said when the
// channel was made; later changes of the caller id are the dialplan's.
func (t *Tracker) identify(ch *channel, caller Party) Party {
	if id, ok := t.settings.extensions[ch.endpoint]; ok && !ch.external {
		return Party{Number: id.Number, Name: id.Name, Kind: Extension}
	}
	caller.Kind = Extension
	if ch.external {
		caller.Kind = External
	}
	return caller
}

// newstate: the first Ringing is when the telephone rang, the first Up when it was answered. A trunk may go up without
// ever ringing.
func (t *Tracker) newstate(event ami.Message, at time.Time) {
	ch := t.channelOf(event)
	if ch == nil {
		return
	}
	switch event.Get("ChannelStateDesc") {
	case "Ringing":
		if ch.ringing.IsZero() && ch.answered.IsZero() {
			ch.ringing = at
			if !ch.plumbing {
				t.changed(Ringing, ch.call, at)
			}
		}
	case "Up":
		if ch.answered.IsZero() {
			ch.answered = at
			t.checkConnected(ch.call, at)
		}
	}
}

// end is when the leg's party had gone, or zero while it is there. A HangupRequest tells the true end of a telephone:
// Asterisk may keep the channel for longer.
func (ch *channel) end() time.Time {
	if !ch.requested.IsZero() && !ch.plumbing {
		return ch.requested
	}
	return ch.ended
}

// held tells whether the channel keeps the others on hold.
func (ch *channel) held() bool {
	return len(ch.holds) > 0 && ch.holds[len(ch.holds)-1].end.IsZero()
}

// older tells which of two channels was made first.
func (ch *channel) older(other *channel) bool {
	if !ch.started.Equal(other.started) {
		return ch.started.Before(other.started)
	}
	return ch.uniqueid < other.uniqueid
}
