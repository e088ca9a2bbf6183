package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/internal/asterisktest"
	"github.com/asterism-go/asterism/internal/sipphone"
)

// TestClick2call dials between real telephones.
func TestClick2call(t *testing.T) {
	t.Setenv("ASTERISM_AMI_SECRET", asterisktest.Secret)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	pbx := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{
		"pjsip.conf":      sipphone.PJSIPConfig("101", "pw101") + sipphone.PJSIPConfig("102", "pw102"),
		"extensions.conf": "[default]\nexten => _10X,1,Dial(PJSIP/${EXTEN},20)\n",
	}})
	t.Cleanup(pbx.Kill) // it would wait for its calls to end
	for _, n := range []string{"101", "102"} {
		phone, err := sipphone.New(ctx, sipphone.Config{Server: pbx.SIP, User: n, Password: "pw" + n, OnInvite: func(c *sipphone.Call) {
			if c.Ring(ctx) == nil {
				c.Answer(ctx) //nolint:errcheck // what is printed shows it
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { phone.Close() })
	}
	var out bytes.Buffer
	err := run(ctx, []string{"-addr", pbx.AMI.String(), "-user", asterisktest.Username, "-context", "default", "PJSIP/101", "102"}, &out)
	if err != nil || !strings.HasPrefix(out.String(), "answered ") {
		t.Errorf("%q, %v", out.String(), err)
	}
	if err := run(ctx, []string{"PJSIP/101"}, &out); err == nil {
		t.Error("a number is not asked for")
	}
}
