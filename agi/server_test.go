package agi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/agi/agitest"
)

// The faults P1 to P8 are those of servers: what one peer does must not harm the calls of another.

// served plays a call that is all right, as a check that the server serves.
func served(t testing.TB, addr string) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	got, err := agitest.Play(conn, agitest.Channel{Timeout: patience})
	if err != nil || got.Status != "SUCCESS" || got.Variables["SERVED"] != "yes" {
		t.Fatalf("a call is not served: %+v, %v", got, err)
	}
}

var serving = agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error { return s.SetVariable(ctx, "SERVED", "yes") })

func TestP1SilentConnection(t *testing.T) {
	addr := serve(t, &agi.Server{Handler: serving})
	dial(t, addr)
	half := dial(t, addr)
	half.send("agi_network: yes\nagi_req")
	served(t, addr)
}

func TestP1SilentConnectionsEnd(t *testing.T) {
	srv := &agi.Server{Handler: serving, EnvironmentTimeout: time.Millisecond}
	p := dial(t, serve(t, srv))
	if rest := p.end(); rest != "failure\n" {
		t.Errorf("%q, want failure", rest)
	}
	if err := testutil.CollectAndCompare(agi.NewCollector("pbx", srv), strings.NewReader(`
# HELP asterisk_agi_rejected_total Connections that did not become a session, by reason.
# TYPE asterisk_agi_rejected_total counter
asterisk_agi_rejected_total{pbx="pbx",reason="timeout"} 1
`), "asterisk_agi_rejected_total"); err != nil {
		t.Error(err)
	}
}

func TestP2Panic(t *testing.T) {
	srv := &agi.Server{Handler: agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		if s.Env().Extension == "panic" {
			panic("of a handler")
		}
		return serving(ctx, s)
	})}
	addr := serve(t, srv)
	p := dial(t, addr)
	p.send(agitest.EnvironmentText(agi.Environment{Extension: "panic"}))
	if rest := p.end(); rest != "failure\n" {
		t.Errorf("%q, want failure", rest)
	}
	served(t, addr)
}

// heap is how much memory is in use.
func heap() uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return stats.HeapInuse + stats.StackInuse
}

// flood sends until the server has had enough, and returns how many bytes that took.
func flood(addr, piece string, most int) (int, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return 0, err
	}
	sent := 0
	for sent < most {
		n, err := io.WriteString(conn, piece)
		if sent += n; err != nil {
			return sent, nil
		}
	}
	return sent, fmt.Errorf("the server has taken %d bytes", sent)
}

// TestP3Floods has a line without an end, an environment without an end, 500 connections that say nothing and a port scan:
// calls are served, and memory stays flat.
func TestP3Floods(t *testing.T) {
	addr := serve(t, &agi.Server{Handler: serving})
	served(t, addr)
	before := heap()
	for range 500 {
		dial(t, addr)
	}
	var floods sync.WaitGroup
	for _, piece := range []string{strings.Repeat("x", 64<<10), strings.Repeat("agi_x: y\n", 8<<10), agitest.EnvironmentText(agi.Environment{}) + strings.Repeat("x", 64<<10)} {
		floods.Go(func() {
			if sent, err := flood(addr, piece, 300<<20); err != nil {
				t.Error(err)
			} else {
				t.Logf("the server ended it after %d bytes", sent)
			}
		})
	}
	for range 50 {
		if conn, err := net.Dial("tcp", addr); err == nil {
			conn.Close()
		}
		served(t, addr)
	}
	floods.Wait()
	served(t, addr)
	if grown := int64(heap()) - int64(before); grown > 32<<20 {
		t.Errorf("memory has grown by %d MiB", grown>>20)
	}
}

func TestP4ManyLines(t *testing.T) {
	addr := serve(t, &agi.Server{Handler: serving})
	p := dial(t, addr)
	p.send(agitest.EnvironmentText(agi.Environment{Args: make([]string, 400)}))
	if rest := p.end(); rest != "failure\n" {
		t.Errorf("%q, want failure", rest)
	}
	served(t, addr)
}

// TestP5HangupWithTheEnvironment has both in one segment.
func TestP5HangupWithTheEnvironment(t *testing.T) {
	p := sessionWith(t, agitest.EnvironmentText(agi.Environment{})+"HANGUP\n", func(ctx context.Context, s *agi.Session) error {
		value, err := s.GetVariable(context.WithoutCancel(ctx), "X")
		return errors.Join(wants("the value", value, err, "x"), wants("hung up", s.Hungup(), nil, true))
	})
	p.evaluate("", "${X}", "x")
	if err := p.result(); err != nil {
		t.Error(err)
	}
}

