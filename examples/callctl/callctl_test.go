package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/callcenter/control"
	"github.com/asterism-go/asterism/internal/asterisktest"
	"github.com/asterism-go/asterism/internal/sipphone"
)

// TestCallctl lists, transfers and hangs up the calls of real telephones.
func TestCallctl(t *testing.T) {
	t.Setenv("ASTERISM_AMI_SECRET", asterisktest.Secret)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var pjsip strings.Builder
	for _, n := range []string{"101", "102", "103"} {
		pjsip.WriteString(sipphone.PJSIPConfig(n, "pw"+n, `callerid = "Desk `+n+`" <`+n+`>`))
	}
	pbx := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{
		"pjsip.conf": pjsip.String(), "pjsip_notify.conf": "",
		"extensions.conf": "[default]\nexten => _10X,1,Dial(PJSIP/${EXTEN},20)\n",
	}})
	t.Cleanup(pbx.Kill) // it would wait for its calls to end
	var caller *sipphone.Phone
	for _, n := range []string{"103", "102", "101"} {
		phone, err := sipphone.New(ctx, sipphone.Config{Server: pbx.SIP, User: n, Password: "pw" + n, OnInvite: func(c *sipphone.Call) {
			if c.Ring(ctx) == nil {
				c.Answer(ctx) //nolint:errcheck // what is printed shows it
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { phone.Close() })
		caller = phone
	}
	try := func(args ...string) (string, error) {
		var out bytes.Buffer
		err := run(ctx, append([]string{"-addr", pbx.AMI.String(), "-user", asterisktest.Username, "-context", "default"}, args...), &out)
		return out.String(), err
	}
	callctl := func(args ...string) string {
		t.Helper()
		out, err := try(args...)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	call, err := caller.Dial(ctx, "102")
	if err != nil {
		t.Fatal(err)
	}
	if err := call.WaitAnswered(ctx); err != nil {
		t.Fatal(err)
	}
	channel := func(phone string) string {
		t.Helper()
		for ctx.Err() == nil { // it is told a moment later
			for line := range strings.Lines(callctl("list")) {
				if f := strings.Fields(line); f[0] == phone && len(f) == 5 {
					return f[4]
				}
			}
		}
		t.Fatal(phone + " has no channel")
		return ""
	}
	callctl("-notify", "hold", channel("PJSIP/102"))
	for { // a program that has not seen the hold knows of it by the state of the telephone, which comes a moment later
		_, err := try("-notify", "resume", channel("PJSIP/102"))
		var none *control.ValueError
		if !errors.As(err, &none) {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	if got := callctl("transfer", channel("PJSIP/102"), "103"); got != "completed\n" {
		t.Errorf("transfer: %q", got)
	}
	callctl("hangup", channel("PJSIP/103"))
	<-call.Done()
	if got := callctl("-phone", "PJSIP/101", "dial", "102"); got != "answered\n" {
		t.Errorf("dial: %q", got)
	}
}

// TestUsage: what is wrong on the command line is said before anything is sent.
func TestUsage(t *testing.T) {
	for _, args := range [][]string{{}, {"explode"}, {"hangup"}, {"transfer", "PJSIP/1-1"}, {"list", "all"}} {
		if err := run(t.Context(), args, nil); err == nil {
			t.Errorf("%q is taken", args)
		}
	}
}
