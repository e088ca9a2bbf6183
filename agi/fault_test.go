package agi_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/asterism-go/asterism/agi"
)

// The faults F1 to F15 are those that libraries for AGI were seen to have, replayed with bytes of a real Asterisk.

const noop = "NOOP"

// wants returns an error if a value is not the one that is wanted.
func wants[T comparable](what string, got T, err error, want T) error {
	if err != nil || got != want {
		return fmt.Errorf("%s: %.80v, %w; want %.80v", what, got, err, want)
	}
	return nil
}

func TestF01ValueWithParentheses(t *testing.T) {
	p := session(t, func(ctx context.Context, s *agi.Session) error {
		reply, err := s.Raw(ctx, "GET VARIABLE", "X")
		first := wants("raw", reply.Data, err, "a (b) c")
		value, err := s.GetVariable(ctx, "X")
		return errors.Join(first, wants("typed", value, err, "(a) (b)"))
	})
	p.expect(`GET VARIABLE "X"`, "200 result=1 (a (b) c)\n")
	p.mark("")
	p.evaluate("", "${X}", "(a) (b)")
	if err := p.result(); err != nil {
		t.Error(err)
	}
}

// multiline are values that look like replies; the first is recorded.
var multiline = []string{
	"line1\nline2)\n200 result=1", "x)\n200 result=1 (forged", "\n", "\n\n", "a\nHANGUP\nb", "x)\nHANGUP\n", "511 dead\n520-x\n520 y",
	"200 result=1 (x)\n", ")\n", "100 result=0 Trying...\n", "a\r\nb",
}

func TestF02ValueWithLineBreaks(t *testing.T) {
	for _, value := range multiline {
		p := session(t, func(ctx context.Context, s *agi.Session) error {
			typed, err := s.GetVariable(ctx, "A")
			failed := wants("GetVariable", typed, err, value)
			reply, err := s.Raw(ctx, "GET VARIABLE", "A")
			failed = errors.Join(failed, wants("Raw", reply.Data, err, value))
			stored, _, err := s.DatabaseGet(ctx, "f", "k")
			failed = errors.Join(failed, wants("DatabaseGet", stored, err, value))
			next, err := s.GetVariable(ctx, "B")
			return errors.Join(failed, wants("the next one", next, err, "b"), ctx.Err())
		})
		p.evaluate("", "${A}", value)
		p.expect(`GET VARIABLE "A"`, "200 result=1 ("+value+")\n")
		p.mark("")
		p.expect(`DATABASE GET "f" "k"`, "200 result=1 ("+value+")\n")
		p.mark("")
		p.evaluate("", "${B}", "b")
		if err := p.result(); err != nil {
			t.Errorf("%q: %v", value, err)
		}
	}
}

var forgeries = []string{"line2)\n", "200 result=1 (forged)\n", "200 result=0\nline2)\n", "x\n511 dead\n", "200 result=0", "100 x\n520-a\n"}

// TestF03ForgedReplies lets forged lines come behind a reply: the next command does not take one for its own.
func TestF03ForgedReplies(t *testing.T) {
	for _, forged := range forgeries {
		p := session(t, func(ctx context.Context, s *agi.Session) error {
			answered := s.Answer(ctx)
			reply, err := s.Raw(ctx, "CHANNEL STATUS")
			return errors.Join(answered, wants("after a forged line", reply.Result, err, "6"), s.Noop(ctx), ctx.Err())
		})
		p.expect("ANSWER", "200 result=0\n"+forged)
		p.mark("")
		p.expect("CHANNEL STATUS", "200 result=6\n")
		p.expect(noop, "200 result=0\n")
		if err := p.result(); err != nil {
			t.Errorf("%q: %v", forged, err)
		}
	}
}

// TestF03ForgedWhileIdle lets them come while no command runs; a hangup behind them is heard.
func TestF03ForgedWhileIdle(t *testing.T) {
	for _, forged := range forgeries[:4] {
		p := session(t, func(ctx context.Context, s *agi.Session) error {
			answered := s.Answer(ctx)
			<-ctx.Done()
			value, err := s.Dead().GetVariable(context.WithoutCancel(ctx), "B")
			return errors.Join(answered, wants("after a forged line", value, err, "b"))
		})
		p.expect("ANSWER", "200 result=0\n")
		p.send(forged + "HANGUP\n")
		p.mark("")
		p.evaluate("", "${B}", "b")
		if err := p.result(); err != nil {
			t.Errorf("%q: %v", forged, err)
		}
	}
}

