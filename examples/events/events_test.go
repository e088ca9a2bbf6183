package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/asterism-go/asterism/ami/amitest"
)

func TestReplayCounts(t *testing.T) {
	const trace = "../../ami/testdata/trace.ami.gz"
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-replay", trace, "-count"}, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"messages 59872\n", "replies 79\n", "event Newchannel ", "event OriginateResponse "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
	out.Reset()
	if err := run(t.Context(), []string{"-replay", trace, "-count", "QueueCaller*"}, &out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "event QueueCallerJoin ") || strings.Contains(out.String(), "Newchannel") {
		t.Errorf("%s", &out)
	}
}

// quitting ends the context at the first line that shows a text.
type quitting struct {
	bytes.Buffer
	text string
	quit context.CancelFunc
}

func (q *quitting) Write(p []byte) (int, error) {
	n, err := q.Buffer.Write(p)
	if strings.Contains(q.String(), q.text) {
		q.quit()
	}
	return n, err
}

func TestTailRecordAndReplay(t *testing.T) {
	t.Setenv("ASTERISM_AMI_SECRET", "hunter2")
	pbx := amitest.Start(t, amitest.Script{
		amitest.Login("board", "hunter2"), amitest.Expect("Ping"), amitest.Reply("Response: Success"),
		amitest.Send("Event: Newchannel", "Privilege: call,all"),
		amitest.Forge("Event: Hangup", "Channel: PJSIP/boss-1"),
		amitest.Send("Event: QueueCallerJoin", "Privilege: agent,all", "Queue: help"),
		amitest.ExpectClose(),
	})
	file := filepath.Join(t.TempDir(), "calls.ami")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := &quitting{text: "Queue: help\n\n", quit: cancel}
	if err := run(ctx, []string{"-addr", pbx.Addr, "-user", "board", "-record", file, "Hangup", "Queue*"}, out); err != nil {
		t.Fatal(err)
	}
	want := "# perhaps forged: its second header is not Privilege\nEvent: Hangup\nChannel: PJSIP/boss-1\nUniqueid: 1.1\nLinkedid: 1.1\n\n" +
		"Event: QueueCallerJoin\nPrivilege: agent,all\nQueue: help\n\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out, want)
	}
	recorded, err := os.ReadFile(file)
	if err != nil || bytes.Contains(recorded, []byte("hunter2")) {
		t.Errorf("%v\n%s", err, recorded)
	}
	var again bytes.Buffer
	if err := run(t.Context(), []string{"-replay", file, "Hangup", "Queue*"}, &again); err != nil || again.String() != want {
		t.Errorf("replayed: %v\n%s", err, &again)
	}
}

func TestErrors(t *testing.T) {
	for _, args := range [][]string{{"["}, {"-replay", "does-not-exist"}, {"-nonsense"}} {
		if err := run(t.Context(), args, &bytes.Buffer{}); err == nil {
			t.Errorf("%q: no error", args)
		}
	}
}
