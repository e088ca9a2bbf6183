package agi_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asterism-go/asterism/agi"
)

func TestAtMost(t *testing.T) {
	begun, end := make(chan struct{}), make(chan struct{})
	handler := agi.AtMost(2)(agi.HandlerFunc(func(context.Context, *agi.Session) error {
		begun <- struct{}{}
		<-end
		return nil
	}))
	results := make(chan error)
	for range 2 {
		go func() { results <- handler.ServeAGI(t.Context(), nil) }()
		<-begun
	}
	if err := handler.ServeAGI(t.Context(), nil); !errors.Is(err, agi.ErrOverLimit) {
		t.Errorf("the third session: %v", err)
	}
	close(end)
	for range 2 {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	go func() { results <- handler.ServeAGI(t.Context(), nil) }()
	<-begun
	if err := <-results; err != nil {
		t.Errorf("after the others: %v", err)
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
