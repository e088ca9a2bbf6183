package agi

import (
	"context"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
)

// GetVariable returns the value of a channel variable, or "" if it is not set. The value may have any length and hold any
// bytes, line breaks too. The name must be one: functions are for [Session.Evaluate].
func (s *Session) GetVariable(ctx context.Context, name string) (string, error) {
	if err := checkVariable("GET VARIABLE", name); err != nil {
		return "", err
	}
	return s.Evaluate(ctx, "${"+name+"}")
}

// LookupVariable returns the value of a channel variable, and whether it is set.
func (s *Session) LookupVariable(ctx context.Context, name string) (string, bool, error) {
	value, err := s.GetVariable(ctx, name)
	if err != nil || value != "" {
		return value, err == nil, err
	}
	reply, err := s.run(ctx, "GET VARIABLE", name)
	return "", err == nil && reply.Result == "1", err
}

// Evaluate returns what Asterisk makes of an expression of the dialplan: "${CALLERID(num)}", "${X}-${Y}". Asterisk carries
// out the functions in it, and some can do anything: ${SHELL(...)} runs a program. So an expression must not hold what a
// caller has chosen.
//
// GET VARIABLE cuts values at 1,023 bytes, and a value with a line break looks like several replies (handle_getvariable in
// res/res_agi.c). So the expression is read by GET FULL VARIABLE between two words that no value can know.
func (s *Session) Evaluate(ctx context.Context, expression string) (string, error) {
	const command = "GET FULL VARIABLE"
	s.mu.Lock()
	s.markers++
	word := s.nonce + "=" + strconv.FormatUint(s.markers, 10) + ";"
	s.mu.Unlock()
	encoded := s.takesAhead() // results there are cut when letters beyond ASCII make their encoding too long
	if encoded {
		expression = "${BASE64_ENCODE(" + expression + filler + ")}"
	}
	line, err := commandLine(command, []string{word + expression + word})
	if err != nil {
		return "", err
	}
	reply, err := s.exchange(ctx, call{name: command, line: line, word: word})
	if err != nil {
		return "", err
	}
	value, ok := strings.CutPrefix(reply.Data, word)
	value, also := strings.CutSuffix(value, word)
	if !ok || !also {
		return "", &ResultError{Command: command, Result: reply.Result, Data: reply.Data}
	}
	if !encoded {
		return value, nil
	}
	plain, err := base64.StdEncoding.DecodeString(value)
	if err != nil || len(plain) == 0 {
		return "", fmt.Errorf("%w: a value that is no base64", ErrDesync)
	}
	return string(plain[:len(plain)-strings.IndexByte(filler, plain[len(plain)-1])-1]), nil
}

// filler follows a value that is encoded: up to Asterisk 16 at least, BASE64_ENCODE leaves out what does not make three
// bytes at the end of a long value (base64_helper in funcs/func_base64.c). The last letter tells how much of it is there.
const filler = "123"

// longestPlain is the longest value that SET VARIABLE takes in one line, with room for its name and quoting, and for what
// base64 makes of it.
func (s *Session) longestPlain() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.longestLine() * 3 / 8
}

// maxValue is the longest value that SetVariable sends, in bytes: one of 256 KB makes Asterisk crash.
const maxValue = 64 << 10

// SetVariable sets a channel variable. The name must be one, after up to two underscores that let channels inherit it:
// functions are for [Session.SetFunction]. The value may have up to 64 KiB and hold line breaks, but no NUL byte.
func (s *Session) SetVariable(ctx context.Context, name, value string) error {
	const command = "SET VARIABLE"
	if err := checkVariable(command, name); err != nil {
		return err
	}
	switch {
	case len(value) > maxValue:
		return &ArgumentError{Command: command, Argument: 2, Problem: "has more than 64 KiB"}
	case strings.IndexByte(value, 0) >= 0:
		return &ArgumentError{Command: command, Argument: 2, Problem: "holds a NUL byte"}
	case len(value) <= s.longestPlain() && unsafeByte(value) == "":
		_, err := s.run(ctx, command, name, value)
		return err
	}
	return s.setInPieces(ctx, name, value)
}

// setInPieces sets a value that does not fit into a line: base64 has only letters that mean nothing to the dialplan, and
// the application Set puts the decoded pieces together. AGIEXECFULL lets EXEC evaluate its options (handle_exec in
// res/res_agi.c); it is as it was afterwards.
func (s *Session) setInPieces(ctx context.Context, name, value string) error {
	before, err := s.GetVariable(ctx, execFull)
	if err != nil {
		return err
	}
	if _, err := s.run(ctx, "SET VARIABLE", execFull, "1"); err != nil {
		return err
	}
	so := ""
	for len(value) > 0 && err == nil {
		n := min(len(value), s.longestPlain())
		options := name + "=" + so + "${BASE64_DECODE(" + base64.StdEncoding.EncodeToString([]byte(value[:n])) + ")}"
		_, err = s.run(ctx, "EXEC", "Set", options)
		so = "${" + strings.TrimLeft(name, "_") + "}"
		value = value[n:]
	}
	if _, restored := s.run(ctx, "SET VARIABLE", execFull, before); err == nil {
		err = restored
	}
	return err
}

const execFull = "AGIEXECFULL"

// SetFunction writes a function of the dialplan, such as CALLERID(name). The function must not hold what a caller has
// chosen; the value may, but no line break.
func (s *Session) SetFunction(ctx context.Context, function, value string) error {
	const command = "SET VARIABLE"
	if !strings.HasSuffix(function, ")") || !variableName.MatchString(strings.SplitN(function, "(", 2)[0]) {
		return &ArgumentError{Command: command, Argument: 1, Problem: "is not a function with arguments: want NAME(...)"}
	}
	_, err := s.run(ctx, command, function, value)
	return err
}
