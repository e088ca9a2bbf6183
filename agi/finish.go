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

// finish tells the dialplan how the session went: the line "failure" makes AGISTATUS FAILURE, as it is already if a command
// failed on a call that was not over (run_agi in res/res_agi.c). A command that still runs ends before the line is read.
func (s *Session) finish(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watcher.stop()
	switch {
	case s.Hungup():
	case s.lost == nil && err != nil, errors.Is(s.lost, ErrDesync):
		refuse(s.conn)
	}
}

// refuse tells Asterisk that the script has failed, and waits until it has read that: a connection that is closed with
// bytes unread is reset, and the line would be lost.
func refuse(conn transport) {
	if deadline, ok := conn.(net.Conn); ok {
		deadline.SetDeadline(time.Now().Add(farewell)) //nolint:errcheck // what is closed cannot be written to
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
