package calls

import (
	"strings"
	"time"

	"github.com/asterism-go/asterism/ami"
)

// localBridge joins the halves of a Local channel (publish_local_bridge_message in main/core_local.c). They are paired by
// their names too, for a stream that has lost this event.
func (t *Tracker) localBridge(event ami.Message, at time.Time) {
	one, two := t.channels[event.Get("LocalOneUniqueid")], t.channels[event.Get("LocalTwoUniqueid")]
	if one != nil && two != nil {
		t.pair(one, two, at)
	}
}

// pairByName pairs Local/x;1 with Local/x;2.
func (t *Tracker) pairByName(ch *channel) {
	if !isLocal(ch.name) {
		return
	}
	stem, half := ch.name[:len(ch.name)-1], ch.name[len(ch.name)-1]
	other := stem + "1"
	if half == '1' {
		other = stem + "2"
	}
	if partner := t.locals[other]; partner != nil && partner.ended.IsZero() {
		t.pair(ch, partner, ch.started)
	}
}

func isLocal(name string) bool { return strings.HasPrefix(name, "Local/") }

func (t *Tracker) pair(one, two *channel, at time.Time) {
	if one.partner == two || one == two {
		return
	}
	one.partner, two.partner = two, one
	if one.call != two.call {
		t.moveTree(two, one.call, at)
	}
	t.updateTalks(one.bridge, two.bridge, at)
}

// far is the telephone at the other end of a Local channel, as seen from this half; a telephone is its own. It is nil if
// there is none, or more than one and so no answer.
func (ch *channel) far() *channel {
	budget := walkLimit
	return ch.farWithin(&budget)
}

func (ch *channel) farWithin(budget *int) *channel {
	if ch == nil || !ch.plumbing {
		return ch
	}
	p := ch.partner
	if *budget--; p == nil || *budget < 0 {
		return nil
	}
	if p.bridge != nil {
		for _, member := range p.bridge.members {
			if member == p {
				continue
			}
			if phone := member.farWithin(budget); phone != nil {
				return phone
			}
		}
	}
	if phone := best(ch.phones()); phone != nil {
		return phone
	}
	if p.rung != nil && p.rung.source != nil {
		return p.rung.source.farWithin(budget)
	}
	return nil
}
