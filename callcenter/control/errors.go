package control

import (
	"errors"
	"fmt"
	"strings"

	"github.com/asterism-go/asterism/ami"
)

// Errors of commands. Those of the connection come as they are from package ami, and [ami.SafeToRetry] tells of them.
var (
	// ErrGone is returned for a leg or a call that has ended, or that was never there.
	ErrGone = errors.New("control: the call has ended")
	// ErrPrivate is returned if somebody wants to listen to a private call.
	ErrPrivate = errors.New("control: the call is private")
	// ErrNoPhones is returned for what only a telephone can do, if [Control.Phones] is nil.
	ErrNoPhones = errors.New("control: the telephone cannot be told to")
)

// DeniedError says that the actor may not do that.
type DeniedError struct {
	Actor string
	Role  Role
	Verb  Verb
}

func (e *DeniedError) Error() string {
	return fmt.Sprintf("control: %q, as %q, may not %s", e.Actor, e.Role, e.Verb)
}

// ConflictError says that another command is under way for the same leg.
type ConflictError struct{ Verb, Busy Verb }

func (e *ConflictError) Error() string {
	return fmt.Sprintf("control: %s: another command (%s) is under way", e.Verb, e.Busy)
}

// ValueError says that something that was given cannot be used. It does not repeat the value.
type ValueError struct {
	Field   string // as in "Number"
	Problem string
}

func (e *ValueError) Error() string { return "control: " + e.Field + " " + e.Problem }

// UnconfirmedError says that Asterisk took the command, and that the calls have not shown in time what it did. It may have
// been done.
type UnconfirmedError struct{ What string }

func (e *UnconfirmedError) Error() string {
	return "control: Asterisk has taken the command, but " + e.What + " was not seen"
}

// goneOr says of an answer of Asterisk that it knows no such channel.
func goneOr(err error) error {
	var refused *ami.ResponseError
	if errors.As(err, &refused) && strings.Contains(strings.ToLower(refused.Message), "channel") {
		return fmt.Errorf("%w: %w", ErrGone, err)
	}
	return err
}

func isGone(err error) bool { return errors.Is(err, ErrGone) }

// NotTakenError says that a telephone that was rung for a command was not taken.
type NotTakenError struct {
	Endpoint string
	Reason   ami.Reason
}

func (e *NotTakenError) Error() string {
	return fmt.Sprintf("control: %s was not taken: %s", e.Endpoint, e.Reason)
}
