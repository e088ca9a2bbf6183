package calls

import (
	"time"

	"github.com/asterism-go/asterism/ami"
)

// hangupRequest: the party has hung up, or refused. This is the true end of its telephone; Asterisk may keep the channel for
// longer, or have dropped it before.
func (t *Tracker) hangupRequest(event ami.Message, at time.Time) {
	ch := t.channelOf(event)
	if ch == nil || !ch.requested.IsZero() {
		return
	}
	if !ch.plumbing {
		t.requests = true
	}
	ch.requested, ch.refusal = at, keepUsual(event.Get("Cause"))
	if ch.ended.IsZero() {
		ch.cause = ch.refusal
	}
	if ch.answered.IsZero() && !ch.dialed {
		ch.gaveUp = ch.ringsSomebody() || (event.Get("ChannelStateDesc") != "Busy" && len(ch.dials) == 0)
	}
}

// hangup: the channel is gone. With its last channel the call has ended.
func (t *Tracker) hangup(event ami.Message, at time.Time) {
	ch := t.channelOf(event)
	if ch != nil && ch.goneUnseen {
		ch.goneUnseen, ch.ended, ch.cause = false, at, keepUsual(event.Get("Cause"))
	}
	if ch == nil || !ch.ended.IsZero() {
		return
	}
	ch.cause = keepUsual(event.Get("Cause"))
	t.endChannel(ch, at)
}

func (t *Tracker) endChannel(ch *channel, at time.Time) {
	ch.ended = at
	if isLocal(ch.name) && t.locals[ch.name] == ch {
		delete(t.locals, ch.name)
	}
	if t.placed[ch.endpoint] == ch {
		delete(t.placed, ch.endpoint)
	}
	if t.doubtful[ch.endpoint] == ch {
		delete(t.doubtful, ch.endpoint)
	}
	ch.endDial(at)
	for _, d := range ch.dials {
		if d.end.IsZero() && d.dest.rung == d && !d.dest.ended.IsZero() {
			d.end = at
		}
	}
	t.endHold(ch, ch.end())
	t.leave(ch, at)
	t.leaveSeat(ch, at)
	ch.endRecordings(ch.end())
	ch.leaveMenu("", ch.end())
	if p := t.parked[ch.uniqueid]; p != nil {
		delete(t.parked, ch.uniqueid)
		p.left, p.outcome = at, ParkAbandoned
	}
	if v := t.visits[ch.uniqueid]; v != nil && v.left.IsZero() {
		v.left = at
	}
	if ch.call.spiesOn != nil {
		ch.call.spiesOn.call.root().endSpies(ch, at)
	}
	ch.call.live--
	if !ch.plumbing {
		t.settle(at, func(t *Tracker) {
			if ch.call.lives() { // or the others have ended with it
				t.changed(LegEnded, ch.call, at)
			}
		})
	}
	for c := ch.call; c != nil && !c.lives(); c = c.mergedInto() {
		t.over(c, at)
	}
}
