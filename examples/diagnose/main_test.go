package main

import (
	"bytes"
	"errors"
	"testing"

	"github.com/asterism-go/asterism/ami/amitest"
)

func TestDiagnose(t *testing.T) {
	t.Setenv("ASTERISM_AMI_SECRET", "hunter2")
	for _, test := range []struct {
		timeout, want string
		err           error
	}{
		{"writetimeout=5000", "; nothing is wanting\n", nil},
		{
			"read=all", "; Asterisk ends the connection of a program that does not read for 100ms\n[board]\nwritetimeout = 1000\n\n", errFound,
		},
	} {
		pbx := amitest.Start(t, amitest.Script{
			amitest.Login("board", "hunter2"), amitest.Expect("Ping"), amitest.Reply("Response: Success"),
			amitest.Expect("ListCommands"), amitest.Reply("Response: Success", "QueuePause: Pause.  (Priv: agent,all)"),
			amitest.Expect("GetConfig"),
			amitest.Reply("Response: Success", "Category-000000: general", "Line-000000-000000: timestampevents=yes",
				"Category-000001: board", "Line-000001-000000: secret=hunter2", "Line-000001-000001: "+test.timeout),
			amitest.Serve(),
		})
		var out bytes.Buffer
		err := run(t.Context(), []string{"-addr", pbx.Addr, "-user", "board", "QueuePause"}, &out)
		if !errors.Is(err, test.err) || out.String() != test.want {
			t.Errorf("%s: %v\n%s", test.timeout, err, &out)
		}
	}
}
