package agi

import (
	"errors"
	"fmt"
)

var (
	// ErrHangup says that the call is over: it is the cause of the end of a session's context, and the error of commands
	// that wait then. See [Session.Dead] for what may still be done.
	ErrHangup = errors.New("agi: the channel has hung up")
	// ErrDead is Asterisk's 511: the command is not permitted on a channel that has hung up.
	ErrDead = errors.New("agi: not permitted on a dead channel")
	// ErrDesync says that what came was not an answer to what was sent, and that the session could not find back. It is
	// over then.
	ErrDesync = errors.New("agi: Asterisk's answers do not match the commands")
	// ErrConnectionLost says that the connection to Asterisk has broken.
	ErrConnectionLost = errors.New("agi: connection lost")
	// ErrServerClosed is what Serve returns after Shutdown or Close.
	ErrServerClosed = errors.New("agi: server closed")
	// ErrNoRoute says that no route of a [Mux] fits.
	ErrNoRoute = errors.New("agi: no such route")
)

// CommandError is Asterisk's no: it did not carry the command out.
type CommandError struct {
	// Command is the command's name, such as STREAM FILE.
	Command string
	// Code is 510 (no such command), 520 (wrong arguments) or another that is not 200.
	Code int
	// Message is what Asterisk says, Usage the lines of a 520 that say how the command is used.
	Message, Usage string
}

func (e *CommandError) Error() string {
	return fmt.Sprintf("agi: %s: Asterisk says %d %s", e.Command, e.Code, e.Message)
}

// ResultError says that Asterisk carried the command out and it failed, while the call goes on: a sound file that does not
// exist, an application that is not loaded.
type ResultError struct {
	Command string
	// Result is the result of the reply, such as -1 or -2, and Data what follows it in parentheses.
	Result, Data string
}

func (e *ResultError) Error() string {
	if e.Data != "" {
		return fmt.Sprintf("agi: %s failed with result %s (%s)", e.Command, e.Result, e.Data)
	}
	return fmt.Sprintf("agi: %s failed with result %s", e.Command, e.Result)
}

// ArgumentError says why a command was not sent: Asterisk would have read something else. It names the argument but does
// not hold its value, which may be a secret.
type ArgumentError struct {
	Command string
	// Argument counts from 1; 0 is the whole command.
	Argument int
	Problem  string
}

func (e *ArgumentError) Error() string {
	if e.Argument == 0 {
		return fmt.Sprintf("agi: %s not sent: the command %s", e.Command, e.Problem)
	}
	return fmt.Sprintf("agi: %s not sent: argument %d %s", e.Command, e.Argument, e.Problem)
}

// EnvironmentError says why a session was refused before its handler: what came is not what Asterisk sends.
type EnvironmentError struct {
	// Reason is one of a few words, fit for a label: timeout, size, lines, malformed, incomplete, tampered.
	Reason string
	// Problem is what is wrong, in words.
	Problem string
}

func (e *EnvironmentError) Error() string { return "agi: environment: " + e.Problem }
