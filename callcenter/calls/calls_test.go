package calls_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/calls"
)

// script is a stream of events that a test writes: one event a line, the second since the beginning, the event's name, and
// its fields as Key=value. Channel, Uniqueid and Linkedid are added by the short names of [short].
type script struct {
	t       *testing.T
	tracker *calls.Tracker
	changes []calls.Change
}

func newScript(t *testing.T, cfg calls.Config) *script {
	return &script{t: t, tracker: calls.NewTracker(cfg)}
}

// play feeds the lines. "a=alice/1" stands for Channel=PJSIP/alice-1 and Uniqueid=1; "b=bob/2" for the same with Dest in
// front; Linkedid is 1 unless given.
func (s *script) play(lines string) *script {
	s.t.Helper()
	for line := range strings.Lines(strings.TrimSpace(lines)) {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		text := "Event: " + fields[1] + "\r\nTimestamp: " + fields[0] + "\r\n"
		for _, field := range fields[2:] {
			key, value, _ := strings.Cut(field, "=")
			name, id, _ := strings.Cut(value, "/")
			switch key {
			case "a":
				text += fmt.Sprintf("Channel: PJSIP/%s-%s\r\nUniqueid: %s\r\n", name, id, id)
			case "b":
				text += fmt.Sprintf("DestChannel: PJSIP/%s-%s\r\nDestUniqueid: %s\r\n", name, id, id)
			default:
				text += key + ": " + value + "\r\n"
			}
		}
		event, err := ami.ParseMessage(text)
		if err != nil {
			s.t.Fatal(err)
		}
		s.changes = append(s.changes, s.tracker.Feed(event, time.Time{})...)
	}
	return s
}

// flush ends the grace of the calls.
func (s *script) flush() *script {
	s.changes = append(s.changes, s.tracker.Flush()...)
	return s
}

// one returns the only call that has ended.
func (s *script) one() calls.Call {
	s.t.Helper()
	var ended []calls.Call
	for _, change := range s.changes {
		if change.Kind == calls.Ended {
			ended = append(ended, change.Call)
		}
	}
	if len(ended) != 1 {
		s.t.Fatalf("%d calls have ended, want 1", len(ended))
	}
	return ended[0]
}

var office = calls.Config{
	Trunks:     []string{"PJSIP/provider"},
	Extensions: map[string]calls.Identity{"PJSIP/alice": {Number: "101", Name: "Alice"}},
	Variables:  []string{"DESK"},
}

// answered is an inbound call that alice answers after 3 s and the caller ends after 10 s.
const answered = `
100.0 Newchannel a=provider/1 Linkedid=1 ChannelStateDesc=Ring CallerIDNum=2101234567 CallerIDName=<unknown> Exten=8000
100.1 VarSet a=provider/1 Variable=DESK Value=athens
100.1 VarSet a=provider/1 Variable=OTHER Value=x
100.2 Newchannel a=alice/2 Linkedid=1 ChannelStateDesc=Down CallerIDNum=999 Exten=s
100.2 DialBegin a=provider/1 b=alice/2 DialString=alice
100.3 Newstate a=alice/2 ChannelStateDesc=Ringing
103.0 Newstate a=alice/2 ChannelStateDesc=Up
103.1 DialEnd a=provider/1 b=alice/2 DialStatus=ANSWER
103.1 Newstate a=provider/1 ChannelStateDesc=Up
103.2 BridgeEnter a=alice/2 BridgeUniqueid=B BridgeTechnology=simple_bridge
103.2 BridgeEnter a=provider/1 BridgeUniqueid=B BridgeTechnology=simple_bridge
110.0 HangupRequest a=provider/1 Cause=16
110.1 BridgeLeave a=provider/1 BridgeUniqueid=B
110.1 BridgeLeave a=alice/2 BridgeUniqueid=B
110.1 BridgeDestroy BridgeUniqueid=B
110.2 Hangup a=alice/2 Cause=16
110.2 Hangup a=provider/1 Cause=16
`

