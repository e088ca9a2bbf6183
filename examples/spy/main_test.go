package main

import (
	"bufio"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/internal/asterisktest"
	"github.com/asterism-go/asterism/internal/sipphone"
)

// TestSpy listens to a call of real telephones, whispers, and ends with it.
func TestSpy(t *testing.T) {
	t.Setenv("ASTERISM_AMI_SECRET", asterisktest.Secret)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var pjsip strings.Builder
	for _, n := range []string{"101", "102", "103"} {
		pjsip.WriteString(sipphone.PJSIPConfig(n, "pw"+n))
	}
	pbx := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{
		"pjsip.conf": pjsip.String(), "extensions.conf": "[default]\nexten => _10X,1,Dial(PJSIP/${EXTEN},20)\n",
	}})
	t.Cleanup(pbx.Kill) // it would wait for its calls to end
	tones := sipphone.Frequencies()[:3]
	taken := map[string]chan *sipphone.Call{}
	phones := map[string]*sipphone.Phone{}
	for i, n := range []string{"101", "102", "103"} {
		calls := make(chan *sipphone.Call, 1)
		cfg := sipphone.Config{Server: pbx.SIP, User: n, Password: "pw" + n, Tone: tones[i], Tones: tones, OnInvite: func(c *sipphone.Call) {
			if c.Ring(ctx) == nil && c.Answer(ctx) == nil {
				calls <- c
			}
		}}
		phone, err := sipphone.New(ctx, cfg)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { phone.Close() })
		taken[n], phones[n] = calls, phone
	}
	call, err := phones["101"].Dial(ctx, "102")
	if err != nil {
		t.Fatal(err)
	}
	agent := <-taken["102"]
	in, commands := io.Pipe()
	t.Cleanup(func() { commands.Close() })
	said, out := io.Pipe()
	lines := bufio.NewScanner(said)
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, []string{"-addr", pbx.AMI.String(), "-user", asterisktest.Username, "PJSIP/103", "PJSIP/102"}, in, out)
	}()
	ear := <-taken["103"]
	if lines.Scan(); lines.Text() != "listen" {
		t.Errorf("%q", lines.Text())
	}
	if err := ear.WaitHears(ctx, tones[0]); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(commands, "whisper\n"); err != nil {
		t.Fatal(err)
	}
	if err := agent.WaitHears(ctx, tones[2]); err != nil {
		t.Fatal(err)
	}
	if lines.Scan(); lines.Text() != "whisper" {
		t.Errorf("%q", lines.Text())
	}
	commands.Close()
	if err := call.Hangup(ctx); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}
