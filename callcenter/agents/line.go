package agents

import (
	"slices"
	"strings"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/calls"
)

// line is a leg of a call that lives, as far as it matters who sits at its telephone.
type line struct {
	uniqueid, channel, endpoint, call string
	rings, up, talked                 bool
	talking                           string // the call that tells of the conversation, "" if it is in none
}

// callers are the calls that live.
type callers struct {
	lines    map[string]*line    // by Uniqueid
	channels map[string]*line    // by name
	calls    map[string][]string // the Uniqueids of a call's lines
	talks    map[string][]string // the channels of a call's conversations
	gone     []departed          // those that hung up, oldest first
	departed map[string]bool     // the same
}

// departed is a channel that has hung up: a change of its call that was made before may come after.
type departed struct {
	uniqueid string
	at       time.Time
}

// memory is for how long, in the time of the stream, a channel that has hung up is remembered.
const memory = time.Minute

func newCallers() callers {
	return callers{
		lines: map[string]*line{}, channels: map[string]*line{}, calls: map[string][]string{}, talks: map[string][]string{},
		departed: map[string]bool{},
	}
}

// FeedCall takes the next change of a call; see [Config.Calls]. The events of the same stream must be fed too
// ([Model.Feed]), before or after: the end of a leg is not always a change of its call.
func (m *Model) FeedCall(change calls.Change) []Change {
	m.changes = nil
	m.pass(change.At)
	c := &change.Call
	over := !c.Ended.IsZero() || change.Kind == calls.Absorbed || change.Kind == calls.Ended || change.Kind == calls.Finished
	m.dropLines(c, over)
	m.endTalks(c)
	if over {
		delete(m.callers.calls, c.ID)
	} else {
		m.takeLegs(c)
	}
	m.takeTalks(c, over)
	return m.flush(change.At)
}

// dropLines forgets the legs of a call that do not live any more.
func (m *Model) dropLines(c *calls.Call, over bool) {
	for _, uniqueid := range m.callers.calls[c.ID] {
		l := m.callers.lines[uniqueid]
		if l == nil || l.call != c.ID {
			continue
		}
		i := slices.IndexFunc(c.Legs, func(leg calls.Leg) bool { return leg.Uniqueid == uniqueid })
		if over || i < 0 || !c.Legs[i].Ended.IsZero() {
			m.dropLine(l)
		}
	}
}

func (m *Model) dropLine(l *line) {
	delete(m.callers.lines, l.uniqueid)
	if m.callers.channels[l.channel] == l {
		delete(m.callers.channels, l.channel)
	}
	if p := m.phones[l.endpoint]; p != nil {
		p.lines = slices.DeleteFunc(p.lines, func(other *line) bool { return other == l })
		m.touchPhone(p)
	}
}

func (m *Model) takeLegs(c *calls.Call) {
	ids := make([]string, 0, len(c.Legs))
	for i := range c.Legs {
		leg := &c.Legs[i]
		if !leg.Ended.IsZero() || leg.Uniqueid == "" || m.callers.departed[leg.Uniqueid] {
			continue
		}
		ids = append(ids, leg.Uniqueid)
		l := m.callers.lines[leg.Uniqueid]
		if l == nil {
			l = &line{uniqueid: leg.Uniqueid, channel: leg.Channel, endpoint: leg.Endpoint}
			m.callers.lines[l.uniqueid] = l
			m.callers.channels[l.channel] = l
			if p := m.phones[l.endpoint]; p != nil {
				p.lines = append(p.lines, l)
			}
		}
		l.call = c.ID
		l.rings, l.up = !leg.Ringing.IsZero() && leg.Answered.IsZero(), !leg.Answered.IsZero()
		m.touchPhone(m.phones[l.endpoint])
	}
	m.callers.calls[c.ID] = ids
}

// endTalks forgets what the call told of conversations before.
func (m *Model) endTalks(c *calls.Call) {
	for _, channel := range m.callers.talks[c.ID] {
		if l := m.callers.channels[channel]; l != nil && l.talking == c.ID {
			l.talking = ""
			m.touchPhone(m.phones[l.endpoint])
		}
	}
	delete(m.callers.talks, c.ID)
}