func TestChanges(t *testing.T) {
	var got []string
	for _, change := range newScript(t, office).play(answered).flush().changes {
		got = append(got, fmt.Sprintf("%s %.1f", change.Kind, float64(change.At.UnixMilli())/1000))
	}
	want := []string{
		"started 100.0", "ringing 100.3", "connected 103.1", "talking 103.2", "talking_end 110.0", "ended 110.2", "finished 110.2",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}

func TestJSON(t *testing.T) {
	got, err := json.MarshalIndent(newScript(t, office).play(answered).one(), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	want := `{
 "schema": "call/1",
 "id": "1",
 "direction": "inbound",
 "kind": "call",
 "result": "answered",
 "missed": false,
 "dialed": "8000",
 "caller": {
  "number": "2101234567",
  "kind": "external"
 },
 "callee": {
  "number": "101",
  "name": "Alice",
  "kind": "extension"
 },
 "started": 100,
 "answered": 103,
 "ended": 110.2,
 "answered_by": "PJSIP/alice-2",
 "hangup_by": "PJSIP/provider-1",
 "talk_seconds": 6.8,
 "legs": [
  {
   "channel": "PJSIP/provider-1",
   "uniqueid": "1",
   "role": "caller",
   "participant": true,
   "kind": "external",
   "endpoint": "PJSIP/provider",
   "number": "2101234567",
   "started": 100,
   "answered": 103.1,
   "ended": 110,
   "outcome": "answered",
   "hold_seconds": 0,
   "talk_seconds": 6.8
  },
  {
   "channel": "PJSIP/alice-2",
   "uniqueid": "2",
   "role": "callee",
   "participant": true,
   "kind": "extension",
   "endpoint": "PJSIP/alice",
   "number": "101",
   "name": "Alice",
   "started": 100.2,
   "ringing": 100.3,
   "answered": 103,
   "ended": 110.2,
   "outcome": "answered",
   "hold_seconds": 0,
   "talk_seconds": 6.8
  }
 ],
 "conversations": [
  {
   "a": "PJSIP/provider-1",
   "b": "PJSIP/alice-2",
   "start": 103.2,
   "end": 110
  }
 ],
 "variables": {
  "DESK": "athens"
 }
}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
}

// Threads of Asterisk tell what they do each for itself: the order of their events is not that of what happened.
func TestOrder(t *testing.T) {
	want := newScript(t, office).play(answered).one()
	lines := strings.Split(strings.TrimSpace(answered), "\n")
	for _, swap := range [][2]int{{5, 4}, {7, 6}, {8, 7}, {10, 9}, {11, 10}, {13, 12}, {16, 15}} {
		swapped := append([]string(nil), lines...)
		swapped[swap[0]], swapped[swap[1]] = swapped[swap[1]], swapped[swap[0]]
		got := newScript(t, office).play(strings.Join(swapped, "\n")).one()
		if diff := cmp.Diff(want, got, cmp.Comparer(almostEqual)); diff != "" {
			t.Errorf("%q before %q (-want +got):\n%s", lines[swap[0]], lines[swap[1]], diff)
		}
	}
}

func almostEqual(a, b time.Time) bool {
	return a.IsZero() == b.IsZero() && a.Sub(b).Abs() <= 200*time.Millisecond
}

func TestHowItEnds(t *testing.T) {
	const inbound = `
100 Newchannel a=provider/1 Linkedid=1 ChannelStateDesc=Ring CallerIDNum=2101234567 Exten=8000
`
	const rung = inbound + `
100 Newchannel a=alice/2 Linkedid=1 ChannelStateDesc=Down CallerIDNum=101
100 DialBegin a=provider/1 b=alice/2 DialString=alice
101 Newstate a=alice/2 ChannelStateDesc=Ringing
`
	tests := []struct {
		name, events string
		result       calls.Result
		outcome      calls.Outcome // of the last leg
		by           string
	}{
		{"caller gives up", rung + `
105 HangupRequest a=provider/1 Cause=127 ChannelStateDesc=Ring
105 DialEnd a=provider/1 b=alice/2 DialStatus=CANCEL
105 Hangup a=alice/2 Cause=127
105 Hangup a=provider/1 Cause=127`, calls.Missed, calls.LegCancelled, "PJSIP/provider-1"},
		{"rings out", rung + `
120 DialEnd a=provider/1 b=alice/2 DialStatus=NOANSWER
120 Hangup a=alice/2 Cause=0
120 Hangup a=provider/1 Cause=19`, calls.Missed, calls.LegNoAnswer, calls.System},
		{"busy", rung + `
101 HangupRequest a=alice/2 Cause=17
101 DialEnd a=provider/1 b=alice/2 DialStatus=NOANSWER
101 Hangup a=alice/2 Cause=17
101 HangupRequest a=provider/1 Cause=17 ChannelStateDesc=Busy
101 Hangup a=provider/1 Cause=17`, calls.Busy, calls.LegBusy, calls.System},
		{"declined", rung + `
101 HangupRequest a=alice/2 Cause=21
101 DialEnd a=provider/1 b=alice/2 DialStatus=NOANSWER
101 Hangup a=alice/2 Cause=21
101 Hangup a=provider/1 Cause=21`, calls.Missed, calls.LegDeclined, calls.System},
		{"declined, told by nobody but the hangup", rung + `
101 HangupRequest a=alice/2 Cause=21
101 Hangup a=alice/2 Cause=21
101 Hangup a=provider/1 Cause=21`, calls.Missed, calls.LegDeclined, calls.System},
		{"a cause that the leg inherited", rung + `
101 DialEnd a=provider/1 b=alice/2 DialStatus=CANCEL
101 Hangup a=alice/2 Cause=17
101 Hangup a=provider/1 Cause=17`, calls.Missed, calls.LegCancelled, calls.System},
		{"DialEnd told twice", rung + `
101 DialEnd a=provider/1 b=alice/2 DialStatus=CONGESTION
101 DialEnd a=provider/1 b=alice/2 DialStatus=CANCEL
101 Hangup a=alice/2 Cause=34
101 Hangup a=provider/1 Cause=34`, calls.Missed, calls.LegCongestion, calls.System},
		{"an application answers", inbound + `
101 Newstate a=provider/1 ChannelStateDesc=Up
105 Hangup a=provider/1 Cause=16`, calls.Automated, calls.LegAnswered, calls.System},
		{"caller leaves an application", inbound + `
101 Newstate a=provider/1 ChannelStateDesc=Up
105 HangupRequest a=provider/1 Cause=16
105 Hangup a=provider/1 Cause=16`, calls.Abandoned, calls.LegAnswered, "PJSIP/provider-1"},
		{"refused by the dialplan", inbound + `
100 HangupRequest a=provider/1 Cause=21 ChannelStateDesc=Busy
100 Hangup a=provider/1 Cause=21`, calls.Missed, calls.LegNotAnswered, calls.System},
		{"internal call that rings out", `
100 Newchannel a=bob/1 Linkedid=1 ChannelStateDesc=Ring CallerIDNum=102 Exten=101
100 Newchannel a=alice/2 Linkedid=1 ChannelStateDesc=Down
100 DialBegin a=bob/1 b=alice/2 DialString=alice
101 Newstate a=alice/2 ChannelStateDesc=Ringing
120 DialEnd a=bob/1 b=alice/2 DialStatus=NOANSWER
120 Hangup a=alice/2 Cause=0
120 Hangup a=bob/1 Cause=19`, calls.NoAnswer, calls.LegNoAnswer, calls.System},
		{"a trunk that cannot be reached", `
100 Newchannel a=bob/1 Linkedid=1 ChannelStateDesc=Ring CallerIDNum=102 Exten=92101234567
100 Newchannel a=provider/2 Linkedid=1 ChannelStateDesc=Down
100 DialBegin a=bob/1 b=provider/2 DialString=2101234567@provider
100 DialEnd a=bob/1 b=provider/2 DialStatus=CHANUNAVAIL
100 Hangup a=provider/2 Cause=20
100 Hangup a=bob/1 Cause=20`, calls.Failed, calls.LegUnavailable, calls.System},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			call := newScript(t, office).play(test.events).one()
			if call.Result != test.result || call.HangupBy != test.by {
				t.Errorf("result %s by %s, want %s by %s", call.Result, call.HangupBy, test.result, test.by)
			}
			if got := call.Legs[len(call.Legs)-1].Outcome; got != test.outcome {
				t.Errorf("outcome of the last leg is %s, want %s", got, test.outcome)
			}
			wantMissed := call.Direction == calls.Inbound && test.result != calls.Automated
			if call.Missed != wantMissed || call.TalkTime != 0 {
				t.Errorf("missed %v, talk time %v", call.Missed, call.TalkTime)
			}
		})
	}
}

func TestOutboundNumber(t *testing.T) {
	for dialString, want := range map[string]string{
		"2101234567@provider":                   "2101234567",
		"provider/sip:2101234567@10.0.0.1":      "2101234567",
		"g1/2101234567":                         "2101234567",
		"provider/sip:+302101234567@[::1]:5060": "+302101234567",
	} {
		call := newScript(t, office).play(`
100 Newchannel a=alice/1 Linkedid=1 Exten=92101234567
100 Newchannel a=provider/2 Linkedid=1
100 DialBegin a=alice/1 b=provider/2 DialString=` + dialString + `
100 Hangup a=provider/2
100 Hangup a=alice/1`).one()
		want := calls.Party{Number: want, Kind: calls.External}
		if call.Direction != calls.Outbound || call.Callee != want || call.Caller.Name != "Alice" {
			t.Errorf("%s: %s call from %v to %v, want to %v", dialString, call.Direction, call.Caller, call.Callee, want)
		}
	}
}

func TestHold(t *testing.T) {
	call := newScript(t, office).play(strings.Replace(answered, "110.0 Hangup", `104.2 Unhold a=alice/2
105.2 Hold a=alice/2
105.3 Hold a=alice/2
107.2 Unhold a=alice/2
110.0 Hangup`, 1)).one()
	if call.TalkTime != 4800*time.Millisecond || call.Legs[1].HoldTime != 2*time.Second {
		t.Errorf("talk %v, hold %v; want 4.8s and 2s", call.TalkTime, call.Legs[1].HoldTime)
	}
	if len(call.Conversations) != 2 {
		t.Errorf("conversations: %v, want one before and one after the hold", call.Conversations)
	}
}

func TestHoldUntilTheEnd(t *testing.T) {
	call := newScript(t, office).play(strings.Replace(answered, "110.0 Hangup", "106.2 Hold a=alice/2\n110.0 Hangup", 1)).one()
	if call.TalkTime != 3*time.Second || call.Legs[1].HoldTime != 4*time.Second {
		t.Errorf("talk %v, hold %v; want 3s and 4s", call.TalkTime, call.Legs[1].HoldTime)
	}
}

func TestShortBreakIsNone(t *testing.T) {
	call := newScript(t, office).play(strings.Replace(answered, "110.0 Hangup", `105.0 BridgeLeave a=alice/2 BridgeUniqueid=B
105.1 BridgeEnter a=alice/2 BridgeUniqueid=C BridgeTechnology=simple_bridge
105.1 BridgeLeave a=provider/1 BridgeUniqueid=B
105.2 BridgeEnter a=provider/1 BridgeUniqueid=C BridgeTechnology=simple_bridge
110.0 Hangup`, 1)).one()
	if len(call.Conversations) != 1 {
		t.Errorf("conversations: %v, want one", call.Conversations)
	}
}

func TestParkedPartiesDoNotTalk(t *testing.T) {
	call := newScript(t, office).play(strings.ReplaceAll(answered, "simple_bridge", "holding_bridge")).one()
	if len(call.Conversations) != 0 {
		t.Errorf("conversations: %v, want none", call.Conversations)
	}
}

func TestWhatIsNotKnownIsIgnored(t *testing.T) {
	s := newScript(t, office).play(`
100 Hangup a=ghost/7
100 Newstate a=ghost/7 ChannelStateDesc=Up
100 HangupRequest a=ghost/7
100 DialBegin a=ghost/7 b=ghost/8
100 DialBegin b=ghost/8
100 DialEnd b=ghost/8 DialStatus=ANSWER
100 BridgeEnter a=ghost/7 BridgeUniqueid=B
100 BridgeLeave a=ghost/7 BridgeUniqueid=B
100 BridgeDestroy BridgeUniqueid=B
100 Hold a=ghost/7
100 Unhold a=ghost/7
100 VarSet a=ghost/7 Variable=DESK Value=x
100 Newchannel
100 UserEvent Text=x`)
	if len(s.changes) > 0 {
		t.Errorf("changes of nothing: %v", s.changes)
	}
}

func TestToldTwiceChangesNothing(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(answered), "\n")
	last := len(lines) - 1
	twice := strings.Join(lines[:last], "\n") + "\n" + strings.Join(lines[:last-5], "\n") + "\n" + lines[last]
	want, got := newScript(t, office).play(answered).one(), newScript(t, office).play(twice)
	for _, change := range got.changes {
		if change.Kind == calls.Ended && change.Call.ID == want.ID && cmp.Diff(want.Legs, change.Call.Legs) == "" {
			return
		}
	}
	t.Errorf("the call is not told as it was: %v", got.changes)
}

func TestArrivalStandsInForTimestamp(t *testing.T) {
	event, err := ami.ParseMessage("Event: Newchannel\r\nChannel: PJSIP/alice-1\r\nUniqueid: 1\r\nLinkedid: 1\r\n")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1000, 0)
	changes := calls.NewTracker(office).Feed(event, now)
	if len(changes) != 1 || !changes[0].Call.Started.Equal(now) {
		t.Errorf("changes are %v, want one at %v", changes, now)
	}
}

func TestMetrics(t *testing.T) {
	metrics := calls.NewMetrics("main")
	changes := newScript(t, office).play(answered).changes
	changes = append(changes, newScript(t, office).play("100 Newchannel a=alice/1 Linkedid=1").changes...)
	for _, change := range changes {
		metrics.Observe(change)
	}
	want := `
# HELP asterisk_calls_live Calls that have not ended.
# TYPE asterisk_calls_live gauge
asterisk_calls_live{pbx="main"} 1
# HELP asterisk_calls_total Calls that have ended, by direction and result.
# TYPE asterisk_calls_total counter
asterisk_calls_total{direction="inbound",pbx="main",result="answered"} 1
`
	if err := testutil.CollectAndCompare(metrics, strings.NewReader(want), "asterisk_calls_live", "asterisk_calls_total"); err != nil {
		t.Error(err)
	}
	if n := testutil.CollectAndCount(metrics, "asterisk_calls_ring_seconds", "asterisk_calls_talk_seconds"); n != 2 {
		t.Errorf("%d histograms, want 2", n)
	}
	problems, err := testutil.CollectAndLint(metrics)
	if err != nil || len(problems) > 0 {
		t.Errorf("promlint: %v, %v", problems, err)
	}
}

// A trunk need not be named if the dialplan has a context of its own for calls from outside.
func TestInboundContexts(t *testing.T) {
	cfg := calls.Config{InboundContexts: []string{"from-trunk"}, Extensions: office.Extensions}
	call := newScript(t, cfg).play(`
100 Newchannel a=unknown/1 Linkedid=1 ChannelStateDesc=Ring CallerIDNum=2101234567 Exten=8000 Context=from-trunk
100 Newchannel a=alice/2 Linkedid=1 ChannelStateDesc=Down Context=from-trunk
100 DialBegin a=unknown/1 b=alice/2
120 Hangup a=alice/2 Cause=0
120 Hangup a=unknown/1 Cause=0`).one()
	if call.Direction != calls.Inbound || call.Legs[1].Kind != calls.Extension {
		t.Errorf("%s call, alice is an %s", call.Direction, call.Legs[1].Kind)
	}
}
