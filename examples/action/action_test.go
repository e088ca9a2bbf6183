package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/asterism-go/asterism/ami/amitest"
)

func TestAction(t *testing.T) {
	t.Setenv("ASTERISM_AMI_SECRET", "hunter2")
	channels := []amitest.Step{
		amitest.Expect("CoreShowChannels"), amitest.Reply("Response: Success", "EventList: start"),
		amitest.Reply("Event: CoreShowChannel", "Channel: PJSIP/a-1", "ChanVariable: A=1", "ChanVariable: B=2"),
		amitest.Reply("Event: CoreShowChannel", "Channel: PJSIP/long-2", "State: Up"),
		amitest.Reply("Event: CoreShowChannelsComplete", "EventList: Complete", "ListItems: 2"),
	}
	for _, test := range []struct {
		args  []string
		steps []amitest.Step
		want  string
	}{
		{
			[]string{"QueuePause", "Interface=PJSIP/100", "Reason=a=b"},
			[]amitest.Step{
				amitest.Expect("QueuePause", "Interface: PJSIP/100", "Reason: a=b"), amitest.Reply("Response: Success", "Message: paused"),
			},
			"Response: Success\nMessage: paused\n",
		},
		{
			[]string{"Command", "Command=core show uptime"},
			[]amitest.Step{amitest.Expect("Command"), amitest.Reply("Response: Success", "Output: System", "Output:   uptime")},
			"System\n  uptime\n",
		},
		{
			[]string{"CoreShowChannels"},
			channels,
			"Event            Channel       ChanVariable  State\n" +
				"CoreShowChannel  PJSIP/a-1     A=1 B=2       \n" +
				"CoreShowChannel  PJSIP/long-2                Up\n",
		},
		{[]string{"-columns", "Channel", "CoreShowChannels"}, channels, "Channel\nPJSIP/a-1\nPJSIP/long-2\n"},
		{
			[]string{"-json", "CoreShowChannels"},
			channels,
			`{"Event":"CoreShowChannel","Channel":"PJSIP/a-1","ChanVariable":["A=1","B=2"]}` + "\n" +
				`{"Event":"CoreShowChannel","Channel":"PJSIP/long-2","State":"Up"}` + "\n",
		},
	} {
		pbx := amitest.Start(t, append(append(amitest.Script{amitest.Login("board", "hunter2")}, test.steps...), amitest.Serve()))
		var out bytes.Buffer
		err := run(t.Context(), append([]string{"-addr", pbx.Addr, "-user", "board"}, test.args...), &out)
		if err != nil || out.String() != test.want {
			t.Errorf("%q: %v\ngot\n%s\nwant\n%s", test.args, err, &out, test.want)
		}
	}
}

func TestErrors(t *testing.T) {
	t.Setenv("ASTERISM_AMI_SECRET", "hunter2")
	pbx := amitest.Start(t, amitest.Script{
		amitest.Login("board", "hunter2"), amitest.Expect("Hangup"), amitest.Reply("Response: Error", "Message: No such channel"), amitest.Serve(),
	})
	for _, test := range []struct {
		args []string
		want string
	}{
		{nil, "which action"},
		{[]string{"Hangup", "PJSIP/1"}, "not Header=value"},
		{[]string{"-addr", pbx.Addr, "-user", "board", "Hangup", "Channel=PJSIP/1"}, "No such channel"},
	} {
		if err := run(t.Context(), test.args, &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v", test.args, err)
		}
	}
}