// takeTalks notes who is in a conversation, and who was. A conversation is told by the call of its older leg; the other leg
// may be that of another call.
func (m *Model) takeTalks(c *calls.Call, over bool) {
	var talking []string
	for i := range c.Conversations {
		talk := &c.Conversations[i]
		for _, channel := range []string{talk.A, talk.B} {
			l := m.callers.channels[channel]
			if l == nil {
				continue
			}
			l.talked = true
			if talk.End.IsZero() && !over {
				l.talking = c.ID
				talking = append(talking, channel)
			}
			m.touchPhone(m.phones[l.endpoint])
		}
	}
	if len(talking) > 0 {
		m.callers.talks[c.ID] = talking
	}
}

// attach gives a phone that is new its lines.
func (c *callers) attach(p *phone) {
	for _, l := range c.lines {
		if l.endpoint == p.Endpoint {
			p.lines = append(p.lines, l)
		}
	}
	slices.SortFunc(p.lines, func(a, b *line) int { return strings.Compare(a.uniqueid, b.uniqueid) })
}

// hold: a telephone keeps its party on hold. Asterisk's device state tells that only of the other one.
func (m *Model) hold(event ami.Message, _ time.Time) {
	if p := m.phones[endpointOfChannel(event.Get("Channel"))]; p != nil {
		p.keeping[strings.Clone(event.Get("Uniqueid"))] = true
		m.touchPhone(p)
	}
}

func (m *Model) unhold(event ami.Message, _ time.Time) {
	if p := m.phones[endpointOfChannel(event.Get("Channel"))]; p != nil {
		delete(p.keeping, event.Get("Uniqueid"))
		m.touchPhone(p)
	}
}

// newstate: a telephone that rings wants calls. Asterisk may skip the device's state RINGING if it is answered at once.
func (m *Model) newstate(event ami.Message, _ time.Time) {
	if event.Get("ChannelStateDesc") != stateRinging {
		return
	}
	if p := m.phones[endpointOfChannel(event.Get("Channel"))]; p != nil && p.Refuses {
		p.Refuses = false
		m.touchPhone(p)
	}
}

// The causes and states of a channel that was refused (include/asterisk/causes.h, include/asterisk/channelstate.h).
const (
	causeBusy    = "17"
	stateDown    = "Down"
	stateRinging = "Ringing"
)

// hangup ends a line. A telephone that says busy without having rung, although it has no call, does not want to be
// disturbed.
func (m *Model) hangup(event ami.Message, at time.Time) {
	uniqueid := event.Get("Uniqueid")
	if l := m.callers.lines[uniqueid]; l != nil {
		m.dropLine(l)
	}
	m.depart(uniqueid, at)
	p := m.phones[endpointOfChannel(event.Get("Channel"))]
	if p == nil {
		return
	}
	delete(p.keeping, uniqueid)
	state := event.Get("ChannelStateDesc")
	if event.Get("Cause") == causeBusy && (state == stateDown || state == stateRinging) {
		if p.seat != nil {
			p.seat.stats.Refused++
		}
		if state == stateDown && len(p.lines) == 0 && p.Device == NotInUse {
			p.Refuses = true
		}
	}
	m.touchPhone(p)
}

// depart remembers that a channel has hung up.
func (m *Model) depart(uniqueid string, at time.Time) {
	c := &m.callers
	for len(c.gone) > 0 && at.Sub(c.gone[0].at) > memory {
		delete(c.departed, c.gone[0].uniqueid)
		c.gone = c.gone[1:]
	}
	if m.cfg.Calls && uniqueid != "" && !c.departed[uniqueid] {
		uniqueid = strings.Clone(uniqueid)
		c.departed[uniqueid] = true
		c.gone = append(c.gone, departed{uniqueid, at})
	}
}

// endpointOfChannel cuts off the part of a channel's name that numbers it: PJSIP/101-0000002a belongs to PJSIP/101.
func endpointOfChannel(channel string) string {
	if i := strings.LastIndexByte(channel, '-'); i > 0 {
		return channel[:i]
	}
	return channel
}
