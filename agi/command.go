package agi

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"
)

// Answer answers the channel.
func (s *Session) Answer(ctx context.Context) error { return s.do(ctx, "ANSWER") }

// HangupCall hangs up the channel. The session's context ends by that.
func (s *Session) HangupCall(ctx context.Context) error { return s.do(ctx, "HANGUP") }

// Noop does nothing but prove that Asterisk answers.
func (s *Session) Noop(ctx context.Context) error { return s.do(ctx, "NOOP") }

// Verbose writes a message to Asterisk's console and log at a level of 1 to 4.
func (s *Session) Verbose(ctx context.Context, message string, level int) error {
	return s.do(ctx, "VERBOSE", message, strconv.Itoa(level))
}

// Exec runs an application of the dialplan and returns its result. Its options must not hold what a caller has chosen
// unless the application is known to take it as it is; see also AGIEXECFULL. An application that is not loaded is a
// [*ResultError] with the result -2.
func (s *Session) Exec(ctx context.Context, application, options string) (string, error) {
	reply, err := s.run(ctx, "EXEC", application, options)
	if err == nil && reply.Result == "-2" {
		err = &ResultError{Command: "EXEC", Result: reply.Result, Data: "no application " + application}
	}
	return reply.Result, err
}

// Playback is how far a file was played.
type Playback struct {
	// Digit ended it, or "" if it was played to its end.
	Digit string
	// Endpos is the position at the end in samples, 8,000 a second for the usual files.
	Endpos int64
	// Stopped says that the end of the context stopped it; Endpos is estimated from the time then.
	Stopped bool
}

// StreamFile plays a sound file (its name without the format) until its end or one of the escape digits. If ctx ends
// first, the file is stopped, the call goes on, and the error is the cause of ctx with what was played beside it.
func (s *Session) StreamFile(ctx context.Context, file, escape string) (Playback, error) {
	begin := time.Now()
	reply, err := s.prompt(ctx, "STREAM FILE", file, escape)
	if errors.Is(err, errStopped) {
		played := time.Since(begin).Milliseconds() * 8
		return Playback{Endpos: played, Stopped: true}, context.Cause(ctx)
	}
	return Playback{Digit: digitOf(reply.Result), Endpos: reply.Endpos}, err
}

// Digits are what a caller has pressed.
type Digits struct {
	// Digits holds 0 to 9, *, # and A to D, with leading zeros as pressed.
	Digits string
	// Timeout says that they ended with a pause and not by # or by their number.
	Timeout bool
}

// GetData plays a file and collects digits: up to max of them (0: any number), until # or a pause of the timeout, in
// whole milliseconds. If ctx ends first, the error is its cause and the call goes on.
func (s *Session) GetData(ctx context.Context, file string, timeout time.Duration, maxDigits int) (Digits, error) {
	args := []string{file, milliseconds(timeout)}
	if maxDigits > 0 {
		args = append(args, strconv.Itoa(maxDigits))
	}
	reply, err := s.prompt(ctx, "GET DATA", args...)
	if errors.Is(err, errStopped) {
		err = context.Cause(ctx)
	}
	return Digits{Digits: reply.Result, Timeout: reply.Data == "timeout"}, err
}

// WaitForDigit waits for one digit and returns it, or "" after the timeout. A negative timeout means for ever.
func (s *Session) WaitForDigit(ctx context.Context, timeout time.Duration) (string, error) {
	reply, err := s.prompt(ctx, "WAIT FOR DIGIT", milliseconds(timeout))
	interrupted := err == nil && reply.Result == "1" // unlike a prompt, it says so
	if errors.Is(err, errStopped) || interrupted {
		return "", context.Cause(ctx)
	}
	return digitOf(reply.Result), err
}

// SayDigits says digits one by one; SayNumber a number; SayAlpha and SayPhonetic text, letter by letter. Each returns the
// escape digit that ended it, or "".
func (s *Session) SayDigits(ctx context.Context, digits, escape string) (string, error) {
	return s.say(ctx, "SAY DIGITS", digits, escape)
}

// SayNumber says a number; see [Session.SayDigits].
func (s *Session) SayNumber(ctx context.Context, number int, escape string) (string, error) {
	return s.say(ctx, "SAY NUMBER", strconv.Itoa(number), escape)
}

// SayAlpha says text letter by letter; see [Session.SayDigits].
func (s *Session) SayAlpha(ctx context.Context, text, escape string) (string, error) {
	return s.say(ctx, "SAY ALPHA", text, escape)
}

// SayPhonetic says text letter by letter in the phonetic alphabet; see [Session.SayDigits].
func (s *Session) SayPhonetic(ctx context.Context, text, escape string) (string, error) {
	return s.say(ctx, "SAY PHONETIC", text, escape)
}

// SayDateTime says a time in the format of voicemail.conf, such as "ABdY 'digits/at' IMp", and in a time zone, such as
// Europe/Athens; both may be empty. See [Session.SayDigits].
func (s *Session) SayDateTime(ctx context.Context, t time.Time, escape string, format ...string) (string, error) {
	return s.say(ctx, "SAY DATETIME", append([]string{strconv.FormatInt(t.Unix(), 10), escape}, format...)...)
}

