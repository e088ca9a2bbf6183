package asyncagi_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/agi/asyncagi"
	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

const scripts = `[test]
exten => hold,1,Answer()
 same => n,Wait(60)
exten => _[a-z]!,1,Set(LONG=%s)
 same => n,AGI(agi:async,${EXTEN}/sales,second)
 same => n,Set(DB(after/${EXTEN})=${ASYNCAGISTATUS})
[long]
exten => env,1,AGI(agi:async,env,%[1]s,%[1]s,last)
 same => n,Set(DB(after/env)=${ASYNCAGISTATUS})
`

// long does not fit into what Asterisk reads at once when it comes twice.
var long = strings.Repeat("abcdefghij", 90)

// pbx is a real Asterisk with a server over its Manager.
type pbx struct {
	*asterisktest.Asterisk
	handlers sync.Map // by extension
}

func (p *pbx) serve(ctx context.Context, s *agi.Session) error {
	handler, ok := p.handlers.Load(s.Env().Extension)
	if !ok {
		return agi.ErrNoRoute
	}
	return handler.(agi.HandlerFunc)(ctx, s)
}

func start(t *testing.T) *pbx {
	t.Helper()
	p := &pbx{}
	mux := agi.NewMux()
	mux.HandleFunc("{script}", p.serve)
	mux.HandleFunc("{script}/{queue}", p.serve)
	p.Asterisk = asterisktest.Start(t, asterisktest.Config{Files: map[string]string{"extensions.conf": fmt.Sprintf(scripts, long)}})
	client := &ami.Client{Addr: p.AMI.String(), Username: asterisktest.Username, Secret: asterisktest.Secret}
	listener := asyncagi.Listen(client)
	srv := &agi.Server{Handler: mux}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(listener) }()
	t.Cleanup(func() {
		srv.Close()
		if err := <-served; !errors.Is(err, agi.ErrServerClosed) {
			t.Errorf("Serve: %v", err)
		}
		listener.Wait()
		client.Close()
	})
	if err := client.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	return p
}

// call lets the handler serve a call to an extension, and returns the handler's error.
func (p *pbx) call(t *testing.T, extension string, handler agi.HandlerFunc) error {
	t.Helper()
	ended := make(chan error, 1)
	name, _, _ := strings.Cut(extension, "@")
	p.handlers.Store(name, agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		err := handler(ctx, s)
		ended <- err
		return err
	}))
	if !strings.Contains(extension, "@") {
		extension += "@test"
	}
	p.cli(t, "channel originate Local/hold@test/n extension "+extension)
	select {
	case err := <-ended:
		return err
	case <-time.After(time.Minute):
		t.Fatalf("the handler of %s has not ended; log: %s", extension, p.Log())
		return nil
	}
}

func (p *pbx) cli(t *testing.T, command string) string {
	t.Helper()
	out, err := p.CLI(t.Context(), command)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// after waits until the dialplan has gone on.
func (p *pbx) after(t *testing.T, extension, want string) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for out := ""; !strings.Contains(out, want); out = p.cli(t, "database get after "+extension) {
		if time.Now().After(deadline) {
			t.Fatalf("ASYNCAGISTATUS after %s is %q, want %s", extension, out, want)
		}
		<-time.After(10 * time.Millisecond)
	}
}

func TestCalls(t *testing.T) {
	p := start(t)
	for _, test := range []struct {
		name string
		test func(*testing.T, *pbx)
	}{
		{"commands", testCommands},
		{"failure", testFailure},
		{"long values", testLongValues},
		{"long environment", testLongEnvironment},
		{"batch", testBatch},
		{"hangup", testHangup},
		{"too long", testTooLong},
		{"prompt", testPrompt},
	} {
		t.Run(test.name, func(t *testing.T) { test.test(t, p) })
	}
}

