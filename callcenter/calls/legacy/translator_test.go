package legacy_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/calls"
	"github.com/asterism-go/asterism/callcenter/calls/legacy"
)

// tell translates a stream that is written by hand, one event a line, its headers separated by |, and returns the calls.
func tell(t *testing.T, stream string) []calls.Call {
	t.Helper()
	tracker := calls.NewTracker(calls.Config{Trunks: []string{"SIP/provider"}})
	var old legacy.Translator
	var told []calls.Call
	take := func(changes []calls.Change) {
		for _, change := range changes {
			if change.Kind == calls.Finished {
				told = append(told, change.Call)
			}
		}
	}
	for line := range strings.Lines(stream) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		at, text, _ := strings.Cut(line, " ")
		event, err := ami.ParseMessage("Event: " + strings.ReplaceAll(text, "|", "\r\n") + "\r\nTimestamp: " + at + "\r\n")
		if err != nil {
			t.Fatal(err)
		}
		for _, event := range old.Translate(event) {
			take(tracker.Feed(event, time.Time{}))
		}
	}
	take(tracker.Flush())
	if live := tracker.Live(); len(live) > 0 {
		t.Errorf("%d calls never end", len(live))
	}
	slices.SortFunc(told, func(a, b calls.Call) int { return strings.Compare(a.ID, b.ID) })
	return told
}

// summary is what the tests compare of a call.
type summary struct {
	Direction  calls.Direction
	Kind       calls.Kind
	Result     calls.Result
	Dialed     string
	AnsweredBy string
	Legs       map[string]calls.Outcome
	Talks      []string
	Transfers  []calls.Transfer
	Agent      string
}

func summarise(c calls.Call) summary {
	s := summary{Direction: c.Direction, Kind: c.Kind, Result: c.Result, Dialed: c.Dialed, AnsweredBy: c.AnsweredBy, Legs: map[string]calls.Outcome{}}
	for _, leg := range c.Legs {
		s.Legs[leg.Channel] = leg.Outcome
	}
	for _, talk := range c.Conversations {
		s.Talks = append(s.Talks, talk.A+" "+talk.B+" "+talk.End.Sub(talk.Start).String())
	}
	for _, x := range c.Transfers {
		x.At, x.Consultation = time.Time{}, ""
		s.Transfers = append(s.Transfers, x)
	}
	for _, v := range c.Queues {
		s.Agent += v.Agent
	}
	return s
}