func (s *Session) say(ctx context.Context, command string, args ...string) (string, error) {
	reply, err := s.run(ctx, command, args...)
	return digitOf(reply.Result), err
}

// Recording says what to record, and into which file.
type Recording struct {
	// File is the name without the format; Format is one such as wav.
	File, Format string
	// Escape are the digits that end it.
	Escape string
	// Longest bounds it; 0: only the digits, silence or a hangup end it.
	Longest time.Duration
	// Silence ends it after as many whole seconds without speech; 0: never.
	Silence time.Duration
	// Beep sounds before it begins.
	Beep bool
}

// Recorded is how a recording ended.
type Recorded struct {
	// Digit ended it, or "".
	Digit string
	// Timeout says that Longest or Silence did.
	Timeout bool
	// Endpos is its length in samples.
	Endpos int64
}

// RecordFile records the caller.
func (s *Session) RecordFile(ctx context.Context, r Recording) (Recorded, error) {
	longest := "-1"
	if r.Longest > 0 {
		longest = milliseconds(r.Longest)
	}
	args := []string{r.File, r.Format, r.Escape, longest, "0"}
	if r.Beep {
		args = append(args, "BEEP")
	}
	if r.Silence > 0 {
		args = append(args, "s="+strconv.Itoa(int(r.Silence/time.Second)))
	}
	reply, err := s.run(ctx, "RECORD FILE", args...)
	return Recorded{Digit: digitOf(reply.Result), Timeout: reply.Data == "timeout", Endpos: reply.Endpos}, err
}

// DatabaseGet returns a value of Asterisk's database, and whether there is one.
func (s *Session) DatabaseGet(ctx context.Context, family, key string) (string, bool, error) {
	line, err := commandLine("DATABASE GET", []string{family, key})
	if err != nil {
		return "", false, err
	}
	reply, err := s.exchange(ctx, call{name: "DATABASE GET", line: line, open: true})
	return reply.Data, err == nil && reply.Result == "1", err
}

// DatabasePut writes a value into Asterisk's database.
func (s *Session) DatabasePut(ctx context.Context, family, key, value string) error {
	return s.succeed(ctx, "DATABASE PUT", family, key, value)
}

// ChannelStatus returns the state of the session's channel: see the states of Asterisk's include/asterisk/channelstate.h.
func (s *Session) ChannelStatus(ctx context.Context) (int, error) {
	reply, err := s.run(ctx, "CHANNEL STATUS")
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(reply.Result)
}

// SetContext says where the dialplan goes on after the session. Asterisk does not check that there is such a place.
func (s *Session) SetContext(ctx context.Context, name string) error {
	return s.do(ctx, "SET CONTEXT", name)
}

// SetExtension says where the dialplan goes on; see [Session.SetContext].
func (s *Session) SetExtension(ctx context.Context, extension string) error {
	return s.do(ctx, "SET EXTENSION", extension)
}

// SetPriority says where the dialplan goes on, by number or label; see [Session.SetContext].
func (s *Session) SetPriority(ctx context.Context, priority string) error {
	return s.do(ctx, "SET PRIORITY", priority)
}

// SetMusic begins or ends music on hold of a class for the caller.
func (s *Session) SetMusic(ctx context.Context, on bool, class string) error {
	if on {
		return s.do(ctx, "SET MUSIC", "on", class)
	}
	return s.do(ctx, "SET MUSIC", "off", class)
}

// Raw sends a command that has no method of its own: its name, such as "SEND TEXT", and its arguments, which are quoted.
// The end of ctx stops a prompt as in the method for it.
func (s *Session) Raw(ctx context.Context, command string, args ...string) (Reply, error) {
	if strings.Trim(command, "ABCDEFGHIJKLMNOPQRSTUVWXYZ ") != "" || command == "" {
		return Reply{}, &ArgumentError{Command: "Raw", Problem: "has a name that is not made of capital letters"}
	}
	reply, err := s.prompt(ctx, command, args...)
	if errors.Is(err, errStopped) {
		err = context.Cause(ctx)
	}
	return reply, err
}

func (s *Session) do(ctx context.Context, command string, args ...string) error {
	_, err := s.run(ctx, command, args...)
	return err
}

// succeed is do for a command whose result 1 means success.
func (s *Session) succeed(ctx context.Context, command string, args ...string) error {
	reply, err := s.run(ctx, command, args...)
	if err == nil && reply.Result != "1" {
		err = &ResultError{Command: command, Result: reply.Result, Data: reply.Data}
	}
	return err
}

// prompt runs a command that Asterisk may stop when it gets another one.
func (s *Session) prompt(ctx context.Context, command string, args ...string) (Reply, error) {
	line, err := commandLine(command, args)
	if err != nil {
		return Reply{}, err
	}
	stops := commands[command].Interrupt != Waits && !s.takesAhead()
	return s.exchange(ctx, call{name: command, line: line, open: !stops, stops: stops})
}

// digitOf is the digit of a result: its code, or 0 for none.
func digitOf(result string) string {
	code, err := strconv.Atoi(result)
	if err != nil || code <= 0 || code > 127 {
		return ""
	}
	return string(rune(code))
}

func milliseconds(d time.Duration) string {
	if d < 0 {
		return "-1"
	}
	return strconv.FormatInt(d.Milliseconds(), 10)
}
