// Package agitest plays Asterisk's side of a call against a handler, on loopback and with the bytes of a real one:
//
//	outcome := agitest.Call(t, mux, agitest.Channel{
//		Environment: agi.Environment{Script: "helpdesk", CallerID: "2101234567"},
//	})
//	if outcome.Variables["DESK"] != "athens" { ... }
//
// The channel answers every command as Asterisk would if all went well: variables are kept, files are played to their end,
// nobody presses a digit. What should go otherwise is said in [Channel.Replies].
package agitest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"strings"
	"syscall"
	"time"

	"github.com/asterism-go/asterism/agi"
)

// TB is the part of testing.TB that this package needs.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Channel is the call as Asterisk sees it.
type Channel struct {
	// Environment is what Asterisk tells at the beginning. Empty fields get what a simple call has.
	Environment agi.Environment
	// Variables are set on the channel.
	Variables map[string]string
	// Replies are what commands are answered with in place of the usual, by the command's name, such as "GET DATA": the
	// first time with the first one, and so on; then as usual again. A reply is one or more lines without the last line
	// end. The empty reply means none at all.
	Replies map[string][]string
	// HangupAfter is after how many commands the caller hangs up; 0: never. If HangupCrosses is set, HANGUP comes before the
	// reply of that command, as when the two cross.
	HangupAfter   int
	HangupCrosses bool
	// CutAfter is after how many commands the connection breaks, before the reply of the last one; 0: never.
	CutAfter int
	// Delays are how long commands take until they are answered, by name.
	Delays map[string]time.Duration
	// Segment is into pieces of how many bytes what Asterisk says is split; 0: not at all.
	Segment int
	// Timeout bounds the call. Default: 10 s.
	Timeout time.Duration
}

// Outcome is how a call went.
type Outcome struct {
	// Status is AGISTATUS: SUCCESS, FAILURE or HANGUP.
	Status string
	// Commands are the names and arguments that came, without the markers by which a session finds its place.
	Commands []string
	// Variables are those of the channel in the end.
	Variables map[string]string
}

// Call plays one call against the handler and returns how it went. A handler that does not end fails the test.
func Call(t TB, handler agi.Handler, c Channel) Outcome {
	t.Helper()
	conn, stop := connect(t, handler)
	defer stop()
	outcome, err := Play(conn, c)
	if err != nil {
		t.Errorf("agitest: %v", err)
	}
	return outcome
}

// connect serves the handler and returns a connection to it. stop waits until the handler has returned.
func connect(t TB, handler agi.Handler) (conn net.Conn, stop func()) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("agitest: %v", err)
	}
	srv := &agi.Server{Handler: handler}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(listener) }()
	end := func() {
		ctx, cancel := context.WithTimeout(context.Background(), defaultTimeout)
		defer cancel()
		if err := srv.Shutdown(ctx); err != nil {
			t.Errorf("agitest: the handler did not return: %v", err)
		}
		if err := <-served; !errors.Is(err, agi.ErrServerClosed) {
			t.Errorf("agitest: serving: %v", err)
		}
	}
	conn, err = new(net.Dialer).DialContext(context.Background(), "tcp", listener.Addr().String())
	if err != nil {
		end()
		t.Fatalf("agitest: %v", err)
	}
	return conn, func() {
		conn.Close()
		end()
	}
}

const defaultTimeout = 10 * time.Second

// Play plays the call on a connection to a FastAGI server.
func Play(conn net.Conn, c Channel) (Outcome, error) {
	timeout := c.Timeout
	if timeout == 0 {
		timeout = defaultTimeout
	}
	if err := conn.SetDeadline(time.Now().Add(timeout)); err != nil {
		return Outcome{}, err
	}
	p := &player{conn: conn, channel: c, turn: map[string]int{}, outcome: Outcome{Status: "SUCCESS", Variables: map[string]string{}}}
	maps.Copy(p.outcome.Variables, c.Variables)
	if err := p.write(EnvironmentText(c.Environment)); err != nil {
		return Outcome{}, err
	}
	lines := bufio.NewScanner(conn)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if err := p.take(lines.Text()); ended(err) || errors.Is(err, errCut) {
			break
		} else if err != nil {
			return p.outcome, err
		}
	}
	if err := lines.Err(); err != nil && !ended(err) {
		return p.outcome, fmt.Errorf("the session did not end: %w", err)
	}
	if p.hungup {
		p.outcome.Status = "HANGUP"
	}
	return p.outcome, nil
}

// ended reports whether the server has closed the connection while something was on its way to it, such as a HANGUP. To
// Asterisk that is the end of the session as any other.
func ended(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// EnvironmentText is the environment as Asterisk sends it (setup_env in res/res_agi.c).
func EnvironmentText(e agi.Environment) string {
	script, _, _ := strings.Cut(e.Script, "?")
	or := func(value, otherwise string) string {
		if value == "" {
			return otherwise
		}
		return value
	}
	var b strings.Builder
	line := func(key, value string) { fmt.Fprintf(&b, "agi_%s: %s\n", key, value) }
	line("network", "yes")
	if script != "" {
		line("network_script", e.Script)
	}
	line("request", or(e.Request, "agi://127.0.0.1/"+e.Script))
	line("channel", or(e.Channel, "PJSIP/test-00000001"))
	line("language", or(e.Language, "en"))
	line("type", or(e.Type, "PJSIP"))
	line("uniqueid", or(e.Uniqueid, "1700000000.1"))
	line("version", or(e.Version, "22.10.1"))
	line("callerid", or(e.CallerID, "unknown"))
	line("calleridname", or(e.CallerIDName, "unknown"))
	line("callingpres", or(e.CallingPres, "0"))
	line("callingani2", or(e.CallingANI2, "0"))
	line("callington", or(e.CallingTON, "0"))
	line("callingtns", or(e.CallingTNS, "0"))
	line("dnid", or(e.DNID, "unknown"))
	line("rdnis", or(e.RDNIS, "unknown"))
	line("context", or(e.Context, "default"))
	line("extension", or(e.Extension, "s"))
	line("priority", or(e.Priority, "1"))
	line("enhanced", or(e.Enhanced, "0.0"))
	line("accountcode", e.AccountCode)
	line("threadid", or(e.ThreadID, "139845000000000"))
	for i, arg := range e.Args {
		line(fmt.Sprintf("arg_%d", i+1), arg)
	}
	b.WriteString("\n")
	return b.String()
}
