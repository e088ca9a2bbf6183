// Package zafagi runs programs that were written for github.com/zaf/agi on a server of package agi:
//
//	mux.Handle("old", zafagi.Handler(func(s *zaf.Session) { s.StreamFile("welcome", "") }))
//
// The program keeps its calls, and what goes wrong on the wire there does not here. Between the two lies no connection but
// [agi.Session]: commands are read as they were meant and quoted as Asterisk wants it; the program gets one line for each,
// always the answer to its own command. What it notices:
//
//   - arguments with quotes, backslashes and any letters arrive as they are;
//   - values of variables have any length; line breaks in them become blanks, as zaf's replies are one line;
//   - GOSUB works, and a command with wrong arguments fails alone;
//   - a hangup is the error "HANGUP" of the next command that Asterisk does not permit any more. Those that it permits, such
//     as SET VARIABLE to store a result, are carried out before and after that;
//   - digits of GET DATA that are no number are in Reply.Dat in quotes, such as "12*" or "007" (timeout), and "" (timeout)
//     if none was pressed; Reply.Res is 0 then;
//   - Failure makes AGISTATUS FAILURE in the dialplan, when the program has returned.
package zafagi

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	zaf "github.com/zaf/agi"

	"github.com/asterism-go/asterism/agi"
)

// ErrFailure is the handler's error after a program that has called Failure.
var ErrFailure = errors.New("zafagi: the program says FAILURE")

// Handler returns a handler that runs a program with a session that is ready: its Init was called.
func Handler(program func(*zaf.Session)) agi.Handler {
	return agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		b := &bridge{ctx: ctx, s: s}
		b.answers.WriteString(environment(s.Env()))
		old := zaf.New()
		if err := old.Init(bufio.NewReadWriter(bufio.NewReader(b), bufio.NewWriter(b))); err != nil {
			return fmt.Errorf("zafagi: %w", err)
		}
		program(old)
		return b.lost
	})
}

// environment is the environment as zaf reads it.
func environment(e agi.Environment) string {
	var b strings.Builder
	known := func(value string) string {
		if value == "" {
			return "unknown"
		}
		return value
	}
	line := func(key, value string) { fmt.Fprintf(&b, "agi_%s: %s\n", key, value) }
	line("network", "yes")
	line("network_script", e.Script)
	line("request", e.Request)
	line("channel", e.Channel)
	line("language", e.Language)
	line("type", e.Type)
	line("uniqueid", e.Uniqueid)
	line("version", e.Version)
	line("callerid", known(e.CallerID))
	line("calleridname", known(e.CallerIDName))
	line("callingpres", e.CallingPres)
	line("callingani2", e.CallingANI2)
	line("callington", e.CallingTON)
	line("callingtns", e.CallingTNS)
	line("dnid", known(e.DNID))
	line("rdnis", known(e.RDNIS))
	line("context", e.Context)
	line("extension", e.Extension)
	line("priority", e.Priority)
	line("enhanced", e.Enhanced)
	line("accountcode", e.AccountCode)
	line("threadid", e.ThreadID)
	for i, arg := range e.Args {
		line(fmt.Sprintf("arg_%d", i+1), arg)
	}
	b.WriteString("\n")
	return b.String()
}

// bridge is what zaf takes for the connection: what is written to it are commands, and each puts its answer where it is
// read. All of that happens in the program's goroutine.
type bridge struct {
	ctx     context.Context //nolint:containedctx // zaf's calls have none
	s       *agi.Session
	command strings.Builder
	answers strings.Builder
	read    int
	lost    error
}

// Write takes a piece of a command; with its line end the command is carried out.
func (b *bridge) Write(p []byte) (int, error) {
	b.command.Write(p)
	line, whole := strings.CutSuffix(b.command.String(), "\n")
	if !whole {
		return len(p), nil
	}
	b.command.Reset()
	b.answers.Reset()
	b.read = 0
	var answer string
	if answer, b.lost = b.run(line); b.lost == nil { // else the read says it
		b.answers.WriteString(oneLine(answer) + "\n")
	}
	return len(p), nil
}

