package agitest

import (
	"errors"
	"io"
	"net"
	"regexp"
	"strings"
	"time"

	"github.com/asterism-go/asterism/agi/internal/words"
)

// player answers commands.
type player struct {
	conn    net.Conn
	channel Channel
	turn    map[string]int
	outcome Outcome
	hungup  bool
}

// dead are the commands that Asterisk permits after the hangup (agi_commands in res/res_agi.c).
var dead = map[string]bool{
	"ASYNCAGI BREAK": true, "DATABASE DEL": true, "DATABASE DELTREE": true, "DATABASE GET": true, "DATABASE PUT": true,
	"EXEC": true, "GET FULL VARIABLE": true, "GET VARIABLE": true, "NOOP": true, "SET VARIABLE": true,
	"SPEECH DESTROY": true, "SPEECH UNLOAD GRAMMAR": true, "VERBOSE": true,
}

// marker is the word by which a session finds its place.
var marker = regexp.MustCompile(`^[0-9a-f]{16}-\d+$`)

// take answers one line.
func (p *player) take(line string) error {
	words := Words(line)
	name, args := commandOf(words)
	if name == "failure" {
		p.outcome.Status = "FAILURE"
		return nil
	}
	if name == "GET FULL VARIABLE" && len(args) == 1 && marker.MatchString(args[0]) {
		return p.reply("200 result=1 (" + args[0] + ")")
	}
	p.outcome.Commands = append(p.outcome.Commands, strings.Join(append([]string{name}, args...), " "))
	answer := p.answer(name, args)
	if d := p.channel.Delays[name]; d > 0 {
		<-time.After(d)
	}
	count := len(p.outcome.Commands)
	switch {
	case count == p.channel.CutAfter:
		p.conn.Close()
		return errCut
	case count != p.channel.HangupAfter:
		return p.reply(answer)
	}
	p.hungup = true
	said := []string{answer, "HANGUP"}
	if p.channel.HangupCrosses {
		said = []string{"HANGUP", answer}
	}
	return errors.Join(p.reply(said[0]), p.reply(said[1]))
}

// errCut ends a call whose connection breaks.
var errCut = errors.New("the connection is cut")

func (p *player) reply(text string) error {
	if text == "" {
		return nil
	}
	return p.write(text + "\n")
}

// write writes text, in pieces if the channel wants that.
func (p *player) write(text string) error {
	for len(text) > 0 {
		n := len(text)
		if p.channel.Segment > 0 {
			n = min(n, p.channel.Segment)
		}
		if _, err := io.WriteString(p.conn, text[:n]); err != nil {
			return err
		}
		text = text[n:]
	}
	return nil
}

func (p *player) answer(name string, args []string) string {
	if replies := p.channel.Replies[name]; p.turn[name] < len(replies) {
		p.turn[name]++
		return replies[p.turn[name]-1]
	}
	if p.hungup && !dead[name] {
		return "511 Command Not Permitted on a dead channel or intercept routine"
	}
	arg := func(i int) string {
		if i < len(args) {
			return args[i]
		}
		return ""
	}
	switch name {
	case "SET VARIABLE":
		p.outcome.Variables[arg(0)] = arg(1)
		return "200 result=1"
	case "EXEC":
		p.exec(arg(0), arg(1))
	case "GET VARIABLE":
		if value, ok := p.outcome.Variables[arg(0)]; ok {
			return "200 result=1 (" + value + ")"
		}
		return "200 result=0"
	case "GET FULL VARIABLE":
		return "200 result=1 (" + p.expand(arg(0)) + ")"
	case "STREAM FILE", "GET OPTION", "CONTROL STREAM FILE":
		return "200 result=0 endpos=8000"
	case "RECORD FILE":
		return "200 result=0 (timeout) endpos=8000"
	case "GET DATA":
		return "200 result= (timeout)"
	case "HANGUP":
		p.hungup = true
		return "200 result=1\nHANGUP"
	case "VERBOSE", "SET CALLERID", "DATABASE PUT", "DATABASE DEL":
		return "200 result=1"
	case "CHANNEL STATUS":
		return "200 result=6"
	}
	return "200 result=0"
}

// exec carries out the applications that set variables.
func (p *player) exec(application, options string) {
	pairs := []string{options}
	switch {
	case strings.EqualFold(application, "MSet"):
		pairs = strings.Split(options, ",")
	case !strings.EqualFold(application, "Set"):
		return
	}
	for _, pair := range pairs {
		if name, value, ok := strings.Cut(pair, "="); ok {
			p.outcome.Variables[strings.TrimSpace(name)] = value
		}
	}
}

var reference = regexp.MustCompile(`\$\{(\w+)\}`)

// expand puts the values of variables into an expression.
func (p *player) expand(expression string) string {
	return reference.ReplaceAllStringFunc(expression, func(found string) string {
		return p.outcome.Variables[found[2:len(found)-1]]
	})
}

// Words splits a command as Asterisk does (parse_args in res/res_agi.c): at blanks, with quotes and backslashes.
func Words(line string) []string { return words.Split(line) }

// twoWords and threeWords begin the names of commands of that many words.
var (
	twoWords = map[string]bool{
		"CHANNEL": true, "DATABASE": true, "GET": true, "RECEIVE": true, "RECORD": true, "SAY": true, "SEND": true, "SET": true,
		"SPEECH": true, "STREAM": true, "TDD": true, "ASYNCAGI": true,
	}
	threeWords = map[string]bool{"CONTROL": true, "WAIT": true}
)

// commandOf splits the name of a command from its arguments.
func commandOf(words []string) (name string, args []string) {
	if len(words) == 0 {
		return "", nil
	}
	n := 1
	switch {
	case threeWords[words[0]]:
		n = 3
	case len(words) > 2 && words[0] == "GET" && words[1] == "FULL":
		n = 3
	case len(words) > 2 && words[0] == "SPEECH" && strings.HasSuffix(words[2], "GRAMMAR"):
		n = 3
	case twoWords[words[0]]:
		n = 2
	}
	n = min(n, len(words))
	return strings.Join(words[:n], " "), words[n:]
}
