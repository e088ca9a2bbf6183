package asyncagi_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/agi/asyncagi"
	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

const dialplan = `[test]
exten => hold,1,Answer()
 same => n,Wait(60)
exten => short,1,Answer()
 same => n,Wait(1)
[async]
exten => _X.,1,Answer()
 same => n,AGI(agi:async)
 same => n,Set(DB(async/${EXTEN})=${ASYNCAGISTATUS})
exten => h,1,NoOp()
[sub]
exten => s,1,Set(SUM=${ARG1})
 same => n,Return()
`

// serve serves AsyncAGI of a real Asterisk with a handler; originate makes a call to an extension of the context async.
func serve(t *testing.T, handler agi.HandlerFunc) (a *asterisktest.Asterisk, originate func(from, extension string)) {
	t.Helper()
	a = asterisktest.Start(t, asterisktest.Config{Files: map[string]string{"extensions.conf": dialplan}})
	client := &ami.Client{Addr: a.AMI.String(), Username: asterisktest.Username, Secret: asterisktest.Secret}
	if err := client.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	srv := &agi.Server{Handler: handler}
	served := make(chan error, 1)
	listener := asyncagi.Listen(client)
	go func() { served <- srv.Serve(listener) }()
	t.Cleanup(func() {
		srv.Close()
		if err := <-served; !errors.Is(err, agi.ErrServerClosed) {
			t.Error(err)
		}
		client.Close()
		listener.Wait()
	})
	return a, func(from, extension string) {
		t.Helper()
		if _, err := a.CLI(t.Context(), "channel originate Local/"+from+"@test/n extension "+extension+"@async"); err != nil {
			t.Fatal(err)
		}
	}
}

// status waits until the dialplan has gone on behind AsyncAGI, and returns ASYNCAGISTATUS.
func status(t *testing.T, a *asterisktest.Asterisk, extension string) string {
	t.Helper()
	for {
		out, err := a.CLI(t.Context(), "database get async "+extension)
		if err != nil {
			t.Fatal(err)
		}
		if _, value, found := strings.Cut(out, "Value: "); found {
			return strings.TrimSpace(value)
		}
	}
}

func ended(t *testing.T, done <-chan error) {
	t.Helper()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Fatal("the handler has not ended")
	}
}

func TestSessionOnAsterisk(t *testing.T) {
	done := make(chan error, 1)
	a, originate := serve(t, func(ctx context.Context, s *agi.Session) (err error) {
		defer func() { done <- err }()
		if s.Env().Request != "async" || s.Env().Extension != "100" {
			t.Errorf("environment %+v", s.Env())
		}
		long := strings.Repeat("καλημέρα) (% +\\\"\n", 200) + "\nend"
		if err := s.SetVariable(ctx, "LONG", long); err != nil {
			return err
		}
		for range 2 { // what is left of one reply is not the beginning of the next
			got, err := s.GetVariable(ctx, "LONG")
			if err != nil || got != long {
				t.Errorf("a value of %d bytes came as %d: %v", len(long), len(got), err)
			}
		}
		if got, err := s.GetVariable(ctx, "NONE"); got != "" || err != nil {
			t.Errorf("a variable that is not set: %q, %v", got, err)
		}
		if err := s.Gosub(ctx, agi.Subroutine{Context: "sub", Args: []string{"a"}}); err != nil {
			t.Errorf("Gosub: %v", err)
		}
		if got, err := s.GetVariable(ctx, "SUM"); got != "a" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
		var refused *agi.ArgumentError
		if _, err := s.Raw(ctx, "NOOP", strings.Repeat("x", 2000)); !errors.As(err, &refused) {
			t.Errorf("a command that is too long: %v", err)
		}
		if _, err := s.StreamFile(ctx, "beep", ""); err != nil {
			t.Errorf("StreamFile: %v", err)
		}
		return nil
	})
	originate("hold", "100")
	ended(t, done)
	if got := status(t, a, "100"); got != "SUCCESS" {
		t.Errorf("ASYNCAGISTATUS is %q", got)
	}
}

// Twenty commands at once take about as long as one.
func TestBatchOnAsterisk(t *testing.T) {
	done := make(chan error, 1)
	a, originate := serve(t, func(ctx context.Context, s *agi.Session) (err error) {
		defer func() { done <- err }()
		var commands []agi.Command
		var want []string
		for i := range 10 {
			value := strings.Repeat(string(rune('a'+i)), 300*i+1)
			commands = append(commands,
				agi.Command{Name: "SET VARIABLE", Args: []string{"V", value[:min(len(value), 800)]}},
				agi.Command{Name: "GET FULL VARIABLE", Args: []string{"${V}${V}"}})
			want = append(want, "", strings.Repeat(value[:min(len(value), 800)], 2))
		}
		begin := time.Now()
		replies, err := s.Batch(ctx, commands...)
		t.Logf("%d commands took %v", len(commands), time.Since(begin))
		if err != nil {
			return err
		}
		var got []string
		for _, reply := range replies {
			got = append(got, reply.Data)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("replies (-want +got):\n%s", diff)
		}
		replies, err = s.Batch(ctx, agi.Command{Name: "NOOP"}, agi.Command{Name: "NOOP", Args: []string{strings.Repeat("x", 2000)}}, agi.Command{Name: "GET FULL VARIABLE", Args: []string{"x"}})
		var refused *agi.ArgumentError
		if !errors.As(err, &refused) || len(replies) != 0 {
			t.Errorf("%+v, %v", replies, err)
		}
		return errors.New("told to")
	})
	originate("hold", "200")
	if err := <-done; err == nil || err.Error() != "told to" {
		t.Error(err)
	}
	if got := status(t, a, "200"); got != "FAILURE" {
		t.Errorf("ASYNCAGISTATUS is %q", got)
	}
}

// A hangup ends the context, while a prompt is played or nothing runs.
func TestHangupOnAsterisk(t *testing.T) {
	done := make(chan error, 2)
	_, originate := serve(t, func(ctx context.Context, s *agi.Session) error {
		if s.Env().Extension == "301" {
			_, err := s.StreamFile(ctx, "demo-congrats", "")
			done <- err
			return err
		}
		<-ctx.Done()
		if err := s.Dead().SetVariable(context.WithoutCancel(ctx), "A", "1"); !errors.Is(err, agi.ErrDead) {
			t.Errorf("a command after the hangup: %v", err)
		}
		done <- context.Cause(ctx)
		return nil
	})
	originate("short", "300")
	originate("short", "301")
	for range 2 {
		if err := <-done; !errors.Is(err, agi.ErrHangup) {
			t.Error(err)
		}
	}
}
