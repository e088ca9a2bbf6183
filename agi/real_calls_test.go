package agi_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/asterism-go/asterism/agi"
)

func TestRealStatus(t *testing.T) {
	t.Parallel()
	p := startPBX(t, &agi.Server{})
	for _, test := range []struct {
		name, want string
		handler    agi.HandlerFunc
	}{
		{"ok", "SUCCESS", func(ctx context.Context, s *agi.Session) error { return s.Noop(ctx) }},
		{"silent", "SUCCESS", func(context.Context, *agi.Session) error { return nil }},
		{"error", "FAILURE", func(context.Context, *agi.Session) error { return errors.New("no") }},
		{"late", "FAILURE", func(ctx context.Context, s *agi.Session) error { return errors.Join(s.Noop(ctx), errors.New("no")) }},
		{"forgiven", "FAILURE", func(ctx context.Context, s *agi.Session) error {
			_, err := s.StreamFile(ctx, "no-such-file", "")
			var failed *agi.ResultError
			if !errors.As(err, &failed) || failed.Result != "-1" || ctx.Err() != nil {
				return fmt.Errorf("a file that is missing: %w", err)
			}
			return nil
		}},
		{"refused", "SUCCESS", func(ctx context.Context, s *agi.Session) error {
			_, unknown := s.Raw(ctx, "NO SUCH COMMAND")
			_, usage := s.Raw(ctx, "SAY DIGITS", "abc", "")
			var first, second *agi.CommandError
			if !errors.As(unknown, &first) || first.Code != 510 || !errors.As(usage, &second) || second.Code != 520 {
				return errors.Join(unknown, usage)
			}
			state, err := s.ChannelStatus(ctx)
			return wants("the state of a channel that is up", state, err, 6)
		}},
		{"gosub", "FAILURE", func(ctx context.Context, s *agi.Session) error {
			var failed *agi.ResultError
			if reply, err := s.Raw(ctx, "GOSUB", "none", "s", "1"); !errors.As(err, &failed) {
				return fmt.Errorf("GOSUB: %+v, %w", reply, err)
			}
			return s.Noop(ctx)
		}},
		{"abandoned", "FAILURE", func(ctx context.Context, s *agi.Session) error {
			short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
			defer cancel()
			_, err := s.Exec(short, "Wait", "4")
			return err
		}},
	} {
		status, err := p.script(test.name, test.handler)
		wanted := err == nil || test.name == "error" || test.name == "late" || test.name == "abandoned"
		if status != test.want || !wanted {
			t.Errorf("%s: AGISTATUS=%s, %v; want %s", test.name, status, err, test.want)
		}
	}
	p.mux.HandleFunc("evil", func(context.Context, *agi.Session) error {
		t.Error("a session whose argument ends the environment is served")
		return nil
	})
	p.mux.HandleFunc("panic", func(context.Context, *agi.Session) error { panic("no") })
	for _, name := range []string{"panic", "unknown", "evil"} {
		if p.call(name); p.status(name) != "FAILURE" {
			t.Errorf("%s: AGISTATUS is not FAILURE", name)
		}
	}
	if err := testutil.CollectAndCompare(agi.NewCollector("pbx", p.srv), strings.NewReader(`
# HELP asterisk_agi_rejected_total Connections that did not become a session, by reason.
# TYPE asterisk_agi_rejected_total counter
asterisk_agi_rejected_total{pbx="pbx",reason="tampered"} 1
`), "asterisk_agi_rejected_total"); err != nil {
		t.Error(err)
	}
}

func TestRealOverload(t *testing.T) {
	p := startPBX(t, &agi.Server{MaxSessions: 1})
	begun, release := make(chan struct{}), make(chan struct{})
	p.mux.HandleFunc("busy", func(ctx context.Context, s *agi.Session) error {
		close(begun)
		<-release
		return s.Noop(ctx)
	})
	p.call("busy")
	<-begun
	if p.call("beyond"); p.status("beyond") != "FAILURE" {
		t.Error("beyond the limit: AGISTATUS is not FAILURE")
	}
	close(release)
	if status := p.status("busy"); status != "SUCCESS" {
		t.Errorf("AGISTATUS=%s", status)
	}
}