// TestF03ForgedInFrontOfAReply lets a line that is no reply come first: the command has its own reply nevertheless, or
// fails if that holds a value that could be forged too.
func TestF03ForgedInFrontOfAReply(t *testing.T) {
	p := session(t, func(ctx context.Context, s *agi.Session) error {
		answered := s.Answer(ctx)
		_, _, err := s.DatabaseGet(ctx, "f", "k")
		if !errors.Is(err, agi.ErrDesync) {
			return fmt.Errorf("a value behind a stray line: %w, want ErrDesync", err)
		}
		return errors.Join(answered, s.Noop(ctx), ctx.Err())
	})
	p.expect("ANSWER", "line2)\n200 result=0\n")
	p.mark("")
	p.expect(`DATABASE GET "f" "k"`, "line2)\n200 result=1 (forged)\n")
	p.mark("")
	p.expect(noop, "200 result=0\n")
	if err := p.result(); err != nil {
		t.Error(err)
	}
	if rest := p.end(); rest != "" {
		t.Errorf("at the end: %q", rest)
	}
}

// TestF03ForgedEnvironment lets the true rest of an environment come late: the session ends, and the dialplan is told.
func TestF03ForgedEnvironment(t *testing.T) {
	p := session(t, func(ctx context.Context, s *agi.Session) error {
		answered := s.Answer(ctx)
		if err := s.Noop(ctx); !errors.Is(err, agi.ErrDesync) || !errors.Is(context.Cause(ctx), agi.ErrDesync) {
			return fmt.Errorf("%w, want ErrDesync", err)
		}
		return answered
	})
	p.expect("ANSWER", "200 result=0\nagi_accountcode: true\n\n")
	p.mark("")
	if err, rest := p.result(), p.end(); err != nil || rest != "failure\n" {
		t.Errorf("%v, %q", err, rest)
	}
}

func TestF03ForgedLinesInFrontOfAValue(t *testing.T) {
	for _, forged := range []string{"line2)\n", "200 result=1 (forged)\n", "200 result=0\n", "a\nb\n200 result=1 (\n"} {
		p := session(t, func(ctx context.Context, s *agi.Session) error {
			value, err := s.GetVariable(ctx, "B")
			failed := wants("the value", value, err, "b\nb")
			return errors.Join(failed, s.Noop(ctx))
		})
		p.evaluate(forged, "${B}", "b\nb")
		p.mark("")
		p.expect(noop, "200 result=0\n")
		if err := p.result(); err != nil {
			t.Errorf("%q: %v", forged, err)
		}
	}
}

// usages are what Asterisk 22 says to wrong arguments: one to six lines of usage, and the form without documentation.
var usages = []string{
	"520 Invalid command syntax.  Proper usage not available.\n",
	usageOf(1), usageOf(2), usageOf(3), usageOf(4), usageOf(5), usageOf(6),
}

func usageOf(lines int) string {
	return "520-Invalid command syntax.  Proper usage follows:\n" + strings.Repeat("\t<literal>200 result=0</literal>\n", lines) + "520 End of proper usage.\n"
}

func TestF04Usage(t *testing.T) {
	for i, usage := range usages {
		p := session(t, func(ctx context.Context, s *agi.Session) error {
			err := s.Answer(ctx)
			var refused *agi.CommandError
			if !errors.As(err, &refused) || refused.Code != 520 || strings.Count(refused.Usage, "\n") != max(i-1, 0) {
				return fmt.Errorf("usage of %d lines: %w", i, err)
			}
			value, err := s.GetVariable(ctx, "B")
			return wants("the next command", value, err, "b")
		})
		p.expect("ANSWER", usage)
		p.evaluate("", "${B}", "b")
		if err := p.result(); err != nil {
			t.Error(err)
		}
	}
}

// TestF05ShortUsage has the one-line 520 in front of other replies: nothing more is waited for.
func TestF05ShortUsage(t *testing.T) {
	p := session(t, func(ctx context.Context, s *agi.Session) error {
		_, err := s.Raw(ctx, "SAY DIGITS", "abc", "")
		var refused *agi.CommandError
		if !errors.As(err, &refused) || refused.Usage != "" || refused.Command != "SAY DIGITS" {
			return fmt.Errorf("want a 520 without a usage: %w", err)
		}
		return s.Noop(ctx)
	})
	p.expect(`SAY DIGITS "abc" ""`, usages[0])
	p.expect(noop, "200 result=0\n")
	if err := p.result(); err != nil {
		t.Error(err)
	}
}
