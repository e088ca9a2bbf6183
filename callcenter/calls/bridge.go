package calls

import (
	"slices"
	"strings"
	"time"

	"github.com/asterism-go/asterism/ami"
)

// bridge is a place in which channels hear each other.
type bridge struct {
	id         string
	talks      bool        // those in it hear each other as pairs
	conference string      // the name of its room
	meeting    *conference // who is in the room
	members    []*channel
	walked     uint64
}

// bridgeOf returns the bridge of an event that a channel enters, which it makes if it is new. Parties in a holding bridge (parking, waiting) hear
// music, and those of a conference are members, not pairs.
func (t *Tracker) bridgeOf(event ami.Message, ch *channel) *bridge {
	id := event.Get("BridgeUniqueid")
	if id == "" {
		return nil
	}
	b := t.bridges[id]
	if b == nil {
		b = ch.call.newBridge(strings.Clone(id))
		b.talks = event.Get("BridgeTechnology") != "holding_bridge"
		if event.Get("BridgeCreator") == "ConfBridge" {
			b.talks, b.conference = false, strings.Clone(known(event.Get("BridgeName")))
		}
		t.bridges[b.id] = b
	}
	return b
}

// bridgeEnter: see ast_bridge_publish_enter in main/stasis_bridges.c.
func (t *Tracker) bridgeEnter(event ami.Message, at time.Time) {
	ch := t.channelOf(event)
	if ch == nil || !ch.ended.IsZero() {
		return
	}
	b := t.bridgeOf(event, ch)
	if b == nil || ch.bridge == b {
		return
	}
	from := ch.bridge
	if from != nil {
		t.leave(ch, at)
	}
	if exten := event.Get("Exten"); exten == ch.exten {
		ch.enterExten = ch.exten
	} else {
		replace(&ch.enterExten, exten)
	}
	t.stepsAside(ch, b, at)
	t.enter(ch, b, at)
}

func (t *Tracker) enter(ch *channel, b *bridge, at time.Time) {
	ch.bridge, ch.entered, ch.moved = b, at, nil
	b.members = append(b.members, ch)
	if b.conference != "" {
		t.takeSeat(ch, b, byBridgeEnter, at)
	}
	t.updateTalks(b, ch.partnerBridge(), at)
}

func (ch *channel) partnerBridge() *bridge {
	if ch.partner == nil {
		return nil
	}
	return ch.partner.bridge
}

// bridgeLeave: a channel that leaves with another extension than it had when it entered was sent elsewhere in the dialplan.
func (t *Tracker) bridgeLeave(event ami.Message, at time.Time) {
	ch := t.channelOf(event)
	if ch == nil || ch.bridge == nil || ch.bridge.id != event.Get("BridgeUniqueid") {
		return
	}
	talked := ch.bridge.talks && len(ch.talks) > 0
	t.leave(ch, at)
	if exten := event.Get("Exten"); talked && exten != ch.enterExten && exten != "" && exten != "h" && ch.requested.IsZero() {
		t.maybeRedirected(ch, strings.Clone(exten), at)
	}
}

// bridgeDestroy: all have left. Their own BridgeLeave may still be on its way, so it is waited for.
func (t *Tracker) bridgeDestroy(event ami.Message, at time.Time) {
	b := t.bridges[event.Get("BridgeUniqueid")]
	if b == nil {
		return
	}
	t.settle(at, func(t *Tracker) {
		for len(b.members) > 0 {
			t.leave(b.members[0], at)
		}
	})
}

// leave takes a channel out of its bridge, if it is in one.
func (t *Tracker) leave(ch *channel, at time.Time) {
	b := ch.bridge
	if b == nil {
		return
	}
	ch.bridge, ch.lastBridge, ch.left = nil, b, at
	b.members = slices.DeleteFunc(b.members, func(member *channel) bool { return member == ch })
	if b.conference != "" {
		t.leaveSeat(ch, at)
	}
	t.walk.next()
	ch.component = t.walk.mark
	t.endTalks(ch, at)
	t.updateTalks(b, ch.partnerBridge(), at)
	t.dropEmpty(b)
}

// dropEmpty forgets a bridge that nobody is in; whoever enters it again tells what it is. BridgeDestroy may be lost.
func (t *Tracker) dropEmpty(b *bridge) {
	if len(b.members) == 0 && (b.meeting == nil || b.meeting.open == 0) && t.bridges[b.id] == b {
		delete(t.bridges, b.id)
	}
}

// walk is a walk over bridges that are joined by Local channels. It reuses its memory.
type walk struct {
	mark    uint64
	bridges []*bridge
	parties []*channel
}

func (w *walk) next() {
	w.mark++
	w.bridges, w.parties = w.bridges[:0], w.parties[:0]
}

// over walks from a bridge through the Local channels in it. parties are the telephones that it meets; they hear each
// other. A bridge in which nobody talks, or a conference, is walked alone.
func (w *walk) over(b *bridge) {
	w.next()
	if !b.talks {
		return
	}
	b.walked = w.mark
	w.bridges = append(w.bridges, b)
	for i := 0; i < len(w.bridges); i++ {
		for _, member := range w.bridges[i].members {
			member.component = w.mark
			if !member.plumbing {
				w.parties = append(w.parties, member)
				continue
			}
			if next := member.partnerBridge(); next != nil && next.talks && next.walked != w.mark {
				next.walked = w.mark
				w.bridges = append(w.bridges, next)
			}
		}
	}
}
