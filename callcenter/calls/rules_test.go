package calls_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/asterism-go/asterism/callcenter/calls"
)

// What other people's Asterisks tell, and the recordings do not have: chan_sip, narrow classes, mobiles that must accept.

// A mobile behind a Local channel is up, but whoever holds it does not accept the call: it is missed.
func TestAnswerThatIsNotAccepted(t *testing.T) {
	for status, want := range map[string]calls.Result{"NOANSWER": calls.Missed, "ANSWER": calls.Answered} {
		call := newScript(t, office).play(`
100 Newchannel a=provider/1 Linkedid=1 ChannelStateDesc=Ring CallerIDNum=2101234567 Exten=8000
100 Newchannel Channel=Local/m@c-1;1 Uniqueid=2 Linkedid=1 ChannelStateDesc=Down
100 Newchannel Channel=Local/m@c-1;2 Uniqueid=3 Linkedid=1 ChannelStateDesc=Ring
100 DialBegin a=provider/1 DestChannel=Local/m@c-1;1 DestUniqueid=2 DialString=m@c
100 Newchannel a=provider/4 Linkedid=1 ChannelStateDesc=Down
100 DialBegin Channel=Local/m@c-1;2 Uniqueid=3 b=provider/4 DialString=6901234567@provider
101 Newstate a=provider/4 ChannelStateDesc=Ringing
103 Newstate a=provider/4 ChannelStateDesc=Up
103 DialEnd Channel=Local/m@c-1;2 Uniqueid=3 b=provider/4 DialStatus=ANSWER
120 DialEnd a=provider/1 DestChannel=Local/m@c-1;1 DestUniqueid=2 DialStatus=` + status + `
120 Hangup a=provider/4 Cause=16
120 Hangup Channel=Local/m@c-1;1 Uniqueid=2 Cause=16
120 Hangup Channel=Local/m@c-1;2 Uniqueid=3 Cause=16
121 Hangup a=provider/1 Cause=16`).one()
		if call.Result != want || call.Missed != (want == calls.Missed) || call.Legs[1].Outcome != calls.LegAnswered {
			t.Errorf("%s: %s, missed %v, leg %s", status, call.Result, call.Missed, call.Legs[1].Outcome)
		}
	}
}

// ringing is an inbound call that rings at alice.
const ringing = `
100 Newchannel a=provider/1 Linkedid=1 ChannelStateDesc=Ring CallerIDNum=2101234567 Exten=8000
100 Newchannel a=alice/2 Linkedid=1 ChannelStateDesc=Down CallerIDNum=101
100 DialBegin a=provider/1 b=alice/2 DialString=alice
101 Newstate a=alice/2 ChannelStateDesc=Ringing
`

// Bob takes the call that rings at alice, with an INVITE that replaces hers: no Pickup is told. With one it is the same.
func TestPickupThatIsNotTold(t *testing.T) {
	const told = "103 Pickup a=bob/3 TargetUniqueid=2\n"
	for _, event := range []string{"", told} {
		s := newScript(t, office).play(ringing + `
103 Newchannel a=bob/3 Linkedid=3 ChannelStateDesc=Ring CallerIDNum=102 Exten=*8
103 Newstate a=bob/3 ChannelStateDesc=Up
` + event + `
103 DialEnd a=provider/1 b=alice/2 DialStatus=CANCEL
103 Hangup a=alice/2 Cause=26
103 DialBegin a=provider/1 b=bob/3
103 DialEnd a=provider/1 b=bob/3 DialStatus=ANSWER
103 Newstate a=provider/1 ChannelStateDesc=Up
103 BridgeEnter a=bob/3 BridgeUniqueid=B BridgeTechnology=simple_bridge
103 BridgeEnter a=provider/1 BridgeUniqueid=B BridgeTechnology=simple_bridge
110 HangupRequest a=bob/3 Cause=16
110 Hangup a=bob/3 Cause=16
110 Hangup a=provider/1 Cause=16`)
		call := s.one()
		want := []calls.Pickup{{By: "PJSIP/bob-3", Ringing: "PJSIP/alice-2", At: time.Unix(103, 0)}}
		if diff := cmp.Diff(want, call.Pickups); diff != "" {
			t.Error(diff)
		}
		if call.Result != calls.Answered || call.AnsweredBy != "PJSIP/bob-3" || call.Callee.Name != "Alice" || call.Legs[1].Outcome != calls.LegPickedUp {
			t.Errorf("%s by %s, for %v, alice %s", call.Result, call.AnsweredBy, call.Callee, call.Legs[1].Outcome)
		}
	}
}