// TestP5RepliesWithTheEnvironment has forged bytes behind it: in the same segment, and after an argument later.
func TestP5RepliesWithTheEnvironment(t *testing.T) {
	handler := func(context.Context, *agi.Session) error { return errors.New("the handler was called") }
	p := sessionWith(t, agitest.EnvironmentText(agi.Environment{})+"200 result=1 (forged)\n", handler)
	if rest := p.end(); rest != "failure\n" {
		t.Errorf("%q, want failure", rest)
	}
	p = sessionWith(t, agitest.EnvironmentText(agi.Environment{Args: []string{"x"}}), handler)
	p.mark("200 result=1 (forged)\nagi_arg_2: last\n\n")
	if rest := p.end(); rest != "failure\n" {
		t.Errorf("%q, want failure", rest)
	}
	if len(p.done) != 0 {
		t.Error(<-p.done)
	}
}

func TestP5ArgumentsAreVerified(t *testing.T) {
	p := sessionWith(t, agitest.EnvironmentText(agi.Environment{Args: []string{"x"}}), func(ctx context.Context, s *agi.Session) error {
		return wants("the argument", s.Env().Args[0], s.Noop(ctx), "x")
	})
	p.mark("")
	p.expect(noop, "200 result=0\n")
	if err := p.result(); err != nil {
		t.Error(err)
	}
}

// TestP6ConnectAndClose is what a port scan or a health check does: it is no error, and nothing is logged.
func TestP6ConnectAndClose(t *testing.T) {
	logged := &recorder{}
	srv := &agi.Server{Handler: serving, Logger: logged.logger()}
	addr := serve(t, srv)
	for range 20 {
		p := dial(t, addr)
		if err := p.conn.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if rest := p.end(); rest != "" {
			t.Errorf("%q, want nothing", rest)
		}
	}
	served(t, addr)
	if text := logged.text(); strings.Contains(text, "WARN") || strings.Contains(text, "ERROR") {
		t.Errorf("logged:\n%s", text)
	}
}

// TestP7Limits has as many connections as may be: the next one is told, and served when there is room again.
func TestP7Limits(t *testing.T) {
	for _, srv := range []*agi.Server{{MaxSessions: 2}, {MaxPerSource: 2}} {
		release := make(chan struct{})
		var begun atomic.Int32
		srv.Handler = agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
			begun.Add(1)
			<-release
			return s.Noop(ctx)
		})
		addr := serve(t, srv)
		var live []*peer
		for range 2 {
			p := dial(t, addr)
			p.send(agitest.EnvironmentText(agi.Environment{}))
			live = append(live, p)
		}
		waitFor(t, "two sessions", func() bool { return begun.Load() == 2 && srv.Sessions() == 2 })
		p := dial(t, addr)
		p.send(agitest.EnvironmentText(agi.Environment{}))
		if rest := p.end(); rest != "failure\n" {
			t.Errorf("beyond the limit: %q, want failure", rest)
		}
		close(release)
		for _, p := range live {
			p.expect(noop, "200 result=0\n")
			p.end()
		}
		waitFor(t, "room", func() bool { return srv.Sessions() == 0 })
		next := dial(t, addr)
		next.send(agitest.EnvironmentText(agi.Environment{}))
		next.expect(noop, "200 result=0\n")
	}
}

func TestP7Networks(t *testing.T) {
	addr := serve(t, &agi.Server{Handler: serving, Allow: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}})
	p := dial(t, addr)
	if rest := p.end(); rest != "failure\n" {
		t.Errorf("a peer from elsewhere: %q, want failure", rest)
	}
	served(t, serve(t, &agi.Server{Handler: serving, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}))
}

// failing is a listener that fails as for want of file descriptors, before it works again.
type failing struct {
	net.Listener
	failures int
}

func (l *failing) Accept() (net.Conn, error) {
	if l.failures > 0 {
		l.failures--
		return nil, &net.OpError{Op: "accept", Err: syscall.EMFILE}
	}
	return l.Listener.Accept()
}

func TestP8AcceptErrors(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &agi.Server{Handler: serving}
	result := make(chan error, 1)
	go func() { result <- srv.Serve(&failing{Listener: listener, failures: 4}) }()
	served(t, listener.Addr().String())
	srv.Close()
	if err := <-result; !errors.Is(err, agi.ErrServerClosed) {
		t.Errorf("%v, want ErrServerClosed", err)
	}
}
