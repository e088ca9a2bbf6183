package calls

import "strings"

// direction is decided by the leg that placed the call, and by the first one that it rang.
func (t *Tracker) direction(c *call) Direction {
	if len(c.legs) == 0 {
		return Internal
	}
	first := c.legs[0]
	switch {
	case first.external && !first.dialed:
		return Inbound
	case first.external:
		return Outbound
	}
	if rung := c.firstRung(); rung != nil {
		if rung.external {
			return Outbound
		}
		return Internal
	}
	if number := c.dialed(); first.dialed && t.settings.outside(number) != "" {
		return Outbound // the system rang an extension to connect it to there
	}
	return Internal
}

// dialed is the number that the call was for. Who is rung by the system first dials when it has answered; until then the
// number that it is shown has to do.
func (c *call) dialed() string {
	if len(c.legs) == 0 || !c.legs[0].dialed {
		return c.dialedNumber
	}
	first := c.legs[0]
	if first.originated && len(first.dials) > 0 {
		return first.dials[0].source.exten
	}
	for _, member := range c.members {
		if !member.plumbing || !member.originated {
			continue
		}
		if len(member.dials) > 0 && !first.external {
			return member.exten
		}
		if member.partner != nil && !first.external {
			return member.partner.shown
		}
	}
	if first.external {
		return c.dialedNumber
	}
	return first.shown
}

// outside returns the number outside that is dialled by a number with a prefix for the outside line, or "".
func (s *settings) outside(number string) string {
	if s.own[number] {
		return ""
	}
	longest := ""
	for _, prefix := range s.prefixes {
		if strings.HasPrefix(number, prefix) && len(number) > len(prefix) && len(prefix) > len(longest) {
			longest = prefix
		}
	}
	if longest == "" {
		return ""
	}
	return number[len(longest):]
}

// callerParty is who placed the call.
func (c *call) callerParty() Party {
	if caller := c.caller(); caller != nil {
		return caller.party
	}
	return Party{Kind: SystemParty}
}

// calleeParty is whom the call was for: the first thing that it came to.
func (t *Tracker) calleeParty(c *call) Party {
	number := c.dialed()
	rung := c.firstRung()
	switch {
	case c.spiesOn != nil:
		return c.spiesOn.party
	case len(c.menus) > 0 && !c.rungBefore(c.menus[0]):
		return Party{Number: number, Kind: MenuParty}
	case c.queuedFirst(rung):
		return Party{Number: number, Name: c.visits[0].queue, Kind: QueueParty}
	case rung == nil && c.conferred():
		return Party{Number: number, Kind: ConferenceParty}
	case rung == nil:
		return t.unrungParty(c, number)
	case c.ranGroup():
		return Party{Number: number, Kind: Group}
	}
	return rung.party
}

func (c *call) rungBefore(m *menu) bool {
	at := c.firstRungAt()
	return !at.IsZero() && at.Before(m.entered)
}

func (c *call) queuedFirst(rung *channel) bool {
	if len(c.visits) == 0 {
		return false
	}
	return rung == nil || !rung.started.Before(c.visits[0].entered)
}

// unrungParty is whom a call was for that has rung nobody: whom it would have been for, or an application.
func (t *Tracker) unrungParty(c *call, number string) Party {
	if caller := c.caller(); caller != nil && caller.dialed && caller.answered.IsZero() && number != "" {
		if outside := t.settings.outside(number); outside != "" {
			return Party{Number: outside, Kind: External}
		}
		return Party{Number: number, Kind: Extension}
	}
	return Party{Number: number, Kind: Application}
}

// ranGroup tells whether several telephones rang at once for somebody who had not talked yet.
func (c *call) ranGroup() bool {
	for _, member := range c.members {
		if member.ranGroup() {
			return true
		}
	}
	return false
}

func (ch *channel) ranGroup() bool {
	for i, d := range ch.dials {
		if ch.talked(d.begin) {
			return false
		}
		for _, other := range ch.dials[i+1:] {
			overlap := d.end.IsZero() || other.begin.Before(d.end)
			if overlap && !d.forward && !other.forward && other.dest != d.dest {
				return true
			}
		}
	}
	return false
}
