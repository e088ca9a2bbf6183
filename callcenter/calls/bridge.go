package calls

import (
	"time"

	"github.com/asterism-go/asterism/ami"
)

// breakTolerance is the longest silence between two legs that is no end of their conversation: Asterisk takes channels
// out of a bridge for a moment when it changes its technology or swaps one for another.
const breakTolerance = 500 * time.Millisecond

// bridge is a place in which channels hear each other.
type bridge struct {
	id      string
	talks   bool // parties in it hear each other as pairs
	members []*channel
	open    map[pair]*conversation
}

// pair is two channels, the older one first.
type pair struct{ a, b *channel }

// conversation is a Conversation while its channels are alive.
type conversation struct {
	pair
	start, end time.Time
}

// bridgeEnter: see ast_channel_publish_blob with ast_channel_entered_bridge_type in main/stasis_bridges.c. Parties in a
// holding bridge (parking, waiting) hear music, and those of a conference are members, not pairs.
func (t *Tracker) bridgeEnter(event ami.Message, at time.Time) {
	ch := t.channelOf(event)
	if ch == nil {
		return
	}
	t.leaveBridge(ch, at)
	id := event.Get("BridgeUniqueid")
	b := t.bridges[id]
	if b == nil {
		b = &bridge{id: id, open: map[pair]*conversation{}}
		b.talks = event.Get("BridgeTechnology") != "holding_bridge" && event.Get("BridgeCreator") != "ConfBridge"
		t.bridges[id] = b
	}
	b.members = append(b.members, ch)
	ch.bridge = b
	t.updateTalks(b, at)
}

func (t *Tracker) bridgeLeave(event ami.Message, at time.Time) {
	ch := t.channelOf(event)
	if ch != nil && ch.bridge != nil && ch.bridge.id == event.Get("BridgeUniqueid") {
		t.leaveBridge(ch, at)
	}
}

func (t *Tracker) bridgeDestroy(event ami.Message, at time.Time) {
	if b := t.bridges[event.Get("BridgeUniqueid")]; b != nil {
		for len(b.members) > 0 {
			t.leaveBridge(b.members[0], at)
		}
		delete(t.bridges, b.id)
	}
}

func (t *Tracker) leaveBridge(ch *channel, at time.Time) {
	b := ch.bridge
	if b == nil {
		return
	}
	ch.bridge = nil
	for i, member := range b.members {
		if member == ch {
			b.members = append(b.members[:i], b.members[i+1:]...)
			break
		}
	}
	t.updateTalks(b, at)
}

// hold: a party keeps the others on hold, so that it hears nobody and nobody hears it.
func (t *Tracker) hold(event ami.Message, at time.Time) {
	ch := t.channelOf(event)
	if ch == nil || !ch.heldSince.IsZero() {
		return
	}
	ch.heldSince = at
	t.updateTalks(ch.bridge, at)
}

// unhold without hold is normal: Asterisk tells one before a transfer (main/bridge.c, ast_bridge_transfer_attended).
func (t *Tracker) unhold(event ami.Message, at time.Time) {
	ch := t.channelOf(event)
	if ch == nil {
		return
	}
	t.endHold(ch, at)
	t.updateTalks(ch.bridge, at)
}

func (t *Tracker) endHold(ch *channel, at time.Time) {
	if !ch.heldSince.IsZero() {
		ch.holdTime += at.Sub(ch.heldSince)
		ch.heldSince = time.Time{}
	}
}

// updateTalks begins and ends the conversations of a bridge after its members or their holds have changed.
func (t *Tracker) updateTalks(b *bridge, at time.Time) {
	if b == nil || !b.talks {
		return
	}
	for p, talk := range b.open {
		if p.a.bridge != b || p.b.bridge != b || !p.a.heldSince.IsZero() || !p.b.heldSince.IsZero() {
			talk.end = earliest(at, p.a.end(), p.b.end())
			delete(b.open, p)
			t.changed(TalkingEnd, p.a.call, at)
		}
	}
	for i, first := range b.members {
		for _, second := range b.members[i+1:] {
			t.talk(b, first, second, at)
		}
	}
}

// talk begins the conversation of two members if they can hear each other and do not talk already.
func (t *Tracker) talk(b *bridge, first, second *channel, at time.Time) {
	p := pair{first, second}
	if second.started.Before(first.started) {
		p = pair{second, first}
	}
	if b.open[p] != nil || first.plumbing || second.plumbing || !first.heldSince.IsZero() || !second.heldSince.IsZero() {
		return
	}
	c := p.a.call
	if last := c.lastTalk(p); last != nil && at.Sub(last.end) < breakTolerance {
		last.end = time.Time{}
		b.open[p] = last
		return
	}
	b.open[p] = &conversation{pair: p, start: at}
	c.conversations = append(c.conversations, b.open[p])
	t.changed(Talking, c, at)
}

func (c *call) lastTalk(p pair) *conversation {
	for i := len(c.conversations) - 1; i >= 0; i-- {
		if c.conversations[i].pair == p {
			return c.conversations[i]
		}
	}
	return nil
}

// earliest returns the earliest of the times that are known.
func earliest(first time.Time, others ...time.Time) time.Time {
	for _, other := range others {
		if !other.IsZero() && other.Before(first) {
			first = other
		}
	}
	return first
}