// TestRealPrompts stops prompts by a context at every moment, and the call goes on.
func TestRealPrompts(t *testing.T) {
	p := startPBX(t, &agi.Server{})
	p.passes("stopped", func(ctx context.Context, s *agi.Session) error {
		for range 5 {
			prompt, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
			played, err := s.StreamFile(prompt, p.file, "")
			cancel()
			if !errors.Is(err, context.DeadlineExceeded) || !played.Stopped {
				return fmt.Errorf("%+v, %w; want a prompt that was stopped", played, err)
			}
			digits, err := stopped(ctx, func(ctx context.Context) (agi.Digits, error) { return s.GetData(ctx, p.file, 5*time.Second, 3) })
			if !errors.Is(err, context.DeadlineExceeded) || digits.Digits != "" {
				return fmt.Errorf("GET DATA: %+v, %w", digits, err)
			}
			digit, err := stopped(ctx, func(ctx context.Context) (string, error) { return s.WaitForDigit(ctx, 5*time.Second) })
			if !errors.Is(err, context.DeadlineExceeded) || digit != "" {
				return fmt.Errorf("WAIT FOR DIGIT: %q, %w", digit, err)
			}
			name, err := s.GetVariable(ctx, "EXTEN")
			if err := wants("after that", name, err, "stopped"); err != nil {
				return err
			}
		}
		return ctx.Err()
	})
	p.passes("race", func(ctx context.Context, s *agi.Session) error {
		var ended, cut int
		for i := range 30 { // around the end of the file
			prompt, cancel := context.WithTimeout(ctx, time.Duration(i)*2*time.Millisecond)
			played, err := s.StreamFile(prompt, p.short, "")
			cancel()
			switch {
			case err == nil && !played.Stopped:
				ended++
			case errors.Is(err, context.DeadlineExceeded):
				cut++
			default:
				return fmt.Errorf("%d: %+v, %w", i, played, err)
			}
			want := strconv.Itoa(i)
			got, err := s.Evaluate(ctx, want)
			if err := wants("after that", got, err, want); err != nil {
				return err
			}
		}
		p.t.Logf("%d prompts ended, %d were stopped", ended, cut)
		return ctx.Err()
	})
}

// stopped gives a prompt little time.
func stopped[T any](ctx context.Context, prompt func(context.Context) (T, error)) (T, error) {
	short, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	defer cancel()
	return prompt(short)
}

