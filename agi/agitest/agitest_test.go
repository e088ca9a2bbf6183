package agitest_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/agi/agitest"
)

// TestMain fails if a test leaves a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestCall(t *testing.T) {
	var digits agi.Digits
	outcome := agitest.Call(t, agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		value, err := s.GetVariable(ctx, "VIP")
		if err != nil || value != "a (b)\nc" {
			return fmt.Errorf("VIP is %q, %w", value, err)
		}
		if digits, err = s.GetData(ctx, "menu", time.Second, 3); err != nil {
			return err
		}
		if again, err := s.GetData(ctx, "menu", time.Second, 3); err != nil || !again.Timeout {
			return fmt.Errorf("the second time: %+v, %w", again, err)
		}
		return s.SetVariable(ctx, "DESK", `the "big" one`)
	}), agitest.Channel{
		Environment: agi.Environment{CallerID: "2101234567"},
		Variables:   map[string]string{"VIP": "a (b)\nc"},
		Replies:     map[string][]string{"GET DATA": {"200 result=01*"}},
	})
	want := agitest.Outcome{
		Status:    "SUCCESS",
		Commands:  []string{"GET FULL VARIABLE VIP", "GET DATA menu 1000 3", "GET DATA menu 1000 3", `SET VARIABLE DESK the "big" one`},
		Variables: map[string]string{"VIP": "a (b)\nc", "DESK": `the "big" one`},
	}
	if digits.Digits != "01*" {
		t.Errorf("digits %+v", digits)
	}
	outcome.Commands[0] = "GET FULL VARIABLE VIP" // its words are random
	if diff := cmp.Diff(want, outcome); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestStatus(t *testing.T) {
	noop := func(ctx context.Context, s *agi.Session) error { return s.Noop(ctx) }
	for _, test := range []struct {
		name, want string
		channel    agitest.Channel
		handler    agi.HandlerFunc
	}{
		{"no command", "SUCCESS", agitest.Channel{}, func(context.Context, *agi.Session) error { return nil }},
		{"a command", "SUCCESS", agitest.Channel{}, noop},
		{"error", "FAILURE", agitest.Channel{}, func(context.Context, *agi.Session) error { return errors.New("no") }},
		{"panic", "FAILURE", agitest.Channel{}, func(context.Context, *agi.Session) error { panic("no") }},
		{"hangup", "HANGUP", agitest.Channel{HangupAfter: 1}, noop},
		{"own hangup", "HANGUP", agitest.Channel{}, func(ctx context.Context, s *agi.Session) error { return s.HangupCall(ctx) }},
	} {
		if got := agitest.Call(t, test.handler, test.channel); got.Status != test.want {
			t.Errorf("%s: %s, want %s", test.name, got.Status, test.want)
		}
	}
}

// TestDeadChannel has the commands that Asterisk permits after a hangup, and one that it does not.
func TestDeadChannel(t *testing.T) {
	outcome := agitest.Call(t, agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		if err := s.Noop(ctx); err != nil {
			return err
		}
		after := context.WithoutCancel(ctx)
		if err := s.Answer(after); !errors.Is(err, agi.ErrDead) {
			t.Errorf("ANSWER after the hangup: %v, want ErrDead", err)
		}
		return s.Dead().SetVariable(after, "SAVED", "yes")
	}), agitest.Channel{HangupAfter: 1})
	if outcome.Variables["SAVED"] != "yes" || outcome.Status != "HANGUP" {
		t.Errorf("%+v", outcome)
	}
}

func TestSessionThatDoesNotEnd(t *testing.T) {
	ours, theirs := net.Pipe()
	defer ours.Close()
	defer theirs.Close()
	read := make(chan error, 1)
	go func() {
		_, err := theirs.Read(make([]byte, 4096))
		read <- err
	}()
	_, err := agitest.Play(ours, agitest.Channel{Timeout: 20 * time.Millisecond})
	if err == nil || !strings.Contains(err.Error(), "the session did not end") {
		t.Errorf("%v, want an error that says so", err)
	}
	if err := <-read; err != nil {
		t.Error(err)
	}
}

// TestWords has what parse_args in res/res_agi.c makes of a line.
func TestWords(t *testing.T) {
	for line, want := range map[string][]string{
		"":                        nil,
		"  NOOP ":                 {"NOOP"},
		"A\tB  C":                 {"A", "B", "C"},
		`SET VARIABLE X "a b"`:    {"SET", "VARIABLE", "X", "a b"},
		`X ""`:                    {"X", ""},
		`X "a\"b\\c"`:             {"X", `a"b\c`},
		`X a\ b`:                  {"X", "a b"},
		`X a"b c"d`:               {"X", "ab cd"},
		`X "He said \"hi\""`:      {"X", `He said "hi"`},
		`SET VARIABLE A "a\u00a0`: {"SET", "VARIABLE", "A", "au00a0"}, // what Go's %q does to a no-break space
	} {
		if diff := cmp.Diff(want, agitest.Words(line)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", line, diff)
		}
	}
}
