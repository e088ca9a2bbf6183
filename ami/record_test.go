package ami_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/asterism-go/asterism/ami"
)

func TestRecorderLeavesOutSecrets(t *testing.T) {
	var b bytes.Buffer
	r := ami.NewRecorder(&b)
	for _, text := range []string{
		"Response: Success\r\nChallenge: 840415273",
		"Event: AuthDetail\r\nPassword: hunter2\r\nMd5Cred: hunter2\r\nUsername: alice",
		"Response: Success\r\nLine-000000-000000: secret=hunter2\r\nLine-000000-000001: read=all",
		"Response: Success\r\nOutput: password: hunter2\r\nOutput:   indented",
		"Event: UserEvent\r\nText: l1\nl2",
	} {
		r.Record(parse(t, text))
	}
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "hunter2") || strings.Contains(b.String(), "840415273") {
		t.Errorf("secrets are in the recording:\n%s", &b)
	}
	messages, err := readAll(ami.NewReader(&b))
	if !errors.Is(err, io.EOF) || len(messages) != 5 {
		t.Fatalf("%d messages, %v", len(messages), err)
	}
	if messages[1].Get("Username") != "alice" || messages[3].Values("Output")[1] != "  indented" || messages[4].Get("Text") != "l1\nl2" {
		t.Errorf("%q", messages)
	}
}

// TestRecordingOfTheTraceIsTheTrace: what is recorded reads as what was recorded.
func TestRecordingOfTheTraceIsTheTrace(t *testing.T) {
	messages, _ := readAll(ami.NewReader(bytes.NewReader(trace(t))))
	var b bytes.Buffer
	r := ami.NewRecorder(&b)
	for _, m := range messages {
		r.Record(m)
	}
	again, _ := readAll(ami.NewReader(&b))
	if len(again) != len(messages) {
		t.Fatalf("%d of %d messages", len(again), len(messages))
	}
	for i, m := range messages {
		if m.Len() != again[i].Len() {
			t.Fatalf("message %d: %q became %q", i, m, again[i])
		}
	}
}

func TestSuspicious(t *testing.T) {
	for text, suspicious := range map[string]bool{
		"Event: Hangup\r\nPrivilege: call,all\r\nChannel: PJSIP/a-1":                       false,
		"Event: UserEvent\r\nPrivilege: user,all\r\nUserEvent: X":                          false,
		"Event: CoreShowChannel\r\nActionID: 1\r\nChannel: PJSIP/a-1":                      false,
		"Event: NotInTheBook\r\nPrivilege: call,all":                                       false,
		"Event: Hangup\r\nChannel: PJSIP/a-1":                                              true,
		"Event: Hangup\r\nPrivilege: user,all\r\nChannel: PJSIP/a-1":                       true,
		"Event: FORGED 1\r\nPrivilege: call,all":                                           true,
		"Data: x\r\nEvent: Hangup":                                                         true,
		"Event: Newexten\r\nPrivilege: dialplan,all\r\nAppData: x\r\nEvent: Hangup\r\nX: ": true,
	} {
		if why := parse(t, text).Suspicious(); (why != "") != suspicious {
			t.Errorf("%q: %q", text, why)
		}
	}
}

// TestNothingInTheTraceIsSuspicious but what its dialplan forged.
func TestNothingInTheTraceIsSuspicious(t *testing.T) {
	messages, _ := readAll(ami.NewReader(bytes.NewReader(trace(t))))
	seen := map[string]int{}
	for _, m := range messages {
		if why := m.Suspicious(); why != "" && !m.IsResponse() {
			seen[m.Event()+": "+why]++
		}
	}
	if len(seen) > 0 {
		t.Errorf("%v", seen)
	}
}
