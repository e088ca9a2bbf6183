package agi

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ControlledFile says what to play, and with which digits a caller winds it.
type ControlledFile struct {
	// File is the name without the format.
	File string
	// Escape are the digits that end it.
	Escape string
	// Skip is how far Forward and Rewind wind, in whole milliseconds. Default: 3 s.
	Skip time.Duration
	// Forward and Rewind are the digits that wind. Default: # and *.
	Forward, Rewind string
	// Pause is the digit that pauses it and lets it go on. Default: none.
	Pause string
	// Offset is where it begins, in whole milliseconds.
	Offset time.Duration
}

// ControlledPlayback is how the playing of a [ControlledFile] ended.
type ControlledPlayback struct {
	// Digit ended it, or "".
	Digit string
	// Position is where it ended, or negative if Asterisk does not say that, as after the end of the file.
	Position time.Duration
}

// ControlStreamFile plays a file that the caller can wind. Other than [Session.StreamFile] it cannot be stopped: after the
// end of ctx it goes on, and the next command waits for its end.
func (s *Session) ControlStreamFile(ctx context.Context, f ControlledFile) (ControlledPlayback, error) {
	or := func(value, otherwise string) string {
		if value == "" {
			return otherwise
		}
		return value
	}
	skip := f.Skip
	if skip <= 0 {
		skip = 3 * time.Second
	}
	reply, err := s.run(ctx, "CONTROL STREAM FILE", f.File, f.Escape, milliseconds(skip), or(f.Forward, "#"), or(f.Rewind, "*"),
		f.Pause, milliseconds(max(f.Offset, 0)))
	return ControlledPlayback{Digit: digitOf(reply.Result), Position: time.Duration(reply.Endpos) * time.Millisecond}, err
}

// GetOption plays a file as [Session.StreamFile] does, and then waits for one of the escape digits for up to a timeout, in
// whole milliseconds.
func (s *Session) GetOption(ctx context.Context, file, escape string, timeout time.Duration) (Playback, error) {
	begin := time.Now()
	reply, err := s.prompt(ctx, "GET OPTION", file, escape, milliseconds(max(timeout, 0)))
	if errors.Is(err, errStopped) {
		played := time.Since(begin).Milliseconds() * 8
		return Playback{Endpos: played, Stopped: true}, context.Cause(ctx)
	}
	return Playback{Digit: digitOf(reply.Result), Endpos: reply.Endpos}, err
}

// Subroutine is a place in the dialplan that ends with Return().
type Subroutine struct {
	// Context, Extension and Priority are where it begins. The default of the extension is s, of the priority 1; it may be
	// a label.
	Context, Extension, Priority string
	// Args are ARG1, ARG2 and so on there. They must not hold commas, parentheses, quotes or backslashes, as Asterisk
	// splits them by these.
	Args []string
}

// Gosub runs a subroutine of the dialplan and returns when it has. One that is not there, or that does not end with
// Return(), is a [*ResultError].
func (s *Session) Gosub(ctx context.Context, to Subroutine) error {
	const command = "GOSUB"
	args := []string{to.Context, to.Extension, to.Priority}
	if to.Extension == "" {
		args[1] = "s"
	}
	if to.Priority == "" {
		args[2] = "1"
	}
	for i, arg := range to.Args {
		if strings.ContainsAny(arg, `,()"\`) {
			return &ArgumentError{Command: command, Argument: 4, Problem: fmt.Sprintf("has an ARG%d that Asterisk would split", i+1)}
		}
	}
	if len(to.Args) > 0 {
		args = append(args, strings.Join(to.Args, ","))
	}
	reply, err := s.run(ctx, command, args...)
	if err == nil && reply.Data != "Gosub complete" {
		err = &ResultError{Command: command, Result: reply.Result, Data: reply.Data}
	}
	return err
}

// ChannelStatusOf is [Session.ChannelStatus] of any channel, by its name. One that does not exist is a [*ResultError].
func (s *Session) ChannelStatusOf(ctx context.Context, channel string) (int, error) {
	reply, err := s.run(ctx, "CHANNEL STATUS", channel)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(reply.Result)
}

// HangupChannel hangs up any channel, by its name. One that does not exist is a [*ResultError].
func (s *Session) HangupChannel(ctx context.Context, channel string) error {
	return s.do(ctx, "HANGUP", channel)
}
