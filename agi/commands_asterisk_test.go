package agi_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

// onAsterisk lets the handler serve one call on a real Asterisk whose dialplan has the context sub.
func onAsterisk(t *testing.T, handler agi.HandlerFunc) {
	t.Helper()
	a := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{"extensions.conf": `[test]
exten => hold,1,Answer()
 same => n,Wait(60)
exten => after,1,Set(DB(after/where)=${EXTEN})
[sub]
exten => s,1,Set(SUM=${ARG1}+${ARG2})
 same => n,Return()
exten => s,20(there),Set(SUM=label)
 same => n,Return()
exten => gone,1,Set(SUM=gone)
`}})
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served, ended := make(chan error, 1), make(chan error, 1)
	srv := &agi.Server{Handler: agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		err := handler(ctx, s)
		ended <- err
		return err
	})}
	go func() { served <- srv.Serve(listener) }()
	t.Cleanup(func() {
		srv.Close()
		if err := <-served; !errors.Is(err, agi.ErrServerClosed) {
			t.Error(err)
		}
	})
	if _, err := a.CLI(t.Context(), "channel originate Local/hold@test/n application AGI agi://"+listener.Addr().String()+"/x"); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Fatal("the handler has not ended")
	}
}

// want fails the test if a command did.
func want[T comparable](t *testing.T, what string, want T) func(got T, err error) {
	return func(got T, err error) {
		t.Helper()
		if err != nil || got != want {
			t.Errorf("%s: %v, %v; want %v", what, got, err, want)
		}
	}
}

// failed fails the test if a command did not fail in Asterisk's own way.
func failed(t *testing.T, what string, err error) {
	t.Helper()
	var result *agi.ResultError
	var refused *agi.CommandError
	if !errors.As(err, &result) && !errors.As(err, &refused) {
		t.Errorf("%s: %v", what, err)
	}
}

func TestCommandsOnAsterisk(t *testing.T) {
	t.Parallel()
	onAsterisk(t, func(ctx context.Context, s *agi.Session) error {
		t.Run("database", func(t *testing.T) { databaseOnAsterisk(ctx, t, s) })
		t.Run("say", func(t *testing.T) { sayOnAsterisk(ctx, t, s) })
		t.Run("gosub", func(t *testing.T) { gosubOnAsterisk(ctx, t, s) })
		t.Run("files", func(t *testing.T) { filesOnAsterisk(ctx, t, s) })
		t.Run("others", func(t *testing.T) { othersOnAsterisk(ctx, t, s) })
		return nil
	})
}

func databaseOnAsterisk(ctx context.Context, t *testing.T, s *agi.Session) {
	for _, key := range []string{"a", "b/c", "b/d"} {
		if err := s.DatabasePut(ctx, "fam", key, "1"); err != nil {
			t.Error(err)
		}
	}
	want(t, "a subtree", true)(s.DatabaseDeltree(ctx, "fam", "b"))
	want(t, "the subtree again", false)(s.DatabaseDeltree(ctx, "fam", "b"))
	if err := s.DatabaseDel(ctx, "fam", "a"); err != nil {
		t.Error(err)
	}
	if _, found, err := s.DatabaseGet(ctx, "fam", "a"); found || err != nil {
		t.Errorf("after DatabaseDel: %v, %v", found, err)
	}
	want(t, "an empty family", false)(s.DatabaseDeltree(ctx, "fam", ""))
	if err := s.DatabasePut(ctx, "fam", "two words", "a \"b\"\\"); err != nil {
		t.Error(err)
	}
	want(t, "the family", true)(s.DatabaseDeltree(ctx, "fam", ""))
}

func sayOnAsterisk(ctx context.Context, t *testing.T, s *agi.Session) {
	at := time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
	want(t, "SayTime", "")(s.SayTime(ctx, at, "#"))
	want(t, "SayDate", "")(s.SayDate(ctx, at, "#"))
	want(t, "SayDateTime", "")(s.SayDateTime(ctx, at.AddDate(100, 0, 0), "", "H", "Europe/Athens"))
	want(t, "SayDigits", "")(s.SayDigits(ctx, "0", ""))
	want(t, "SayNumber", "")(s.SayNumber(ctx, -1, ""))
	want(t, "SayAlpha", "")(s.SayAlpha(ctx, "a", ""))
	want(t, "SayPhonetic", "")(s.SayPhonetic(ctx, "a", ""))
}

func gosubOnAsterisk(ctx context.Context, t *testing.T, s *agi.Session) {
	for sum, to := range map[string]agi.Subroutine{
		"1+two words": {Context: "sub", Args: []string{"1", "two words"}},
		"label":       {Context: "sub", Extension: "s", Priority: "there"},
	} {
		if err := s.Gosub(ctx, to); err != nil {
			t.Errorf("%s: %v", sum, err)
		}
		want(t, "the subroutine's work", sum)(s.GetVariable(ctx, "SUM"))
	}
	failed(t, "to nowhere", s.Gosub(ctx, agi.Subroutine{Context: "nowhere"}))
	want(t, "the channel after that", s.Env().Channel)(s.Evaluate(ctx, "${CHANNEL(name)}"))
}