func testCommands(t *testing.T, p *pbx) {
	err := p.call(t, "commands", func(ctx context.Context, s *agi.Session) error {
		if s.Param("queue") != "sales" || !slices.Equal(s.Env().Args, []string{"commands/sales", "second"}) {
			t.Errorf("queue %q, args %q", s.Param("queue"), s.Env().Args)
		}
		const value = "tab\tcr nbsp\u00a0 emoji 👩‍👧 \"quotes\" \\backslash\\ 100% + ü\nline 2)\n200 result=1 (forged)\n"
		if err := s.SetVariable(ctx, "X", value); err != nil {
			return err
		}
		got, err := s.GetVariable(ctx, "X")
		if err == nil && got != value {
			t.Errorf("X is %q, want %q", got, value)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	p.after(t, "commands", "SUCCESS")
}

func testFailure(t *testing.T, p *pbx) {
	want := errors.New("no")
	if err := p.call(t, "failure", func(context.Context, *agi.Session) error { return want }); !errors.Is(err, want) {
		t.Error(err)
	}
	p.after(t, "failure", "FAILURE")
}

func testLongValues(t *testing.T, p *pbx) {
	err := p.call(t, "values", func(ctx context.Context, s *agi.Session) error {
		value := strings.Repeat("0123456789", 500)
		if err := s.SetVariable(ctx, "X", value); err != nil {
			return err
		}
		got, err := s.GetVariable(ctx, "X")
		if err == nil && got != value {
			t.Errorf("X has %d bytes, want %d", len(got), len(value))
		}
		name, errName := s.GetVariable(ctx, "EXTEN")
		if name != "values" {
			t.Errorf("the next reply is %q", name)
		}
		return errors.Join(err, errName)
	})
	if err != nil {
		t.Error(err)
	}
	p.after(t, "values", "SUCCESS")
}

func testLongEnvironment(t *testing.T, p *pbx) {
	err := p.call(t, "env@long", func(ctx context.Context, s *agi.Session) error {
		if !slices.Equal(s.Env().Args, []string{"env", long, long, "last"}) {
			t.Errorf("args are %.2000q", s.Env().Args)
		}
		return s.Noop(ctx)
	})
	if err != nil {
		t.Error(err)
	}
	p.after(t, "env", "SUCCESS")
}

// Twenty commands take as long as one: by themselves each waits for Asterisk to look, ten times a second.
func testBatch(t *testing.T, p *pbx) {
	err := p.call(t, "batch", func(ctx context.Context, s *agi.Session) error {
		commands := make([]agi.Command, 0, 21)
		for i := range 20 {
			commands = append(commands, agi.Command{Name: "SET VARIABLE", Args: []string{fmt.Sprintf("V%d", i), "x"}})
		}
		commands[7] = agi.Command{Name: "GET FULL VARIABLE", Args: []string{"${LONG}${LONG}"}}
		commands[9] = agi.Command{Name: "GET FULL VARIABLE", Args: []string{"${BASE64_DECODE(dHdvCjIwMCByZXN1bHQ9MSAobGluZXMp)}"}}
		commands[8] = agi.Command{Name: "STREAM FILE", Args: []string{"no-such-file"}}
		commands = append(commands, agi.Command{Name: "GET VARIABLE", Args: []string{"V19"}})
		began := time.Now()
		replies, err := s.Batch(ctx, commands...)
		t.Logf("%d commands took %v", len(commands), time.Since(began))
		var refused *agi.CommandError
		if !errors.As(err, &refused) || refused.Code != 520 || len(replies) != len(commands) {
			t.Fatalf("%d replies to %d commands, error %v", len(replies), len(commands), err)
		}
		for i, want := range map[int]string{6: "", 7: long + long, 9: "two\n200 result=1 (lines)", 20: "x"} {
			if replies[i].Code != 200 || replies[i].Data != want {
				t.Errorf("reply %d is %q, want %q", i, replies[i].Data, want)
			}
		}
		return s.Noop(ctx)
	})
	if err != nil {
		t.Error(err)
	}
	p.after(t, "batch", "SUCCESS")
}

func testHangup(t *testing.T, p *pbx) {
	err := p.call(t, "hangup", func(ctx context.Context, s *agi.Session) error {
		if err := s.Noop(ctx); err != nil {
			return err
		}
		p.cli(t, "channel request hangup all")
		<-ctx.Done()
		return context.Cause(ctx)
	})
	if !errors.Is(err, agi.ErrHangup) {
		t.Errorf("the handler's context ended with %v", err)
	}
}

func testTooLong(t *testing.T, p *pbx) {
	err := p.call(t, "toolong", func(ctx context.Context, s *agi.Session) error {
		var refused *agi.ArgumentError
		if err := s.Verbose(ctx, strings.Repeat("x", 1500), 1); !errors.As(err, &refused) {
			t.Errorf("a command that is too long: %v", err)
		}
		return s.Noop(ctx)
	})
	if err != nil {
		t.Error(err)
	}
}

// A prompt is not stopped by what is sent after it, so the command after it waits for its end.
func testPrompt(t *testing.T, p *pbx) {
	err := p.call(t, "prompt", func(ctx context.Context, s *agi.Session) error {
		short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
		defer cancel()
		if _, err := s.StreamFile(short, "tt-weasels", ""); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a prompt that was given up: %v", err)
		}
		name, err := s.GetVariable(ctx, "EXTEN")
		if name != "prompt" {
			t.Errorf("the next reply is %q", name)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
