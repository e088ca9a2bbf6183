package agi

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
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
	before, err := s.lines(healTime)
	return s.withoutHangups(before), err
}

// lines sends a marker and returns the lines that come before its echo.
func (s *Session) lines(patience time.Duration) ([]string, error) {
	marker, echo := s.marker()
	if err := s.write(marker); err != nil {
		return nil, err
	}
	end := time.Now().Add(patience)
	s.readUntil(s.hearing.soon(end))
	defer s.readUntil(time.Time{})
	var before []string
	size, again := 0, 0
	for {
		line, err := s.in.next()
		if isTimeout(err) && s.hearing.soon(end) != end {
			err = s.write(marker)
			again++
			s.readUntil(s.hearing.soon(end))
			if err == nil {
				continue
			}
		}
		if err != nil {
			if isTimeout(err) {
				err = fmt.Errorf("%w: no echo of a marker", ErrDesync)
			}
			if n := len(before); n > 0 && classify(before[n-1]) == hangupLine {
				s.hangup() // the last word before the end
			}
			return before, s.broken(err)
		}
		text := string(line)
		if rest, found := strings.CutSuffix(text, echo); found { // bytes that nobody asked for may end without a line end
			if rest != "" {
				before = append(before, rest)
			}
			return s.withoutDue(before, again), nil
		}
		if size += len(text) + 1; size > maxReplyLine {
			return before, s.broken(errLineTooLong)
		}
		before = append(before, text)
	}
}

// withoutHangups takes note of the hangups among the lines, and returns the others.
func (s *Session) withoutHangups(lines []string) []string {
	return slices.DeleteFunc(lines, func(line string) bool {
		if classify(line) != hangupLine {
			return false
		}
		s.hangup()
		return true
	})
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
	s.takeDue()
	for bytes.HasPrefix(s.in.rest(), []byte("HANGUP\n")) {
		s.in.next() //nolint:errcheck // the line is there
		s.hangup()
	}
	if s.strays.lines == 0 && !s.in.buffered() {
		return nil
	}
	before, err := s.sync()
	if err != nil {
		return err
	}
	return s.unsolicited(before...)
}

// settleOwed waits for the end of a command that was given up; that takes as long as the command does. One marker is
// behind it, however often that wait is given up itself: Asterisk takes several lines that come together for one, and
// leaves the others lying until more bytes come (stdio in agi_handle_command in res/res_agi.c).
func (s *Session) settleOwed(ctx context.Context) error {
	if s.awaited == "" {
		line, echo := s.marker()
		if err := s.write(line); err != nil {
			return err
		}
		s.awaited = echo
	}
	release := s.interruptible(ctx)
	for {
		line, err := s.in.next()
		if err != nil {
			if interrupted := release(); interrupted && isTimeout(err) {
				return context.Cause(ctx)
			}
			return s.broken(err)
		}
		switch text := string(line); {
		case text == s.awaited:
			release()
			s.owed, s.awaited = false, ""
			s.hearing.due, s.hearing.behind, s.hearing.waits = 0, 0, false
			return nil
		case classify(text) == hangupLine:
			s.hangup()
		case classify(text) == whole:
			s.heardOwed(text)
		}
	}
}

// resync finds back after a line that is not the reply: the rest of a value with line breaks, or forged bytes. What comes
// last before the echo of a marker is the reply to the command that runs. But a value without words around it cannot be
// told from what was forged: then the command fails. The session goes on behind the marker.
func (s *Session) resync(c call, stray string) (string, error) {
	before, err := s.sync()
	if err != nil {
		return "", err
	}
	all := append([]string{stray}, before...)
	reply := len(all) - 1
	switch last := all[reply]; {
	case reply == 0:
		reply = -1
	case c.word != "" && strings.HasSuffix(last, c.word+")"):
		for reply >= 0 && !strings.HasPrefix(all[reply], valuePrefix+c.word) {
			reply--
		}
	case classify(last) != whole, c.open && strings.HasSuffix(last, ")"):
		reply = -1
	}
	if reply < 0 {
		return "", cmp.Or(s.unsolicited(all...), error(&strayError{stray}))
	}
	return strings.Join(all[reply:], "\n"), s.unsolicited(all[:reply]...)
}

// strayError says that a command has failed for a line that is no reply. The session goes on.
type strayError struct{ line string }

func (e *strayError) Error() string {
	return fmt.Sprintf("%v: %.60q instead of a reply", ErrDesync, e.line)
}

func (e *strayError) Unwrap() error { return ErrDesync }

// strays are lines that nobody has asked for.
type strays struct {
	lines  int
	forged bool // one of them belongs to an environment
}

func (s *strays) add(line string) {
	s.lines++
	s.forged = s.forged || strings.HasPrefix(line, "agi_")
}

// unsolicited counts the lines, and what came while no command ran. A line of an environment among them proves that the
// one that the session began with was forged: it ended early. The session is over then.
func (s *Session) unsolicited(lines ...string) error {
	for _, line := range lines {
		s.strays.add(line)
	}
	all := s.strays
	s.strays = strays{}
	for range all.lines {
		if s.hooks != nil && s.hooks.unsolicited != nil {
			s.hooks.unsolicited()
		}
	}
	if !all.forged {
		return nil
	}
	return s.broken(fmt.Errorf("%w: the environment was forged", ErrDesync))
}

// valuePrefix begins a reply with a value.
const valuePrefix = "200 result=1 ("

// restOfValue reads on after the first line of a reply whose value may hold line breaks. A HANGUP behind the last line is
// one: the value ends with a parenthesis.
func (s *Session) restOfValue(first string) (string, error) {
	if !strings.HasPrefix(first, valuePrefix) {
		return first, nil
	}
	more, err := s.lines(healTime)
	if err != nil {
		return "", err
	}
	for len(more) > 0 && classify(more[len(more)-1]) == hangupLine {
		s.hangup()
		more = more[:len(more)-1]
	}
	return strings.Join(append([]string{first}, more...), "\n"), nil
}

// errStopped says that a command was stopped by the end of its context before it had a reply.
var errStopped = errors.New("stopped")

// giveUp ends the wait for a reply after the end of ctx. A prompt is stopped by a marker, and either its reply came before
// the echo, or none ever will. Any other command goes on in Asterisk, and the next one waits for it.
func (s *Session) giveUp(ctx context.Context, c call) (Reply, error) {
	if !c.stops {
		s.owed, s.hearing.owed = true, c.name
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
