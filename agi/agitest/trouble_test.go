package agitest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/agi/agitest"
)

// ask answers and reads a variable, and keeps how each went.
type ask struct {
	answered error
	value    string
	read     error
	cause    error
}

func (a *ask) ServeAGI(ctx context.Context, s *agi.Session) error {
	a.answered = s.Answer(ctx)
	a.value, a.read = s.Dead().GetVariable(context.WithoutCancel(ctx), "A")
	a.cause = context.Cause(ctx)
	return errors.Join(a.answered, a.read)
}

func TestSegments(t *testing.T) {
	for _, size := range []int{1, 2, 7, 1000} {
		var got ask
		outcome := agitest.Call(t, &got, agitest.Channel{Segment: size, Variables: map[string]string{"A": "two\nlines)"}})
		if outcome.Status != "SUCCESS" || got.value != "two\nlines)" {
			t.Errorf("in pieces of %d: %s, %+v", size, outcome.Status, got)
		}
	}
}

func TestHangupCrossesReply(t *testing.T) {
	var got ask
	outcome := agitest.Call(t, &got, agitest.Channel{HangupAfter: 1, HangupCrosses: true, Variables: map[string]string{"A": "x"}})
	if outcome.Status != "HANGUP" || got.answered != nil || got.value != "x" || !errors.Is(got.cause, agi.ErrHangup) {
		t.Errorf("%s, %+v", outcome.Status, got)
	}
}

func TestCut(t *testing.T) {
	var got ask
	agitest.Call(t, &got, agitest.Channel{CutAfter: 1})
	if !errors.Is(got.answered, agi.ErrConnectionLost) || !errors.Is(got.read, agi.ErrConnectionLost) {
		t.Errorf("%+v", got)
	}
}

func TestDelay(t *testing.T) {
	var failed error
	handler := agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		soon, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
		defer cancel()
		_, failed = s.Exec(soon, "Wait", "1")
		return s.Answer(ctx) // waits for the other one
	})
	outcome := agitest.Call(t, handler, agitest.Channel{Delays: map[string]time.Duration{"EXEC": 200 * time.Millisecond}})
	if !errors.Is(failed, context.DeadlineExceeded) || outcome.Status != "SUCCESS" {
		t.Errorf("%v, %+v", failed, outcome)
	}
}
