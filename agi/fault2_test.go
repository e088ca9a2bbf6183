package agi_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/agi"
)

// TestF06HangupCrossesACommand has recorded bytes: HANGUP comes first, and the reply nevertheless.
func TestF06HangupCrossesACommand(t *testing.T) {
	p := session(t, func(ctx context.Context, s *agi.Session) error {
		reply, err := s.Raw(ctx, "CHANNEL STATUS")
		crossed := wants("the command that was crossed", reply.Result, err, "6")
		if !errors.Is(context.Cause(ctx), agi.ErrHangup) || !s.Hungup() {
			return fmt.Errorf("the context's cause is %w, want ErrHangup", context.Cause(ctx))
		}
		_, alive := s.GetVariable(ctx, "X")
		value, err := s.Dead().GetVariable(context.WithoutCancel(ctx), "CHANNEL")
		if !errors.Is(alive, agi.ErrHangup) {
			return fmt.Errorf("a command after it: %w, want ErrHangup", alive)
		}
		return errors.Join(crossed, wants("a dead command", value, err, "Local/x"))
	})
	p.expect("CHANNEL STATUS", "HANGUP\n200 result=6\n")
	p.evaluate("", "${CHANNEL}", "Local/x")
	if err := p.result(); err != nil {
		t.Error(err)
	}
	if rest := p.end(); rest != "" {
		t.Errorf("after the hangup: %q", rest)
	}
}

func TestF06HangupCrossesAValue(t *testing.T) {
	p := session(t, func(ctx context.Context, s *agi.Session) error {
		value, found, err := s.DatabaseGet(ctx, "f", "k")
		if !found || !s.Hungup() {
			return fmt.Errorf("found %v, hung up %v", found, s.Hungup())
		}
		return wants("the value", value, err, "x")
	})
	p.expect(`DATABASE GET "f" "k"`, "200 result=1 (x)\n")
	p.mark("HANGUP\n")
	if err := p.result(); err != nil {
		t.Error(err)
	}
}

// TestF07HangupDuringPlayback has recorded bytes, and cleans up.
func TestF07HangupDuringPlayback(t *testing.T) {
	p := session(t, func(ctx context.Context, s *agi.Session) error {
		played, err := s.StreamFile(ctx, "hello-world", "")
		if !errors.Is(err, agi.ErrHangup) || played.Endpos != 4160 {
			return fmt.Errorf("%+v, %w; want 4160 samples and ErrHangup", played, err)
		}
		after := context.WithoutCancel(ctx)
		saved := s.Dead().SetVariable(after, "RESULT", "hung up")
		value, err := s.Dead().GetVariable(after, "RESULT")
		return errors.Join(saved, wants("what was saved", value, err, "hung up"))
	})
	p.expect(`STREAM FILE "hello-world" ""`, "200 result=-1 endpos=4160\nHANGUP\n")
	p.mark("")
	p.expect(`SET VARIABLE "RESULT" "hung up"`, "200 result=1\n")
	p.evaluate("", "${RESULT}", "hung up")
	if err := p.result(); err != nil {
		t.Error(err)
	}
}

func TestF07HangupWhileIdle(t *testing.T) {
	p := session(t, func(ctx context.Context, s *agi.Session) error {
		<-ctx.Done()
		if cause := context.Cause(ctx); !errors.Is(cause, agi.ErrHangup) {
			return fmt.Errorf("the cause is %w, want ErrHangup", cause)
		}
		return s.Dead().SetVariable(context.WithoutCancel(ctx), "RESULT", "hung up")
	})
	p.send("HANGUP\n")
	p.expect(`SET VARIABLE "RESULT" "hung up"`, "200 result=1\n")
	if err := p.result(); err != nil {
		t.Error(err)
	}
}

func TestF07OwnHangup(t *testing.T) {
	p := session(t, func(ctx context.Context, s *agi.Session) error {
		err := s.HangupCall(ctx)
		<-ctx.Done()
		return errors.Join(err, s.Dead().Noop(context.WithoutCancel(ctx)))
	})
	p.expect("HANGUP", "200 result=1\nHANGUP\n")
	p.expect(noop, "200 result=0\n")
	if err := p.result(); err != nil {
		t.Error(err)
	}
}

func TestF08DeadChannel(t *testing.T) {
	for _, text := range []string{"511 Command Not Permitted on a dead channel", "511 Command Not Permitted on a dead channel or intercept routine"} {
		p := session(t, func(ctx context.Context, s *agi.Session) error {
			if err := s.Answer(ctx); !errors.Is(err, agi.ErrDead) || !s.Hungup() {
				return fmt.Errorf("%w, want ErrDead and a session that is over", err)
			}
			return s.Dead().Verbose(context.WithoutCancel(ctx), "bye", 1)
		})
		p.expect("ANSWER", text+"\n")
		p.expect(`VERBOSE "bye" "1"`, "200 result=1\n")
		if err := p.result(); err != nil {
			t.Error(err)
		}
	}
}

