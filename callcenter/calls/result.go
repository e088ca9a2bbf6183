package calls

import "time"

// answer is the leg that answered the call first, and when; nil if nobody has. What happens after the call has become part
// of another one is that one's.
func (c *call) answer() (by *channel, at time.Time) {
	caller := c.caller()
	for _, leg := range c.legs {
		when, ok := c.answers(leg, caller)
		if !ok || (by != nil && !when.Before(at)) {
			continue
		}
		by, at = leg, when
	}
	return by, at
}

// answers tells whether a leg has answered the call: it is up and talks with somebody, or everybody between it and the
// caller took its answer.
func (c *call) answers(leg, caller *channel) (when time.Time, ok bool) {
	when = leg.answered
	if leg == caller || when.IsZero() || leg.spying {
		return when, false
	}
	if c.merged != nil && !when.Before(c.mergedAt) {
		return when, false
	}
	for _, p := range c.pickups {
		if p.by == leg {
			when = latest(when, p.at)
		}
	}
	if !leg.dialed && !c.tookPart(leg) {
		return when, false
	}
	return when, leg.talked(c.mergedAt) || leg.accepted()
}

// tookPart tells whether a leg that was not rung has come into the call by a pickup. One that retrieves a parked call, or
// comes with another call, does not answer it.
func (c *call) tookPart(leg *channel) bool {
	for _, p := range c.pickups {
		if p.by == leg {
			return true
		}
	}
	return false
}

// checkConnected tells that the call is answered, once.
func (t *Tracker) checkConnected(c *call, at time.Time) {
	if c.connected {
		return
	}
	if by, when := c.answer(); by != nil {
		c.connected = true
		t.changed(Connected, c, latest(at, when))
	}
}

// result tells how the call ended: by who answered and who talked, not by any DialStatus.
func (t *Tracker) result(c *call) Result {
	by, _ := c.answer()
	switch {
	case by != nil || c.conferred():
		return Answered
	case c.spiesOn != nil:
		return Automated
	case c.voicemail != nil:
		return VoicemailLeft
	}
	inbound := t.direction(c) == Inbound
	if inbound && len(c.visits) > 0 && t.visitOutcome(c.visits[len(c.visits)-1]) == QueueAbandoned {
		return Abandoned
	}
	if c.firstRung() == nil {
		return c.undialedResult(inbound)
	}
	return t.refusedResult(c, inbound)
}

// refusedResult is the result of a call in which nobody who was rung answered.
func (t *Tracker) refusedResult(c *call, inbound bool) Result {
	busy, rang := true, false
	for _, leg := range c.legs {
		if !leg.dialed || leg == c.caller() {
			continue
		}
		outcome := t.outcome(leg)
		busy = busy && (outcome == LegBusy || outcome == LegRedirected)
		rang = rang || !leg.ringing.IsZero() || outcome == LegNoAnswer || outcome == LegDeclined || outcome == LegCancelled
	}
	switch {
	case busy:
		return Busy
	case inbound:
		return Missed
	case rang:
		return NoAnswer
	}
	return Failed
}

// undialedResult is the result of a call in which nobody was rung.
func (c *call) undialedResult(inbound bool) Result {
	caller := c.caller()
	switch {
	case caller == nil:
		return Failed
	case caller.answered.IsZero() && inbound:
		return Missed
	case caller.answered.IsZero() || caller.dialed:
		return Failed
	case inbound && !caller.requested.IsZero() && (len(c.menus) > 0 || !c.dialplan):
		return Abandoned
	}
	return Automated
}

// conferred tells whether a leg was in a conference.
func (c *call) conferred() bool {
	for _, leg := range c.legs {
		if len(leg.seats) > 0 {
			return true
		}
	}
	return false
}

// firstRung is the telephone that was rung first, the one that placed the call apart; nil if none was.
func (c *call) firstRung() *channel {
	caller := c.caller()
	for _, leg := range c.legs {
		if leg.dialed && leg != caller {
			return leg
		}
	}
	return nil
}

// ending tells when the call ended and who ended it: the last party that hung up by itself, within a second of the end.
// Those to whom all of its own parties have handed it over end it.
func (c *call) ending() (ended time.Time, by *channel) {
	for _, leg := range c.legs {
		ended = latest(ended, leg.end())
	}
	for _, tk := range c.talks {
		ended = latest(ended, tk.until())
	}
	return ended, c.lastToHangUp(ended)
}

// lastToHangUp looks among the legs of the call, and of those that have become part of it.
func (c *call) lastToHangUp(ended time.Time) *channel {
	var by *channel
	for _, leg := range c.legs {
		if leg.hungUp(c, ended) && (by == nil || leg.requested.After(by.requested)) {
			by = leg
		}
	}
	for _, part := range c.parts {
		if part.merged != c {
			continue
		}
		if leg := part.lastToHangUp(ended); leg != nil && (by == nil || leg.requested.After(by.requested)) {
			by = leg
		}
	}
	return by
}

// hungUp tells whether a leg has hung up by itself at about the end of a call. One that only refused has not ended it.
func (leg *channel) hungUp(c *call, ended time.Time) bool {
	if leg.requested.IsZero() || ended.Sub(leg.requested).Abs() > window {
		return false
	}
	return !leg.answered.IsZero() || leg.gaveUp || (leg == c.caller() && leg.dialed)
}
