package legacy

import "github.com/asterism-go/asterism/ami"

// named finds the channel that a header names.
func (t *Translator) named(event ami.Message, key string) *channel {
	return t.names[modern(event.Get(key))]
}

// id is the Uniqueid of the telephone that a channel drives, if there is one.
func (ch *channel) phoneID() string {
	if ch == nil {
		return ""
	}
	return ch.phone.id
}

func (t *Translator) pickup(event ami.Message) {
	by, target := t.channel(event), t.named(event, "TargetChannel")
	t.emit(event, "Pickup", "Uniqueid", by.phoneID(), "TargetUniqueid", target.phoneID())
}

func (t *Translator) join(event ami.Message)  { t.queue(event, "QueueCallerJoin") }
func (t *Translator) leave(event ami.Message) { t.queue(event, "QueueCallerLeave") }

func (t *Translator) queue(event ami.Message, name string) {
	if ch := t.channel(event); ch != nil {
		t.show(ch)
		t.emit(event, name, "Channel", ch.phone.name, "Uniqueid", ch.phone.id, "Queue", event.Get("Queue"))
	}
}

// agentCalled names the channels, not their ids (ring_entry in apps/app_queue.c).
func (t *Translator) agentCalled(event ami.Message) {
	caller, dest := t.channel(event), t.named(event, "DestinationChannel")
	if caller == nil {
		caller = t.named(event, "ChannelCalling")
	}
	if caller == nil || dest == nil {
		return
	}
	if dest.waiting {
		dest.phone.linkedid = caller.phone.linkedid
	}
	t.show(dest)
	caller.dials = append(caller.dials, dest) // the queue tells no Dial
	t.emit(event, "DialBegin", "Uniqueid", caller.phone.id, "DestUniqueid", dest.phone.id)
	t.emit(event, "AgentCalled", "Uniqueid", caller.phone.id, "DestUniqueid", dest.phone.id, "Queue", event.Get("Queue"),
		"Interface", event.Get("AgentCalled"), "MemberName", event.Get("AgentName"))
}

// agentConnect: Channel is the member's, BridgedChannel its id.
func (t *Translator) agentConnect(event ami.Message) {
	caller, dest := t.channels[event.Get("Uniqueid")], t.channels[event.Get("BridgedChannel")]
	if dest == nil {
		dest = t.named(event, "Channel")
	}
	if caller != nil && dest != nil {
		dest.phone.up = true
		t.dialEnd(answerOf(event), caller)
	}
	t.emit(event, "AgentConnect", "Uniqueid", caller.phoneID(), "DestUniqueid", dest.phoneID(), "Queue", event.Get("Queue"),
		"HoldTime", event.Get("Holdtime"))
}

// parked are the events of res_parking's ancestor in features.c: Channel is who is parked, From who parked or retrieves.
func (t *Translator) parked(event ami.Message) {
	parkee, from := t.channel(event), t.named(event, "From")
	t.emit(event, event.Event(), "ParkeeUniqueid", parkee.phoneID(), "RetrieverUniqueid", from.phoneID(),
		"Parkinglot", event.Get("Parkinglot"), "ParkingSpace", event.Get("Exten"), "ParkerDialString", event.Get("From"))
}

func (t *Translator) confbridge(event ami.Message) {
	t.conference(event, event.Event(), event.Get("Conference"))
}

func (t *Translator) meetme(event ami.Message) {
	name := "ConfbridgeJoin"
	if event.Event() == "MeetmeLeave" {
		name = "ConfbridgeLeave"
	}
	t.conference(event, name, event.Get("Meetme"))
}

func (t *Translator) conference(event ami.Message, name, room string) {
	if ch := t.channel(event); ch != nil {
		t.show(ch)
		t.emit(event, name, "Uniqueid", ch.phone.id, "Conference", room, "BridgeUniqueid", "room-"+room, "BridgeCreator", "ConfBridge",
			"BridgeName", room)
	}
}

// spy names the channels only.
func (t *Translator) spy(event ami.Message) {
	by, target := t.named(event, "SpyerChannel"), t.named(event, "SpyeeChannel")
	t.emit(event, event.Event(), "SpyerUniqueid", by.phoneID(), "SpyeeUniqueid", target.phoneID())
}
