package agi

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Command is a command of a [Session.Batch]: its name, such as "SET VARIABLE", and its arguments.
type Command struct {
	Name string
	Args []string
}

// Batch sends commands one behind the other and returns their replies, in order; all of them are carried out, and the error
// is that of the first that failed. Where Asterisk takes commands in advance, which is AsyncAGI, they are sent at once: each
// on its own takes 100 ms there, and twenty together little more. A value may hold
// line breaks.
func (s *Session) Batch(ctx context.Context, commands ...Command) ([]Reply, error) {
	if s.takesAhead() {
		return s.ahead(ctx, commands)
	}
	var first error
	replies := make([]Reply, 0, len(commands))
	for _, c := range commands {
		reply, err := s.Raw(ctx, c.Name, c.Args...)
		if err != nil && first == nil {
			first = err
		}
		if err != nil && reply.Text == "" {
			return replies, first
		}
		replies = append(replies, reply)
	}
	return replies, first
}

// longestAhead is how many bytes a command may have in AsyncAGI, where it is in a line of the Manager's.
const longestAhead = 900

// takesAhead reports whether Asterisk queues commands, which is AsyncAGI. It does not stop a prompt for another command then.
func (s *Session) takesAhead() bool {
	ahead, ok := s.conn.(interface{ TakesCommandsAhead() bool })
	return ok && ahead.TakesCommandsAhead()
}

// ahead sends all commands before it reads a reply.
func (s *Session) ahead(ctx context.Context, commands []Command) ([]Reply, error) {
	lines := make([][]byte, 0, len(commands))
	for _, c := range commands {
		line, err := commandLine(c.Name, c.Args)
		if err != nil {
			return nil, err
		}
		if len(line) > longestAhead+1 {
			return nil, &ArgumentError{Command: c.Name, Problem: fmt.Sprintf("has %d bytes, and AsyncAGI takes %d", len(line)-1, longestAhead)}
		}
		lines = append(lines, line)
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watcher.stop()
	defer func() { s.watcher.start(time.Now()) }()
	return s.allAtOnce(ctx, commands, lines)
}

// allAtOnce sends each command with a marker behind it: what comes before the echo of a marker is the reply to its command,
// whatever that holds and however Asterisk cuts it.
func (s *Session) allAtOnce(ctx context.Context, commands []Command, lines [][]byte) ([]Reply, error) {
	if err := s.settle(ctx); err != nil {
		return nil, err
	}
	echoes := make([]string, len(lines))
	for i, line := range lines {
		marker, echo := s.marker()
		echoes[i] = echo
		if err := s.write(append(line, marker...)); err != nil {
			return nil, err
		}
	}
	replies := make([]Reply, 0, len(lines))
	var first error
	begin := time.Now()
	for i, c := range commands {
		text, err := s.until(ctx, echoes[i])
		if err != nil {
			s.owe(echoes[len(echoes)-1])
			return replies, err
		}
		reply, err := s.judgeQueued(c.Name, text)
		if s.hooks != nil && s.hooks.command != nil {
			s.hooks.command(c.Name, time.Since(begin), err)
		}
		if err != nil && first == nil {
			first = err
		}
		replies = append(replies, reply)
	}
	return replies, first
}

// owe says that replies will still come, up to an echo.
func (s *Session) owe(echo string) {
	if s.lost == nil {
		s.owed, s.awaited = true, echo
	}
}

// until reads up to the echo of a marker and returns what came before, without hangups and what says that a reply will
// come later.
func (s *Session) until(ctx context.Context, echo string) (string, error) {
	release := s.interruptible(ctx)
	var text []string
	size := 0
	for {
		line, err := s.in.next()
		if err == nil && len(line)+size > maxReplyLine {
			err = errLineTooLong
		}
		if err != nil {
			if interrupted := release(); interrupted && isTimeout(err) {
				return "", context.Cause(ctx)
			}
			return "", s.broken(err)
		}
		size += len(line) + 1
		switch one := string(line); {
		case one == echo:
			release()
			return strings.Join(text, "\n"), nil
		case classify(one) == hangupLine:
			s.hangup()
		case len(text) > 0 || classify(one) != trying:
			text = append(text, one)
		}
	}
}

// judgeQueued is judge while further commands wait for their turn: nothing can be asked in between.
func (s *Session) judgeQueued(command, text string) (Reply, error) {
	first, _, _ := strings.Cut(text, "\n")
	switch classify(first) {
	case whole:
	case usage:
		text = "520 " + text[len("520-"):]
	default:
		return Reply{Endpos: -1}, fmt.Errorf("%w: %s has no reply", ErrDesync, command)
	}
	reply := parseReply(text)
	err := reply.err(command)
	switch {
	case errors.Is(err, ErrDead):
		s.hangup()
	case err == nil && reply.Result == "-1" && s.Hungup():
		err = ErrHangup
	case err == nil && reply.Result == "-1":
		err = &ResultError{Command: command, Result: reply.Result, Data: reply.Data}
	}
	return reply, err
}

// queuer is a transport that may take commands while another one runs, and carries them out one after the other: AsyncAGI.
type queuer interface{ TakesCommandsAhead() bool }
