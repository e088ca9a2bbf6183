package calls

import (
	"strings"
	"time"

	"github.com/asterism-go/asterism/ami"
)

// attendedTransfer: the transferer joins the two whom he talks with, or hands over one whom he rings, or a queue that he
// waits in (ast_bridge_transfer_attended in main/bridge.c). It is told after the swap that it announces. A transferer with
// two channels has consulted in a call of its own; one with a single channel has used a feature code.
func (t *Tracker) attendedTransfer(event ami.Message, at time.Time) {
	orig, second := t.channels[event.Get("OrigTransfererUniqueid")], t.channels[event.Get("SecondTransfererUniqueid")]
	if orig == nil || second == nil || event.Get("Result") != "Success" {
		return
	}
	source, target := t.channels[event.Get("TransfereeUniqueid")], t.channels[event.Get("TransferTargetUniqueid")]
	if orig == second {
		t.featureTransfer(orig, source, at)
		return
	}
	c, consulted := orig.call.root(), second.call
	if c == consulted {
		c = orig.call
	}
	for _, other := range c.transfers {
		if other.kind == Attended && other.by == orig && other.second == second {
			return // told twice
		}
	}
	if source == nil && target == nil {
		source, target = t.transferParties(event.Get("DestBridgeUniqueid"), orig, second)
	}
	x := &transfer{
		kind: Attended, at: at, by: orig, second: second, source: source, transferee: source.far(), to: target.far(),
		number: consulted.dialedNumber, consulted: consulted,
	}
	if x.number == "" && x.to != nil {
		x.number = x.to.party.Number
	}
	if x.to == nil {
		x.targets = second.ringingPhones()
	}
	consulted.consulting, consulted.explained = true, true
	if consulted != c {
		t.merge(consulted, c, at)
		t.changed(Merged, consulted, at)
	}
	t.passVisit(second, source)
	t.addTransfer(c.root(), x)
}

// ringingPhones are the telephones behind the dials of a channel that have not ended.
func (ch *channel) ringingPhones() []*channel {
	var phones []*channel
	for _, d := range ch.dials {
		if d.end.IsZero() {
			phones = append(phones, d.dest.phones()...)
		}
	}
	return phones
}

// transferParties finds transferee and target when the event names neither: they are who is left in the bridge, each from
// the call of one of the transferer's channels.
func (t *Tracker) transferParties(bridgeID string, orig, second *channel) (transferee, target *channel) {
	b := t.bridges[bridgeID]
	if b == nil {
		return nil, nil
	}
	t.walk.over(b)
	for _, party := range t.walk.parties {
		switch {
		case party == orig || party == second:
		case party.call == orig.call && transferee == nil:
			transferee = party
		case party.call == second.call:
			target = party
		case transferee == nil:
			transferee = party
		}
	}
	return transferee, target
}

// A transfer by feature code (res/res_features, features.conf's atxfer) has no second call: the transferer steps out of the
// bridge into a private one, with a Local half that nobody has dialled and that rings the target behind it. He goes on by
// hanging up (AttendedTransfer), or steps back.

// stepsAside opens or ends an attempt when a channel has entered a bridge.
func (t *Tracker) stepsAside(ch *channel, b *bridge, at time.Time) {
	if x := ch.attempt; x != nil && x.back == b {
		ch.attempt = nil
		x.returned = true
		c := ch.call.root()
		c.transfers = append(c.transfers, x)
		t.changed(Transferred, c, at)
		return
	}
	if len(b.members) != 1 {
		return
	}
	phone, half := ch, b.members[0]
	if ch.plumbing {
		phone, half = half, ch
	}
	if !half.feature() || phone.plumbing || phone.attempt != nil || phone.lastBridge == nil || !phone.talked(time.Time{}) {
		return
	}
	x := &transfer{kind: Attended, at: at, by: phone, local: half, back: phone.lastBridge, number: half.exten}
	for _, member := range x.back.members {
		if party := member.far(); party != nil && x.transferee == nil {
			x.source, x.transferee = member, party
		}
	}
	if x.transferee == nil {
		return
	}
	phone.attempt = x
	t.endHold(phone, at) // the feature code's own
}

// feature tells whether the channel is the front half of a Local channel that nobody has dialled.
func (ch *channel) feature() bool {
	return ch.plumbing && ch.rung == nil && strings.HasPrefix(ch.name, "Local/") && strings.HasSuffix(ch.name, ";1")
}

// featureTransfer: the transferer has hung up, so that the transferee gets the target.
func (t *Tracker) featureTransfer(by, source *channel, at time.Time) {
	x := by.attempt
	if x == nil {
		return
	}
	by.attempt = nil
	x.at = at
	if source != nil && source.far() != nil {
		x.source, x.transferee = source, source.far()
	}
	t.addTransfer(by.call.root(), x)
}
