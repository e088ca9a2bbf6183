package agi_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/agi/agitest"
)

// A route that is full fails at once, and neither another route nor a later call does.
func TestAtMost(t *testing.T) {
	inside, leave := make(chan struct{}), make(chan struct{})
	mux := agi.NewMux()
	mux.Use(agi.AtMost(1))
	mux.HandleFunc("slow", func(context.Context, *agi.Session) error {
		inside <- struct{}{}
		<-leave
		return nil
	})
	mux.HandleFunc("other", func(context.Context, *agi.Session) error { return nil })
	addr := serve(t, &agi.Server{Handler: mux})
	first := dial(t, addr)
	first.send(agitest.EnvironmentText(agi.Environment{Script: "slow"}))
	<-inside
	for script, want := range map[string]string{"slow": "failure\n", "other": ""} {
		p := dial(t, addr)
		p.send(agitest.EnvironmentText(agi.Environment{Script: script}))
		if rest := p.end(); rest != want {
			t.Errorf("%s while slow runs: %q, want %q", script, rest, want)
		}
	}
	leave <- struct{}{}
	if rest := first.end(); rest != "" {
		t.Errorf("the first session ends with %q", rest)
	}
	again := dial(t, addr)
	again.send(agitest.EnvironmentText(agi.Environment{Script: "slow"}))
	<-inside
	leave <- struct{}{}
	if rest := again.end(); rest != "" {
		t.Errorf("a later session ends with %q", rest)
	}
}

func TestWithin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler := agi.Within(time.Minute)(agi.HandlerFunc(func(ctx context.Context, _ *agi.Session) error {
			<-ctx.Done()
			return context.Cause(ctx)
		}))
		began := time.Now()
		if err := handler.ServeAGI(t.Context(), nil); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Minute {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}