// A hunt rings one after the other: who is rung next has picked up nothing.
func TestHuntIsNoPickup(t *testing.T) {
	call := newScript(t, office).play(ringing + `
110 DialEnd a=provider/1 b=alice/2 DialStatus=CANCEL
110 Hangup a=alice/2 Cause=0
110 Newchannel a=bob/3 Linkedid=1 ChannelStateDesc=Down CallerIDNum=102
110 DialBegin a=provider/1 b=bob/3 DialString=bob
120 DialEnd a=provider/1 b=bob/3 DialStatus=NOANSWER
120 Hangup a=bob/3 Cause=0
120 Hangup a=provider/1 Cause=0`).one()
	if len(call.Pickups) > 0 || call.Legs[1].Outcome != calls.LegNoAnswer || call.Callee.Kind != calls.Extension {
		t.Errorf("pickups %v, alice %s, callee %v", call.Pickups, call.Legs[1].Outcome, call.Callee)
	}
}

// The causes of chan_sip: it tells BUSY for every refusal.
func TestRefusalsOfChanSip(t *testing.T) {
	for cause, want := range map[string]calls.Outcome{"17": calls.LegBusy, "21": calls.LegDeclined} {
		call := newScript(t, office).play(ringing + `
102 DialEnd a=provider/1 b=alice/2 DialStatus=BUSY
102 Hangup a=alice/2 Cause=` + cause + `
102 Hangup a=provider/1 Cause=17`).one()
		if call.Legs[1].Outcome != want {
			t.Errorf("cause %s: %s, want %s", cause, call.Legs[1].Outcome, want)
		}
	}
}

// A caller whose join was not seen gives up: the entry is there all the same, as old as HoldTime says.
func TestQueueWithoutJoin(t *testing.T) {
	call := newScript(t, office).play(`
100 Newchannel a=provider/1 Linkedid=1 ChannelStateDesc=Ring CallerIDNum=2101234567 Exten=8000
100 Newstate a=provider/1 ChannelStateDesc=Up
115 QueueCallerAbandon a=provider/1 Queue=support Position=1 OriginalPosition=1 HoldTime=12
115 QueueCallerLeave a=provider/1 Queue=support Position=1 Count=0
115 Hangup a=provider/1 Cause=16`).one()
	if len(call.Queues) != 1 || call.Result != calls.Abandoned || !call.Missed {
		t.Fatalf("queues %v, result %s", call.Queues, call.Result)
	}
	if v := call.Queues[0]; v.Outcome != calls.QueueAbandoned || v.Waited(v.Left) != 12*time.Second {
		t.Errorf("%s after %v", v.Outcome, v.Waited(v.Left))
	}
}

// talking is an inbound call that alice has answered.
const talking = ringing + `
103 Newstate a=alice/2 ChannelStateDesc=Up
103 DialEnd a=provider/1 b=alice/2 DialStatus=ANSWER
103 Newstate a=provider/1 ChannelStateDesc=Up
103 BridgeEnter a=alice/2 BridgeUniqueid=B BridgeTechnology=simple_bridge
103 BridgeEnter a=provider/1 BridgeUniqueid=B BridgeTechnology=simple_bridge
`

// consulting is alice asking bob, as a second call.
const consulting = talking + `
106 Hold a=alice/2
106 Newchannel a=alice/3 Linkedid=3 ChannelStateDesc=Ring CallerIDNum=101 Exten=102
106 Newchannel a=bob/4 Linkedid=3 ChannelStateDesc=Down CallerIDNum=102
106 DialBegin a=alice/3 b=bob/4 DialString=bob
107 Newstate a=bob/4 ChannelStateDesc=Ringing
`

func (s *script) finished(id string) calls.Call {
	s.t.Helper()
	for _, change := range s.flush().changes {
		if change.Kind == calls.Finished && change.Call.ID == id {
			return change.Call
		}
	}
	s.t.Fatalf("call %s is not finished", id)
	return calls.Call{}
}

// The event of an attended transfer may name neither transferee nor target: they are who is left in the bridge.
func TestAttendedTransferWithoutParties(t *testing.T) {
	s := newScript(t, office).play(consulting + `
109 Newstate a=bob/4 ChannelStateDesc=Up
109 DialEnd a=alice/3 b=bob/4 DialStatus=ANSWER
109 Newstate a=alice/3 ChannelStateDesc=Up
109 BridgeEnter a=bob/4 BridgeUniqueid=C BridgeTechnology=simple_bridge
109 BridgeEnter a=alice/3 BridgeUniqueid=C BridgeTechnology=simple_bridge
112 BridgeLeave a=provider/1 BridgeUniqueid=B
112 BridgeLeave a=alice/3 BridgeUniqueid=C
112 BridgeEnter a=provider/1 BridgeUniqueid=C BridgeTechnology=simple_bridge
112 AttendedTransfer Result=Success OrigTransfererUniqueid=2 SecondTransfererUniqueid=3 DestType=Bridge DestBridgeUniqueid=C
112 Hangup a=alice/2 Cause=16
112 Hangup a=alice/3 Cause=16
120 HangupRequest a=provider/1 Cause=16
120 Hangup a=provider/1 Cause=16
120 Hangup a=bob/4 Cause=16`)
	call := s.finished("1")
	want := []calls.Transfer{{
		Type: calls.Attended, By: "PJSIP/alice-2", Transferee: "PJSIP/provider-1", To: "PJSIP/bob-4", Number: "102",
		At: time.Unix(112, 0), Result: calls.Completed, Consultation: "3",
	}}
	if diff := cmp.Diff(want, call.Transfers); diff != "" {
		t.Error(diff)
	}
	if asked := s.finished("3"); asked.Kind != calls.Consultation || asked.MergedInto != "1" {
		t.Errorf("the consultation is a %s, part of %q", asked.Kind, asked.MergedInto)
	}
}

