package agi

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Command is one of a [Session.Batch].
type Command struct {
	// Name is Asterisk's name of the command, such as SET VARIABLE.
	Name string
	// Args are its arguments, as they are: they are quoted.
	Args []string
}

// Answer is what became of one command of a [Session.Batch].
type Answer struct {
	Reply Reply
	// Err is the error that the command would have had by itself.
	Err error
}

// Batch sends commands of which none depends on the reply to another. AsyncAGI takes some 100 ms for each command that is
// sent alone, and no more for all of a batch; the other transports want one command at a time, and get it so. Prompts in a
// batch cannot be stopped over AsyncAGI. The error, if there is one, is why the rest was not carried out: the call that is
// over, say. If a command would be misread, none is sent.
func (s *Session) Batch(ctx context.Context, commands ...Command) ([]Answer, error) {
	calls := make([]call, len(commands))
	for i, c := range commands {
		line, err := commandLine(c.Name, c.Args)
		if err != nil {
			return nil, err
		}
		calls[i] = call{name: c.Name, line: line, open: true}
	}
	if s.queue == nil {
		return s.oneByOne(ctx, calls)
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range calls {
		if err := s.fits(c); err != nil {
			return nil, err
		}
	}
	s.watcher.stop()
	defer s.watcher.start()
	return s.allAtOnce(ctx, calls)
}

func (s *Session) oneByOne(ctx context.Context, calls []call) ([]Answer, error) {
	var answers []Answer
	for _, c := range calls {
		reply, err := s.exchange(ctx, c)
		s.mu.Lock()
		lost := s.lost
		s.mu.Unlock()
		switch {
		case lost != nil:
			return answers, lost
		case err != nil && ctx.Err() != nil && errors.Is(err, context.Cause(ctx)) && !s.Hungup():
			return answers, err
		}
		answers = append(answers, Answer{reply, err})
	}
	return answers, nil
}

// allAtOnce sends each command with a marker behind it: what comes before the echo of a marker is the reply to its command,
// however Asterisk cuts it.
func (s *Session) allAtOnce(ctx context.Context, calls []call) ([]Answer, error) {
	if err := s.settle(ctx); err != nil {
		return nil, err
	}
	echoes := make([]string, len(calls))
	for i, c := range calls {
		line, echo := s.marker()
		echoes[i] = echo
		if err := s.write(append(c.line, line...)); err != nil {
			return nil, err
		}
	}
	var answers []Answer
	begin := time.Now()
	for i, c := range calls {
		text, err := s.until(ctx, echoes[i])
		if err != nil {
			s.owe(echoes[len(echoes)-1])
			return answers, err
		}
		answer := Answer{Reply: Reply{Endpos: -1}, Err: fmt.Errorf("%w: %s has no reply", ErrDesync, c.name)}
		if first, _, _ := strings.Cut(text, "\n"); classify(first) == whole || classify(first) == usage {
			answer.Reply, answer.Err = s.judgeQueued(c, text)
		}
		s.failed = answer.Err != nil
		if s.hooks != nil && s.hooks.command != nil {
			s.hooks.command(c.name, time.Since(begin), answer.Err)
		}
		answers = append(answers, answer)
	}
	return answers, nil
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
func (s *Session) judgeQueued(c call, text string) (Reply, error) {
	if rest, ok := strings.CutPrefix(text, "520-"); ok {
		text = "520 " + rest
	}
	reply := parseReply(text)
	err := reply.err(c.name)
	switch {
	case errors.Is(err, ErrDead):
		s.hangup()
	case err == nil && reply.Result == "-1" && s.Hungup():
		err = ErrHangup
	case err == nil && reply.Result == "-1":
		err = &ResultError{Command: c.name, Result: reply.Result, Data: reply.Data}
	}
	return reply, err
}

// queuer is a transport that takes commands while another one runs, and carries them out one after the other: AsyncAGI.
type queuer interface {
	// LongestCommand is how many bytes a command may have there.
	LongestCommand() int
}
