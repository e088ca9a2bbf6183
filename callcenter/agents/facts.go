package agents

// facts works out what is so at the moment.
func (m *Model) facts(a *agent) fact {
	var facts fact
	if !m.complete {
		facts |= lost
	}
	p := a.phone
	if p == nil {
		return facts
	}
	if m.cfg.Calls {
		facts |= p.lineFacts()
	} else {
		facts |= p.deviceFacts()
	}
	return facts | m.queueFacts(p) | p.hindrances()
}

// lineFacts tells from the calls what goes on.
func (p *phone) lineFacts() fact {
	var facts fact
	for _, l := range p.lines {
		facts |= inUse
		switch {
		case l.talking != "":
			facts |= talks
		case l.up && l.talked:
			facts |= holds
		case l.rings:
			facts |= rings
		}
	}
	return facts
}

// deviceFacts tells from the state of the device what goes on, as far as that can be told. Who keeps the other on hold is in
// use there, and the other is on hold.
func (p *phone) deviceFacts() fact {
	switch p.Device {
	case DeviceRinging:
		return rings
	case InUse, RingInUse:
		if len(p.keeping) > 0 {
			return holds
		}
		return talks
	case OnHold:
		return holds
	default:
		return 0
	}
}

// hindrances are why a call would not reach the phone.
func (p *phone) hindrances() fact {
	var facts fact
	if !p.Device.reachable() {
		facts |= gone
	}
	if p.DND || p.Refuses {
		facts |= undisturbed
	}
	if p.Device == DeviceBusy {
		facts |= engaged
	}
	return facts
}

// queueFacts are what the queues know.
func (m *Model) queueFacts(p *phone) fact {
	if len(p.members) == 0 {
		return 0
	}
	facts := loggedIn | paused
	for _, b := range p.members {
		if !b.Paused {
			facts &^= paused
		}
		if m.wraps[b] {
			facts |= wraps
		}
	}
	return facts
}

// callOf returns the call that a state is about.
func (p *phone) callOf(state State) string {
	for _, l := range p.lines {
		switch {
		case state == Talking && l.talking != "":
			return l.talking
		case state == Held && l.up && l.talked, state == Ringing && l.rings, state == Busy:
			return l.call
		}
	}
	return ""
}
