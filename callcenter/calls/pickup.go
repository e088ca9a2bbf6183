package calls

import (
	"time"

	"github.com/asterism-go/asterism/ami"
)

// pickup is a Pickup while its channels are alive.
type pickup struct {
	by, ringing *channel
	at          time.Time
}

// pickup: Channel takes the call that rings at Target (ast_do_pickup in main/pickup.c). Its leg becomes part of that call;
// the call that it made for it was none.
func (t *Tracker) pickup(event ami.Message, at time.Time) {
	by, ringing := t.channelOf(event), t.channels[event.Get("TargetUniqueid")]
	if by != nil && ringing != nil {
		t.picksUp(by, ringing, at)
	}
}

func (t *Tracker) picksUp(by, ringing *channel, at time.Time) {
	if ringing.picked || by == ringing {
		return // told twice
	}
	ringing.picked = true
	ringing.endDial(at)
	c := ringing.call.root()
	t.takesPart(by, c, at)
	c.pickups = append(c.pickups, &pickup{by: by, ringing: ringing, at: at})
	t.changed(PickedUp, c, at)
}

// takesPart moves the leg of somebody who has placed a call only to take part in another one.
func (t *Tracker) takesPart(ch *channel, c *call, at time.Time) {
	own := ch.call
	if own == c {
		return
	}
	own.explained = true
	if c.root() == own { // the two have met already
		c = c.root()
	}
	t.moveTree(ch, c, at)
	if own.merged == c && len(own.members) > 0 {
		own.merged = nil
	}
}

// pickedByDial sees a pickup that no Pickup tells: an INVITE with Replaces, or a feature code of an older Asterisk. Whoever
// rang a telephone has given it up and rings at once a channel that had placed a call of its own: that one has picked up.
func (t *Tracker) pickedByDial(source, dest *channel, at time.Time) bool {
	if source == nil || !dest.placing || dest.dialed || dest.plumbing || dest == source {
		return false
	}
	for _, p := range source.call.root().pickups {
		if p.by == dest {
			return true
		}
	}
	for i := len(source.dials) - 1; i >= 0; i-- {
		d := source.dials[i]
		gone := d.status == "CANCEL" && at.Sub(d.end) < window
		if gone && d.dest.answered.IsZero() && !d.dest.plumbing && !d.dest.picked {
			t.picksUp(dest, d.dest, at)
			return true
		}
	}
	return false
}
