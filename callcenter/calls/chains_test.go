package calls_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/asterism-go/asterism/callcenter/calls"
)

// Calls that are handed over more than once.

// Alice calls bob. He hands her over to a customer, and she hands that one over to another: the call goes on when both have
// left it, and the customers end it.
func TestHandedOverByEverybody(t *testing.T) {
	bob := strings.NewReplacer("TIME", "102", "WHO", "bob", "HELD", "2", "OTHER", "1", "SECOND", "3", "ASKED", "4", "BRIDGE", "C")
	alice := strings.NewReplacer("TIME", "112", "WHO", "alice", "HELD", "1", "OTHER", "4", "SECOND", "5", "ASKED", "6", "BRIDGE", "D")
	s := newScript(t, office).play(`
100 Newchannel a=alice/1 Linkedid=1 ChannelStateDesc=Ring CallerIDNum=101 Exten=102
100 Newchannel a=bob/2 Linkedid=1 ChannelStateDesc=Down CallerIDNum=102
100 DialBegin a=alice/1 b=bob/2 DialString=bob
100 Newstate a=bob/2 ChannelStateDesc=Up
100 DialEnd a=alice/1 b=bob/2 DialStatus=ANSWER
100 Newstate a=alice/1 ChannelStateDesc=Up
100 BridgeEnter a=alice/1 BridgeUniqueid=B BridgeTechnology=simple_bridge
100 BridgeEnter a=bob/2 BridgeUniqueid=B BridgeTechnology=simple_bridge
` + bob.Replace(asks) + alice.Replace(asks)).play(`
130 HangupRequest a=provider/6 Cause=16
130 BridgeLeave a=provider/6 BridgeUniqueid=D
130 Hangup a=provider/6 Cause=16
130 BridgeLeave a=provider/4 BridgeUniqueid=D
130 Hangup a=provider/4 Cause=16`)
	call := s.finished("1")
	if !call.Ended.Equal(time.Unix(130, 0)) || call.HangupBy != "PJSIP/provider-6" {
		t.Errorf("ended at %d by %s", call.Ended.Unix(), call.HangupBy)
	}
	for _, change := range s.changes {
		if change.Call.ID == "1" && change.At.Before(time.Unix(130, 0)) && (change.Kind == calls.Ended || !change.Call.Ended.IsZero()) {
			t.Errorf("%s at %d, while the customers talk", change.Kind, change.At.Unix())
		}
	}
	want := calls.Conversation{A: "PJSIP/provider-4", B: "PJSIP/provider-6", Start: time.Unix(112, 0), End: time.Unix(130, 0)}
	if diff := cmp.Diff(want, call.Conversations[len(call.Conversations)-1]); diff != "" {
		t.Error(diff)
	}
}

// asks lets the telephone of WHO ask a customer in a second call, and hand the OTHER one over to him.
const asks = `
TIME Hold a=WHO/HELD
TIME Newchannel a=WHO/SECOND Linkedid=SECOND ChannelStateDesc=Ring Exten=210
TIME Newchannel a=provider/ASKED Linkedid=SECOND ChannelStateDesc=Down
TIME DialBegin a=WHO/SECOND b=provider/ASKED DialString=210@provider
TIME Newstate a=provider/ASKED ChannelStateDesc=Up
TIME DialEnd a=WHO/SECOND b=provider/ASKED DialStatus=ANSWER
TIME Newstate a=WHO/SECOND ChannelStateDesc=Up
TIME BridgeEnter a=WHO/SECOND BridgeUniqueid=BRIDGE BridgeTechnology=simple_bridge
TIME BridgeEnter a=provider/ASKED BridgeUniqueid=BRIDGE BridgeTechnology=simple_bridge
TIME BridgeLeave a=WHO/SECOND BridgeUniqueid=BRIDGE
TIME BridgeEnter Uniqueid=OTHER BridgeUniqueid=BRIDGE BridgeTechnology=simple_bridge
TIME AttendedTransfer Result=Success OrigTransfererUniqueid=HELD SecondTransfererUniqueid=SECOND TransfereeUniqueid=OTHER TransferTargetUniqueid=ASKED DestType=Bridge DestBridgeUniqueid=BRIDGE
TIME Hangup Uniqueid=HELD Cause=16
TIME Hangup a=WHO/SECOND Cause=16
`

// Bob is handed the caller, talks, and parks him at once: that was a transfer, and then a parking.
func TestParkedRightAfterATransfer(t *testing.T) {
	call := newScript(t, office).play(talking + `
105 BlindTransfer TransfererUniqueid=2 TransfereeUniqueid=1 Extension=102 Result=Success
105 BridgeLeave a=provider/1 BridgeUniqueid=B
105 Hangup a=alice/2 Cause=16
105 Newchannel a=bob/3 Linkedid=1 ChannelStateDesc=Down CallerIDNum=102
105 DialBegin a=provider/1 b=bob/3 DialString=bob
105 Newstate a=bob/3 ChannelStateDesc=Up
105 DialEnd a=provider/1 b=bob/3 DialStatus=ANSWER
105 BridgeEnter a=bob/3 BridgeUniqueid=C BridgeTechnology=simple_bridge
105 BridgeEnter a=provider/1 BridgeUniqueid=C BridgeTechnology=simple_bridge
107 ParkedCall ParkeeUniqueid=1 ParkerDialString=PJSIP/bob Parkinglot=default ParkingSpace=701
107 BlindTransfer TransfererUniqueid=3 TransfereeUniqueid=1 Extension=700 Result=Success
107 BridgeLeave a=provider/1 BridgeUniqueid=C
107 Hangup a=bob/3 Cause=16
120 HangupRequest a=provider/1 Cause=16
120 Hangup a=provider/1 Cause=16`).one()
	if len(call.Transfers) != 1 || call.Transfers[0].To != "PJSIP/bob-3" || len(call.Parking) != 1 {
		t.Errorf("transfers %+v, parking %+v", call.Transfers, call.Parking)
	}
}

// Who retrieves a parked call may be named before the channel is told: that is a retrieval, and not a bridge of two calls.
func TestRetrievedBeforeTheChannelIsTold(t *testing.T) {
	const told, retrieved = "110 Newchannel a=bob/3 Linkedid=3 ChannelStateDesc=Ring CallerIDNum=102 Exten=701\n",
		"110 UnParkedCall ParkeeUniqueid=1 RetrieverUniqueid=3 Parkinglot=default ParkingSpace=701\n"
	for _, order := range []string{told + retrieved, retrieved + told} {
		call := newScript(t, office).play(talking + `
107 ParkedCall ParkeeUniqueid=1 ParkerDialString=PJSIP/alice Parkinglot=default ParkingSpace=701
107 BlindTransfer TransfererUniqueid=2 TransfereeUniqueid=1 Extension=700 Result=Success
107 BridgeLeave a=provider/1 BridgeUniqueid=B
107 Hangup a=alice/2 Cause=16
` + order + `
110 Newstate a=bob/3 ChannelStateDesc=Up
110 BridgeEnter a=provider/1 BridgeUniqueid=C BridgeTechnology=simple_bridge
110 BridgeEnter a=bob/3 BridgeUniqueid=C BridgeTechnology=simple_bridge
120 HangupRequest a=provider/1 Cause=16
120 Hangup a=provider/1 Cause=16
120 Hangup a=bob/3 Cause=16`).one()
		if len(call.Transfers) != 0 || len(call.Parking) != 1 || call.Parking[0].By != "PJSIP/bob-3" || len(call.Legs) != 3 {
			t.Errorf("transfers %+v, parking %+v", call.Transfers, call.Parking)
		}
	}
}
