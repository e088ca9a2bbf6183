package agi

import (
	"strconv"
	"strings"
)

// Reply is Asterisk's answer to a command.
type Reply struct {
	// Code is 200, or 510, 511, 520 or 503 for a command that was not carried out.
	Code int
	// Result is what follows "result=": a number for most commands, the digits for GET DATA. It may be empty.
	Result string
	// Data is what stands in parentheses after the result: a value, or a word such as timeout.
	Data string
	// Endpos is the position in a file in samples, or -1 if the reply has none.
	Endpos int64
	// Text is the whole reply as it came, without its last line end.
	Text string
}

// replyKind says how the lines of a reply go on after the first one.
type replyKind int

const (
	notAReply  replyKind = iota
	hangupLine           // out of band, not a reply
	trying               // 100: the reply comes later
	whole                // this line is the reply
	usage                // 520-: up to the line that begins with "520 "
)

// classify looks at the first line of a reply (agi_handle_command and the handlers in res/res_agi.c).
func classify(line string) replyKind {
	if line == "HANGUP" {
		return hangupLine
	}
	if len(line) < 4 || line[0] < '1' || line[0] > '9' || !digit(line[1]) || !digit(line[2]) {
		return notAReply
	}
	switch {
	case strings.HasPrefix(line, "100 "):
		return trying
	case strings.HasPrefix(line, "520-"):
		return usage
	case line[3] != ' ':
		return notAReply
	case strings.HasPrefix(line, "200 ") && !strings.HasPrefix(line, "200 result="):
		return notAReply
	}
	return whole
}

func digit(b byte) bool { return b >= '0' && b <= '9' }

// parseReply reads a reply whose first line is one, all its lines joined.
func parseReply(text string) Reply {
	r := Reply{Endpos: -1, Text: text}
	r.Code, _ = strconv.Atoi(text[:3])
	rest, ok := strings.CutPrefix(text[4:], "result=")
	if !ok {
		r.Data = text[4:]
		return r
	}
	r.Result, rest, _ = strings.Cut(rest, " ")
	rest = r.takeEndpos(rest)
	if strings.HasPrefix(rest, "(") && strings.HasSuffix(rest, ")") {
		rest = rest[1 : len(rest)-1]
	}
	r.Data = rest
	return r
}

// takeEndpos takes "endpos=" off the end of a reply. A value in parentheses may look like one, but does not end so. What
// speech recognition says has it in the middle, and stays whole.
func (r *Reply) takeEndpos(rest string) string {
	const field = "endpos="
	if at := strings.LastIndexByte(rest, ' ') + 1; strings.HasPrefix(rest[at:], field) {
		if n, err := strconv.ParseInt(rest[at+len(field):], 10, 64); err == nil {
			r.Endpos = n
			return strings.TrimSuffix(rest[:at], " ")
		}
	}
	if _, after, ok := strings.Cut(rest, ") "+field); ok && !strings.HasSuffix(rest, ")") {
		number, _, _ := strings.Cut(after, " ")
		if n, err := strconv.ParseInt(number, 10, 64); err == nil {
			r.Endpos = n
		}
	}
	return rest
}

// err is the error of a reply that says no.
func (r Reply) err(command string) error {
	switch r.Code {
	case 200:
		return nil
	case 511:
		return ErrDead
	}
	message, usage, _ := strings.Cut(r.Text[4:], "\n")
	if usage != "" { // the last line only ends the usage
		if end := strings.LastIndexByte(usage, '\n'); end >= 0 {
			usage = usage[:end]
		} else {
			usage = ""
		}
	}
	return &CommandError{Command: command, Code: r.Code, Message: message, Usage: usage}
}
