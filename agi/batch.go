package agi

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Command is a command of a [Session.Batch]: its name, such as "SET VARIABLE", and its arguments.
type Command struct {
	Name string
	Args []string
}

// Batch sends commands one behind the other and returns their replies, in order; all of them are carried out, and the error
// is that of the first that failed. Where Asterisk takes commands in advance, which is AsyncAGI, they are sent at once: each
// on its own takes 100 ms there, and twenty together little more. As with [Session.Raw], a value with a line break fails
// with [ErrDesync], and all replies with it.
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
	var lines []byte
	for _, c := range commands {
		line, err := commandLine(c.Name, c.Args)
		if err != nil {
			return nil, err
		}
		if len(line) > longestAhead+1 {
			return nil, &ArgumentError{Command: c.Name, Problem: fmt.Sprintf("has %d bytes, and AsyncAGI takes %d", len(line)-1, longestAhead)}
		}
		lines = append(lines, line...)
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watcher.stop()
	defer func() { s.watcher.start(time.Now()) }()
	texts, err := s.exchangeAhead(ctx, lines, len(commands))
	if err != nil {
		return nil, err
	}
	replies := make([]Reply, len(texts))
	for i, text := range texts {
		reply, wrong := s.judge(call{name: commands[i].Name}, text)
		if replies[i] = reply; wrong != nil && err == nil {
			err = wrong
		}
	}
	return replies, err
}

// exchangeAhead writes the lines of n commands and reads as many replies.
func (s *Session) exchangeAhead(ctx context.Context, lines []byte, n int) ([]string, error) {
	if err := s.settle(ctx); err != nil {
		return nil, err
	}
	if err := s.write(lines); err != nil {
		return nil, err
	}
	release := s.interruptible(ctx)
	var texts []string
	var err error
	for len(texts) < n && err == nil {
		var text string
		if text, err = s.readAhead(); err == nil {
			texts = append(texts, text)
		}
	}
	var stray *strayError
	switch interrupted := release(); {
	case err == nil:
		return texts, nil
	case interrupted && isTimeout(err):
		s.owed = true
		return nil, context.Cause(ctx)
	case errors.As(err, &stray):
		more, lost := s.sync()
		if lost == nil {
			lost = s.unsolicited(append(more, stray.line)...)
		}
		if lost != nil {
			return nil, lost
		}
		return nil, stray
	}
	return nil, s.broken(err)
}

// readAhead reads one reply of several, behind which others come.
func (s *Session) readAhead() (string, error) {
	for {
		line, err := s.in.next()
		if err != nil {
			return "", err
		}
		switch text := string(line); classify(text) {
		case hangupLine:
			s.hangup()
		case trying:
		case whole:
			return text, nil
		case usage:
			return s.readUsage(text)
		case notAReply:
			return "", &strayError{text}
		}
	}
}
