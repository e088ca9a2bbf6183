package agi_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/agi/agitest"
)

// patience is what a test gives to something that should happen at once.
const patience = 30 * time.Second

// peer plays Asterisk's side, byte by byte.
type peer struct {
	t    testing.TB
	conn net.Conn
	in   *bufio.Reader
	done chan error // what the handler returned
}

// serve runs a server on loopback until the test ends, and returns its address.
func serve(t testing.TB, srv *agi.Server) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(listener) }()
	t.Cleanup(func() {
		srv.Close()
		if err := <-served; !errors.Is(err, agi.ErrServerClosed) {
			t.Errorf("Serve returned %v", err)
		}
	})
	return listener.Addr().String()
}

// dial connects to a server.
func dial(t testing.TB, addr string) *peer {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return &peer{t: t, conn: conn, in: bufio.NewReaderSize(conn, 1<<16), done: make(chan error, 1)}
}

// session begins a session with a handler of its own server.
func session(t testing.TB, handler agi.HandlerFunc) *peer {
	t.Helper()
	return sessionWith(t, agitest.EnvironmentText(agi.Environment{}), handler)
}

func sessionWith(t testing.TB, environment string, handler agi.HandlerFunc) *peer {
	t.Helper()
	done := make(chan error, 1)
	p := dial(t, serve(t, &agi.Server{Handler: agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		err := handler(ctx, s)
		done <- err
		return err
	})}))
	p.done = done
	p.send(environment)
	return p
}

func (p *peer) send(text string) {
	p.t.Helper()
	if _, err := io.WriteString(p.conn, text); err != nil {
		p.t.Fatalf("sending %.60q: %v", text, err)
	}
}

// read returns the next line.
func (p *peer) read() string {
	p.t.Helper()
	line, err := p.in.ReadString('\n')
	if err != nil {
		p.t.Fatalf("reading a command: %q, %v", line, err)
	}
	return strings.TrimSuffix(line, "\n")
}

// expect reads a command and answers it.
func (p *peer) expect(command, answer string) {
	p.t.Helper()
	if line := p.read(); line != command {
		p.t.Fatalf("got %q, want %q", line, command)
	}
	p.send(answer)
}

var echoed = regexp.MustCompile(`^GET FULL VARIABLE "([0-9a-f]{16}-\d+)"$`)

// mark reads a marker and answers it, behind what else is to come.
func (p *peer) mark(before string) {
	p.t.Helper()
	line := p.read()
	found := echoed.FindStringSubmatch(line)
	if found == nil {
		p.t.Fatalf("got %q, want a marker", line)
	}
	p.send(before + "200 result=1 (" + found[1] + ")\n")
}

var evaluated = regexp.MustCompile(`^GET FULL VARIABLE "([0-9a-f]{16}=\d+;)(.*)([0-9a-f]{16}=\d+;)"$`)

// evaluate reads a request for the value of an expression and answers it, behind what else is to come.
func (p *peer) evaluate(before, expression, value string) {
	p.t.Helper()
	line := p.read()
	found := evaluated.FindStringSubmatch(line)
	if len(found) == 0 || found[2] != expression || found[1] != found[3] {
		p.t.Fatalf("got %q, want the value of %q", line, expression)
	}
	p.send(before + "200 result=1 (" + found[1] + value + found[1] + ")\n")
}

// end reads to the end of the connection, returns what came, and closes it.
func (p *peer) end() string {
	p.t.Helper()
	rest, err := io.ReadAll(p.in)
	if err != nil {
		p.t.Fatalf("the connection does not end well: %v", err)
	}
	p.conn.Close()
	return string(rest)
}

// result is what the handler returned.
func (p *peer) result() error {
	p.t.Helper()
	select {
	case err := <-p.done:
		return err
	case <-time.After(patience):
		p.t.Fatal("the handler does not return")
		return nil
	}
}

// waitFor waits until a condition holds.
func waitFor(t testing.TB, what string, condition func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); !condition(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("waiting for %s for %v", what, patience)
		}
	}
}

// recorder keeps what is logged.
type recorder struct {
	mu  sync.Mutex
	out strings.Builder
}

func (r *recorder) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.out.Write(p)
}

func (r *recorder) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.out.String()
}

func (r *recorder) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(r, &slog.HandlerOptions{Level: slog.LevelDebug}))
}