func TestStreams(t *testing.T) {
	tests := []struct {
		name, stream string
		want         []summary
	}{
		{"1.8: one of two that ring answers", `
100 Newchannel|Channel: SIP/provider-1|ChannelStateDesc: Down|CallerIDNum: 2101234567|Exten: 8000|Uniqueid: 1.1
100 Newstate|Channel: SIP/provider-1|ChannelStateDesc: Ring|Uniqueid: 1.1
100 Newchannel|Channel: SIP/101-2|ChannelStateDesc: Down|CallerIDNum: 101|Exten: |Uniqueid: 1.2
100 Dial|SubEvent: Begin|Channel: SIP/provider-1|Destination: SIP/101-2|UniqueID: 1.1|DestUniqueID: 1.2|Dialstring: 101
100 Newchannel|Channel: SIP/102-3|ChannelStateDesc: Down|CallerIDNum: 102|Exten: |Uniqueid: 1.3
100 Dial|SubEvent: Begin|Channel: SIP/provider-1|Destination: SIP/102-3|UniqueID: 1.1|DestUniqueID: 1.3|Dialstring: 102
101 Newstate|Channel: SIP/101-2|ChannelStateDesc: Ringing|Uniqueid: 1.2
101 Newstate|Channel: SIP/102-3|ChannelStateDesc: Ringing|Uniqueid: 1.3
103 Newstate|Channel: SIP/102-3|ChannelStateDesc: Up|Uniqueid: 1.3
103 Hangup|Channel: SIP/101-2|Uniqueid: 1.2|Cause: 26
103 Newstate|Channel: SIP/provider-1|ChannelStateDesc: Up|Uniqueid: 1.1
103 Bridge|Bridgestate: Link|Bridgetype: core|Channel1: SIP/provider-1|Channel2: SIP/102-3|Uniqueid1: 1.1|Uniqueid2: 1.3
104 Bridge|Bridgestate: Link|Bridgetype: native|Channel1: SIP/provider-1|Channel2: SIP/102-3|Uniqueid1: 1.1|Uniqueid2: 1.3
110 Bridge|Bridgestate: Unlink|Channel1: SIP/provider-1|Channel2: SIP/102-3|Uniqueid1: 1.1|Uniqueid2: 1.3
110 Hangup|Channel: SIP/102-3|Uniqueid: 1.3|Cause: 16
110 Dial|SubEvent: End|Channel: SIP/provider-1|UniqueID: 1.1|DialStatus: ANSWER
110 Hangup|Channel: SIP/provider-1|Uniqueid: 1.1|Cause: 16`, []summary{{
			Direction: calls.Inbound, Kind: calls.Ordinary, Result: calls.Answered, Dialed: "8000", AnsweredBy: "SIP/102-3",
			Legs: map[string]calls.Outcome{
				"SIP/provider-1": calls.LegAnswered, "SIP/101-2": calls.LegAnsweredElsewhere, "SIP/102-3": calls.LegAnswered,
			},
			Talks: []string{"SIP/provider-1 SIP/102-3 7s"},
		}}},
		{"1.8: attended transfer, by a masquerade", `
100 Newchannel|Channel: SIP/provider-1|ChannelStateDesc: Down|CallerIDNum: 2101234567|Exten: 101|Uniqueid: 1.1
100 Newstate|Channel: SIP/provider-1|ChannelStateDesc: Ring|Uniqueid: 1.1
100 Newchannel|Channel: SIP/101-2|ChannelStateDesc: Down|CallerIDNum: 101|Exten: |Uniqueid: 1.2
100 Dial|SubEvent: Begin|Channel: SIP/provider-1|Destination: SIP/101-2|UniqueID: 1.1|DestUniqueID: 1.2|Dialstring: 101
102 Newstate|Channel: SIP/101-2|ChannelStateDesc: Up|Uniqueid: 1.2
102 Bridge|Bridgestate: Link|Channel1: SIP/provider-1|Channel2: SIP/101-2|Uniqueid1: 1.1|Uniqueid2: 1.2
105 Hold|Status: On|Channel: SIP/101-2|Uniqueid: 1.2
106 Newchannel|Channel: SIP/101-3|ChannelStateDesc: Down|CallerIDNum: 101|Exten: 102|Uniqueid: 1.3
106 Newstate|Channel: SIP/101-3|ChannelStateDesc: Ring|Uniqueid: 1.3
106 Newchannel|Channel: SIP/102-4|ChannelStateDesc: Down|CallerIDNum: 102|Exten: |Uniqueid: 1.4
106 Dial|SubEvent: Begin|Channel: SIP/101-3|Destination: SIP/102-4|UniqueID: 1.3|DestUniqueID: 1.4|Dialstring: 102
108 Newstate|Channel: SIP/102-4|ChannelStateDesc: Up|Uniqueid: 1.4
108 Bridge|Bridgestate: Link|Channel1: SIP/101-3|Channel2: SIP/102-4|Uniqueid1: 1.3|Uniqueid2: 1.4
110 Transfer|TransferMethod: SIP|TransferType: Attended|Channel: SIP/101-2|Uniqueid: 1.2|TargetChannel: SIP/101-3|TargetUniqueid: 1.3
110 Masquerade|Clone: SIP/provider-1|CloneState: Up|Original: SIP/101-3|OriginalState: Up
110 Rename|Channel: SIP/provider-1|Newname: SIP/provider-1<MASQ>|Uniqueid: 1.1
110 Rename|Channel: SIP/101-3|Newname: SIP/provider-1|Uniqueid: 1.3
110 Rename|Channel: SIP/provider-1<MASQ>|Newname: SIP/101-3<ZOMBIE>|Uniqueid: 1.1
110 Hangup|Channel: SIP/101-3<ZOMBIE>|Uniqueid: 1.1|Cause: 16
110 Hangup|Channel: SIP/101-2|Uniqueid: 1.2|Cause: 16
120 Bridge|Bridgestate: Unlink|Channel1: SIP/provider-1|Channel2: SIP/102-4|Uniqueid1: 1.3|Uniqueid2: 1.4
120 Hangup|Channel: SIP/102-4|Uniqueid: 1.4|Cause: 16
120 Hangup|Channel: SIP/provider-1|Uniqueid: 1.3|Cause: 16`, []summary{
			{
				Direction: calls.Inbound, Kind: calls.Ordinary, Result: calls.Answered, Dialed: "101", AnsweredBy: "SIP/101-2",
				Legs:  map[string]calls.Outcome{"SIP/provider-1": calls.LegAnswered, "SIP/101-2": calls.LegAnswered},
				Talks: []string{"SIP/provider-1 SIP/101-2 3s", "SIP/provider-1 SIP/102-4 10s"},
				Transfers: []calls.Transfer{{
					Type: calls.Attended, By: "SIP/101-2", Transferee: "SIP/provider-1", To: "SIP/102-4", Number: "102", Result: calls.Completed,
				}},
			},
			{
				Direction: calls.Internal, Kind: calls.Consultation, Result: calls.Answered, Dialed: "102", AnsweredBy: "SIP/102-4",
				Legs:  map[string]calls.Outcome{"SIP/101-3": calls.LegAnswered, "SIP/102-4": calls.LegAnswered},
				Talks: []string{"SIP/101-3 SIP/102-4 2s"},
			},
		}},
		{"1.8: a queue", `
100 Newchannel|Channel: SIP/provider-1|ChannelStateDesc: Down|CallerIDNum: 2101234567|Exten: 8000|Uniqueid: 1.1
100 Newstate|Channel: SIP/provider-1|ChannelStateDesc: Up|Uniqueid: 1.1
100 Join|Channel: SIP/provider-1|Queue: support|Position: 1|Count: 1|Uniqueid: 1.1
101 Newchannel|Channel: SIP/101-2|ChannelStateDesc: Down|CallerIDNum: 101|Exten: |Uniqueid: 1.2
101 AgentCalled|Queue: support|AgentCalled: SIP/101|AgentName: Alice|ChannelCalling: SIP/provider-1|DestinationChannel: SIP/101-2|Uniqueid: 1.1
102 Newstate|Channel: SIP/101-2|ChannelStateDesc: Ringing|Uniqueid: 1.2
104 Newstate|Channel: SIP/101-2|ChannelStateDesc: Up|Uniqueid: 1.2
104 Leave|Channel: SIP/provider-1|Queue: support|Count: 0|Uniqueid: 1.1
104 AgentConnect|Queue: support|Uniqueid: 1.1|Channel: SIP/101-2|Member: SIP/101|MemberName: Alice|Holdtime: 4|BridgedChannel: 1.2
104 Bridge|Bridgestate: Link|Channel1: SIP/provider-1|Channel2: SIP/101-2|Uniqueid1: 1.1|Uniqueid2: 1.2
109 Bridge|Bridgestate: Unlink|Channel1: SIP/provider-1|Channel2: SIP/101-2|Uniqueid1: 1.1|Uniqueid2: 1.2
109 Hangup|Channel: SIP/101-2|Uniqueid: 1.2|Cause: 16
109 Hangup|Channel: SIP/provider-1|Uniqueid: 1.1|Cause: 16`, []summary{{
			Direction: calls.Inbound, Kind: calls.Ordinary, Result: calls.Answered, Dialed: "8000", AnsweredBy: "SIP/101-2",
			Legs:  map[string]calls.Outcome{"SIP/provider-1": calls.LegAnswered, "SIP/101-2": calls.LegAnswered},
			Talks: []string{"SIP/provider-1 SIP/101-2 5s"}, Agent: "SIP/101-2",
		}}},
		{"1.4: a call, and one that nobody answers", `
100 Newchannel|Channel: SIP/101-1|State: Down|CallerID: 101|Uniqueid: 1.1
100 Newstate|Channel: SIP/101-1|State: Ring|Uniqueid: 1.1
100 Newchannel|Channel: SIP/102-2|State: Down|CallerID: 102|Uniqueid: 1.2
100 Dial|Source: SIP/101-1|Destination: SIP/102-2|SrcUniqueID: 1.1|DestUniqueID: 1.2
101 Newstate|Channel: SIP/102-2|State: Ringing|Uniqueid: 1.2
103 Newstate|Channel: SIP/102-2|State: Up|Uniqueid: 1.2
103 Newstate|Channel: SIP/101-1|State: Up|Uniqueid: 1.1
103 Link|Channel1: SIP/101-1|Channel2: SIP/102-2|Uniqueid1: 1.1|Uniqueid2: 1.2
108 Unlink|Channel1: SIP/101-1|Channel2: SIP/102-2|Uniqueid1: 1.1|Uniqueid2: 1.2
108 Hangup|Channel: SIP/102-2|Uniqueid: 1.2|Cause: 16
108 Hangup|Channel: SIP/101-1|Uniqueid: 1.1|Cause: 16
200 Newchannel|Channel: SIP/101-3|State: Down|CallerID: 101|Uniqueid: 2.1
200 Newstate|Channel: SIP/101-3|State: Ring|Uniqueid: 2.1
200 Newchannel|Channel: SIP/102-4|State: Down|CallerID: 102|Uniqueid: 2.2
200 Dial|Source: SIP/101-3|Destination: SIP/102-4|SrcUniqueID: 2.1|DestUniqueID: 2.2
201 Newstate|Channel: SIP/102-4|State: Ringing|Uniqueid: 2.2
220 Hangup|Channel: SIP/102-4|Uniqueid: 2.2|Cause: 0
222 Hangup|Channel: SIP/101-3|Uniqueid: 2.1|Cause: 19`, []summary{
			{
				Direction: calls.Internal, Kind: calls.Ordinary, Result: calls.Answered, AnsweredBy: "SIP/102-2",
				Legs:  map[string]calls.Outcome{"SIP/101-1": calls.LegAnswered, "SIP/102-2": calls.LegAnswered},
				Talks: []string{"SIP/101-1 SIP/102-2 5s"},
			},
			{
				Direction: calls.Internal, Kind: calls.Ordinary, Result: calls.NoAnswer,
				Legs: map[string]calls.Outcome{"SIP/101-3": calls.LegNotAnswered, "SIP/102-4": calls.LegNoAnswer},
			},
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []summary
			for _, call := range tell(t, test.stream) {
				got = append(got, summarise(call))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// An event of today passes as it is.
func TestModernEventsPass(t *testing.T) {
	event, err := ami.ParseMessage("Event: QueueCallerJoin\r\nUniqueid: 9\r\nQueue: q\r\n")
	if err != nil {
		t.Fatal(err)
	}
	var old legacy.Translator
	out := old.Translate(event)
	if len(out) != 1 || out[0].String() != event.String() {
		t.Errorf("translated to %v", out)
	}
}
