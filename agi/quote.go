package agi

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// The limits of Asterisk's side for one command. Beyond them it does not refuse: it splits a line and carries out the rest
// as the next command (AGI_BUF_LEN in res/res_agi.c), or crashes at 129 words (issue 2069 of asterisk).
const (
	maxCommand    = 8190
	maxOldCommand = 2046 // before the releases of bigCommands
	maxWords      = 126
)

// bigCommands are the first minor releases that take 8 KiB, by major release (issue 1317 of asterisk).
var bigCommands = map[int]int{20: 16, 21: 11, 22: 6}

// longestCommand is how many bytes the Asterisk of a version takes. One that has another name may be any.
func longestCommand(version string) int {
	series, rest, _ := strings.Cut(version, ".")
	release, _, _ := strings.Cut(rest, ".")
	major, err := strconv.Atoi(series)
	if err != nil {
		return maxOldCommand
	}
	minor, err := strconv.Atoi(release)
	if err != nil {
		return maxOldCommand
	}
	if first, ok := bigCommands[major]; ok && minor >= first || major >= 23 {
		return maxCommand
	}
	return maxOldCommand
}

// commandLine writes a command with its arguments as Asterisk parses it (parse_args in res/res_agi.c): every argument in
// quotes, with a backslash before quotes and backslashes.
func commandLine(name string, args []string) ([]byte, error) {
	if n := 1 + strings.Count(name, " ") + len(args); n > maxWords {
		return nil, &ArgumentError{Command: name, Problem: fmt.Sprintf("has %d words, and Asterisk takes %d", n, maxWords)}
	}
	size := len(name) + 1
	for _, arg := range args {
		size += len(arg) + len(` ""`) + 1
	}
	line := append(make([]byte, 0, size), name...)
	for i, arg := range args {
		if problem := unsafeByte(arg); problem != "" {
			return nil, &ArgumentError{Command: name, Argument: i + 1, Problem: problem}
		}
		line = appendQuoted(append(line, ' '), arg)
	}
	if len(line) > maxCommand {
		return nil, &ArgumentError{Command: name, Problem: fmt.Sprintf("has %d bytes, and Asterisk takes %d", len(line), maxCommand)}
	}
	return append(line, '\n'), nil
}

// unsafeByte says what is wrong with text that would end the line.
func unsafeByte(text string) string {
	switch i := strings.IndexAny(text, "\n\r\x00"); {
	case i < 0:
		return ""
	case text[i] == 0:
		return "holds a NUL byte"
	default:
		return "holds a line break"
	}
}

func appendQuoted(line []byte, arg string) []byte {
	line = append(line, '"')
	for i := range len(arg) {
		if arg[i] == '"' || arg[i] == '\\' {
			line = append(line, '\\')
		}
		line = append(line, arg[i])
	}
	return append(line, '"')
}

// variableName is the name of a channel variable. Anything else, such as a function with its arguments, is evaluated by
// Asterisk: SHELL(id) runs a program there.
var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func checkVariable(command, name string) error {
	if !variableName.MatchString(name) {
		return &ArgumentError{Command: command, Argument: 1, Problem: "is not the name of a variable: want letters, digits and _"}
	}
	return nil
}
