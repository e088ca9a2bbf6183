package ivrtest

import (
	"context"
	"errors"

	"github.com/asterism-go/asterism/ivr"
)

// Run runs a program with a caller who carries out a script, and returns when both are over. If the script fails the caller
// hangs up. The errors are those of the script and of the program; the end of the call is none.
func Run(ctx context.Context, c *Channel, h ivr.Handler, s Script) error {
	done := make(chan error, 1)
	go func() { done <- c.Call(ctx, h) }()
	err := s.Run(ctx, c)
	if err != nil {
		c.HangUp(ctx) //nolint:errcheck // it always succeeds
	}
	return errors.Join(err, <-done)
}
