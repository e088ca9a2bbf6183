package agents

import (
	"slices"
	"strings"
	"time"

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
	calls    map[string][]*line  // by the ID of the call that has them
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
		lines: map[string]*line{}, channels: map[string]*line{}, calls: map[string][]*line{}, talks: map[string][]string{},
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
	m.endTalks(c.ID)
	if !over {
		m.takeLegs(c)
	}
	m.takeTalks(c, over)
	return m.flush(change.At)
}

// dropLines forgets the legs of a call that do not live any more.
func (m *Model) dropLines(c *calls.Call, over bool) {
	for _, l := range slices.Clone(m.callers.calls[c.ID]) {
		i := slices.IndexFunc(c.Legs, func(leg calls.Leg) bool { return leg.Uniqueid == l.uniqueid })
		if over || i < 0 || !c.Legs[i].Ended.IsZero() {
			m.dropLine(l)
		}
	}
}

func (m *Model) dropLine(l *line) {
	m.stopTalking(l)
	m.leave(l)
	delete(m.callers.lines, l.uniqueid)
	if m.callers.channels[l.channel] == l {
		delete(m.callers.channels, l.channel)
	}
	if p := m.phones[l.endpoint]; p != nil {
		p.lines = slices.DeleteFunc(p.lines, func(other *line) bool { return other == l })
		m.touchPhone(p)
	}
}

// leave takes a line out of its call. A call without lines has no conversations either.
func (m *Model) leave(l *line) {
	c := &m.callers
	rest := slices.DeleteFunc(c.calls[l.call], func(other *line) bool { return other == l })
	if c.calls[l.call] = rest; len(rest) == 0 {
		delete(c.calls, l.call)
		m.endTalks(l.call)
	}
}

func (m *Model) takeLegs(c *calls.Call) {
	for i := range c.Legs {
		leg := &c.Legs[i]
		if !leg.Ended.IsZero() || leg.Uniqueid == "" || m.callers.departed[leg.Uniqueid] {
			continue
		}
		l := m.callers.lines[leg.Uniqueid]
		if l == nil {
			l = m.newLine(leg)
		}
		if l.call != c.ID {
			m.leave(l)
			l.call = c.ID
			m.callers.calls[c.ID] = append(m.callers.calls[c.ID], l)
		}
		l.rings, l.up = !leg.Ringing.IsZero() && leg.Answered.IsZero(), !leg.Answered.IsZero()
		m.touchPhone(m.phones[l.endpoint])
	}
}

func (m *Model) newLine(leg *calls.Leg) *line {
	l := &line{uniqueid: leg.Uniqueid, channel: leg.Channel, endpoint: leg.Endpoint}
	m.callers.lines[l.uniqueid] = l
	m.callers.channels[l.channel] = l
	if p := m.phones[l.endpoint]; p != nil {
		p.lines = append(p.lines, l)
	}
	return l
}

// stopTalking takes a line out of the conversations that a call has told of.
func (m *Model) stopTalking(l *line) {
	c := &m.callers
	if l.talking == "" {
		return
	}
	rest := slices.DeleteFunc(c.talks[l.talking], func(channel string) bool { return channel == l.channel })
	if c.talks[l.talking] = rest; len(rest) == 0 {
		delete(c.talks, l.talking)
	}
	l.talking = ""
}

// endTalks forgets what a call told of conversations before.
func (m *Model) endTalks(id string) {
	for _, channel := range m.callers.talks[id] {
		if l := m.callers.channels[channel]; l != nil && l.talking == id {
			l.talking = ""
			m.touchPhone(m.phones[l.endpoint])
		}
	}
	delete(m.callers.talks, id)
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
			if talk.End.IsZero() && !over && l.talking != c.ID {
				m.stopTalking(l)
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