// Read gives the answer to the last command.
func (b *bridge) Read(p []byte) (int, error) {
	rest := b.answers.String()[b.read:]
	if rest == "" && b.lost != nil {
		return 0, b.lost
	}
	if rest == "" {
		return 0, io.EOF
	}
	n := copy(p, rest)
	b.read += n
	return n, nil
}

// run carries a command out and returns the answer to it. An error ends the session.
func (b *bridge) run(line string) (string, error) {
	if b.lost != nil {
		return "", b.lost
	}
	name, args := parse(line)
	if name == "FAILURE" {
		return "", ErrFailure
	}
	ctx := b.ctx
	if b.s.Hungup() {
		ctx = context.WithoutCancel(ctx)
	}
	reply, err := b.send(ctx, name, args)
	if err != nil && reply.Text == "" && b.s.Hungup() && ctx == b.ctx { // it hung up before the command was sent
		reply, err = b.send(context.WithoutCancel(ctx), name, args)
	}
	return answer(name, reply, err)
}

// send sends a command, by the method that reads its reply whole if there is one.
func (b *bridge) send(ctx context.Context, name string, args []string) (agi.Reply, error) {
	value := func(text string, found bool, err error) (agi.Reply, error) {
		switch {
		case err != nil:
			return agi.Reply{}, err
		case !found:
			return agi.Reply{Text: "200 result=0"}, nil
		}
		return agi.Reply{Text: "200 result=1 (" + text + ")"}, nil
	}
	switch {
	case name == "SET VARIABLE" && len(args) == 2 && plain(args[0]):
		return agi.Reply{Text: "200 result=1"}, b.s.SetVariable(ctx, args[0], args[1])
	case name == "GET VARIABLE" && len(args) == 1 && plain(args[0]):
		return value(b.s.LookupVariable(ctx, args[0]))
	case name == "GET VARIABLE" && len(args) == 1:
		text, err := b.s.Evaluate(ctx, "${"+args[0]+"}")
		return value(text, true, err)
	case name == "GET FULL VARIABLE" && len(args) == 1:
		text, err := b.s.Evaluate(ctx, args[0])
		return value(text, true, err)
	case name == "DATABASE GET" && len(args) == 2:
		return value(b.s.DatabaseGet(ctx, args[0], args[1]))
	case name == "NOOP": // Asterisk does not look at its arguments
		args = nil
	}
	return b.s.Raw(ctx, name, args...)
}

// answer is the line that zaf reads, or why there is none.
func answer(name string, reply agi.Reply, err error) (string, error) {
	var refused *agi.ArgumentError
	var command *agi.CommandError
	var failed *agi.ResultError
	switch {
	case err == nil && name == "GET DATA":
		return digits(reply), nil
	case err == nil, errors.As(err, &failed) && reply.Text != "":
		return reply.Text, nil
	case errors.Is(err, agi.ErrHangup) && strings.HasPrefix(reply.Text, "200 "): // a prompt that the hangup has ended
		return reply.Text, nil
	case errors.Is(err, agi.ErrDead), errors.Is(err, agi.ErrHangup):
		return "HANGUP", nil
	case errors.As(err, &command) && command.Code != 503:
		return fmt.Sprintf("%d %s", command.Code, command.Message), nil
	case errors.As(err, &refused):
		return "520 " + err.Error(), nil
	case errors.As(err, &command), errors.As(err, &failed):
		return "500 " + err.Error(), nil
	}
	return "", err
}

// digits is the reply to GET DATA, with what is no number in quotes behind a zero.
func digits(reply agi.Reply) string {
	number := reply.Result
	if number != "" && strings.Trim(number, "0123456789") == "" && (number == "0" || number[0] != '0') && len(number) < 19 {
		return reply.Text
	}
	text := fmt.Sprintf("200 result=0 %q", reply.Result)
	if reply.Data != "" {
		text += " (" + reply.Data + ")"
	}
	return text
}

// oneLine makes blanks of line breaks.
func oneLine(text string) string { return strings.NewReplacer("\r", " ", "\n", " ").Replace(text) }