// TestRealGivenUp gives an application up, and again the wait for its end: afterwards every command has its own reply.
func TestRealGivenUp(t *testing.T) {
	p := startPBX(t, &agi.Server{})
	p.passes("givenup", func(ctx context.Context, s *agi.Session) error {
		for range 3 {
			_, err := stopped(ctx, func(ctx context.Context) (string, error) { return s.Exec(ctx, "Wait", "1") })
			for range 3 {
				_, again := stopped(ctx, func(ctx context.Context) (string, error) { return s.GetVariable(ctx, "EXTEN") })
				err = errors.Join(err, again)
			}
			if !errors.Is(err, context.DeadlineExceeded) {
				return fmt.Errorf("%w, want a deadline", err)
			}
			value, err := s.GetVariable(ctx, "EXTEN")
			if err := wants("when it has ended", value, err, "givenup"); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestRealHangups(t *testing.T) {
	p := startPBX(t, &agi.Server{})
	deadStatus := make(chan error, 1)
	p.mux.HandleFunc("dead", func(ctx context.Context, s *agi.Session) error {
		err := s.Answer(ctx)
		value, deadErr := s.Dead().GetVariable(context.WithoutCancel(ctx), "SAVED")
		if !errors.Is(err, agi.ErrDead) || !s.Hungup() {
			deadErr = errors.Join(deadErr, fmt.Errorf("ANSWER in the extension h: %w, want ErrDead", err))
		}
		deadStatus <- wants("what was saved", value, deadErr, "yes")
		return nil
	})
	for name, hungup := range map[string]agi.HandlerFunc{
		"playing": func(ctx context.Context, s *agi.Session) error {
			_, err := s.StreamFile(ctx, p.file, "")
			return err
		},
		"idle": func(ctx context.Context, _ *agi.Session) error {
			<-ctx.Done()
			return context.Cause(ctx)
		},
		"waiting": func(ctx context.Context, s *agi.Session) error {
			_, err := s.WaitForDigit(ctx, -1)
			return err
		},
		"own": func(ctx context.Context, s *agi.Session) error {
			if err := s.HangupCall(ctx); err != nil {
				return err
			}
			<-ctx.Done()
			return context.Cause(ctx)
		},
	} {
		begun, done := make(chan string, 1), make(chan error, 1)
		p.mux.HandleFunc(name, func(ctx context.Context, s *agi.Session) error {
			if err := s.SetVariable(ctx, "HANGUPSCRIPT", "dead"); err != nil {
				return err
			}
			begun <- s.Env().Channel
			err := hungup(ctx, s)
			after := context.WithoutCancel(ctx)
			saved := s.Dead().SetVariable(after, "SAVED", "yes")
			if answer := s.Answer(after); !errors.Is(answer, agi.ErrDead) {
				saved = errors.Join(saved, fmt.Errorf("ANSWER on a dead channel: %w", answer))
			}
			if !errors.Is(err, agi.ErrHangup) || !s.Hungup() {
				saved = errors.Join(saved, fmt.Errorf("%w, want ErrHangup", err))
			}
			done <- saved
			return err
		})
		p.call(name)
		channel := <-begun
		if name != "own" {
			p.cli("channel request hangup " + channel)
		}
		if err := <-done; err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := <-deadStatus; err != nil {
			t.Errorf("%s, extension h: %v", name, err)
		}
	}
}

// TestRealShutdown drains a server with many live calls: none is cut, and new ones find AGISTATUS=FAILURE.
func TestRealShutdown(t *testing.T) {
	const calls = 200
	p := startPBX(t, &agi.Server{})
	var live atomic.Int32
	release := make(chan struct{})
	p.mux.HandleFunc("live", func(ctx context.Context, s *agi.Session) error {
		live.Add(1)
		select {
		case <-release:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		value, err := s.GetVariable(ctx, "EXTEN")
		return wants("during the drain", value, err, "live")
	})
	for range calls {
		p.call("live")
	}
	waitFor(t, "the calls", func() bool { return live.Load() == calls })
	done := make(chan error, 1)
	go func() { done <- p.srv.Shutdown(context.Background()) }()
	waitFor(t, "the drain", p.srv.Draining)
	for range 5 {
		if p.call("late"); p.status("late") != "FAILURE" {
			t.Error("a call during the drain: AGISTATUS is not FAILURE")
		}
	}
	close(release)
	for range calls {
		if status := p.status("live"); status != "SUCCESS" {
			t.Errorf("a live call: AGISTATUS=%s", status)
		}
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	waitFor(t, "the end of the calls", func() bool { return !strings.Contains(p.cli("core show channels concise"), "AGI") })
}

// TestRealClose cuts a server with a prompt that plays: the dialplan is told.
func TestRealClose(t *testing.T) {
	p := startPBX(t, &agi.Server{})
	begun := make(chan struct{})
	p.mux.HandleFunc("cut", func(ctx context.Context, s *agi.Session) error {
		close(begun)
		_, err := s.StreamFile(ctx, p.file, "")
		return err
	})
	p.call("cut")
	<-begun
	p.srv.Close()
	if status := p.status("cut"); status != "FAILURE" {
		t.Errorf("AGISTATUS=%s, want FAILURE", status)
	}
}
