package ari

import (
	"testing"
	"time"

	"github.com/asterism-go/asterism/internal/asterisktest"
)

// How long Asterisk waits for a websocket that is not read is measured, where it is not told.
func TestStall(t *testing.T) {
	for name, test := range map[string]struct {
		conf  string
		short bool
	}{
		"default": {"", true},
		"long":    {"[general](+)\nwebsocket_write_timeout = 10000\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			a := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{"ari.conf": test.conf}})
			c := &Client{URL: "http://" + a.HTTP.String() + "/ari", Username: asterisktest.Username, Password: asterisktest.Secret, Timeout: 30 * time.Second}
			defer c.Close()
			c.setup()
			for tries := 0; ; tries++ { // a machine that is busy measures longer ones
				d := doctor{c: c}
				d.measured(t.Context())
				if d.err != nil {
					t.Fatal(d.err)
				}
				t.Log(d.report.Findings)
				if short := len(d.report.Findings) == 1; short == test.short {
					break
				} else if tries == 10 || short {
					t.Fatalf("findings %v", d.report.Findings)
				}
			}
		})
	}
}
