package agi

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"
)

// transport is what a session runs on: a TCP connection, or the pipes of a program that Asterisk has started.
type transport interface {
	io.ReadWriteCloser
	SetReadDeadline(time.Time) error
}

// Session is one run of AGI() in a dialplan: a call that asks what to do. Its methods send commands, one at a time: a
// second goroutine waits until the first one has its reply. The context of the handler ends with the call.
type Session struct {
	env     Environment
	route   string
	params  map[string]string
	conn    transport
	hooks   *hooks
	ctx     context.Context //nolint:containedctx // the life of the call, to know it again
	cancel  context.CancelCauseFunc
	nonce   string
	watcher watcher
	// asks says that a hangup is told by a signal, which may come later than a reply: failure asks for it.
	asks  bool
	audio *os.File // of EAGI, or nil

	mu      sync.Mutex // held by the command that is running
	in      lines
	longest int    // of a command in bytes; 0: not known yet
	owed    bool   // the reply of a command that was given up will still come
	awaited string // the echo of a marker that was sent behind that command
	lost    error  // why no further command can be sent
	strays  strays // what came while no command ran
	markers uint64
	hearing hearing
}

// hooks tell the server what happens. All may be nil.
type hooks struct {
	command     func(name string, took time.Duration, err error)
	unsolicited func()
	interrupted func()
	late        func()
}

// maxReplyLine is the longest line of a reply in bytes: a value of Asterisk's is never as long.
const maxReplyLine = 1 << 20

func newSession(ctx context.Context, conn transport, h *hooks) *Session {
	s := &Session{conn: conn, hooks: h, in: lines{src: conn, limit: maxReplyLine}}
	s.ctx, s.cancel = context.WithCancelCause(ctx)
	var random [8]byte
	rand.Read(random[:])
	s.nonce = hex.EncodeToString(random[:])
	s.watcher.s = s
	return s
}

// Env returns what Asterisk said of the call at the beginning.
func (s *Session) Env() Environment { return s.env }

// Route returns the pattern of the [Mux] that fits the script, or "".
func (s *Session) Route() string { return s.route }

// Param returns the value of {name} in the pattern of the route.
func (s *Session) Param(name string) string { return s.params[name] }

// Params returns the values of all {names} in the pattern of the route.
func (s *Session) Params() map[string]string { return maps.Clone(s.params) }

// Query returns the query of the script's address, as in agi://host/route?key=value.
func (s *Session) Query() url.Values {
	_, query := splitScript(s.env.Script)
	values, err := url.ParseQuery(query)
	if err != nil && values == nil {
		return url.Values{}
	}
	return values
}

// Hungup reports whether the call is over.
func (s *Session) Hungup() bool { return errors.Is(context.Cause(s.ctx), ErrHangup) }

// hangup ends the context. Commands may go on, on the dead channel.
func (s *Session) hangup() { s.cancel(ErrHangup) }

// lose says that the connection is of no use any more. The lock of the session must be held.
func (s *Session) lose(why error) error {
	if s.lost == nil {
		s.lost = why
		s.cancel(why)
	}
	return s.lost
}

// run sends a command and returns its reply, whose value, if it has one, may hold line breaks. An error is one of those of
// this package's, or the cause of the end of ctx.
func (s *Session) run(ctx context.Context, command string, args ...string) (Reply, error) {
	line, err := commandLine(command, args)
	if err != nil {
		return Reply{}, err
	}
	return s.exchange(ctx, call{name: command, line: line, open: true})
}

// call is a command on its way.
type call struct {
	name string
	line []byte
	// stops says that Asterisk stops the command when it gets another one, without a reply.
	stops bool
	// open says that the reply may hold line breaks. word is what its value begins and ends with, if that is known.
	open bool
	word string
}

