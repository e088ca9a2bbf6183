package agi

import (
	"context"
	"errors"
	"time"
)

// ErrOverLimit says that a route has as many sessions as it may have; see [AtMost].
var ErrOverLimit = errors.New("agi: the route has as many sessions as it may have")

// AtMost bounds the sessions of the handler that it wraps, at once. One more fails with [ErrOverLimit], so that the dialplan
// finds AGISTATUS=FAILURE.
func AtMost(n int) Middleware {
	return func(next Handler) Handler {
		places := make(chan struct{}, n)
		return HandlerFunc(func(ctx context.Context, s *Session) error {
			select {
			case places <- struct{}{}:
				defer func() { <-places }()
				return next.ServeAGI(ctx, s)
			default:
				return ErrOverLimit
			}
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
