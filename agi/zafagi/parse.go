package zafagi

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/agi/internal/words"
)

// Where zaf puts an argument between quotes as it is, a quote in it does not end it: the last one does.
var (
	setVariable = regexp.MustCompile(`^SET VARIABLE ("(?:[^"\\]|\\.)*") "(.*)"$`)
	verbose     = regexp.MustCompile(`^VERBOSE "(.*)"(?: (-?\d+))?$`)
	getData     = regexp.MustCompile(`^GET DATA "(.*?)"(?: "(-?\d+)")?(?: "(-?\d+)")?$`)
)

// parse reads a command as zaf writes it: arguments are quoted as in Go, or just stand between quotes. One of RawCommand,
// which begins with a blank, is read as Asterisk reads it.
func parse(line string) (name string, args []string) {
	if raw, ok := strings.CutPrefix(line, " "); ok {
		return split(words.Split(raw))
	}
	if m := setVariable.FindStringSubmatch(line); m != nil {
		if variable, err := strconv.Unquote(m[1]); err == nil {
			return "SET VARIABLE", []string{variable, m[2]}
		}
	}
	if m := verbose.FindStringSubmatch(line); m != nil {
		return "VERBOSE", present(m[1:])
	}
	if m := getData.FindStringSubmatch(line); m != nil {
		return "GET DATA", present(m[1:])
	}
	if list, ok := goWords(line); ok {
		return split(list)
	}
	return split(words.Split(line))
}

// present leaves out what is missing at the end.
func present(args []string) []string {
	for len(args) > 1 && args[len(args)-1] == "" {
		args = args[:len(args)-1]
	}
	return args
}

// goWords splits a line into words, some of them quoted as in Go.
func goWords(line string) ([]string, bool) {
	var list []string
	for line = strings.TrimLeft(line, " "); line != ""; line = strings.TrimLeft(line, " ") {
		quoted, err := strconv.QuotedPrefix(line)
		if err != nil && line[0] == '"' {
			return nil, false
		}
		if err == nil && line[0] == '"' {
			word, err := strconv.Unquote(quoted)
			if err != nil {
				return nil, false
			}
			list, line = append(list, word), line[len(quoted):]
			continue
		}
		word, rest, _ := strings.Cut(line, " ")
		list, line = append(list, word), rest
	}
	return list, true
}

// split splits the name of a command, which has one to three words, from its arguments.
func split(list []string) (name string, args []string) {
	for n := min(3, len(list)); n > 0; n-- {
		name := strings.ToUpper(strings.Join(list[:n], " "))
		if _, known := agi.LookupCommand(name); known {
			return name, list[n:]
		}
	}
	if len(list) == 0 {
		return "", nil
	}
	return strings.ToUpper(list[0]), list[1:]
}

var variable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// plain reports whether a name is one of a variable, and not of a function.
func plain(name string) bool { return variable.MatchString(name) }
