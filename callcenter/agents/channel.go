package agents

import (
	"strings"
	"time"

	"github.com/asterism-go/asterism/ami"
)

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
