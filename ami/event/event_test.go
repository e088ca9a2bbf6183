package event_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ami/event"
)

func message(tb testing.TB, lines ...string) ami.Message {
	tb.Helper()
	m, err := ami.ParseMessage(strings.Join(lines, "\r\n"))
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

func TestDecode(t *testing.T) {
	tests := map[string]struct {
		lines []string
		want  event.Event
	}{
		"types": {
			[]string{
				"Event: Hangup", "Privilege: call,all", "Channel: PJSIP/100-1", "ChannelState: 6", "Priority: 3",
				"ChannelStateDesc: Up", "CallerIDNum: 100", "CallerIDName: say \\\"hi\\\"", "ChanVariable: LANG=de=at", "ChanVariable: ORDER=", "Uniqueid: 1.1",
				"Cause: 16", "Cause-txt: Normal Clearing",
			},
			&event.Hangup{
				ChannelSnapshot: event.ChannelSnapshot{
					Channel: "PJSIP/100-1", ChannelState: 6, ChannelStateDesc: "Up", Priority: 3, CallerIDNum: "100", CallerIDName: `say "hi"`, Uniqueid: "1.1",
					ChanVariable: []event.Variable{{Name: "LANG", Value: "de=at"}, {Name: "ORDER"}},
				},
				Cause: 16, CauseTxt: "Normal Clearing",
			},
		},
		"several channels": {
			[]string{
				"Event: DialEnd", "Channel: A", "DestChannel: B", "DestChannelState: 5", "DestChanVariable: X=1", "DialStatus: BUSY",
			},
			&event.DialEnd{
				ChannelSnapshot: event.ChannelSnapshot{Channel: "A"},
				Dest:            event.ChannelSnapshot{Channel: "B", ChannelState: 5, ChanVariable: []event.Variable{{Name: "X", Value: "1"}}},
				DialStatus:      event.DialEndDialStatusBUSY,
			},
		},
		"a variable of a channel": {
			[]string{"Event: OriginateResponse", "Response: Success", "ChanVariable(Local/1@x-1;1): A=b", "Reason: 4"},
			&event.OriginateResponse{
				Response: event.OriginateResponseResponseSuccess, Reason: 4,
				ChanVariable: []event.Variable{{Channel: "Local/1@x-1;1", Name: "A", Value: "b"}},
			},
		},
		"other spellings": {
			[]string{"event: HANGUP", "channel: A", "UniqueID: 1", "callerIDNUM: 2", "CAUSE: 17", "LINKEDID: 4"},
			&event.Hangup{ChannelSnapshot: event.ChannelSnapshot{Channel: "A", Uniqueid: "1", CallerIDNum: "2", Linkedid: "4"}, Cause: 17},
		},
		"words and units": {
			[]string{
				"Event: QueueMemberStatus", "Paused: 1", "Ringinuse: 0", "InCall: yes", "LastCall: 1795319273", "LastPause: 0",
				"Wrapuptime: 20", "Status: 2", "Membership: dynamic",
			},
			&event.QueueMemberStatus{
				Paused: true, InCall: true, LastCall: time.Unix(1795319273, 0), Wrapuptime: 20 * time.Second, Status: 2,
				Membership: event.MembershipDynamic,
			},
		},
		"fractions": {
			[]string{"Event: ContactStatusDetail", "QualifyTimeout: 3.500000", "RoundtripUsec: N/A", "RegExpire: 0"},
			&event.ContactStatusDetail{QualifyTimeout: 3500 * time.Millisecond},
		},
		"reports": {
			[]string{"Event: RTCPSent", "ReportCount: 2", "Report0SourceSSRC: 0x1", "Report1IAJitter: 7", "Report0DLSR: 1.5000"},
			&event.RTCPSent{ReportCount: 2, Reports: []event.Report{{SourceSSRC: "0x1", DLSR: 1.5}, {IAJitter: 7}}},
		},
		"times": {
			[]string{"Event: SuccessfulAuth", "EventTV: 2026-11-22T03:52:43.393+0000", "SessionTV: 1970-01-01T00:00:00.000+0000"},
			&event.SuccessfulAuth{EventTV: time.Date(2026, 11, 22, 3, 52, 43, 393e6, time.UTC)},
		},
		"nothing": {[]string{"Event: QueueStatusComplete", "EventList: Complete", "ListItems: 0"}, &event.QueueStatusComplete{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := message(t, test.lines...)
			got := event.Decode(m)
			if diff := cmp.Diff(test.want, got, cmpopts.IgnoreTypes(event.Base{}), cmpopts.EquateApproxTime(0)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if err := got.Err(); err != nil || got.Unmapped() != nil || got.Message().String() != m.String() {
				t.Errorf("Err %v, Unmapped %v, Message\n%s", err, got.Unmapped(), got.Message())
			}
		})
	}
}

func TestDecodeNeverFails(t *testing.T) {
	m := message(t, "Event: Hangup", "Channel: A", "Cause: sixteen", "Cause: 16", "ChannelState: ", "X-New: 1", "Channel: forged")
	e, ok := event.As[event.Hangup](m)
	if !ok || e.Channel != "A" || e.Cause != 0 {
		t.Errorf("got %+v", e)
	}
	want := []ami.Header{{Key: "Cause", Value: "16"}, {Key: "X-New", Value: "1"}, {Key: "Channel", Value: "forged"}}
	if diff := cmp.Diff(want, e.Unmapped()); diff != "" {
		t.Errorf("Unmapped (-want +got):\n%s", diff)
	}
	var field *event.FieldError
	if err := e.Err(); !errors.As(err, &field) || field.Field != "Cause" || field.Event != "Hangup" || field.Value != "sixteen" {
		t.Errorf("Err is %v", err)
	}
}

func TestUnknown(t *testing.T) {
	for _, first := range []string{"Event: FromTheFuture", "Event: ", "Response: Success"} {
		m := message(t, first, "Privilege: call,all", "A: 1")
		e, ok := event.Decode(m).(*event.Unknown)
		if !ok {
			t.Fatalf("%s is no Unknown", first)
		}
		if diff := cmp.Diff([]ami.Header{{Key: "A", Value: "1"}}, e.Unmapped()); diff != "" || e.Message().Event() != m.Event() {
			t.Errorf("%s (-want +got):\n%s", first, diff)
		}
	}
	if _, ok := event.As[event.Hangup](message(t, "Event: Newchannel")); ok {
		t.Error("a Newchannel is a Hangup")
	}
	if e := event.Decode(ami.Message{}); e.Unmapped() != nil || e.Err() != nil {
		t.Errorf("nothing is %+v", e)
	}
}

func TestTimestamp(t *testing.T) {
	tests := map[string]time.Time{
		"Timestamp: 1795319273.012345": time.Unix(1795319273, 12345000),
		"Timestamp: 1795319273":        time.Unix(1795319273, 0),
		"Timestamp: x.1":               {},
		"Timestamp: 1.x":               {},
		"A: b":                         {},
	}
	for line, want := range tests {
		if got := event.Decode(message(t, "Event: Hangup", line)).Timestamp(); !got.Equal(want) {
			t.Errorf("%s is %v, want %v", line, got, want)
		}
	}
}

func TestSupports(t *testing.T) {
	tests := []struct {
		version, name string
		want          bool
	}{
		{"22.10.1+dfsg+~cs6.17.60671434-1", "Hangup", true},
		{"16.28.0~dfsg-0+deb11u4", "hangup", true},
		{"13.1.0", "Newexten", true},
		{"11.25.0", "Hangup", false},
		{"20.20.0", "PJSIPMaintenanceStatus", true},
		{"20.19.3", "PJSIPMaintenanceStatus", false},
		{"21.5.0", "PJSIPMaintenanceStatus", false},
		{"30.0.0", "PJSIPMaintenanceStatus", true},
		{"certified/20.7-cert2", "MonitorStart", true},
		{"20.7.0", "MonitorStart", true},
		{"21.0.0", "MonitorStart", false},
		{"GIT-master-1234", "MonitorStart", false},
		{"GIT-master-1234", "Hangup", true},
		{"22.0.0", "NoSuchEvent", false},
	}
	for _, test := range tests {
		if got := event.Supports(test.version, test.name); got != test.want {
			t.Errorf("Supports(%q, %q) is %v", test.version, test.name, got)
		}
	}
}

func TestLookup(t *testing.T) {
	info, ok := event.Lookup("newEXTEN")
	if !ok || info.Name != event.NameNewexten || !slices.Equal(info.Classes, []string{"dialplan"}) {
		t.Errorf("got %+v", info)
	}
	if info, _ := event.Lookup("PeerlistComplete"); !slices.Contains(info.Completes, "IAXpeers") {
		t.Errorf("got %+v", info)
	}
	infos := event.Infos()
	if !slices.IsSortedFunc(infos, func(a, b event.Info) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("they are not sorted")
	}
	for _, info := range infos {
		if _, unknown := event.Decode(message(t, "Event: "+info.Name)).(*event.Unknown); unknown {
			t.Errorf("%s has no struct", info.Name)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, m := range trace(f)[:400] {
		f.Add(m.String())
	}
	f.Add("Event: RTCPSent\r\nReport30SourceSSRC: 1\r\nReport31DLSR: x\r\nReport: 1\r\nReport00000IAJitter: 9")
	f.Add("Event: OriginateResponse\r\nChanVariable(): \r\nChanVariable(a)b: c\r\nDestChanVariable(x): y")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := ami.ParseMessage(text)
		if err != nil {
			return
		}
		e := event.Decode(m)
		if e.Message().String() != m.String() {
			t.Error("the message is another one")
		}
		if len(e.Unmapped()) >= max(m.Len(), 1) {
			t.Errorf("of %d headers, %d have no field", m.Len(), len(e.Unmapped()))
		}
		if err := e.Err(); err != nil && err.Error() == "" {
			t.Error("an error without a text")
		}
		e.Timestamp()
	})
}
