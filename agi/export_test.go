package agi

import (
	"context"
	"strings"
	"time"
)

// What the tests of the package's outside look at from inside.
var (
	CommandLine    = commandLine
	CheckVariable  = checkVariable
	LongestCommand = longestCommand
)

const (
	MaxCommand          = maxCommand
	MaxWords            = maxWords
	MaxEnvironmentLines = maxEnvironmentLines
	MaxEnvironmentBytes = maxEnvironmentBytes
)

// ReadEnvironment reads an environment that comes in pieces.
func ReadEnvironment(text string) (env Environment, rest string, err error) {
	in := lines{src: strings.NewReader(text), limit: maxEnvironmentBytes}
	env, err = readEnvironment(&in)
	return env, string(in.rest()), err
}

// ParseReply reads a reply of one line, or a 520 of several; ok is false if it is none.
func ParseReply(text string) (reply Reply, ok bool) {
	first, _, _ := strings.Cut(text, "\n")
	switch classify(first) {
	case whole:
		return parseReply(text), true
	case usage:
		return parseReply("520 " + text[len("520-"):]), true
	default:
		return Reply{}, false
	}
}

// ReplyErr is the error of a reply.
func ReplyErr(r Reply, command string) error { return r.err(command) }

// Listen has a session of a server, which hears digits or not, begin to listen so long after its last command.
func Listen(srv *Server, hears bool, after time.Duration) {
	srv.setup()
	s := newSession(context.Background(), nil, srv.metrics.hooks())
	if hears {
		s.hearing.press = func(string) {}
	}
	s.watcher.wanted, s.watcher.since, s.watcher.idle = true, time.Now().Add(-after), s.hearing.idle()
	s.watcher.begin()
}
