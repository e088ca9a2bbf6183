package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// stream is a short recording: 2101234567 calls 8000, alice answers.
const recorded = `Event: Newchannel
Timestamp: 1800000000.000000
Channel: PJSIP/provider-00000001
ChannelStateDesc: Ring
CallerIDNum: 2101234567
CallerIDName: Maria Papadopoulou
Context: from-trunk
Exten: 8000
Uniqueid: 1.1
Linkedid: 1.1

Event: Newchannel
Timestamp: 1800000000.100000
Channel: PJSIP/alice-00000002
ChannelStateDesc: Down
CallerIDNum: 101
CallerIDName: Alice
Uniqueid: 1.2
Linkedid: 1.1

Event: DialBegin
Timestamp: 1800000000.100000
Channel: PJSIP/provider-00000001
Uniqueid: 1.1
DestChannel: PJSIP/alice-00000002
DestUniqueid: 1.2
DialString: alice

Event: Newstate
Timestamp: 1800000003.000000
Channel: PJSIP/alice-00000002
ChannelStateDesc: Up
Uniqueid: 1.2

Event: Newstate
Timestamp: 1800000003.000000
Channel: PJSIP/provider-00000001
ChannelStateDesc: Up
Uniqueid: 1.1

Event: DialEnd
Timestamp: 1800000003.000000
Channel: PJSIP/provider-00000001
Uniqueid: 1.1
DestUniqueid: 1.2
DialStatus: ANSWER

Event: VarSet
Timestamp: 1800000003.000000
Channel: PJSIP/provider-00000001
Uniqueid: 1.1
Variable: PASSWORD
Value: hunter2

Event: BridgeEnter
Timestamp: 1800000003.100000
BridgeUniqueid: b
BridgeTechnology: simple_bridge
Channel: PJSIP/alice-00000002
Uniqueid: 1.2

Event: BridgeEnter
Timestamp: 1800000003.100000
BridgeUniqueid: b
BridgeTechnology: simple_bridge
Channel: PJSIP/provider-00000001
Uniqueid: 1.1

Event: HangupRequest
Timestamp: 1800000010.000000
Uniqueid: 1.1
Cause: 16

Event: Hangup
Timestamp: 1800000010.100000
Uniqueid: 1.2
Cause: 16

Event: Hangup
Timestamp: 1800000010.100000
Uniqueid: 1.1
Cause: 16

`

const config = "trunks: [PJSIP/provider]\nextensions:\n  PJSIP/alice: {number: \"101\", name: Alice}\n"

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(text, "\n", "\r\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func runs(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if err := run(t.Context(), args, &out, &errs); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, &errs)
	}
	return out.String()
}

type document struct {
	Calls []struct {
		Schema, ID, Direction, Result, Dialed string
		Caller, Callee                        struct{ Number, Name string }
	}
}

func read(t *testing.T, text string) document {
	t.Helper()
	var d document
	if err := json.Unmarshal([]byte(text), &d); err != nil || len(d.Calls) != 1 {
		t.Fatalf("%v in %s", err, text)
	}
	return d
}

func TestReplay(t *testing.T) {
	d := read(t, runs(t, "-replay", write(t, "stream", recorded), "-config", write(t, "calls.yaml", config)))
	c := d.Calls[0]
	if c.Schema != "call/1" || c.Direction != "inbound" || c.Result != "answered" || c.Caller.Number != "2101234567" || c.Callee.Name != "Alice" {
		t.Errorf("told %+v", c)
	}
}

