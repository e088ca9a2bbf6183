package agi_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/agi/agitest"
)

// heard are the digits that a session is told.
type heard struct {
	mu     sync.Mutex
	digits string
	more   chan struct{}
}

func (h *heard) press(digit string) {
	h.mu.Lock()
	h.digits += digit
	h.mu.Unlock()
	h.more <- struct{}{}
}

// wait waits until there are n more digits.
func (h *heard) wait(n int) {
	for range n {
		<-h.more
	}
}

func (h *heard) all() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.digits
}

// wait reads a WAIT FOR DIGIT.
func (p *peer) wait() {
	p.t.Helper()
	if line := strings.TrimRight(p.read(), " "); line != "WAIT FOR DIGIT -1" {
		p.t.Fatalf("got %q, want a wait", line)
	}
}

// takes reads a command that comes with a WAIT FOR DIGIT behind it: the one before is stopped, the command answered.
func (p *peer) takes(command, answer string) {
	p.t.Helper()
	line := p.read()
	if strings.TrimRight(line, " ") != command {
		p.t.Fatalf("got %q, want %q", line, command)
	}
	if len(line) != 4095 {
		p.t.Fatalf("%q has %d bytes, and would not fill Asterisk's buffer", command, len(line)+1)
	}
	p.wait()
	p.send("200 result=1\n" + answer)
}

// TestHearDigits has digits come between commands, behind one, in one, and in one that was given up.
func TestHearDigits(t *testing.T) {
	h := &heard{more: make(chan struct{}, 100)}
	var results []string
	sent := make(chan struct{})
	p := session(t, func(ctx context.Context, s *agi.Session) error {
		if err := s.HearDigits(ctx, h.press); err != nil {
			return err
		}
		h.wait(2)
		played, err := s.ControlStreamFile(ctx, agi.ControlledFile{File: "x", Escape: "0123456789"})
		results = append(results, played.Digit)
		h.wait(1)
		value, err2 := s.GetVariable(ctx, "X")
		_, err3 := s.Exec(ctx, "Wait", "1")
		results = append(results, value)
		given, cancel := context.WithCancelCause(ctx)
		go func() { <-sent; cancel(errEnough) }()
		_, err4 := s.SayNumber(given, 7, "0123456789")
		if !errors.Is(err4, errEnough) {
			return fmt.Errorf("given up: %w", err4)
		}
		return errors.Join(err, err2, err3, s.Noop(ctx))
	})
	p.wait()
	p.send("200 result=48\n")
	p.wait()
	p.send("200 result=42\n")
	p.wait()
	p.takes(`CONTROL STREAM FILE "x" "0123456789" "3000" "#" "*" "" "0"`, "200 result=49 endpos=100\n")
	p.send("200 result=35\n")
	p.wait()
	line := strings.TrimRight(p.read(), " ")
	word := evaluated.FindStringSubmatch(line)
	if word == nil {
		t.Fatalf("got %q", line)
	}
	p.wait()
	p.send("200 result=1\n200 result=1 (" + word[1] + "a\nb" + word[1] + ")\n")
	p.takes(`EXEC "Wait" "1"`, "200 result=1 (odd)\n")
	p.mark("200 result=50\n") // behind the value that may have had more lines
	p.wait()
	p.takes(`SAY NUMBER "7" "0123456789"`, "")
	close(sent)
	p.mark("200 result=51\n200 result=52\n") // its digit, and one of the wait behind it
	p.takes("NOOP", "")
	p.send("200 result=0\n")
	if got := p.end(); strings.TrimSpace(got) != "" {
		t.Errorf("then %q", got)
	}
	if err := p.result(); err != nil {
		t.Fatal(err)
	}
	if got := h.all(); got != "0*#234" {
		t.Errorf("heard %q", got)
	}
	if got := fmt.Sprintf("%q", results); got != `["1" "a\nb"]` {
		t.Errorf("results %s", got)
	}
}

