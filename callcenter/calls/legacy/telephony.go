package legacy

import (
	"strings"

	"github.com/asterism-go/asterism/ami"
)

// dial is Dial of 1.8 to 11 (SubEvent Begin and End, senddialevent in apps/app_dial.c) and of 1.4, which has no end. An end
// names no destination: the one that is up has answered.
func (t *Translator) dial(event ami.Message) {
	source := t.byID(event, "UniqueID", "SrcUniqueID")
	if event.Get("SubEvent") == "End" {
		if source != nil {
			t.dialEnd(event, source)
		}
		return
	}
	dest := t.byID(event, "DestUniqueID", "DestUniqueID")
	if source == nil || dest == nil {
		return
	}
	t.show(source)
	if dest.waiting {
		dest.phone.linkedid = source.phone.linkedid
	}
	t.show(dest)
	source.dials = append(source.dials, dest)
	t.emit(event, "DialBegin", "Channel", source.phone.name, "Uniqueid", source.phone.id, "DestChannel", dest.phone.name,
		"DestUniqueid", dest.phone.id, "DialString", event.Get("Dialstring"))
}

// byID finds the channel of one of two headers.
func (t *Translator) byID(event ami.Message, key, otherwise string) *channel {
	return t.channels[first(event, key, otherwise)]
}

func (t *Translator) dialEnd(event ami.Message, source *channel) {
	status := event.Get("DialStatus")
	for _, dest := range source.dials {
		told := status
		if status == "ANSWER" && !dest.phone.up {
			told = "CANCEL"
		}
		t.emit(event, "DialEnd", "Channel", source.phone.name, "Uniqueid", source.phone.id, "DestChannel", dest.phone.name,
			"DestUniqueid", dest.phone.id, "DialStatus", told)
	}
	source.dials = nil
}

// bridge is Bridge of 1.8 to 11 (manager_bridge_event in main/channel.c); link and unlink are what 1.4 has. They are told
// again for every change of how the two are bridged.
func (t *Translator) bridge(event ami.Message) {
	if event.Get("Bridgestate") == "Unlink" {
		t.unlink(event)
		return
	}
	t.link(event)
}

func (t *Translator) link(event ami.Message) {
	a, b := t.byID(event, "Uniqueid1", "Uniqueid1"), t.byID(event, "Uniqueid2", "Uniqueid2")
	if a == nil || b == nil || a == b || a.bridged == b {
		return
	}
	t.show(a)
	t.show(b)
	for _, ch := range []*channel{a, b} {
		t.part(event, ch)
	}
	a.bridged, b.bridged = b, a
	for _, ch := range []*channel{a, b} {
		if !ch.phone.up {
			ch.phone.up = true
			t.emit(event, "Newstate", "Channel", ch.phone.name, "Uniqueid", ch.phone.id, "ChannelStateDesc", "Up")
		}
	}
	t.answered(event, a, b)
	t.answered(event, b, a)
	t.enter(event, a)
	t.enter(event, b)
	a.phone.peer, b.phone.peer = b.phone, a.phone
}

// answered ends the dials of a channel that talks with one whom it rang: 1.4 does not tell.
func (t *Translator) answered(event ami.Message, source, dest *channel) {
	for _, rung := range source.dials {
		if rung == dest {
			t.dialEnd(answerOf(event), source)
			return
		}
	}
}

// answerOf is an event that ends a dial at the time of another event.
func answerOf(event ami.Message) ami.Message {
	message, err := ami.ParseMessage("Event: Dial\r\nSubEvent: End\r\nDialStatus: ANSWER\r\nTimestamp: " + event.Get("Timestamp") + "\r\n")
	if err != nil {
		return event
	}
	return message
}

func (t *Translator) unlink(event ami.Message) {
	a, b := t.byID(event, "Uniqueid1", "Uniqueid1"), t.byID(event, "Uniqueid2", "Uniqueid2")
	if a != nil && a.bridged == b {
		t.part(event, a)
	}
}

