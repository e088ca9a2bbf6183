package ari

import (
	"context"
	"testing"
	"time"

	"github.com/asterism-go/asterism/internal/asterisktest"
)

// Whether Asterisk waits for a websocket that is not read is tried out, where it is not told.
func TestStall(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		conf  string
		short bool
	}{
		"default": {"", true},
		"long":    {"[general](+)\nwebsocket_write_timeout = 100000\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			a := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{"ari.conf": test.conf}})
			c := &Client{URL: "http://" + a.HTTP.String() + "/ari", Username: asterisktest.Username, Password: asterisktest.Secret, Timeout: time.Minute}
			defer c.Close()
			c.setup()
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			for short := !test.short; short != test.short; { // once more if the machine is so busy that the events have taken too long
				d := doctor{c: c}
				d.measured(ctx)
				if d.err != nil {
					t.Fatal(d.err)
				}
				t.Log(d.report.Findings)
				short = len(d.report.Findings) == 1
			}
		})
	}
}