// TestHearDigitsOld sends to an Asterisk with short lines what fills its buffer together with one WAIT FOR DIGIT.
func TestHearDigitsOld(t *testing.T) {
	h := &heard{more: make(chan struct{}, 100)}
	p := sessionWith(t, agitest.EnvironmentText(agi.Environment{Version: "16.28.0"}), func(ctx context.Context, s *agi.Session) error {
		if err := s.HearDigits(ctx, h.press); err != nil {
			return err
		}
		_, err := s.SayNumber(ctx, 7, "")
		return err
	})
	p.wait()
	var all int
	for _, want := range []string{"NOOP", "NOOP", `SAY NUMBER "7" ""`, "WAIT FOR DIGIT -1"} {
		line := p.read()
		for strings.HasPrefix(line, "WAIT") && !strings.HasPrefix(want, "WAIT") {
			line = p.read() // the session was idle for a moment
			p.send("200 result=1\n")
		}
		if all += len(line) + 1; strings.TrimRight(line, " ") != want || len(line) > 2046 {
			t.Fatalf("got %q, want %q", line, want)
		}
	}
	if all != 4096 {
		t.Errorf("they have %d bytes", all)
	}
	p.wait()
	p.send("200 result=1\n200 result=0\n200 result=0\n200 result=0\n")
	p.end()
	if err := p.result(); err != nil {
		t.Fatal(err)
	}
}

// TestHearDigitsHangup has the call end in a command, and between two.
func TestHearDigitsHangup(t *testing.T) {
	for name, play := range map[string]func(p *peer){
		"idle": func(p *peer) { p.send("200 result=-1\nHANGUP\n") },
		"in a command": func(p *peer) {
			p.takes(`CONTROL STREAM FILE "x" "" "3000" "#" "*" "" "0"`, "200 result=-1 endpos=9\nHANGUP\n511 Command Not Permitted\n")
			p.mark("")
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := &heard{more: make(chan struct{}, 100)}
			p := session(t, func(ctx context.Context, s *agi.Session) error {
				if err := s.HearDigits(ctx, h.press); err != nil {
					return err
				}
				if name == "idle" {
					<-ctx.Done()
				} else if _, err := s.ControlStreamFile(ctx, agi.ControlledFile{File: "x"}); !errors.Is(err, agi.ErrHangup) {
					return fmt.Errorf("got %w", err)
				}
				if !errors.Is(context.Cause(ctx), agi.ErrHangup) {
					return context.Cause(ctx)
				}
				return s.Dead().Noop(context.WithoutCancel(ctx))
			})
			p.wait()
			play(p)
			p.expect("NOOP", "200 result=0\n")
			p.end()
			if err := p.result(); err != nil || h.all() != "" {
				t.Errorf("%v, heard %q", err, h.all())
			}
		})
	}
}

// TestHearDigitsLeftLying has Asterisk echo a marker only when it gets more: it had read it together with a WAIT FOR DIGIT.
func TestHearDigitsLeftLying(t *testing.T) {
	h := &heard{more: make(chan struct{}, 100)}
	p := session(t, func(ctx context.Context, s *agi.Session) error {
		if err := s.HearDigits(ctx, h.press); err != nil {
			return err
		}
		var failed *agi.ResultError
		if _, err := s.ControlStreamFile(ctx, agi.ControlledFile{File: "no-such"}); !errors.As(err, &failed) {
			return fmt.Errorf("got %w", err)
		}
		return s.Noop(ctx)
	})
	p.wait()
	p.takes(`CONTROL STREAM FILE "no-such" "" "3000" "#" "*" "" "0"`, "200 result=-1 endpos=0\n")
	first := p.read()
	if again := p.read(); again != first {
		t.Fatalf("%q, then %q", first, again)
	}
	echo := "200 result=1 (" + echoed.FindStringSubmatch(first)[1] + ")\n"
	p.send("200 result=1\n" + echo)
	p.wait()
	if line := strings.TrimRight(p.read(), " "); line != "NOOP" {
		t.Fatalf("got %q", line)
	}
	p.wait()
	p.send(echo + "200 result=1\n200 result=0\n")
	p.end()
	if err := p.result(); err != nil {
		t.Fatal(err)
	}
}