func filesOnAsterisk(ctx context.Context, t *testing.T, s *agi.Session) {
	played, err := s.ControlStreamFile(ctx, agi.ControlledFile{File: "beep", Escape: "1", Skip: time.Second, Pause: "5"})
	if err != nil || played.Digit != "" {
		t.Errorf("ControlStreamFile: %+v, %v", played, err)
	}
	want(t, "its status", "SUCCESS")(s.GetVariable(ctx, "CPLAYBACKSTATUS"))
	played, err = s.ControlStreamFile(ctx, agi.ControlledFile{File: "demo-congrats", Offset: time.Hour})
	if err != nil || played.Digit != "" {
		t.Errorf("ControlStreamFile beyond the end: %+v, %v", played, err)
	}
	_, err = s.ControlStreamFile(ctx, agi.ControlledFile{File: "no-such-file"})
	failed(t, "a file that does not exist", err)

	option, err := s.GetOption(ctx, "beep", "1", time.Millisecond)
	if err != nil || option.Digit != "" || option.Endpos <= 0 {
		t.Errorf("GetOption: %+v, %v", option, err)
	}
	short, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	defer cancel()
	option, err = s.GetOption(short, "demo-congrats", "1", time.Minute)
	if !errors.Is(err, context.DeadlineExceeded) || !option.Stopped {
		t.Errorf("GetOption, stopped: %+v, %v", option, err)
	}
	short, cancel = context.WithTimeout(ctx, 200*time.Millisecond)
	defer cancel()
	if reply, err := s.Raw(short, "STREAM FILE", "demo-congrats", ""); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Raw, stopped: %+v, %v", reply, err)
	}
}

func othersOnAsterisk(ctx context.Context, t *testing.T, s *agi.Session) {
	for what, err := range map[string]error{
		"SendText":      s.SendText(ctx, "two words"),
		"SendImage":     s.SendImage(ctx, "no-such-image"),
		"SetAutoHangup": s.SetAutoHangup(ctx, time.Hour),
		"AsyncAGIBreak": s.AsyncAGIBreak(ctx),
		"SetCallerID":   s.SetCallerID(ctx, "Maria P <2101234567>"),
	} {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	want(t, "the name", "Maria P")(s.Evaluate(ctx, "${CALLERID(name)}"))
	want(t, "the number", "2101234567")(s.Evaluate(ctx, "${CALLERID(num)}"))
	want(t, "the status of the channel", 6)(s.ChannelStatusOf(ctx, s.Env().Channel))
	_, err := s.ChannelStatusOf(ctx, "PJSIP/none")
	failed(t, "ChannelStatusOf", err)
	failed(t, "HangupChannel", s.HangupChannel(ctx, "PJSIP/none"))
	failed(t, "TDDMode", s.TDDMode(ctx, "on"))
	_, err = s.ReceiveChar(ctx, time.Millisecond)
	failed(t, "ReceiveChar", err)
	failed(t, "SpeechCreate", s.SpeechCreate(ctx, "none"))
	failed(t, "SpeechSet", s.SpeechSet(ctx, "a", "b"))
	failed(t, "SpeechLoadGrammar", s.SpeechLoadGrammar(ctx, "g", "/tmp/g"))
	failed(t, "SpeechActivateGrammar", s.SpeechActivateGrammar(ctx, "g"))
	failed(t, "SpeechDeactivateGrammar", s.SpeechDeactivateGrammar(ctx, "g"))
	failed(t, "SpeechUnloadGrammar", s.SpeechUnloadGrammar(ctx, "g"))
	failed(t, "SpeechDestroy", s.SpeechDestroy(ctx))
	_, err = s.SpeechRecognize(ctx, "beep", time.Second)
	failed(t, "SpeechRecognize", err)
	if _, err := s.Raw(ctx, "SAY DIGITS"); err == nil || !strings.Contains(err.Error(), "520") {
		t.Errorf("a command without its arguments: %v", err)
	}
}

// What Asterisk permits on a dead channel works there, and what it does not permits fails with ErrDead.
func TestDeadCommandsOnAsterisk(t *testing.T) {
	onAsterisk(t, func(ctx context.Context, s *agi.Session) error {
		if err := s.HangupCall(ctx); err != nil && !errors.Is(err, agi.ErrHangup) {
			t.Error(err)
		}
		<-ctx.Done()
		dead, after := s.Dead(), context.WithoutCancel(ctx)
		if err := dead.DatabasePut(after, "dead", "a", "1"); err != nil {
			t.Error(err)
		}
		want(t, "DatabaseDeltree", true)(dead.DatabaseDeltree(after, "dead", ""))
		if err := dead.DatabaseDel(after, "dead", "a"); err != nil {
			t.Error(err)
		}
		_, found, err := dead.LookupVariable(after, "NONE")
		if found || err != nil {
			t.Errorf("LookupVariable: %v, %v", found, err)
		}
		failed(t, "SpeechDestroy", dead.SpeechDestroy(after))
		if err := dead.AsyncAGIBreak(after); err != nil {
			t.Error(err)
		}
		if err := s.SendText(after, "x"); !errors.Is(err, agi.ErrDead) {
			t.Errorf("SendText: %v", err)
		}
		return nil
	})
}
