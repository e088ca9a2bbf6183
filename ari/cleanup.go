package ari

import (
	"context"
	"errors"
	"time"
)

// cleanupTimeout bounds the requests that clear up what is left when a context has ended.
const cleanupTimeout = 5 * time.Second

// cleanup gives a function a context that has not ended.
func cleanup(ctx context.Context, f func(context.Context)) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancel()
	f(ctx)
}

// creation makes something on Asterisk. The request goes on for a while when ctx ends: a request that is cut off is still
// carried out, maybe after the one that would clear it up. What was made when ctx had ended, or may have been, is undone.
func creation(ctx context.Context, request func(context.Context) error, undo func(context.Context)) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	longer, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	stop := context.AfterFunc(ctx, func() {
		if pause(longer, cleanupTimeout) {
			cancel(context.Cause(ctx))
		}
	})
	defer stop()
	err := request(longer)
	switch {
	case err == nil && ctx.Err() == nil:
		return nil
	case err == nil:
		err = context.Cause(ctx)
	case !mayExist(err):
		return err
	}
	cleanup(ctx, undo)
	return err
}

// mayExist reports whether what a request was to make may be there, although the request has failed.
func mayExist(err error) bool {
	var unanswered *RequestError
	var wrong *ProtocolError
	return errors.As(err, &unanswered) && unanswered.Sent || errors.As(err, &wrong)
}
