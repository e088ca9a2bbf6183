package calls

import (
	"time"

	"github.com/asterism-go/asterism/ami"
)

// hold: a party keeps the others on hold, so that it hears nobody and nobody hears it. A hold goes with the channel from
// bridge to bridge. One that is still open ends with the leg.
func (t *Tracker) hold(event ami.Message, at time.Time) {
	ch := t.channelOf(event)
	if ch == nil || ch.held() || !ch.ended.IsZero() {
		return
	}
	t.beginHold(ch, at)
}

func (t *Tracker) beginHold(ch *channel, at time.Time) {
	ch.holds = append(ch.holds, span{start: at})
	if !ch.external && !ch.plumbing {
		t.holding[ch.endpoint] = ch
		t.heldAfterPlacing(ch, at)
	}
	t.updateTalks(ch.bridge, nil, at)
	t.changed(Held, ch.call.root(), at)
}

// unhold without hold is normal: Asterisk tells one before a transfer (main/bridge.c, ast_bridge_transfer_attended).
func (t *Tracker) unhold(event ami.Message, at time.Time) {
	ch := t.channelOf(event)
	if ch == nil || !ch.held() {
		return
	}
	t.endHold(ch, at)
	t.updateTalks(ch.bridge, nil, at)
	t.changed(Resumed, ch.call.root(), at)
}

func (t *Tracker) endHold(ch *channel, at time.Time) {
	if !ch.held() {
		return
	}
	ch.holds[len(ch.holds)-1].end = at
	ch.unheld = at
	if t.holding[ch.endpoint] == ch {
		delete(t.holding, ch.endpoint)
	}
}

// holdTime is for how long the channel has kept others on hold.
func (ch *channel) holdTime(at time.Time) time.Duration {
	var total time.Duration
	for _, hold := range ch.holds {
		end := hold.end
		if end.IsZero() {
			end = at
		}
		total += max(end.Sub(hold.start), 0)
	}
	return total
}