// Alice hands the caller over while bob still rings, and bob refuses: the transfer names him, and is not completed.
func TestBlondeTransferThatIsRefused(t *testing.T) {
	call := newScript(t, office).play(consulting + `
108 AttendedTransfer Result=Success OrigTransfererUniqueid=2 SecondTransfererUniqueid=3 TransfereeUniqueid=1 DestType=App DestApp=Dial
108 BridgeLeave a=provider/1 BridgeUniqueid=B
108 BridgeLeave a=alice/2 BridgeUniqueid=B
108 DialEnd a=alice/3 b=bob/4 DialStatus=NOANSWER
108 DialBegin a=provider/1 b=bob/4
108 Hangup a=alice/2 Cause=16
108 Hangup a=alice/3 Cause=16
111 HangupRequest a=bob/4 Cause=21
111 DialEnd a=provider/1 b=bob/4 DialStatus=BUSY
111 Hangup a=bob/4 Cause=21
111 Hangup a=provider/1 Cause=17`).finished("1")
	if len(call.Transfers) != 1 || call.Transfers[0].To != "PJSIP/bob-4" || call.Transfers[0].Result != calls.NotAnswered {
		t.Errorf("transfers %+v", call.Transfers)
	}
}

// After a transfer while it rings the dial is reopened for the transferee: what the first one ended with is not the last word.
func TestDialIsReopened(t *testing.T) {
	call := newScript(t, office).play(consulting + `
108 AttendedTransfer Result=Success OrigTransfererUniqueid=2 SecondTransfererUniqueid=3 TransfereeUniqueid=1 DestType=App DestApp=Dial
108 BridgeLeave a=provider/1 BridgeUniqueid=B
108 BridgeLeave a=alice/2 BridgeUniqueid=B
108 DialEnd a=alice/3 b=bob/4 DialStatus=NOANSWER
108 DialBegin a=provider/1 b=bob/4
108 Hangup a=alice/2 Cause=16
108 Hangup a=alice/3 Cause=16
111 Newstate a=bob/4 ChannelStateDesc=Up
111 DialEnd a=provider/1 b=bob/4 DialStatus=ANSWER
111 BridgeEnter a=bob/4 BridgeUniqueid=C BridgeTechnology=simple_bridge
111 BridgeEnter a=provider/1 BridgeUniqueid=C BridgeTechnology=simple_bridge
120 HangupRequest a=bob/4 Cause=16
120 Hangup a=bob/4 Cause=16
120 Hangup a=provider/1 Cause=16`).finished("1")
	if len(call.Transfers) != 1 || call.Transfers[0].To != "PJSIP/bob-4" || call.Transfers[0].Result != calls.Completed {
		t.Errorf("transfers %+v", call.Transfers)
	}
	if call.HangupBy != "PJSIP/bob-4" || call.TalkTime != 12*time.Second {
		t.Errorf("hung up by %s after %v", call.HangupBy, call.TalkTime)
	}
}

// A phone that is busy may have refused before Asterisk tells that it is rung: it has not ended the call.
func TestRefusedBeforeTheDialIsTold(t *testing.T) {
	call := newScript(t, office).play(`
100 Newchannel a=provider/1 Linkedid=1 ChannelStateDesc=Ring CallerIDNum=2101234567 Exten=101
100 Newchannel a=alice/2 Linkedid=1 ChannelStateDesc=Down CallerIDNum=101
100 HangupRequest a=alice/2 Cause=17
100 DialBegin a=provider/1 b=alice/2 DialString=alice
100 DialEnd a=provider/1 b=alice/2 DialStatus=BUSY
100 Hangup a=alice/2 Cause=17
100 Hangup a=provider/1 Cause=17`).one()
	if call.HangupBy != calls.System || call.Result != calls.Busy {
		t.Errorf("%s, ended by %s", call.Result, call.HangupBy)
	}
}

// A phone that declines at the moment when another one answers has declined, though its channel ends as those that lost.
func TestDeclinedWhileAnotherAnswers(t *testing.T) {
	call := newScript(t, office).play(ringing + `
102 HangupRequest a=alice/2 Cause=21
102 DialEnd a=provider/1 b=alice/2 DialStatus=CANCEL
102 Hangup a=alice/2 Cause=26
103 Hangup a=provider/1 Cause=16`).one()
	if call.Legs[1].Outcome != calls.LegDeclined {
		t.Errorf("alice: %s", call.Legs[1].Outcome)
	}
}