func (s *Session) exchange(ctx context.Context, c call) (Reply, error) {
	c.stops = c.stops && !s.takesAhead() // a command that waits for its turn stops nothing
	if ctx.Err() != nil {
		return Reply{}, context.Cause(ctx)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fits(c); err != nil {
		return Reply{}, err
	}
	s.watcher.stop()
	begin := time.Now()
	reply, err := s.locked(ctx, c)
	s.listen() //nolint:errcheck // who sends the next command is told
	end := time.Now()
	s.watcher.start(end)
	if s.hooks != nil && s.hooks.command != nil {
		s.hooks.command(c.name, end.Sub(begin), err)
	}
	return reply, err
}

// longestLine is how long a command may be. The lock must be held.
func (s *Session) longestLine() int {
	if s.longest == 0 {
		s.longest = longestCommand(s.env.Version)
		if s.takesAhead() {
			s.longest = min(s.longest, longestAhead)
		}
	}
	return s.longest
}

// fits says whether a command is too long. The lock must be held.
func (s *Session) fits(c call) error {
	if most := s.longestLine(); len(c.line) > most+1 {
		problem := fmt.Sprintf("has %d bytes, and Asterisk %s takes %d", len(c.line)-1, s.env.Version, most)
		return &ArgumentError{Command: c.name, Problem: problem}
	}
	return nil
}

// locked is exchange while nobody else reads or writes.
func (s *Session) locked(ctx context.Context, c call) (Reply, error) {
	if err := s.settle(ctx); err != nil {
		return Reply{}, err
	}
	if err := s.write(s.withWait(c)); err != nil {
		return Reply{}, err
	}
	release := s.interruptible(ctx)
	text, err := s.readReply(c)
	if interrupted := release(); err != nil {
		if interrupted && isTimeout(err) {
			return s.giveUp(ctx, c)
		}
		if text, err = s.mend(c, err); err != nil {
			return Reply{}, err
		}
	}
	if c.open {
		if text, err = s.restOfValue(text); err != nil {
			return Reply{}, err
		}
	}
	s.hearing.over()
	return s.judge(c, text)
}

// mend finds the reply behind a stray line; any other error of a read is for good.
func (s *Session) mend(c call, err error) (string, error) {
	var stray *strayError
	if errors.As(err, &stray) {
		return s.resync(c, stray.line)
	}
	return "", s.broken(err)
}

// judge makes a reply of its text, and an error of a reply that says no.
func (s *Session) judge(c call, text string) (Reply, error) {
	reply := parseReply(text)
	if err := reply.err(c.name); err != nil {
		if errors.Is(err, ErrDead) {
			s.hangup()
		}
		return reply, err
	}
	if reply.Result == "-1" {
		return reply, s.failure(c.name, reply)
	}
	return reply, nil
}

// failure tells a command that failed because the call is over from one that just failed. HANGUP comes right behind the
// reply then, so that it is there when a marker has been answered.
func (s *Session) failure(command string, reply Reply) error {
	if !s.Hungup() {
		if _, err := s.sync(); err != nil {
			return err
		}
		if s.asks {
			s.askHangup()
		}
	}
	if s.Hungup() {
		return ErrHangup
	}
	return &ResultError{Command: command, Result: reply.Result, Data: reply.Data}
}

func (s *Session) write(line []byte) error {
	if _, err := s.conn.Write(line); err != nil {
		return s.lose(fmt.Errorf("%w: %w", ErrConnectionLost, err))
	}
	return nil
}

// broken is the error of a read that failed for good.
func (s *Session) broken(err error) error {
	switch {
	case errors.Is(err, ErrDesync):
		return s.lose(err)
	case errors.Is(err, errLineTooLong):
		return s.lose(fmt.Errorf("%w: %w", ErrDesync, err))
	case s.Hungup():
		return s.lose(ErrHangup)
	case errors.Is(context.Cause(s.ctx), ErrServerClosed):
		return s.lose(ErrServerClosed)
	}
	return s.lose(fmt.Errorf("%w: %w", ErrConnectionLost, err))
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// interruptible lets the end of ctx end a read. The end of the session's own context does not: when the call is over, the
// reply still comes. release reports whether ctx has ended the read, and lets reads go on.
func (s *Session) interruptible(ctx context.Context) (release func() bool) {
	if ctx == s.ctx || ctx.Done() == nil {
		return func() bool { return false }
	}
	set := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(set)
		if !errors.Is(context.Cause(ctx), ErrHangup) {
			s.readUntil(past)
		}
	})
	return func() bool {
		if stop() {
			return false
		}
		<-set
		s.readUntil(time.Time{})
		return true
	}
}

// readUntil sets the deadline of reads. A connection that cannot have one is closed, and the next read says so.
func (s *Session) readUntil(t time.Time) {
	s.conn.SetReadDeadline(t) //nolint:errcheck // see above
}

// past is a deadline that is over.
var past = time.Unix(1, 0)

// readReply reads the lines of one reply, and takes note of a hangup among them.
func (s *Session) readReply(c call) (string, error) {
	for {
		line, err := s.in.next()
		if err != nil {
			return "", err
		}
		text := string(line)
		switch classify(text) {
		case hangupLine:
			s.hangup()
		case trying:
		case whole:
			if !s.isDue(text) {
				return s.readValue(c, text)
			}
		case usage:
			return s.readUsage(text)
		case notAReply:
			return "", &strayError{text}
		}
	}
}

// readValue reads the rest of a value between words. What has another value is not the reply.
func (s *Session) readValue(c call, text string) (string, error) {
	if c.word == "" || !strings.HasPrefix(text, "200 ") {
		return text, nil
	}
	if !strings.HasPrefix(text, valuePrefix+c.word) {
		return "", &strayError{text}
	}
	for !strings.HasSuffix(text, c.word+")") || len(text) < len(valuePrefix)+2*len(c.word)+1 {
		line, err := s.in.next()
		if err != nil {
			return "", err
		}
		if text += "\n" + string(line); len(text) > maxReplyLine {
			return "", errLineTooLong
		}
	}
	return text, nil
}

// readUsage reads the lines of a 520 up to the one that says that it ends.
func (s *Session) readUsage(first string) (string, error) {
	text := "520 " + first[len("520-"):]
	for {
		line, err := s.in.next()
		if err != nil {
			return "", err
		}
		text += "\n" + string(line)
		if len(line) > 4 && string(line[:4]) == "520 " {
			return text, nil
		}
		if len(text) > maxReplyLine {
			return "", errLineTooLong
		}
	}
}
