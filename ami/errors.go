package ami

import (
	"errors"
	"fmt"
)

var (
	// ErrClosed is the end of a client whose Close or Drain was called.
	ErrClosed = errors.New("ami: the client is closed")
	// ErrConnectionLost is the end of a connection that Close did not end. What is returned wraps the reason as well.
	ErrConnectionLost = errors.New("ami: connection lost")
	// ErrNotConnected says that there is no connection to send an action on.
	ErrNotConnected = errors.New("ami: not connected")
	// ErrSlowConsumer is what every [*GapError] is, for errors.Is.
	ErrSlowConsumer = errors.New("ami: slow consumer")
)

// ResponseError is Asterisk's no: the answer to an action was "Response: Error".
type ResponseError struct {
	// Action is the name of the action that was refused.
	Action string
	// Message is Asterisk's reason, in its own words.
	Message string
	// Response is the whole answer.
	Response Message
}

func (e *ResponseError) Error() string {
	return fmt.Sprintf("ami: %s: Asterisk says %q", e.Action, e.Message)
}

// ProtocolError says that what came is not the Manager protocol: another service on the port, a message over the size
// limit, an answer that makes no sense.
type ProtocolError struct {
	// Problem is what is wrong, in words. It never holds a secret.
	Problem string
}

func (e *ProtocolError) Error() string { return "ami: not the Manager protocol: " + e.Problem }

func errTooLarge(limit int) error {
	return &ProtocolError{Problem: fmt.Sprintf("a message of more than %d bytes (MaxMessageSize)", limit)}
}

// InvalidActionError says why an action was not sent: Asterisk would have read something else. The error names the field
// but does not hold its value, which may be a secret.
type InvalidActionError struct {
	// Action is the action's name.
	Action string
	// Field is the key of the header, or Action, ActionID or Headers.
	Field string
	// Problem is what is wrong with it.
	Problem string
}

func (e *InvalidActionError) Error() string {
	return fmt.Sprintf("ami: %q not sent: %q %s", e.Action, e.Field, e.Problem)
}

// ActionError says that an action got no answer, and whether Asterisk may have it all the same. Err is why: the cause of the
// context's end, [ErrClosed], [ErrNotConnected], or an error that wraps [ErrConnectionLost].
type ActionError struct {
	// Action is the action's name.
	Action string
	// Sent is false if no byte of the action has left. If it is true, Asterisk may or may not have carried it out.
	Sent bool
	Err  error
}

func (e *ActionError) Error() string {
	if e.Sent {
		return fmt.Sprintf("ami: %s: sent but not answered: %v", e.Action, e.Err)
	}
	return fmt.Sprintf("ami: %s: not sent: %v", e.Action, e.Err)
}

func (e *ActionError) Unwrap() error { return e.Err }

// SafeToRetry reports whether the action that ended with err has certainly not reached Asterisk, so that sending it again
// cannot carry it out twice: an Originate that is carried out twice is a second phone call. An [*InvalidActionError] is not
// worth another try: it would be refused again.
func SafeToRetry(err error) bool {
	var e *ActionError
	return errors.As(err, &e) && !e.Sent
}

// GapError says that events are missing here, because the consumer was slower than Asterisk for so long that its queue was
// full. The events go on after it. It is an [ErrSlowConsumer].
type GapError struct {
	// Lost is how many events are missing.
	Lost uint64
	// First and Last are the first and the last of them.
	First, Last Message
}

func (e *GapError) Error() string {
	return fmt.Sprintf("ami: slow consumer: %d events lost, from %s to %s", e.Lost, e.First.Event(), e.Last.Event())
}

// Is makes every GapError an [ErrSlowConsumer].
func (e *GapError) Is(target error) bool { return target == ErrSlowConsumer }