func TestF09Gosub(t *testing.T) {
	p := session(t, func(ctx context.Context, s *agi.Session) error {
		reply, err := s.Raw(ctx, "GOSUB", "sub", "s", "1")
		first := wants("GOSUB", reply.Data, err, "Gosub complete")
		var failed *agi.ResultError
		if _, err = s.Raw(ctx, "GOSUB", "none", "s", "1"); !errors.As(err, &failed) || failed.Data != "Gosub label not found" {
			return fmt.Errorf("no label: %w", err)
		}
		var refused *agi.CommandError
		if _, err = s.Raw(ctx, "GOSUB", "sub", "s", "1"); !errors.As(err, &refused) || refused.Code != 503 {
			return fmt.Errorf("no memory: %w", err)
		}
		value, err := s.GetVariable(ctx, "X")
		return errors.Join(first, wants("the next command", value, err, "x"))
	})
	p.expect(`GOSUB "sub" "s" "1"`, "100 result=0 Trying...\n200 result=0 Gosub complete\n")
	p.expect(`GOSUB "none" "s" "1"`, "200 result=-1 Gosub label not found\n")
	p.mark("")
	p.expect(`GOSUB "sub" "s" "1"`, "503 result=-2 Memory allocation failure\n")
	p.evaluate("", "${X}", "x")
	if err := p.result(); err != nil {
		t.Error(err)
	}
}

func TestF10Digits(t *testing.T) {
	for reply, want := range map[string]agi.Digits{
		"12*": {Digits: "12*"}, "0123": {Digits: "0123"}, "": {}, " (timeout)": {Timeout: true}, "#": {Digits: "#"}, "00*# (timeout)": {Digits: "00*#", Timeout: true},
		"1 (timeout)": {Digits: "1", Timeout: true}, "1": {Digits: "1"},
	} {
		p := session(t, func(ctx context.Context, s *agi.Session) error {
			digits, err := s.GetData(ctx, "menu", 1500*time.Millisecond, 4)
			return wants(reply, digits, err, want)
		})
		p.expect(`GET DATA "menu" "1500" "4"`, "200 result="+reply+"\n")
		if err := p.result(); err != nil {
			t.Error(err)
		}
	}
}

func TestF11ResultsOfPrompts(t *testing.T) {
	p := session(t, func(ctx context.Context, s *agi.Session) error {
		played, err := s.StreamFile(ctx, "hello-world", "0123456789*#")
		first := wants("a digit", played, err, agi.Playback{Digit: "5", Endpos: 1000})
		var failed *agi.ResultError
		if result, err := s.Exec(ctx, "MRCPSynth", ""); result != "-2" || !errors.As(err, &failed) || failed.Result != "-2" {
			return fmt.Errorf("an application that is not loaded: %q, %w", result, err)
		}
		return errors.Join(first, ctx.Err())
	})
	p.expect(`STREAM FILE "hello-world" "0123456789*#"`, "200 result=53 endpos=1000\n")
	p.expect(`EXEC "MRCPSynth" ""`, "200 result=-2\n")
	if err := p.result(); err != nil {
		t.Error(err)
	}
}

func TestF12ConnectionLost(t *testing.T) {
	for _, half := range []string{"", "200 result=1", "520-Usage:\n"} {
		p := session(t, func(ctx context.Context, s *agi.Session) error {
			if _, err := s.GetVariable(ctx, "X"); !errors.Is(err, agi.ErrConnectionLost) || !errors.Is(context.Cause(ctx), agi.ErrConnectionLost) {
				return fmt.Errorf("%w, cause %w, want ErrConnectionLost", err, context.Cause(ctx))
			}
			if err := s.Noop(context.WithoutCancel(ctx)); !errors.Is(err, agi.ErrConnectionLost) {
				return fmt.Errorf("the next one: %w, want ErrConnectionLost", err)
			}
			return nil
		})
		p.read()
		p.send(half)
		p.conn.Close()
		if err := p.result(); err != nil {
			t.Error(err)
		}
	}
}

func TestF12ConnectionLostWhileIdle(t *testing.T) {
	p := session(t, func(ctx context.Context, _ *agi.Session) error {
		<-ctx.Done()
		return context.Cause(ctx)
	})
	p.conn.Close()
	if err := p.result(); !errors.Is(err, agi.ErrConnectionLost) {
		t.Errorf("%v, want ErrConnectionLost", err)
	}
}

func TestF14ArgumentsThatAreNotSent(t *testing.T) {
	p := session(t, func(ctx context.Context, s *agi.Session) error {
		_, raw := s.Raw(ctx, "NOOP\nHANGUP")
		_, shell := s.GetVariable(ctx, "SHELL(id)")
		for i, err := range []error{
			raw, shell, s.SetVariable(ctx, "A", "x\x00"), s.SetVariable(ctx, "SHELL(id)", "x"), s.SetVariable(ctx, "A", strings.Repeat("x", 64<<10+1)),
			s.SetFunction(ctx, "CALLERID(name)", "x\nSET VARIABLE INJECTED yes"), s.SetFunction(ctx, "X", "x"), s.Verbose(ctx, "x\ny", 1),
			s.DatabasePut(ctx, "f", strings.Repeat("k", agi.MaxCommand), "v"),
		} {
			var wrong *agi.ArgumentError
			if !errors.As(err, &wrong) {
				return fmt.Errorf("%d: %w, want an ArgumentError", i, err)
			}
		}
		return s.Noop(ctx)
	})
	p.expect(noop, "200 result=0\n") // and nothing before it
	if err := p.result(); err != nil {
		t.Error(err)
	}
}

func TestF15LongReplies(t *testing.T) {
	long := strings.Repeat("0123456789", 7000)
	p := session(t, func(ctx context.Context, s *agi.Session) error {
		value, err := s.GetVariable(ctx, "X")
		first := wants("70,000 bytes", value, err, long)
		stored, _, err := s.DatabaseGet(ctx, "f", "k")
		return errors.Join(first, wants("stored", stored, err, long), s.Noop(ctx))
	})
	p.evaluate("", "${X}", long)
	p.expect(`DATABASE GET "f" "k"`, "200 result=1 ("+long+")\n")
	p.mark("")
	p.expect(noop, "200 result=0\n")
	if err := p.result(); err != nil {
		t.Error(err)
	}
}
