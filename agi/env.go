package agi

import (
	"bytes"
	"fmt"
	"strconv"
	"time"
)

// Environment is what Asterisk says of the call before the first command. Values that Asterisk does not know are empty.
// Callers choose some of them: their number and name, and whatever the dialplan passes on.
type Environment struct {
	// Script is what follows the host in agi://host/SCRIPT, as it stands in the dialplan: path and query.
	Script string
	// Request is the whole address. Channel, Uniqueid and Type are the channel's name, id and technology.
	Request, Channel, Uniqueid, Type string
	// Language is that of the channel's prompts; Version is Asterisk's.
	Language, Version string
	// CallerID and CallerIDName are the caller's number and name, DNID the number dialled, RDNIS the number that
	// redirected the call.
	CallerID, CallerIDName, DNID, RDNIS string
	// CallingPres, CallingANI2, CallingTON and CallingTNS are the codes of ISDN for the caller's number.
	CallingPres, CallingANI2, CallingTON, CallingTNS string
	// Context, Extension and Priority say where the dialplan is.
	Context, Extension, Priority string
	// Enhanced is 1.0 for EAGI, else 0.0. AccountCode is the channel's; ThreadID is of Asterisk's own works.
	Enhanced, AccountCode, ThreadID string
	// Args are the arguments after the address in AGI(address,arg1,arg2).
	Args []string
}

// environmentKeys is the order in which Asterisk sends them (setup_env in res/res_agi.c). Two may be missing at the front.
var environmentKeys = []struct {
	key   string
	field func(*Environment) *string
}{
	{"agi_request", func(e *Environment) *string { return &e.Request }},
	{"agi_channel", func(e *Environment) *string { return &e.Channel }},
	{"agi_language", func(e *Environment) *string { return &e.Language }},
	{"agi_type", func(e *Environment) *string { return &e.Type }},
	{"agi_uniqueid", func(e *Environment) *string { return &e.Uniqueid }},
	{"agi_version", func(e *Environment) *string { return &e.Version }},
	{"agi_callerid", func(e *Environment) *string { return &e.CallerID }},
	{"agi_calleridname", func(e *Environment) *string { return &e.CallerIDName }},
	{"agi_callingpres", func(e *Environment) *string { return &e.CallingPres }},
	{"agi_callingani2", func(e *Environment) *string { return &e.CallingANI2 }},
	{"agi_callington", func(e *Environment) *string { return &e.CallingTON }},
	{"agi_callingtns", func(e *Environment) *string { return &e.CallingTNS }},
	{"agi_dnid", func(e *Environment) *string { return &e.DNID }},
	{"agi_rdnis", func(e *Environment) *string { return &e.RDNIS }},
	{"agi_context", func(e *Environment) *string { return &e.Context }},
	{"agi_extension", func(e *Environment) *string { return &e.Extension }},
	{"agi_priority", func(e *Environment) *string { return &e.Priority }},
	{"agi_enhanced", func(e *Environment) *string { return &e.Enhanced }},
	{"agi_accountcode", func(e *Environment) *string { return &e.AccountCode }},
	{"agi_threadid", func(e *Environment) *string { return &e.ThreadID }},
}

// The limits of an environment: Asterisk's own has some 25 lines and 700 bytes.
const (
	maxEnvironmentBytes = 32 << 10
	maxEnvironmentLines = 160
)

// readEnvironment reads up to the blank line. Asterisk does not escape line breaks in values, so a caller's name, or an
// argument, could end the block early or bring forged lines: these break the fixed order of the keys, or repeat one.
func readEnvironment(l *lines) (Environment, error) {
	var env Environment
	size, next := 0, 0
	for n := 1; ; n++ {
		line, err := l.next()
		if err != nil {
			return env, err
		}
		if len(line) == 0 {
			break
		}
		if size += len(line) + 1; size > maxEnvironmentBytes {
			return env, &EnvironmentError{"size", fmt.Sprintf("more than %d bytes", maxEnvironmentBytes)}
		}
		if n > maxEnvironmentLines {
			return env, &EnvironmentError{"lines", fmt.Sprintf("more than %d lines", maxEnvironmentLines)}
		}
		if next, err = env.take(line, next); err != nil {
			return env, err
		}
	}
	if next < len(environmentKeys) {
		return env, &EnvironmentError{"incomplete", "it ends before " + environmentKeys[next].key}
	}
	if l.buffered() && !bytes.HasPrefix(l.rest(), []byte("HANGUP\n")) {
		return env, &EnvironmentError{"tampered", "bytes follow it that nobody has asked for"}
	}
	env.normalize()
	return env, nil
}

// verify makes sure that the environment did end where it seemed to. An argument with line breaks can end it early, and the
// rest of it would be taken for replies; it comes before the echo of a marker.
func (s *Session) verify(patience time.Duration) error {
	if len(s.env.Args) == 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	before, err := s.lines(patience)
	if before = s.withoutHangups(before); err == nil && len(before) > 0 {
		err = &EnvironmentError{"tampered", "lines follow it that nobody has asked for"}
	}
	return err
}

// take reads one line. next is the number of the key whose turn it is.
func (e *Environment) take(line []byte, next int) (int, error) {
	key, value, ok := bytes.Cut(line, []byte(":"))
	value = bytes.TrimPrefix(value, []byte(" "))
	switch {
	case !ok:
		return next, &EnvironmentError{"malformed", fmt.Sprintf("the line %.40q has no colon", line)}
	case next < len(environmentKeys) && string(key) == environmentKeys[next].key:
		*environmentKeys[next].field(e) = string(value)
		return next + 1, nil
	case next == 0 && string(key) == "agi_network":
		return next, nil
	case next == 0 && string(key) == "agi_network_script" && e.Script == "":
		e.Script = string(value)
		return next, nil
	case next == len(environmentKeys) && string(key) == "agi_arg_"+strconv.Itoa(len(e.Args)+1):
		e.Args = append(e.Args, string(value))
		return next, nil
	}
	return next, &EnvironmentError{"tampered", fmt.Sprintf("%.40q is not the key whose turn it is", key)}
}

// normalize empties what Asterisk says it does not know.
func (e *Environment) normalize() {
	for _, field := range []*string{&e.CallerID, &e.CallerIDName, &e.DNID, &e.RDNIS} {
		if *field == "unknown" {
			*field = ""
		}
	}
}
