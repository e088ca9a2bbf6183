package agi

import (
	"context"
	"math"
	"strconv"
	"time"
)

// ReceiveChar waits for a character of a channel that carries text, such as one of a text telephone, and returns it, or 0
// after the timeout in whole milliseconds; a timeout of 0 means for ever. On a channel without text it fails.
func (s *Session) ReceiveChar(ctx context.Context, timeout time.Duration) (rune, error) {
	reply, err := s.run(ctx, "RECEIVE CHAR", milliseconds(max(timeout, 0)))
	if err != nil {
		return 0, err
	}
	code, err := strconv.ParseInt(reply.Result, 10, 32)
	return rune(code), err
}

// ReceiveText waits for a text of a channel that carries text for up to a timeout in whole milliseconds; 0 means for ever.
// If none comes, it fails with a [*ResultError].
func (s *Session) ReceiveText(ctx context.Context, timeout time.Duration) (string, error) {
	const command = "RECEIVE TEXT"
	line, err := commandLine(command, []string{milliseconds(max(timeout, 0))})
	if err != nil {
		return "", err
	}
	reply, err := s.exchange(ctx, call{name: command, line: line, open: true})
	return reply.Data, err
}

// SayDate says the date of a time, in Asterisk's time zone; see [Session.SayDigits]. Asterisk takes times of 1901 to 2038
// here; [Session.SayDateTime] takes others too.
func (s *Session) SayDate(ctx context.Context, t time.Time, escape string) (string, error) {
	return s.sayUnix(ctx, "SAY DATE", t, escape)
}

// SayTime says the time of the day of a time; see [Session.SayDate].
func (s *Session) SayTime(ctx context.Context, t time.Time, escape string) (string, error) {
	return s.sayUnix(ctx, "SAY TIME", t, escape)
}

// sayUnix is for commands that read a time as an int (handle_saydate and handle_saytime in res/res_agi.c).
func (s *Session) sayUnix(ctx context.Context, command string, t time.Time, escape string) (string, error) {
	if t.Unix() > math.MaxInt32 || t.Unix() < math.MinInt32 {
		return "", &ArgumentError{Command: command, Argument: 1, Problem: "is not between 1901 and 2038"}
	}
	return s.say(ctx, command, strconv.FormatInt(t.Unix(), 10), escape)
}

// seconds writes a time with its fraction.
func seconds(d time.Duration) string {
	return strconv.FormatFloat(max(d, 0).Seconds(), 'f', -1, 64)
}