func TestReplayOfARecording(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{
		"ami.txt": strings.ReplaceAll(recorded, "\n", "\r\n"), "ami.times.csv": "recv_time,end_offset\n1800000000.5,100\n1800000011.5,99999\n",
		"input.json": `{"trunks":["PJSIP/provider"],"extensions":{"PJSIP/alice":{"number":"101","name":"Alice"}},"queues":["x"]}`,
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if c := read(t, runs(t, "-replay", dir)).Calls[0]; c.Direction != "inbound" || c.Callee.Number != "101" {
		t.Errorf("told %+v", c)
	}
}

// What Asterisk itself recorded adds a call that the stream does not have; what disagrees, and what cannot be read, is said.
func TestReplayWithRecords(t *testing.T) {
	const columns = "channel,dstchannel,src,dst,start,answer,end,disposition,uniqueid\n"
	cdr := write(t, "Master.csv", columns+
		"PJSIP/provider-00000001,PJSIP/alice-00000002,2101234567,8000,1800000000,1800000003,1800000010,ANSWERED,1.1\n"+
		"PJSIP/provider-00000001,,2101234567,8000,yesterday,,,ANSWERED,1.1\n"+
		"PJSIP/provider-00000003,PJSIP/alice-00000004,2109999999,8000,1800000020,1800000021,1800000030,ANSWERED,1.3\n")
	cel := write(t, "cel.csv", "eventtype,eventtime,uniqueid,linkedid,channame\n"+
		"CHAN_START,1800000040,1.5,1.5,PJSIP/provider-00000005\nCHAN_END,1800000041,1.5,1.5,PJSIP/provider-00000005\n")
	args := []string{
		"-replay", write(t, "stream", recorded), "-config", write(t, "calls.yaml", config), "-cdr", cdr, "-cel", cel,
	}
	var out, errs bytes.Buffer
	if err := run(t.Context(), args, &out, &errs); err != nil {
		t.Fatal(err)
	}
	var d document
	if err := json.Unmarshal(out.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	if len(d.Calls) != 3 || d.Calls[1].ID != "1.3" || d.Calls[1].Caller.Number != "2109999999" || d.Calls[2].ID != "1.5" {
		t.Errorf("told %+v", d.Calls)
	}
	for _, want := range []string{
		`cdr: row 3 (line 3): column start: "yesterday" is no time`, "call 1.3: answered:", "call 1.5: call:", "came and went in a gap",
	} {
		if !strings.Contains(errs.String(), want) {
			t.Errorf("not said: %s\n%s", want, &errs)
		}
	}
	if err := run(t.Context(), append(args[:4:4], "-cdr", filepath.Join(t.TempDir(), "none")), &out, &errs); err == nil {
		t.Error("a file that is not there is no error")
	}
}

func TestExplain(t *testing.T) {
	story := runs(t, "-replay", write(t, "stream", recorded), "-config", write(t, "calls.yaml", config), "-explain", "1.1")
	for _, want := range []string{
		"0.000 s  Maria Papadopoulou (2101234567) calls 8000.", "Newchannel Channel=PJSIP/provider-00000001",
		"3.000 s  Alice (101) answers.", "DialEnd Channel=PJSIP/provider-00000001",
		"Maria Papadopoulou (2101234567) and Alice (101) talk.", "hangs up.", "In short: inbound, answered, talked for 6.9 s",
	} {
		if !strings.Contains(story, want) {
			t.Errorf("the story has no %q:\n%s", want, story)
		}
	}
}

func TestAnonymise(t *testing.T) {
	hidden := runs(t, "-anonymise", write(t, "stream", recorded))
	for _, secret := range []string{"2101234567", "Maria", "Papadopoulou", "hunter2"} {
		if strings.Contains(hidden, secret) {
			t.Errorf("%q is still there:\n%s", secret, hidden)
		}
	}
	again := filepath.Join(t.TempDir(), "hidden")
	if err := os.WriteFile(again, []byte(hidden), 0o600); err != nil {
		t.Fatal(err)
	}
	c := read(t, runs(t, "-replay", again, "-config", write(t, "calls.yaml", config))).Calls[0]
	if c.Result != "answered" || c.Caller.Name != "Name 1" || len(c.Caller.Number) != len("2101234567") || c.ID != "1.1" {
		t.Errorf("the same call is told as %+v", c)
	}
}

func TestWhatIsWrong(t *testing.T) {
	stream := write(t, "stream", recorded)
	bad := write(t, "bad.yaml", "trunks: [a]\ntrunk: b\n")
	tests := map[string][]string{
		"nothing to do":         {},
		"bad.yaml:2:1":          {"-replay", stream, "-config", bad},
		"no call 9":             {"-replay", stream, "-explain", "9"},
		"no such file":          {"-replay", filepath.Join(t.TempDir(), "nothing")},
		"flag provided but not": {"-what"},
	}
	for want, args := range tests {
		var out, errs bytes.Buffer
		if err := run(t.Context(), args, &out, &errs); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want an error with %q", args, err, want)
		}
	}
}
