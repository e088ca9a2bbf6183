package agi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A marker is a GET FULL VARIABLE of a word that nobody else can know: Asterisk echoes it, also on a dead channel. What
// comes before the echo belongs to what was sent before the marker, so the two ends agree again behind it.

// healTime bounds how long Asterisk may take to echo a marker while nothing else runs.
const healTime = 10 * time.Second

// marker returns a command that is echoed and the line of its echo.
func (s *Session) marker() (line []byte, echo string) {
	s.markers++
	word := s.nonce + "-" + strconv.FormatUint(s.markers, 10)
	return []byte(`GET FULL VARIABLE "` + word + "\"\n"), "200 result=1 (" + word + ")"
}

// sync sends a marker and returns the lines that come before its echo, hangups apart.
func (s *Session) sync() ([]string, error) {
	line, echo := s.marker()
	if err := s.write(line); err != nil {
		return nil, err
	}
	return s.until(echo)
}

// until returns the lines that come before the echo of a marker that was sent.
func (s *Session) until(echo string) ([]string, error) {
	s.conn.SetReadDeadline(time.Now().Add(healTime))
	defer s.conn.SetReadDeadline(time.Time{})
	var before []string
	size := 0
	for {
		line, err := s.in.next()
		if err != nil {
			if isTimeout(err) {
				err = fmt.Errorf("%w: no echo of a marker", ErrDesync)
			}
			return before, s.broken(err)
		}
		text := string(line)
		if rest, found := strings.CutSuffix(text, echo); found { // a value may end without a line end
			if rest != "" {
				before = append(before, rest)
			}
			return before, nil
		}
		if classify(text) == hangupLine {
			s.hangup()
			continue
		}
		if size += len(text); size > maxReplyLine {
			return before, s.broken(errLineTooLong)
		}
		before = append(before, text)
	}
}

// settle makes sure that nothing is on its way before a command is sent: neither the reply of one that was given up, nor
// bytes that nobody has asked for.
func (s *Session) settle(ctx context.Context) error {
	if s.lost != nil {
		return s.lost
	}
	if s.owed {
		return s.settleOwed(ctx)
	}
	for bytes.HasPrefix(s.in.rest(), []byte("HANGUP\n")) {
		s.in.next() //nolint:errcheck // the line is there
		s.hangup()
	}
	if s.strays == 0 && !s.in.buffered() {
		return nil
	}
	before, err := s.sync()
	if err != nil {
		return err
	}
	s.unsolicited(s.strays + len(before))
	s.strays = 0
	return nil
}

// settleOwed waits for the end of a command that was given up; that takes as long as the command does.
func (s *Session) settleOwed(ctx context.Context) error {
	line, echo := s.marker()
	if err := s.write(line); err != nil {
		return err
	}
	for {
		release := s.interruptible(ctx)
		line, err := s.in.next()
		if interrupted := release(); err != nil {
			if interrupted && isTimeout(err) {
				return context.Cause(ctx) // still owed; the old marker's echo comes before the next one's
			}
			return s.broken(err)
		}
		switch text := string(line); {
		case text == echo:
			s.owed = false
			return nil
		case classify(text) == hangupLine:
			s.hangup()
		}
	}
}

// resync finds back after a line that is no reply: the rest of a value with line breaks, or forged bytes. The reply to the
// command that runs cannot be told from them, so the command fails, and the session goes on behind a marker.
func (s *Session) resync(stray string) (string, error) {
	before, err := s.sync()
	if err != nil {
		return "", err
	}
	s.unsolicited(1 + len(before))
	if len(before) == 0 {
		return "", fmt.Errorf("%w: %.60q instead of a reply", ErrDesync, stray)
	}
	last := before[len(before)-1]
	if classify(last) != whole {
		return "", fmt.Errorf("%w: %.60q instead of a reply", ErrDesync, stray)
	}
	return last, nil
}

func (s *Session) unsolicited(lines int) {
	for range lines {
		if s.hooks != nil && s.hooks.unsolicited != nil {
			s.hooks.unsolicited()
		}
	}
}

// valuePrefix begins a reply with a value.
const valuePrefix = "200 result=1 ("

// restOfValue reads on after the first line of a reply whose value may hold line breaks.
func (s *Session) restOfValue(first string) (string, error) {
	if !strings.HasPrefix(first, valuePrefix) {
		return first, nil
	}
	more, err := s.sync()
	if err != nil {
		return "", err
	}
	return strings.Join(append([]string{first}, more...), "\n"), nil
}

// errStopped says that a command was stopped by the end of its context before it had a reply.
var errStopped = errors.New("stopped")

// giveUp ends the wait for a reply after the end of ctx. A prompt is stopped by a marker, and either its reply came before
// the echo, or none ever will. Any other command goes on in Asterisk, and the next one waits for it.
func (s *Session) giveUp(ctx context.Context, c call) (Reply, error) {
	if !c.stops {
		s.owed = true
		return Reply{}, context.Cause(ctx)
	}
	if s.hooks != nil && s.hooks.interrupted != nil {
		s.hooks.interrupted()
	}
	before, err := s.sync()
	if err != nil {
		return Reply{}, err
	}
	for _, line := range before {
		if classify(line) == whole {
			return s.judge(c, line)
		}
	}
	return Reply{Code: 200, Endpos: -1}, errStopped
}
