package ivr

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
)

// Run runs a handler with a channel; that is for those who implement a [Channel]. A panic is an error. The end of the call,
// which the handler may return as the error that it got, is none.
func Run(ctx context.Context, ch Channel, h Handler) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("ivr: panic: %v\n%s", p, debug.Stack())
		}
	}()
	if err = h(ctx, NewCall(ch)); IsOver(err) {
		return nil
	}
	return err
}

// IsOver reports whether an error says no more than that the call is not the program's any more: [ErrHangup] or [ErrContinued].
func IsOver(err error) bool { return errors.Is(err, ErrHangup) || errors.Is(err, ErrContinued) }
