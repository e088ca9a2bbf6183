package ari

import (
	"errors"
	"fmt"
)

var (
	// ErrClosed is the end of an [App] whose Close was called.
	ErrClosed = errors.New("ari: the application is closed")
	// ErrConnectionLost is the end of a websocket that Close did not end. What is returned wraps the reason as well.
	ErrConnectionLost = errors.New("ari: connection lost")
	// ErrSlowConsumer is what every [*GapError] is, for errors.Is.
	ErrSlowConsumer = errors.New("ari: slow consumer")
	// ErrReplaced says that another websocket has taken over the application: Asterisk sends its events there now.
	ErrReplaced = errors.New("ari: another connection has taken over the application")
	// ErrHangup says that the channel has left the application, or has ended: there is nobody to do it for.
	ErrHangup = errors.New("ari: the channel has left the application")
)

// Error is Asterisk's no: an answer with another status than 2xx.
type Error struct {
	// Operation is what was refused, such as channels.answer.
	Operation string
	// Status is that of HTTP.
	Status int
	// Message is Asterisk's reason, in its own words. Some answers have none.
	Message string
}

func (e *Error) Error() string {
	if e.Message == "" {
		return fmt.Sprintf("ari: %s: Asterisk answers %d", e.Operation, e.Status)
	}
	return fmt.Sprintf("ari: %s: Asterisk answers %d %q", e.Operation, e.Status, e.Message)
}

// IsNotFound reports whether an error is Asterisk's no because of something that there is not, or no more: status 404, or
// 400 with the words that addChannel has for a channel that has just gone (res/ari/resource_bridges.c).
func IsNotFound(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.Status == 404 || e.Status == 400 && e.Message == "Channel not found")
}

// RequestError says that a request got no answer, and whether Asterisk may have it all the same. Err is why.
type RequestError struct {
	// Operation is what was asked for, such as channels.originate.
	Operation string
	// Sent is false if no byte of the request has left. If it is true, Asterisk may or may not have carried it out.
	Sent bool
	Err  error
}

func (e *RequestError) Error() string {
	if e.Sent {
		return fmt.Sprintf("ari: %s: sent but not answered: %v", e.Operation, e.Err)
	}
	return fmt.Sprintf("ari: %s: not sent: %v", e.Operation, e.Err)
}

func (e *RequestError) Unwrap() error { return e.Err }

// InvalidRequestError says why a request was not sent: Asterisk would have read something else, or refused it.
type InvalidRequestError struct {
	// Operation is what was asked for, and Param the parameter that is wrong.
	Operation, Param string
	// Problem is what is wrong with it.
	Problem string
}

func (e *InvalidRequestError) Error() string {
	return fmt.Sprintf("ari: %s not sent: %s %s", e.Operation, e.Param, e.Problem)
}

// ProtocolError says that what came is not ARI: another service on the port, an answer over the size limit or one that makes
// no sense.
type ProtocolError struct {
	// Operation is what was asked for, if it was the answer to a request.
	Operation string
	// Problem is what is wrong, in words. It never holds a secret.
	Problem string
}

func (e *ProtocolError) Error() string {
	if e.Operation == "" {
		return "ari: not ARI: " + e.Problem
	}
	return "ari: not ARI: the answer to " + e.Operation + ": " + e.Problem
}

// SafeToRetry reports whether the request that ended with err has certainly not been carried out, so that sending it again
// cannot carry it out twice: an originate that is carried out twice is a second phone call. That is so if it has not left, and
// if Asterisk answers 503, which it does while it has no threads for more. An [*InvalidRequestError] is not worth another
// try: it would be refused again.
func SafeToRetry(err error) bool {
	var unanswered *RequestError
	if errors.As(err, &unanswered) {
		return !unanswered.Sent
	}
	var refused *Error
	return errors.As(err, &refused) && refused.Status == 503
}
