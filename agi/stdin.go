//go:build unix

package agi

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"
)

// ServeStdin serves the one session of a program that Asterisk has started: AGI(/path/to/program,args) in the dialplan, or
// EAGI for one that listens to the caller, see [Session.Audio]. It returns the handler's error, or why there was no
// session; AGISTATUS is FAILURE after both. A panic of the handler is an error. The program must not use its standard input
// and output for anything else.
//
// Asterisk tells such a program of the hangup by SIGHUP, which ends the handler's context with [ErrHangup]. Unless the
// channel variable AGISIGHUP is no: then only a command that is not permitted any more tells. The end of ctx ends the
// handler's context too.
func ServeStdin(ctx context.Context, handler Handler) error {
	conn, err := openPipes()
	if err != nil {
		return err
	}
	defer conn.Close()
	s := newSession(ctx, conn, nil)
	defer s.cancel(nil)
	s.asks = true
	defer s.hearSignals()()
	if err := s.beginStdin(); err != nil {
		refuse(conn)
		return err
	}
	if s.audio != nil {
		defer s.audio.Close()
	}
	s.mu.Lock()
	s.watcher.start(time.Now())
	s.mu.Unlock()
	err = s.guard(handler)
	s.finish(err)
	return err
}

// pipes are standard input and output as a connection.
type pipes struct{ in, out *os.File }

func (p pipes) Read(b []byte) (int, error)  { return p.in.Read(b) }
func (p pipes) Write(b []byte) (int, error) { return p.out.Write(b) }
func (p pipes) Close() error                { return errors.Join(p.in.Close(), p.out.Close()) }

func (p pipes) SetReadDeadline(t time.Time) error { return p.in.SetReadDeadline(t) }

// openPipes opens the pipes of a program that Asterisk has started.
func openPipes() (pipes, error) {
	in, err := pollable(0, "standard input")
	if err != nil {
		return pipes{}, fmt.Errorf("agi: not started by Asterisk? %w", err)
	}
	return pipes{in: in, out: os.NewFile(1, "standard output")}, nil
}

// pollable opens the file descriptor of a pipe so that reads of it can be interrupted. Where Asterisk has not made the pipe,
// the number may be that of anything, also of a file of Go's own.
func pollable(fd int, name string) (*os.File, error) {
	var stat syscall.Stat_t
	if err := syscall.Fstat(fd, &stat); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if stat.Mode&syscall.S_IFMT != syscall.S_IFIFO {
		return nil, fmt.Errorf("%s is not a pipe", name)
	}
	if err := syscall.SetNonblock(fd, true); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	file := os.NewFile(uintptr(fd), name)
	if err := file.SetReadDeadline(time.Time{}); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return file, nil
}

// hearSignals lets SIGHUP end the session's context until stop. A write to a pipe that Asterisk has closed fails then; it
// would end the program.
func (s *Session) hearSignals() (stop func()) {
	hup, broken := make(chan os.Signal, 1), make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	signal.Notify(broken, syscall.SIGPIPE)
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-hup:
			s.hangup()
		case <-end:
		}
	}()
	return func() {
		signal.Stop(hup)
		signal.Stop(broken)
		close(end)
		<-ended
	}
}

// beginStdin reads the environment, and opens the audio of EAGI. File descriptor 3 is another file in plain AGI.
func (s *Session) beginStdin() error {
	if err := s.conn.SetReadDeadline(time.Now().Add(DefaultEnvironmentTimeout)); err != nil {
		return err
	}
	s.in.limit = maxEnvironmentBytes
	env, err := readEnvironment(&s.in)
	if err != nil {
		return fmt.Errorf("agi: no session: %w", err)
	}
	s.in.limit = maxReplyLine
	s.env = env
	if env.Enhanced == "1.0" {
		if s.audio, err = pollable(3, "the audio of EAGI"); err != nil {
			return fmt.Errorf("agi: %w", err)
		}
	}
	return s.conn.SetReadDeadline(time.Time{})
}

// guard calls the handler; a panic is an error.
func (s *Session) guard(handler Handler) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w\n%s", &panicError{value: p}, debug.Stack())
		}
	}()
	return handler.ServeAGI(s.ctx, s)
}
