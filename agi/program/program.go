// Package program serves AGI sessions by programs that were written for Asterisk to start: PHP, Perl or shell scripts that
// read the environment and the replies on standard input, and write commands to standard output. They run unchanged
// behind a FastAGI server, on another machine than Asterisk's if need be:
//
//	mux.Handle("legacy", &program.Handler{Path: "/usr/share/asterisk/agi-bin/legacy.pl"})
//
// When the caller hangs up, the program gets SIGHUP, as from Asterisk (launch_script in res/res_agi.c), and may go on with
// the commands that a dead channel permits.
package program

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/asterism-go/asterism/agi"
)

// The defaults of [Handler].
const (
	DefaultGrace = 5 * time.Second
	DefaultPath  = "/usr/local/bin:/usr/bin:/bin"
)

// Handler runs a program for each session.
type Handler struct {
	// Path is the program; it is not looked for. Args are its arguments, before those of the dialplan.
	Path string
	Args []string
	// Env is its environment, as NAME=value; PATH is [DefaultPath] unless given. That of the server is not passed on: it
	// may hold secrets.
	Env []string
	// Dir is its working directory. Default: that of the server.
	Dir string
	// Grace is how long it may go on after the call, or the session, is over. Default: [DefaultGrace].
	Grace time.Duration
	// Logger, if not nil, gets what it writes to standard error, line by line.
	Logger *slog.Logger
}

var _ agi.Handler = (*Handler)(nil)

// maxLine is the longest line of a program in bytes: longer than any command may be.
const maxLine = 16 << 10

// ServeAGI runs the program until it ends. A program that ends with another status than 0 is an error.
func (h *Handler) ServeAGI(ctx context.Context, s *agi.Session) error {
	life, kill := context.WithCancel(context.WithoutCancel(ctx))
	defer kill()
	run, err := h.start(life, s)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { run.hangup(h.grace(), kill) })()
	err = run.talk(life, s)
	run.in.Close()
	if err != nil {
		kill()
	}
	waited := run.cmd.Wait()
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return err
	case waited != nil:
		return fmt.Errorf("program: %s: %w", h.Path, waited)
	}
	return nil
}

func (h *Handler) grace() time.Duration {
	if h.Grace > 0 {
		return h.Grace
	}
	return DefaultGrace
}

// running is a program that runs.
type running struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

func (h *Handler) start(life context.Context, s *agi.Session) (*running, error) {
	cmd := exec.CommandContext(life, h.Path, append(append([]string(nil), h.Args...), s.Env().Args...)...)
	cmd.Env = append([]string{"PATH=" + DefaultPath}, h.Env...)
	cmd.Dir = h.Dir
	cmd.WaitDelay = h.grace()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	if h.Logger != nil {
		cmd.Stderr = &lineLogger{log: h.Logger.With("program", h.Path, "uniqueid", s.Env().Uniqueid)}
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("program: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("program: %w", err)
	}
	hearHangups()
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("program: %w", err)
	}
	scanner := bufio.NewScanner(out)
	scanner.Buffer(nil, maxLine)
	return &running{cmd: cmd, in: in, out: scanner}, nil
}

// hearHangups sees to it that programs can be told of a hangup: a signal that this process ignores, as one does that
// nohup has started, is ignored by its children, which cannot change that if they are shells (POSIX, trap).
var hearHangups = sync.OnceFunc(func() {
	if signal.Ignored(syscall.SIGHUP) {
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP) // caught, and still without effect
	}
})

// hangup tells the program that the call is over, and kills it if it does not end in time.
func (r *running) hangup(grace time.Duration, kill context.CancelFunc) {
	if err := syscall.Kill(-r.cmd.Process.Pid, syscall.SIGHUP); err != nil {
		return // it has ended
	}
	time.AfterFunc(grace, kill)
}

// talk passes on the environment, then commands and replies, until the program closes its output.
func (r *running) talk(life context.Context, s *agi.Session) error {
	var environment strings.Builder
	for key, value := range s.Env().All() {
		environment.WriteString(key + ": " + value + "\n")
	}
	environment.WriteString("\n")
	if _, err := io.WriteString(r.in, environment.String()); err != nil {
		return r.drain(err)
	}
	for r.out.Scan() {
		reply, err := s.Line(life, r.out.Text())
		text := Text(reply, err)
		if text == "" {
			return err
		}
		if _, err := io.WriteString(r.in, text+"\n"); err != nil {
			return r.drain(err)
		}
	}
	if err := r.out.Err(); err != nil {
		return fmt.Errorf("program: reading its commands: %w", err)
	}
	return nil
}

// drain reads what a program still writes that does not read any more: that alone is no failure.
func (r *running) drain(err error) error {
	if !errors.Is(err, syscall.EPIPE) {
		return fmt.Errorf("program: %w", err)
	}
	for r.out.Scan() {
	}
	return nil
}

// Text is a reply as Asterisk would have written it to the program; it is empty if there is none because the session is
// over.
func Text(reply agi.Reply, err error) string {
	var argument *agi.ArgumentError
	switch {
	case errors.As(err, &argument):
		return "520 Invalid command syntax.  Proper usage not available."
	case reply.Text == "":
		return ""
	case reply.Code == 520 && strings.Contains(reply.Text, "\n"):
		return "520-" + reply.Text[len("520-"):]
	}
	return reply.Text
}

// lineLogger logs what is written to it, line by line.
type lineLogger struct {
	log  *slog.Logger
	rest []byte
}

// Write implements [io.Writer].
func (l *lineLogger) Write(p []byte) (int, error) {
	l.rest = append(l.rest, p...)
	for {
		line, rest, found := bytes.Cut(l.rest, []byte("\n"))
		if !found && len(l.rest) < maxLine {
			return len(p), nil
		}
		l.log.Warn("program: it says", "text", string(line))
		l.rest = rest
	}
}
