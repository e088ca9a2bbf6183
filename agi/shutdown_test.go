package agi_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/agi/agitest"
)

// start runs a server, and returns its address and what Serve returns.
func start(t *testing.T, srv *agi.Server) (string, <-chan error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	result := make(chan error, 1)
	go func() { result <- srv.Serve(listener) }()
	return listener.Addr().String(), result
}

// TestShutdown lets live sessions end by themselves; a connection without a session is told that there is no room, and
// so is what waits to be accepted.
func TestShutdown(t *testing.T) {
	begun, release := make(chan struct{}), make(chan struct{})
	srv := &agi.Server{Handler: agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		close(begun)
		<-release
		return s.Noop(ctx)
	})}
	addr, result := start(t, srv)
	silent := dial(t, addr)
	live := dial(t, addr)
	live.send(agitest.EnvironmentText(agi.Environment{}))
	<-begun
	done := make(chan error, 1)
	go func() { done <- srv.Shutdown(context.Background()) }()
	if rest := silent.end(); rest != "failure\n" {
		t.Errorf("without a session: %q, want failure", rest)
	}
	if err := <-result; !errors.Is(err, agi.ErrServerClosed) || !srv.Draining() {
		t.Errorf("Serve: %v, want ErrServerClosed", err)
	}
	if conn, err := net.Dial("tcp", addr); err == nil {
		t.Error("a new connection is accepted")
		conn.Close()
	}
	select {
	case err := <-done:
		t.Fatalf("Shutdown returned while a session lives: %v", err)
	default:
	}
	close(release)
	live.expect(noop, "200 result=0\n")
	if rest := live.end(); rest != "" {
		t.Errorf("the live session ends with %q", rest)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestShutdownThatTakesTooLong(t *testing.T) {
	begun, commands := make(chan struct{}), make(chan error, 1)
	srv := &agi.Server{Handler: agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		close(begun)
		err := s.Noop(ctx)
		commands <- err
		return err
	})}
	addr, result := start(t, srv)
	live := dial(t, addr)
	live.send(agitest.EnvironmentText(agi.Environment{}))
	<-begun
	live.expect(noop, "")
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	if err := srv.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Shutdown: %v, want a deadline", err)
	}
	if err := <-commands; !errors.Is(err, agi.ErrServerClosed) {
		t.Errorf("the command: %v, want ErrServerClosed", err)
	}
	if rest := live.end(); rest != "failure\n" {
		t.Errorf("the session that is cut: %q, want failure", rest)
	}
	if err := <-result; !errors.Is(err, agi.ErrServerClosed) {
		t.Error(err)
	}
	if err := srv.ListenAndServe(); !errors.Is(err, agi.ErrServerClosed) && !strings.Contains(err.Error(), "in use") {
		t.Errorf("serving again: %v", err)
	}
}

func TestServeReturnsWhenItsListenerIsClosed(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	srv := &agi.Server{Handler: serving}
	if err := srv.Serve(listener); !errors.Is(err, net.ErrClosed) {
		t.Errorf("%v, want net.ErrClosed", err)
	}
}

// TestCollector has one session of each kind.
func TestCollector(t *testing.T) {
	srv := &agi.Server{}
	mux := agi.NewMux()
	mux.HandleFunc("ok/{x}", func(ctx context.Context, s *agi.Session) error { return s.Noop(ctx) })
	mux.HandleFunc("failure", func(context.Context, *agi.Session) error { return errors.New("no") })
	mux.HandleFunc("panic", func(context.Context, *agi.Session) error { panic("no") })
	mux.HandleFunc("refused", func(ctx context.Context, s *agi.Session) error {
		_, err := s.Raw(ctx, "NO SUCH THING")
		return err
	})
	srv.Handler = mux
	addr := serve(t, srv)
	collector := agi.NewCollector("pbx1", srv)
	for _, script := range []string{"ok/1", "ok/2", "failure", "panic", "refused", "nothing"} {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		_, err = agitest.Play(conn, agitest.Channel{
			Environment: agi.Environment{Script: script}, Timeout: patience,
			Replies: map[string][]string{"NO": {"510 Invalid or unknown command"}},
		})
		if conn.Close(); err != nil {
			t.Error(script, err)
		}
	}
	waitFor(t, "the end of the sessions", func() bool { return srv.Sessions() == 0 })
	if err := testutil.CollectAndCompare(collector, strings.NewReader(`
# HELP asterisk_agi_command_errors_total AGI commands that failed, by command and code.
# TYPE asterisk_agi_command_errors_total counter
asterisk_agi_command_errors_total{code="510",command="other",pbx="pbx1"} 1
# HELP asterisk_agi_sessions AGI sessions that are being served.
# TYPE asterisk_agi_sessions gauge
asterisk_agi_sessions{pbx="pbx1"} 0
# HELP asterisk_agi_sessions_total AGI sessions that have ended, by script and result.
# TYPE asterisk_agi_sessions_total counter
asterisk_agi_sessions_total{pbx="pbx1",result="failure",script="failure"} 1
asterisk_agi_sessions_total{pbx="pbx1",result="failure",script="refused"} 1
asterisk_agi_sessions_total{pbx="pbx1",result="no_route",script="unknown"} 1
asterisk_agi_sessions_total{pbx="pbx1",result="ok",script="ok/{x}"} 2
asterisk_agi_sessions_total{pbx="pbx1",result="panic",script="panic"} 1
`), "asterisk_agi_command_errors_total", "asterisk_agi_sessions", "asterisk_agi_sessions_total"); err != nil {
		t.Error(err)
	}
	if problems, err := testutil.CollectAndLint(collector); err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
}
