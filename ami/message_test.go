package ami_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/asterism-go/asterism/ami"
)

func parse(t *testing.T, lines ...string) ami.Message {
	t.Helper()
	m, err := ami.ParseMessage(strings.Join(lines, "\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// headers returns a message as "key=value" lines.
func headers(m ami.Message) []string {
	var all []string
	for key, value := range m.All() {
		all = append(all, key+"="+value)
	}
	return all
}

func TestZeroMessageIsEmpty(t *testing.T) {
	var m ami.Message
	if m.Len() != 0 || m.Event() != "" || m.IsResponse() || m.Get("Event") != "" || m.Raw("Event") != "" || m.String() != "" ||
		m.Values("Event") != nil || headers(m) != nil {
		t.Errorf("the zero Message is not empty: %q", m)
	}
}

func TestRepeatedHeadersAndTheirOrderAreKept(t *testing.T) {
	m := parse(t,
		"Event: Newchannel", "Channel: PJSIP/a-1", "ChanVariable: A=1", "Exten: 7", "ChanVariable: B=2", "chanvariable: C=", "AccountCode: ")
	want := []string{
		"Event=Newchannel", "Channel=PJSIP/a-1", "ChanVariable=A=1", "Exten=7", "ChanVariable=B=2", "chanvariable=C=", "AccountCode=",
	}
	if diff := cmp.Diff(want, headers(m)); diff != "" {
		t.Error(diff)
	}
	if got := m.Values("ChanVariable"); !slices.Equal(got, []string{"A=1", "B=2", "C="}) {
		t.Errorf("Values: %q", got)
	}
}

func TestLookupIgnoresCase(t *testing.T) {
	m := parse(t, "Event: CEL", "CallerIDnum: 100", "UniqueID: 1.2", "Empty:")
	for key, want := range map[string]string{"CallerIDNum": "100", "Uniqueid": "1.2", "EVENT": "CEL", "empty": ""} {
		if got, ok := m.Lookup(key); got != want || !ok {
			t.Errorf("Lookup(%q) = %q, %v", key, got, ok)
		}
	}
	if _, ok := m.Lookup("Linkedid"); ok {
		t.Error("found a header that is not there")
	}
}

func TestFirstHeaderDecidesTheKind(t *testing.T) {
	event := parse(t, "Event: OriginateResponse", "Privilege: call,all", "Response: Failure")
	if event.Event() != "OriginateResponse" || event.IsResponse() || event.Response() != "" {
		t.Errorf("%q is an event", event)
	}
	response := parse(t, "Response: Success", "Event: Fake")
	if response.Event() != "" || !response.IsResponse() || response.Response() != "Success" {
		t.Errorf("%q is a response", response)
	}
}

func TestOutputKeepsLeadingSpaces(t *testing.T) {
	m := parse(t, "Response: Success", "Output: Channel     State", "Output:   PJSIP/a-1   Up", "Output: ", "Output: a: b")
	want := []string{"Channel     State", "  PJSIP/a-1   Up", "", "a: b"}
	if diff := cmp.Diff(want, m.Values("Output")); diff != "" {
		t.Error(diff)
	}
}

func TestAnyCharactersInKeys(t *testing.T) {
	for line, want := range map[string]string{
		"X: 1":                             "X=1",
		"customer_id: 42":                  "customer_id=42",
		"ChanVariable(Local/1@x-1;1): A=b": "ChanVariable(Local/1@x-1;1)=A=b",
		"ChanVariable(PJSIP/my_trunk-0000): A=b: c":        "ChanVariable(PJSIP/my_trunk-0000)=A=b: c",
		"ChanVariable(PJSIP/sip.example.com-01): A=":       "ChanVariable(PJSIP/sip.example.com-01)=A=",
		"ChanVariable(Local/+49*72@x-1;2): A=b":            "ChanVariable(Local/+49*72@x-1;2)=A=b",
		"ChanVariable(IAX2/host:4569-1): A=b): c":          "ChanVariable(IAX2/host:4569-1)=A=b): c",
		"ChanVariable(broken: A=b":                         "ChanVariable(broken=A=b",
		"Cause-txt: Normal Clearing":                       "Cause-txt=Normal Clearing",
		"UnitAmount(0): 3":                                 "UnitAmount(0)=3",
		"Name with spaces und Umläute: ü":                  "Name with spaces und Umläute=ü",
		"NoSpaceAfterColon:v":                              "NoSpaceAfterColon=v",
		"URI: sip:100@10.0.0.1:5060;transport=udp":         "URI=sip:100@10.0.0.1:5060;transport=udp",
		"LocalAddress: IPV4/TCP/127.0.0.1/5038: \\\"x\\\"": "LocalAddress=IPV4/TCP/127.0.0.1/5038: \\\"x\\\"",
	} {
		m := parse(t, "Event: X", line, "After: 1")
		if got := headers(m); len(got) != 3 || got[1] != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}

func TestParseMessageErrors(t *testing.T) {
	for name, block := range map[string]string{
		"empty":        "",
		"only blank":   "\r\n\r\n",
		"two messages": "Event: A\r\n\r\nEvent: B\r\n\r\n",
		"too large":    "Event: A\r\nX: " + strings.Repeat("x", ami.DefaultMaxMessageSize) + "\r\n",
	} {
		_, err := ami.ParseMessage(block)
		var protocol *ami.ProtocolError
		if !errors.As(err, &protocol) || !strings.HasPrefix(err.Error(), "ami: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestParseMessageWithOrWithoutBlankLine(t *testing.T) {
	for _, end := range []string{"", "\r\n", "\r\n\r\n", "\n", "\n\r\n\r\n"} {
		m, err := ami.ParseMessage("Event: A\r\nX: 1" + end)
		if err != nil || m.Get("X") != "1" || m.Len() != 2 {
			t.Errorf("end %q: %q, %v", end, headers(m), err)
		}
	}
}

// snapshot is the part of an event that describes a channel, as ast_manager_build_channel_state_string_prefix writes it.
func snapshot(prefix, callerName, lineName string) []string {
	lines := []string{
		"Channel: PJSIP/a-1", "ChannelState: 4", "ChannelStateDesc: Ring", "CallerIDNum: 100", "CallerIDName: " + callerName,
		"ConnectedLineNum: 200", "ConnectedLineName: " + lineName, "Language: en", `ChanVariable: NOTE=\"q\"`,
	}
	for i := range lines {
		lines[i] = prefix + lines[i]
	}
	return lines
}

func TestUnescapesWhatAsteriskEscapes(t *testing.T) {
	for _, prefix := range []string{"", "Dest", "LocalOne", "Transferee"} {
		lines := append([]string{"Event: DialBegin"}, snapshot(prefix, `O\'Brien \"Bob\"`, `a\\nb\r\n`)...)
		m := parse(t, lines...)
		for key, want := range map[string]string{
			"CallerIDName":      `O'Brien "Bob"`,
			"ConnectedLineName": "a\\nb\r\n",
			"ChanVariable":      `NOTE="q"`,
		} {
			if got := m.Get(prefix + key); got != want {
				t.Errorf("%s%s: %q, want %q", prefix, key, got, want)
			}
		}
		if raw := m.Raw(prefix + "CallerIDName"); raw != `O\'Brien \"Bob\"` {
			t.Errorf("Raw: %q", raw)
		}
	}
}

func TestLeavesAloneWhatAsteriskDoesNotEscape(t *testing.T) {
	for _, m := range []ami.Message{
		parse(t, "Event: QueueEntry", "Channel: PJSIP/a-1", "Uniqueid: 1", "CallerIDNum: 100", `CallerIDName: C:\new`),
		parse(t, "Event: OriginateResponse", "Reason: 4", "CallerIDNum: 100", `CallerIDName: C:\new`),
		parse(t, "Event: OriginateResponse", `ChanVariable(Local/1@x-1;1): A=\"`),
		parse(t, "Event: Newexten", `AppData: \"x\n\"`),
		parse(t, "Event: UserEvent", `Value: \n`),
		parse(t, "Response: Success", `Message: \n`),
	} {
		for key, value := range m.All() {
			if raw := m.Raw(key); raw != value {
				t.Errorf("%s: %q became %q", key, raw, value)
			}
		}
	}
}

func TestUnescapesVarSetAndPresence(t *testing.T) {
	for _, test := range []struct{ message, key, want string }{
		{"Event: VarSet\r\nVariable: X\r\nValue: \\a\\b\\f\\n\\r\\t\\v\\\\\\'\\\"\\?\\x\\", "Value", "\a\b\f\n\r\t\v\\'\"?\\x\\"},
		{"Event: PresenceStateChange\r\nMessage: it\\'s me", "Message", "it's me"},
		{"Event: PresenceStateChange\r\nSubtype: a\\tb", "Subtype", "a\tb"},
	} {
		if got := parse(t, test.message).Get(test.key); got != test.want {
			t.Errorf("%s: %q, want %q", test.message, got, test.want)
		}
	}
}
