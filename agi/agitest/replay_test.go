package agitest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/agi/agitest"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

// desk is what is recorded: values with line breaks, a failing command, a prompt that is stopped, and the end.
func desk(ctx context.Context, s *agi.Session) error {
	if err := s.SetVariable(ctx, "X", "two\n200 result=1 (lines)"); err != nil {
		return err
	}
	if value, err := s.GetVariable(ctx, "X"); err != nil || value != "two\n200 result=1 (lines)" {
		return fmt.Errorf("X is %q, %w", value, err)
	}
	var refused *agi.CommandError
	if _, err := s.Raw(ctx, "DANCE"); !errors.As(err, &refused) || refused.Code != 510 {
		return fmt.Errorf("no such command: %w", err)
	}
	if _, err := s.StreamFile(ctx, "beep", ""); err != nil {
		return err
	}
	return s.HangupCall(ctx)
}

// transcript is what agi.Transcribe writes.
type transcript struct {
	bytes.Buffer
	closed chan struct{}
}

func (t *transcript) Close() error {
	close(t.closed)
	return nil
}

// record lets a real Asterisk call the handler and returns the transcript.
func record(t *testing.T, handler agi.HandlerFunc) string {
	t.Helper()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	text := &transcript{closed: make(chan struct{})}
	ended := make(chan error, 1)
	srv := &agi.Server{Handler: agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		err := handler(ctx, s)
		ended <- err
		return err
	})}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(agi.Transcribe(inner, func() io.WriteCloser { return text })) }()
	a := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{"extensions.conf": fmt.Sprintf(
		"[test]\nexten => hold,1,Answer()\n same => n,Wait(60)\nexten => desk,1,Answer()\n same => n,AGI(agi://%s/desk,one)\n", inner.Addr())}})
	if _, err := a.CLI(t.Context(), "channel originate Local/hold@test/n extension desk@test"); err != nil {
		t.Fatal(err)
	}
	select {
	case <-text.closed:
	case <-time.After(time.Minute):
		t.Fatal("the session has not ended")
	}
	if err := <-ended; err != nil {
		t.Errorf("the handler: %v", err)
	}
	srv.Close()
	if err := <-served; !errors.Is(err, agi.ErrServerClosed) {
		t.Error(err)
	}
	return text.String()
}

// TestRecordAndReplay makes a test of a session with a real Asterisk.
func TestRecordAndReplay(t *testing.T) {
	text := record(t, desk)
	var result error
	agitest.Replay(t, agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		result = desk(ctx, s)
		return result
	}), strings.NewReader(text))
	if result != nil {
		t.Errorf("the handler fails when it is replayed: %v\n%s", result, text)
	}
	faults := &failures{TB: t}
	agitest.Replay(faults, agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		return s.Verbose(ctx, "something else", 1)
	}), strings.NewReader(text))
	if faults.n == 0 {
		t.Error("a handler that does something else passes")
	}
}

// TestReplayRecorded replays a session that a real Asterisk 22.10.1 had.
func TestReplayRecorded(t *testing.T) {
	file, err := os.Open("testdata/desk.agi")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var result error
	agitest.Replay(t, agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		result = desk(ctx, s)
		return result
	}), file)
	if result != nil {
		t.Error(result)
	}
}

func TestReplayOfNonsense(t *testing.T) {
	for _, text := range []string{"hello\n", "< hello\n", "? \"hello\"\n"} {
		faults := &failures{TB: t}
		done := make(chan struct{})
		go func() {
			defer close(done)
			defer func() { recover() }() //nolint:errcheck // Fatalf of failures
			agitest.Replay(faults, agi.HandlerFunc(desk), strings.NewReader(text))
		}()
		<-done
		if faults.n != 1 {
			t.Errorf("%q: %d failures", text, faults.n)
		}
	}
}

// failures counts them.
type failures struct {
	agitest.TB
	n int
}

func (f *failures) Errorf(string, ...any) { f.n++ }

func (f *failures) Fatalf(format string, args ...any) {
	f.n++
	panic(fmt.Sprintf(format, args...))
}
