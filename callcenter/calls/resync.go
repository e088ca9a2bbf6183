package calls

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Resync makes good a gap in the stream: the connection was lost, or events were. gap.Start is when the last event before
// it was, gap.End when events came again; a zero Start means that nothing was ever seen before, as at the first snapshot.
//
// Known channels that are not there any more have ended, unknown ones are made, answers and changes of bridges in the gap
// are taken over. All times of that are gap.End, and what was not seen is marked uncertain ([Call].Uncertain, [Call].Gaps).
// A call that came and went within the gap cannot be known.
//
// Events of after the gap may be fed before it: whatever is known from after the gap stays. It may be called again with the
// same Snapshot when more was added to it.
func (t *Tracker) Resync(s *Snapshot, gap Gap) []Change {
	t.changes = nil
	if !s.hasChannels {
		return nil
	}
	if gap.End.IsZero() {
		gap.End = s.At
	}
	t.pass(gap.End)
	t.guessing = true
	defer func() { t.guessing = false }()
	r := &resync{t: t, s: s, gap: gap}
	r.addUnknown()
	if gap.End.After(gap.Start) { // else whatever differs is still on its way
		t.Lost(gap)
		r.endGone()
		r.updateStates()
		r.updateBridges()
		r.updateHolds()
		r.updateQueues()
		r.updateParked()
	}
	return t.changes
}

// resync is the work of one Resync.
type resync struct {
	t   *Tracker
	s   *Snapshot
	gap Gap
}

// sorted are all channels, the oldest first, so that the same input has the same result.
func (t *Tracker) sorted() []*channel {
	all := make([]*channel, 0, len(t.channels))
	for _, ch := range t.channels {
		if ch.ended.IsZero() {
			all = append(all, ch)
		}
	}
	slices.SortFunc(all, func(a, b *channel) int {
		return cmp.Or(a.started.Compare(b.started), cmp.Compare(a.uniqueid, b.uniqueid))
	})
	return all
}

// inGap tells whether something that was last known to change at a time may have changed in the gap.
func (r *resync) inGap(last time.Time) bool { return !last.After(r.gap.Start) }

// Lost notes with every call that lives, and was there when the gap began, that events are missing. Resync does so too; it
// is for what comes before the snapshot, so that a call that ends until then says that it is uncertain.
func (t *Tracker) Lost(gap Gap) {
	for _, ch := range t.sorted() {
		if !ch.started.After(gap.Start) {
			ch.call.lostPiece(gap)
		}
	}
}

// nothingLost takes back that a channel of the call began unseen.
func (c *call) nothingLost(ch *channel) {
	c.gaps = slices.DeleteFunc(c.gaps, func(gap Gap) bool { return gap.Start.Equal(ch.started) })
	if !slices.ContainsFunc(c.members, func(member *channel) bool { return member.guessed }) {
		c.uncertain = slices.DeleteFunc(c.uncertain, func(what string) bool { return what == "parties" })
	}
}

// lostPiece notes a gap, or that a known one is longer.
func (c *call) lostPiece(gap Gap) {
	if !gap.End.After(gap.Start) {
		return
	}
	for i, known := range c.gaps {
		if known.Start.Equal(gap.Start) || known.End.Equal(gap.End) {
			c.gaps[i] = Gap{earliest(gap.Start, known.Start), latest(gap.End, known.End)}
			return
		}
	}
	c.gaps = append(c.gaps, gap)
}

// endGone ends the known channels that are not there any more.
func (r *resync) endGone() {
	at := r.gap.End
	if started := r.s.Started; started.After(r.gap.Start) && started.Before(at) {
		at = started // of an Asterisk that was started again: nothing of before it is left
	}
	for _, ch := range r.t.sorted() {
		if r.s.channels[ch.uniqueid] == nil && r.inGap(ch.started) {
			r.t.endUnseen(ch, at)
		}
	}
}

// endUnseen ends a channel whose Hangup was not seen.
func (t *Tracker) endUnseen(ch *channel, at time.Time) {
	ch.uncertain, ch.goneUnseen = true, true
	ch.call.doubt("ended")
	if ch.answered.IsZero() {
		ch.call.doubt("answered")
	}
	t.endChannel(ch, at)
}