// part takes a channel out of the bridge that it is in, and with it the other one.
func (t *Translator) part(event ami.Message, ch *channel) {
	other := ch.bridged
	if other == nil {
		return
	}
	for _, left := range []*channel{ch, other} {
		t.bridgeEvent(event, "BridgeLeave", left)
	}
	ch.bridged, other.bridged = nil, nil
}

func (t *Translator) enter(event ami.Message, ch *channel) { t.bridgeEvent(event, "BridgeEnter", ch) }

func (t *Translator) bridgeEvent(event ami.Message, name string, ch *channel) {
	t.emit(event, name, "BridgeUniqueid", pair(ch, ch.bridged), "BridgeTechnology", "simple_bridge", "Channel", ch.phone.name,
		"Uniqueid", ch.phone.id)
}

// pair names the bridge of two channels.
func pair(a, b *channel) string {
	return "pair-" + min(a.id, b.id) + "-" + max(a.id, b.id)
}

// rename: a channel has another name from now on. That of its telephone stays.
func (t *Translator) rename(event ami.Message) {
	ch := t.channels[event.Get("Uniqueid")]
	if ch == nil {
		ch = t.names[first(event, "Channel", "Oldname")]
	}
	if ch == nil {
		return
	}
	if t.names[ch.name] == ch {
		delete(t.names, ch.name)
	}
	ch.name = event.Get("Newname")
	t.names[ch.name] = ch
}

// masquerade: Original gets the telephone of Clone, and Clone, which is hung up next, that of Original
// (ast_do_masquerade in main/channel.c).
func (t *Translator) masquerade(event ami.Message) {
	clone, original := t.names[modern(event.Get("Clone"))], t.names[modern(event.Get("Original"))]
	if clone == nil || original == nil || clone == original {
		return
	}
	t.show(clone)
	t.show(original)
	t.part(event, clone)
	other := original.bridged
	if other != nil {
		t.bridgeEvent(event, "BridgeLeave", original)
	}
	clone.phone, original.phone = original.phone, clone.phone
	if other != nil {
		t.bridgeEvent(event, "BridgeEnter", original)
		original.phone.peer, other.phone.peer = other.phone, original.phone
	}
}

// localBridge is that of 11 (Uniqueid1 and 2).
func (t *Translator) localBridge(event ami.Message) {
	one, two := t.byID(event, "Uniqueid1", "LocalOneUniqueid"), t.byID(event, "Uniqueid2", "LocalTwoUniqueid")
	if one != nil && two != nil {
		t.show(one)
		t.show(two)
		t.emit(event, "LocalBridge", "LocalOneUniqueid", one.phone.id, "LocalTwoUniqueid", two.phone.id)
	}
}

// hold has Status On or Off in chan_sip; 1.4 has Hold and Unhold.
func (t *Translator) hold(event ami.Message) {
	ch := t.channel(event)
	if ch == nil {
		return
	}
	name := "Hold"
	if event.Get("Status") == "Off" {
		name = "Unhold"
	}
	t.emit(event, name, "Channel", ch.phone.name, "Uniqueid", ch.phone.id)
}

// transfer is that of chan_sip: Channel is the transferer's. Of a blind transfer Target is the transferee, of an attended
// one the transferer's other channel.
func (t *Translator) transfer(event ami.Message) {
	by, target := t.channel(event), t.channels[event.Get("TargetUniqueid")]
	if by == nil || target == nil {
		return
	}
	if strings.EqualFold(event.Get("TransferType"), "Blind") {
		t.emit(event, "BlindTransfer", "Result", "Success", "TransfererUniqueid", by.phone.id, "TransfereeUniqueid", target.phone.id,
			"Extension", event.Get("TransferExten"))
		return
	}
	t.emit(event, "AttendedTransfer", "Result", "Success", "OrigTransfererUniqueid", by.phone.id, "SecondTransfererUniqueid",
		target.phone.id, "TransfereeUniqueid", by.phone.peer.label(), "TransferTargetUniqueid", target.phone.peer.label())
}

func (p *phone) label() string {
	if p == nil {
		return ""
	}
	return p.id
}
