package agi

import (
	"context"
	"errors"
	"io"
	"net"
	"time"
)

// farewell bounds how long the end of a session may take.
const farewell = 2 * time.Second

// finish tells the dialplan how the session went. Asterisk sets AGISTATUS by the last command (run_agi in res/res_agi.c):
// the line "failure" makes it FAILURE, and after a command that failed although the handler did not, a NOOP SUCCESS.
func (s *Session) finish(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watcher.stop()
	switch {
	case s.Hungup():
		return
	case errors.Is(s.lost, ErrDesync), s.lost == nil && err != nil && s.owed: // Asterisk reads it when the command has ended
		refuse(s.conn)
		return
	case s.lost != nil:
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), farewell)
	defer cancel()
	switch {
	case err != nil:
		if s.settle(ctx) == nil {
			refuse(s.conn)
		}
	case s.failed:
		line, err := commandLine("NOOP", nil)
		if err == nil {
			s.locked(ctx, call{name: "NOOP", line: line}) //nolint:errcheck // the session is over either way
		}
	}
}

// refuse tells Asterisk that the script has failed, and waits until it has read that: a connection that is closed with
// bytes unread is reset, and the line would be lost.
func refuse(conn transport) {
	if deadline, ok := conn.(net.Conn); ok {
		deadline.SetDeadline(time.Now().Add(farewell))
	}
	if _, err := io.WriteString(conn, "failure\n"); err != nil {
		return
	}
	if half, ok := conn.(interface{ CloseWrite() error }); ok && half.CloseWrite() == nil {
		io.Copy(io.Discard, io.LimitReader(conn, maxReplyLine)) //nolint:errcheck // whatever ends it
	}
}

// resultOf is the word for the end of a session.
func resultOf(err error) string {
	var panicked *panicError
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &panicked):
		return "panic"
	case errors.Is(err, ErrNoRoute):
		return "no_route"
	case errors.Is(err, ErrBusy):
		return "busy"
	case errors.Is(err, ErrHangup), errors.Is(err, ErrDead):
		return "hangup"
	case errors.Is(err, ErrDesync):
		return "desync"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	}
	return "failure"
}

// scriptLabel is the route of a session, which is bounded; what a dialplan asks for is not.
func scriptLabel(s *Session, err error) string {
	switch {
	case s.route != "":
		return s.route
	case errors.Is(err, ErrNoRoute):
		return "unknown"
	}
	return "default"
}
