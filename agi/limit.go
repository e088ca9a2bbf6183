package agi

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// ErrBusy says that a route has as many sessions as it may have at once.
var ErrBusy = errors.New("agi: too many sessions of this route")

// AtMost returns a middleware that lets at most n sessions of a route run at once; further ones fail with [ErrBusy], so that
// the dialplan finds AGISTATUS=FAILURE and can go another way. Each route that it wraps is counted by itself.
func AtMost(n int) Middleware {
	return func(next Handler) Handler {
		var running atomic.Int64
		return HandlerFunc(func(ctx context.Context, s *Session) error {
			defer running.Add(-1)
			if running.Add(1) > int64(n) {
				return ErrBusy
			}
			return next.ServeAGI(ctx, s)
		})
	}
}

// Within ends the context of the handler that it wraps after a time. That stops a prompt, and the handler can say goodbye
// with the context of its own that it was given before.
func Within(d time.Duration) Middleware {
	return func(next Handler) Handler {
		return HandlerFunc(func(ctx context.Context, s *Session) error {
			ctx, cancel := context.WithTimeout(ctx, d)
			defer cancel()
			return next.ServeAGI(ctx, s)
		})
	}
}