// addUnknown makes the channels that began in the gap; those that placed their call first.
func (r *resync) addUnknown() {
	order := slices.Clone(r.s.order)
	slices.SortStableFunc(order, func(a, b *seenChannel) int {
		if a.wasDialed() != b.wasDialed() {
			return cmp.Compare(btoi(a.wasDialed()), btoi(b.wasDialed()))
		}
		return cmp.Compare(b.age, a.age)
	})
	var made []*seenChannel
	for _, seen := range order {
		if r.t.channels[seen.uniqueid] == nil {
			r.add(seen)
			made = append(made, seen)
		}
	}
	for _, seen := range made {
		r.link(seen)
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// wasDialed tells whether something rang the channel: what runs it is then one of Asterisk's stand-ins for an application.
func (s *seenChannel) wasDialed() bool {
	return s.application == "AppDial" || s.application == "AppDial2" || s.application == "AppQueue"
}

func (r *resync) add(seen *seenChannel) {
	t := r.t
	linkedid := seen.linkedid
	if linkedid == "" {
		linkedid = seen.uniqueid
	}
	ch := t.addChannel(seen.uniqueid, seen.name, seen.context, r.s.At.Add(-seen.age))
	ch.party = seen.party
	ch.party.Kind = Extension
	if id, ok := t.settings.extensions[ch.endpoint]; ok && !ch.external {
		ch.party.Number, ch.party.Name = id.Number, id.Name
	}
	if ch.external {
		ch.party.Kind = External
	}
	ch.guessed, ch.uncertain = true, true
	ch.dialed = seen.wasDialed()
	ch.originated = seen.application == "AppDial2"
	ch.placing = !ch.dialed && seen.uniqueid == linkedid
	c, _ := t.callOf(ch, linkedid)
	c.lostPiece(Gap{ch.started, r.gap.End})
	c.doubt("parties")
	if ch.placing {
		c.dialedNumber = seen.dnid
		ch.exten = seen.dnid
	}
	c.add(ch)
	t.pairByName(ch)
	if !ch.plumbing && !c.told {
		t.changed(Started, c, ch.started)
	}
}

// link finds who rings a channel that was made from the snapshot: the one of the same call whose Dial names its endpoint,
// else the oldest one that dials.
func (r *resync) link(seen *seenChannel) {
	dest := r.t.channels[seen.uniqueid]
	if !dest.dialed {
		return
	}
	d := &dial{dest: dest, begin: dest.started}
	dest.rung = d
	var from *seenChannel
	for _, other := range r.s.order {
		if other.linkedid != seen.linkedid || other == seen || (other.application != "Dial" && other.application != "Queue") {
			continue
		}
		if from == nil || strings.Contains(other.appData, dest.endpoint) {
			from = other
		}
	}
	if from == nil || dest.originated {
		return
	}
	d.source = r.t.channels[from.uniqueid]
	d.source.dials = append(d.source.dials, d)
	if dest.external {
		dest.party.Number = dialedNumber(from.appData)
	}
}

// updateStates takes over who was answered in the gap.
func (r *resync) updateStates() {
	for _, seen := range r.s.order {
		ch := r.t.channels[seen.uniqueid]
		if seen.state != "Up" || !ch.answered.IsZero() || !ch.ended.IsZero() {
			continue
		}
		ch.answered, ch.uncertain = r.gap.End, true
		ch.call.doubt("answered")
		if d := ch.rung; d != nil && d.status == "" {
			d.status = "ANSWER"
			d.end = r.gap.End
		}
		r.t.checkConnected(ch.call, r.gap.End)
	}
}

// updateBridges takes over who is in which bridge now.
func (r *resync) updateBridges() {
	for _, seen := range r.s.order {
		ch := r.t.channels[seen.uniqueid]
		if !ch.ended.IsZero() || !r.inGap(latest(ch.entered, ch.left)) {
			continue
		}
		if ch.bridge != nil && ch.bridge.id != seen.bridge {
			ch.call.doubt("conversations")
			r.t.leave(ch, r.gap.End)
		}
	}
	for _, seen := range r.s.order {
		ch := r.t.channels[seen.uniqueid]
		if ch.ended.IsZero() && ch.bridge == nil && seen.bridge != "" && r.inGap(latest(ch.entered, ch.leftBefore(r.gap))) {
			ch.call.doubt("conversations")
			r.t.enter(ch, r.bridge(seen.bridge), r.gap.End)
		}
	}
}

// leftBefore is when the channel left its last bridge, unless that was just now, because of the gap.
func (ch *channel) leftBefore(gap Gap) time.Time {
	if ch.left.Equal(gap.End) {
		return time.Time{}
	}
	return ch.left
}

func (r *resync) bridge(id string) *bridge {
	b := r.t.bridges[id]
	if b == nil {
		talks, listed := r.s.talks[id]
		room := r.s.rooms[id]
		b = &bridge{id: id, talks: (talks || !listed) && room == "", conference: room}
		r.t.bridges[id] = b
	}
	return b
}

// updateHolds ends the holds of telephones that hold nobody now, and begins those of telephones that do. Nothing tells which
// of its channels a telephone holds, so one with several may still have the wrong one; and a call that it places now may be
// a consultation or not.
func (r *resync) updateHolds() {
	t := r.t
	for _, ch := range t.sorted() {
		if ch.plumbing || ch.external || (!ch.guessed && !r.inGap(ch.started)) {
			continue
		}
		onHold, known := r.holds(ch)
		t.doubtful[ch.endpoint] = ch
		switch {
		case ch.held() && r.inGap(ch.holds[len(ch.holds)-1].start):
			ch.call.doubt("hold")
			if known && !onHold {
				t.endHold(ch, r.gap.End)
				t.updateTalks(ch.bridge, nil, r.gap.End)
				t.changed(Resumed, ch.call.root(), r.gap.End)
			}
		case onHold && t.holding[ch.endpoint] == nil && ch.bridge != nil && !ch.held():
			ch.call.doubt("hold")
			t.beginHold(ch, r.gap.End)
		}
	}
}

// holds tells whether a telephone keeps its party on hold. The channel driver that is told of a hold says so of its device:
// chan_pjsip is told of that of the other side (chan_pjsip_indicate in channels/chan_pjsip.c), chan_sip sees that of its own
// (change_hold_state in channels/chan_sip.c). A device with several channels is on hold only if all of them are.
func (r *resync) holds(ch *channel) (onHold, known bool) {
	device := ch
	if strings.HasPrefix(ch.name, "PJSIP/") {
		if device = r.t.partner(ch); device == nil {
			return false, false
		}
	}
	if r.s.devices[device.endpoint] == "ONHOLD" {
		return true, true
	}
	channels := 0
	for _, other := range r.t.channels {
		if other.endpoint == device.endpoint && other.ended.IsZero() {
			channels++
		}
	}
	return false, r.s.hasDevices && channels == 1
}

// partner is the other one of two in a bridge, or in bridges that Local channels join; nil if there are more, or none.
func (t *Tracker) partner(ch *channel) *channel {
	if ch.bridge == nil {
		return nil
	}
	t.walk.over(ch.bridge)
	parties := t.walk.parties
	if len(parties) != 2 {
		return nil
	}
	if parties[0] == ch {
		return parties[1]
	}
	return parties[0]
}

// updateQueues ends the visits of callers who do not wait any more, and begins those of callers who do.
func (r *resync) updateQueues() {
	t := r.t
	for _, ch := range t.sorted() {
		seen, waits := r.s.waiting[ch.uniqueid]
		v := t.visits[ch.uniqueid]
		switch {
		case waits && (v == nil || v.queue != seen.queue):
			v = &visit{queue: seen.queue, caller: ch, entered: r.s.At.Add(-seen.wait)}
			t.visits[ch.uniqueid], ch.lastVisit = v, v
			ch.call.visits = append(ch.call.visits, v)
			ch.call.doubt("queues")
			t.changed(Queued, ch.call.root(), r.gap.End)
		case !waits && v != nil && r.s.hasQueues && v.left.IsZero() && r.inGap(v.entered):
			v.left = r.gap.End
			v.answeredBy = v.talksWith()
			ch.call.doubt("queues")
			t.changed(Unqueued, ch.call.root(), r.gap.End)
		}
	}
}

// talksWith is the member of the queue that the caller talks with now.
func (v *visit) talksWith() *channel {
	caller := v.caller.far()
	if caller == nil {
		return nil
	}
	for _, a := range v.attempts {
		for _, phone := range a.dest.phones() {
			if isIn(caller.open, phone) {
				return a.dest
			}
		}
	}
	return nil
}

// updateParked ends and begins stays in parking lots.
func (r *resync) updateParked() {
	t := r.t
	for _, ch := range t.sorted() {
		item, waits := r.s.parked[ch.uniqueid]
		p := t.parked[ch.uniqueid]
		switch {
		case waits && p == nil:
			ch.call.doubt("parking")
			t.parkedCall(item, r.gap.End)
		case !waits && p != nil && r.s.hasParked && r.inGap(p.at):
			delete(t.parked, ch.uniqueid)
			p.left, p.outcome = r.gap.End, Retrieved
			if ch.bridge == nil {
				p.outcome = ParkTimeout
			}
			ch.call.doubt("parking")
			t.changed(Unparked, ch.call.root(), r.gap.End)
		}
	}
}
