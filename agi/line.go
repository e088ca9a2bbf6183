package agi

import (
	"context"
	"fmt"
	"iter"
	"strings"
)

// Line sends a command as it was written for standard input and output, with its own quoting, and returns the reply: the
// way for programs that speak AGI by themselves. What Asterisk would not read as one command is refused.
func (s *Session) Line(ctx context.Context, line string) (Reply, error) {
	name := lineName(line)
	switch words := len(strings.Fields(line)); {
	case unsafeByte(line) != "":
		return Reply{}, &ArgumentError{Command: name, Problem: unsafeByte(line)}
	case len(line) > maxCommand:
		return Reply{}, &ArgumentError{Command: name, Problem: fmt.Sprintf("has %d bytes, and Asterisk takes %d", len(line), maxCommand)}
	case words > maxWords:
		return Reply{}, &ArgumentError{Command: name, Problem: fmt.Sprintf("has %d words, and Asterisk takes %d", words, maxWords)}
	}
	return s.exchange(ctx, call{name: name, line: append([]byte(line), '\n'), open: commands[name].Interrupt == Waits})
}

// lineName is the longest name of a command that begins the line, or its first word.
func lineName(line string) string {
	words := strings.Fields(strings.ToUpper(line))
	for n := min(3, len(words)); n > 0; n-- {
		name := strings.Join(words[:n], " ")
		if _, known := commands[name]; known {
			return name
		}
	}
	if len(words) == 0 {
		return ""
	}
	return "other"
}

// All yields the environment in Asterisk's order and spelling, as for a program that Asterisk starts itself: without the
// lines of the network, and with "unknown" for what is not known.
func (e Environment) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, k := range environmentKeys {
			value := *k.field(&e)
			if value == "" && k.key != "agi_accountcode" {
				value = "unknown"
			}
			if !yield(k.key, value) {
				return
			}
		}
		for i, arg := range e.Args {
			if !yield(fmt.Sprintf("agi_arg_%d", i+1), arg) {
				return
			}
		}
	}
}
