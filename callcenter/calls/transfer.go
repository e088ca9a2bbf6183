package calls

import (
	"slices"
	"strings"
	"time"

	"github.com/asterism-go/asterism/ami"
)

// transfer is a Transfer while it is being made of events. Whom it reached and how it went is read from what the
// transferee did next, so the order of the events does not matter.
type transfer struct {
	kind       TransferType
	at         time.Time
	by, second *channel // the transferer, and his other channel
	source     *channel // who rings the target: the transferee, or the Local half in front of him
	transferee *channel
	number     string
	to         *channel   // the target, if the event names it
	targets    []*channel // whom the transferer was ringing
	consulted  *call
	local      *channel // of a feature code: the Local half through which the transferer talked to the target
	back       *bridge  // of a feature code: where the transferee waits
	returned   bool
	failed     bool
}

// transferWindow is how far apart BlindTransfer and what it causes are told.
const transferWindow = 3 * time.Second

// blindTransfer: the transferer sends the transferee to an extension (ast_bridge_transfer_blind in main/bridge.c). It may be
// told before or after what it causes. A transfer to a parking lot is no transfer for a person.
func (t *Tracker) blindTransfer(event ami.Message, at time.Time) {
	by := t.channels[event.Get("TransfererUniqueid")]
	source := t.channels[event.Get("TransfereeUniqueid")]
	if source == nil && by != nil && by.bridge != nil {
		source = otherIn(by.bridge, by)
	}
	if by == nil || source == nil {
		return
	}
	x := &transfer{
		kind: Blind, at: at, by: by.far(), source: source, transferee: source.far(),
		number: strings.Clone(event.Get("Extension")), failed: event.Get("Result") != "Success",
	}
	c := by.call.root()
	if c.hasTransfer(x) {
		return
	}
	if source.moved != nil {
		source.moved = nil
	}
	c.transfers = slices.DeleteFunc(c.transfers, func(other *transfer) bool {
		return other.kind == Redirected && other.transferee == x.transferee && other.at.Sub(at).Abs() < transferWindow
	})
	t.addTransfer(c, x)
}

func otherIn(b *bridge, ch *channel) *channel {
	for _, member := range b.members {
		if member != ch {
			return member
		}
	}
	return nil
}

func (c *call) hasTransfer(x *transfer) bool {
	for _, other := range c.transfers {
		if other.kind == x.kind && other.by == x.by && other.source == x.source && other.at.Equal(x.at) {
			return true // told twice
		}
	}
	return false
}

// addTransfer tells of a transfer when it is clear that it is one.
func (t *Tracker) addTransfer(c *call, x *transfer) {
	c.transfers = append(c.transfers, x)
	if x.kind == Attended || (x.kind == Blind && len(t.settings.parking) > 0 && !slices.Contains(t.settings.parking, x.number)) {
		t.changed(Transferred, c, x.at)
		return
	}
	t.settle(x.at, func(t *Tracker) {
		if root := c.root(); slices.Contains(root.transfers, x) && !t.parks(root, x) {
			t.changed(Transferred, root, x.at)
		}
	})
}

// parks tells whether a blind transfer was how the transferee was parked.
func (t *Tracker) parks(c *call, x *transfer) bool {
	if x.kind != Blind {
		return false
	}
	if x.number != "" && slices.Contains(t.settings.parking, x.number) {
		return true
	}
	talk := x.nextTalk()
	for _, p := range c.parkings {
		if p.parkee == x.transferee && p.at.Sub(x.at) < transferWindow && x.at.Sub(p.at) < window {
			return talk == nil || !talk.start.Before(p.at) // or it had reached somebody, who parked him then
		}
	}
	return false
}

// maybeRedirected: a channel has left a conversation for another extension. If it rings somebody there, it was redirected
// (AMI's Redirect), which no event tells.
func (t *Tracker) maybeRedirected(ch *channel, exten string, at time.Time) {
	if !ch.plumbing {
		ch.moved = &transfer{kind: Redirected, at: at, source: ch, transferee: ch, number: exten}
	}
}

func (t *Tracker) redirected(source *channel, _ time.Time) {
	x := source.moved
	if x == nil {
		return
	}
	source.moved = nil
	c := source.call.root()
	for _, other := range c.transfers {
		if other.kind != Redirected && (other.transferee == source || other.source == source) && other.at.Sub(x.at).Abs() < transferWindow {
			return
		}
	}
	t.addTransfer(c, x)
}

// outcome is whom a transfer has reached, and how it went, as far as is known.
func (x *transfer) outcome() (to *channel, result TransferResult) {
	switch {
	case x.kind == Bridged:
		return x.to, Completed
	case x.failed:
		return nil, TransferFailed
	case x.returned:
		return best(x.local.phones()), Returned
	case x.to != nil:
		return x.to, Completed
	}
	if talk := x.nextTalk(); talk != nil {
		return talk.other(x.transferee), Completed
	}
	if x.local != nil {
		return best(x.local.phones()), NotAnswered
	}
	phones := x.targets
	if x.source != nil {
		for _, d := range x.source.dials {
			if d.begin.After(x.at.Add(-window)) && d.dest != x.by && d.dest != x.second {
				phones = append(slices.Clip(phones), d.dest.phones()...)
			}
		}
	}
	return best(phones), NotAnswered
}

// nextTalk is the first conversation of the transferee after the transfer with somebody else than the transferer.
func (x *transfer) nextTalk() *talk {
	if x.transferee == nil {
		return nil
	}
	for _, tk := range x.transferee.talks {
		other := tk.other(x.transferee)
		if other == x.by || other == x.second || tk.start.Before(x.at.Add(-talkMinimum/2)) {
			continue
		}
		if tk.end.IsZero() || tk.until().Sub(tk.start) >= talkMinimum {
			return tk
		}
	}
	return nil
}
