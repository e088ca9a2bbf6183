package agi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/agi/agitest"
)

var errEnough = errors.New("enough")

// TestF13NoReply gives a command up whose reply does not come, and again the wait for its end: one marker is sent behind
// it, as Asterisk would leave a second one lying.
func TestF13NoReply(t *testing.T) {
	sent := make(chan struct{})
	p := session(t, func(ctx context.Context, s *agi.Session) error {
		first, enough := context.WithCancelCause(ctx)
		go func() {
			<-sent
			enough(errEnough)
		}()
		if _, err := s.Exec(first, "Wait", "60"); !errors.Is(err, errEnough) {
			return fmt.Errorf("given up: %w, want the cause", err)
		}
		for range 2 {
			short, cancel := context.WithTimeout(ctx, time.Millisecond)
			err := s.Noop(short)
			cancel()
			if !errors.Is(err, context.DeadlineExceeded) {
				return fmt.Errorf("behind it: %w, want a deadline", err)
			}
		}
		sent <- struct{}{}
		value, err := s.GetVariable(ctx, "X")
		return errors.Join(wants("when it has ended", value, err, "x"), ctx.Err())
	})
	p.expect(`EXEC "Wait" "60"`, "")
	sent <- struct{}{}
	<-sent
	p.mark("200 result=1 (late)\n")
	p.evaluate("", "${X}", "x")
	if err := p.result(); err != nil {
		t.Error(err)
	}
}

// TestF13Prompts stops prompts by their context: Asterisk does not answer a prompt that is stopped by another command, but
// one that had just ended.
func TestF13Prompts(t *testing.T) {
	for _, test := range []struct {
		name, before string
		want         agi.Playback
		err          error
		hungup       bool
	}{
		{"stopped", "", agi.Playback{Stopped: true}, errEnough, false},
		{"finished", "200 result=0 endpos=8000\n", agi.Playback{Endpos: 8000}, nil, false},
		{"a digit", "200 result=35 endpos=80\n", agi.Playback{Digit: "#", Endpos: 80}, nil, false},
		{"hung up", "200 result=-1 endpos=160\nHANGUP\n", agi.Playback{Endpos: 160}, agi.ErrHangup, true},
		{"hung up and stopped", "HANGUP\n", agi.Playback{Stopped: true}, errEnough, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			playing := make(chan struct{})
			p := session(t, func(ctx context.Context, s *agi.Session) error {
				prompt, enough := context.WithCancelCause(ctx)
				go func() {
					<-playing
					enough(errEnough)
				}()
				played, err := s.StreamFile(prompt, "hello-world", "#")
				if played.Stopped {
					played.Endpos = 0 // estimated
				}
				if !errors.Is(err, test.err) || played != test.want || s.Hungup() != test.hungup {
					return fmt.Errorf("%+v, %w, hung up %v", played, err, s.Hungup())
				}
				value, err := s.Dead().GetVariable(context.WithoutCancel(ctx), "X")
				return wants("the next command", value, err, "x")
			})
			p.expect(`STREAM FILE "hello-world" "#"`, "")
			close(playing)
			p.mark(test.before)
			p.evaluate("", "${X}", "x")
			if err := p.result(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestF13WaitForDigit has the one prompt that answers when it is interrupted: with a 1.
func TestF13WaitForDigit(t *testing.T) {
	waiting := make(chan struct{})
	p := session(t, func(ctx context.Context, s *agi.Session) error {
		wait, enough := context.WithCancelCause(ctx)
		go func() {
			<-waiting
			enough(errEnough)
		}()
		if digit, err := s.WaitForDigit(wait, -1); digit != "" || !errors.Is(err, errEnough) {
			return fmt.Errorf("%q, %w", digit, err)
		}
		return s.Noop(ctx)
	})
	p.expect(`WAIT FOR DIGIT "-1"`, "")
	close(waiting)
	p.mark("200 result=1\n")
	p.expect(noop, "200 result=0\n")
	if err := p.result(); err != nil {
		t.Error(err)
	}
}

func TestF13DeadlineAfterTheHangup(t *testing.T) {
	p := session(t, func(ctx context.Context, s *agi.Session) error {
		<-ctx.Done()
		after, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Millisecond)
		defer cancel()
		return s.Dead().Noop(after)
	})
	p.send("HANGUP\n")
	if err := p.result(); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want a deadline", err)
	}
}

// pipes is a listener whose connections are pipes, for tests with a clock of their own.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p pipes) Close() error {
	select {
	case <-p.done:
	default:
		close(p.done)
	}
	return nil
}

func (p pipes) Addr() net.Addr { return &net.UnixAddr{} }

// TestF13SilentAsterisk has a peer that says nothing any more, not even what a marker asks for.
func TestF13SilentAsterisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		listener := pipes{make(chan net.Conn, 1), make(chan struct{})}
		listener.conns <- theirs
		result := make(chan error, 1)
		srv := &agi.Server{Handler: agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
			prompt, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			_, err := s.StreamFile(prompt, "hello-world", "")
			if next := s.Noop(context.WithoutCancel(ctx)); !errors.Is(next, agi.ErrDesync) {
				err = fmt.Errorf("the next command: %w", next)
			}
			result <- err
			return err
		})}
		served := make(chan error, 1)
		go func() { served <- srv.Serve(listener) }()
		if _, err := io.WriteString(ours, agitest.EnvironmentText(agi.Environment{})); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		said := make(chan string, 1)
		go func() {
			text, _ := io.ReadAll(ours)
			said <- string(text)
		}()
		if err, took := <-result, time.Since(began); !errors.Is(err, agi.ErrDesync) || took != 11*time.Second {
			t.Errorf("%v after %v, want ErrDesync after the deadline and what a marker may take", err, took)
		}
		srv.Close()
		ours.Close()
		if err, text := <-served, <-said; !errors.Is(err, agi.ErrServerClosed) || text == "" {
			t.Errorf("%v, %q", err, text)
		}
	})
}
