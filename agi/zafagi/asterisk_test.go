package zafagi_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	zaf "github.com/zaf/agi"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/agi/zafagi"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

// What goes wrong with zaf/agi on a real Asterisk does not here, and the channel goes on after each.
func TestOnAsterisk(t *testing.T) {
	a := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{"extensions.conf": `[test]
exten => hold,1,Answer()
 same => n,Wait(60)
[sub]
exten => s,1,Set(SUM=${ARG1})
 same => n,Return()
`}})
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done, served := make(chan struct{}), make(chan error, 1)
	program := zafagi.Handler(func(s *zaf.Session) { talk(t, s) })
	srv := &agi.Server{Handler: agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		defer close(done)
		return program.ServeAGI(ctx, s)
	})}
	go func() { served <- srv.Serve(listener) }()
	t.Cleanup(func() {
		srv.Close()
		if err := <-served; !errors.Is(err, agi.ErrServerClosed) {
			t.Error(err)
		}
	})
	if _, err := a.CLI(t.Context(), "channel originate Local/hold@test/n application AGI agi://"+listener.Addr().String()+"/x,a,b"); err != nil {
		t.Fatal(err)
	}
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatal("the program has not ended")
	}
}

func talk(t *testing.T, s *zaf.Session) {
	if s.Env["arg_2"] != "b" {
		t.Errorf("environment %v", s.Env)
	}
	for _, value := range []string{
		`He said "hi"`, `C:\dir\`, "tab\there", "a\u00a0b", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "(a (b) c)", "200 result=1 (x)",
	} {
		if set, err := s.SetVariable("A", value); err != nil || set.Res != 1 {
			t.Errorf("setting %q: %+v, %v", value, set, err)
		}
		if got, err := s.GetVariable("A"); err != nil || got.Dat != value {
			t.Errorf("%q came back as %q, %v", value, got.Dat, err)
		}
	}
	if _, err := s.SayDigits(1, "x\ny"); err == nil {
		t.Error("a line break in an argument was taken")
	}
	if _, err := s.RawCommand("SAY DIGITS"); err == nil {
		t.Error("a command without arguments was taken")
	}
	if sub, err := s.GoSub("sub", "s", "1", "done"); err != nil || sub.Dat != "Gosub complete" {
		t.Errorf("GoSub: %+v, %v", sub, err)
	}
	if got, err := s.GetVariable("SUM"); err != nil || got.Dat != "done" {
		t.Errorf("after GoSub: %+v, %v", got, err)
	}
	if got, err := s.GetData("beep", 1, 1); err != nil || got.Dat != `"" (timeout)` {
		t.Errorf("GetData: %+v, %v", got, err)
	}
	if got, err := s.GetVariable("CHANNEL(name)"); err != nil || got.Dat != s.Env["channel"] {
		t.Errorf("a function: %+v, %v", got, err)
	}
	if hung, err := s.Hangup(); err != nil || hung.Res != 1 {
		t.Errorf("Hangup: %+v, %v", hung, err)
	}
	if kept, err := s.DatabasePut("zaf", "kept", "yes"); err != nil || kept.Res != 1 {
		t.Errorf("DatabasePut after the hangup: %+v, %v", kept, err)
	}
	if _, err := s.StreamFile("beep", ""); err == nil || err.Error() != "HANGUP" {
		t.Errorf("StreamFile after the hangup: %v", err)
	}
}
