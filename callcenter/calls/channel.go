package calls

import (
	"slices"
	"time"

	"github.com/asterism-go/asterism/ami"
)

// channel is what is known of a channel. It is kept until its call has ended.
type channel struct {
	uniqueid, name string
	endpoint       string
	plumbing       bool
	external       bool // its endpoint is a trunk
	party          Party
	call           *call

	dialed     bool // something rang it; else it placed the call
	dialEnded  bool
	dialStatus string
	state      string // ChannelStateDesc

	started, ringing, answered time.Time
	requested                  time.Time // of its HangupRequest
	ended                      time.Time // of its Hangup
	cause                      string    // of its Hangup, or of its HangupRequest while it lives
	gaveUp                     bool      // a caller who hung up before anybody answered

	bridge    *bridge
	heldSince time.Time // it keeps the others on hold
	holdTime  time.Duration
}

// call is a call while it is being made of events.
type call struct {
	id, dialedNumber string
	legs             []*channel // without plumbing
	live             int        // channels that have not hung up, plumbing too
	open             int        // dials that have not ended
	together         int        // the most dials that were open at once
	linkedids        []string
	conversations    []*conversation
	answeredBy       *channel
	lastRequest      *channel // the last party that hung up by itself
	variables        map[string]string
}

// newchannel: a channel belongs to the call of its parent, whose Linkedid it has when it is made
// (ast_channel_alloc in main/channel.c). Later changes of the Linkedid say nothing about calls.
func (t *Tracker) newchannel(event ami.Message, at time.Time) {
	uniqueid, linkedid := event.Get("Uniqueid"), event.Get("Linkedid")
	if uniqueid == "" || t.channels[uniqueid] != nil {
		return // told twice, as after a reconnect
	}
	c := t.linked[linkedid]
	if c != nil && c.has(uniqueid) {
		return // told again after it has gone
	}
	name := event.Get("Channel")
	ch := &channel{
		uniqueid: uniqueid, name: name, endpoint: endpointOf(name), plumbing: isPlumbing(name),
		state: event.Get("ChannelStateDesc"), started: at,
	}
	ch.external = t.settings.trunks[ch.endpoint]
	ch.party = t.identify(ch, event)
	t.channels[uniqueid] = ch

	isNew := c == nil || uniqueid == linkedid
	if isNew {
		c = &call{id: uniqueid, dialedNumber: event.Get("Exten")}
	}
	if linkedid != "" && t.linked[linkedid] != c {
		t.linked[linkedid] = c
		c.linkedids = append(c.linkedids, linkedid)
	}
	c.add(ch)
	if isNew {
		t.changed(Started, c, at)
	}
}

func (c *call) has(uniqueid string) bool {
	return slices.ContainsFunc(c.legs, func(leg *channel) bool { return leg.uniqueid == uniqueid })
}

func (c *call) add(ch *channel) {
	ch.call = c
	c.live++
	if !ch.plumbing {
		c.legs = append(c.legs, ch)
	}
}

// identify names the telephone behind a channel. An outside caller is who the trunk said when the channel was made; later
// changes of the caller id are the dialplan's.
func (t *Tracker) identify(ch *channel, event ami.Message) Party {
	if ch.external {
		return Party{Number: known(event.Get("CallerIDNum")), Name: known(event.Get("CallerIDName")), Kind: External}
	}
	if id, ok := t.settings.extensions[ch.endpoint]; ok {
		return Party{Number: id.Number, Name: id.Name, Kind: Extension}
	}
	return Party{Number: known(event.Get("CallerIDNum")), Name: known(event.Get("CallerIDName")), Kind: Extension}
}

// newstate: the first Ringing is when the telephone rang, the first Up when it was answered. A trunk may go up without
// ever ringing.
func (t *Tracker) newstate(event ami.Message, at time.Time) {
	ch := t.channelOf(event)
	if ch == nil {
		return
	}
	ch.state = event.Get("ChannelStateDesc")
	switch ch.state {
	case "Ringing":
		if ch.ringing.IsZero() {
			ch.ringing = at
			t.changed(Ringing, ch.call, at)
		}
	case "Up":
		if ch.answered.IsZero() {
			ch.answered = at
		}
	}
}

// hangupRequest: the party has hung up. This is the true end of its telephone; Asterisk may keep the channel for longer.
func (t *Tracker) hangupRequest(event ami.Message, at time.Time) {
	ch := t.channelOf(event)
	if ch == nil || !ch.requested.IsZero() {
		return
	}
	ch.requested, ch.cause = at, event.Get("Cause")
	switch {
	case !ch.answered.IsZero():
		ch.call.lastRequest = ch
	case !ch.dialed && ch.call.mayGiveUp(event.Get("ChannelStateDesc")):
		ch.gaveUp = true
		ch.call.lastRequest = ch
	}
}

// mayGiveUp tells whether a caller whose channel is not up has hung up by himself. A caller whom the dialplan has just
// refused sends a HangupRequest too, but nobody is being rung then any more.
func (c *call) mayGiveUp(state string) bool {
	return c.open > 0 || (state != "Busy" && !c.anyDialed())
}

func (c *call) anyDialed() bool {
	for _, leg := range c.legs {
		if leg.dialed {
			return true
		}
	}
	return false
}

// hangup: the channel is gone. With its last channel the call has ended.
func (t *Tracker) hangup(event ami.Message, at time.Time) {
	ch := t.channelOf(event)
	if ch == nil {
		return
	}
	delete(t.channels, ch.uniqueid)
	ch.ended, ch.cause = at, event.Get("Cause")
	t.endDial(ch, "", at)
	t.endHold(ch, ch.end())
	t.leaveBridge(ch, at)
	c := ch.call
	if c.live--; c.live > 0 {
		return
	}
	for _, linkedid := range c.linkedids {
		if t.linked[linkedid] == c {
			delete(t.linked, linkedid)
		}
	}
	if len(c.legs) > 0 { // plumbing alone is no call
		t.changed(Ended, c, at)
	}
}

// end is when the leg's party had gone, or zero while it is there.
func (ch *channel) end() time.Time {
	if !ch.requested.IsZero() {
		return ch.requested
	}
	return ch.ended
}
