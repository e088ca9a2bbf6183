package agi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"runtime/debug"
	"sync"
	"time"
)

// The defaults of [Server].
const (
	DefaultAddr               = "127.0.0.1:4573"
	DefaultEnvironmentTimeout = 5 * time.Second
	DefaultMaxSessions        = 10000
)

// Server is a FastAGI server: a dialplan calls it by AGI(agi://host/script). Set its fields, then call ListenAndServe or
// Serve; a zero field means its default. The fields must not change after that.
//
// FastAGI has neither a password nor encryption (launch_netscript in res/res_agi.c): whoever can connect can pretend to be
// Asterisk. So the server listens on loopback, and serves loopback only, unless told otherwise.
//
// Whatever keeps a call from its handler (no route, too many sessions, a server that shuts down), and a handler that fails
// or panics, is told to the dialplan: AGISTATUS is FAILURE there, so that it can go another way.
type Server struct {
	// Handler serves the sessions, usually a [*Mux].
	Handler Handler
	// Addr is where ListenAndServe listens. Default: [DefaultAddr].
	Addr string
	// Allow are the networks that may connect. Default: loopback.
	Allow []netip.Prefix
	// EnvironmentTimeout is how long a peer may take to send the environment. Default: [DefaultEnvironmentTimeout].
	EnvironmentTimeout time.Duration
	// MaxSessions bounds the connections at once. Default: [DefaultMaxSessions].
	MaxSessions int
	// MaxPerSource bounds those of one address. Default: MaxSessions.
	MaxPerSource int
	// Logger, if not nil, is told of sessions that fail and of what looks wrong. It never gets what callers have said.
	Logger *slog.Logger

	once    sync.Once
	metrics metrics

	mu        sync.Mutex
	listeners map[*net.Listener]bool // by address: a listener need not be comparable
	sessions  map[net.Conn]*Session  // nil while it has no environment
	sources   map[netip.Addr]int
	draining  bool
	running   sync.WaitGroup
	ended     chan struct{} // closed by Close
}

func (srv *Server) setup() {
	srv.once.Do(func() {
		srv.listeners = map[*net.Listener]bool{}
		srv.sessions = map[net.Conn]*Session{}
		srv.sources = map[netip.Addr]int{}
		srv.ended = make(chan struct{})
		srv.metrics.init()
	})
}

// ListenAndServe listens on Addr and serves.
func (srv *Server) ListenAndServe() error {
	addr := srv.Addr
	if addr == "" {
		addr = DefaultAddr
	}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", addr)
	if err != nil {
		return fmt.Errorf("agi: %w", err)
	}
	return srv.Serve(listener)
}

// The pause after an accept that failed, for want of file descriptors, say. It doubles up to the longest.
const (
	shortestPause = 5 * time.Millisecond
	longestPause  = time.Second
)

// Serve accepts connections of the listener and serves each in a goroutine of its own. It closes the listener in the end
// and always returns an error: [ErrServerClosed] after Shutdown or Close.
func (srv *Server) Serve(listener net.Listener) error {
	srv.setup()
	if !srv.add(&listener) {
		listener.Close()
		return ErrServerClosed
	}
	defer srv.remove(&listener)
	pause := shortestPause
	for {
		conn, err := listener.Accept()
		switch {
		case err == nil:
			pause = shortestPause
			srv.take(conn)
			continue
		case srv.isDraining():
			return ErrServerClosed // after the last call; see drain
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("agi: %w", err)
		}
		srv.log().Error("agi: accepting a connection failed, trying again", "error", err, "pause", pause)
		select {
		case <-time.After(pause):
		case <-srv.ended:
			return ErrServerClosed
		}
		pause = min(2*pause, longestPause)
	}
}

func (srv *Server) add(listener *net.Listener) bool {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	if srv.draining {
		return false
	}
	srv.listeners[listener] = true
	srv.running.Add(1)
	return true
}

func (srv *Server) remove(listener *net.Listener) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	(*listener).Close()
	delete(srv.listeners, listener)
	srv.running.Done()
}

func (srv *Server) isDraining() bool {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	return srv.draining
}

// take starts the goroutine of a connection. It does nothing else: whatever may wait for the peer is done there.
func (srv *Server) take(conn net.Conn) {
	source := sourceOf(conn)
	why := srv.admit(conn, source)
	srv.running.Go(func() {
		defer conn.Close()
		if why != "" {
			srv.metrics.rejected(why)
			srv.log().Warn("agi: connection refused", "source", source, "reason", why)
			refuse(conn)
			return
		}
		defer srv.release(conn, source)
		srv.serve(conn, source)
	})
}

// admit registers a connection, or says why it is refused.
func (srv *Server) admit(conn net.Conn, source netip.Addr) (why string) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	most := srv.MaxSessions
	if most <= 0 {
		most = DefaultMaxSessions
	}
	each := srv.MaxPerSource
	if each <= 0 {
		each = most
	}
	switch {
	case !srv.allowed(source):
		return "network"
	case srv.draining:
		return "draining"
	case len(srv.sessions) >= most:
		return "sessions"
	case srv.sources[source] >= each:
		return "source"
	}
	srv.sessions[conn] = nil
	srv.sources[source]++
	return ""
}

func (srv *Server) release(conn net.Conn, source netip.Addr) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	delete(srv.sessions, conn)
	if srv.sources[source]--; srv.sources[source] == 0 {
		delete(srv.sources, source)
	}
}

func (srv *Server) allowed(source netip.Addr) bool {
	if srv.Allow == nil {
		return source.IsLoopback() || !source.IsValid() // a pipe of a test has no address
	}
	for _, network := range srv.Allow {
		if network.Contains(source) {
			return true
		}
	}
	return false
}

func sourceOf(conn net.Conn) netip.Addr {
	if tcp, ok := conn.RemoteAddr().(*net.TCPAddr); ok {
		return tcp.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}

// serve runs one session.
func (srv *Server) serve(conn net.Conn, source netip.Addr) {
	s := newSession(context.Background(), conn, srv.metrics.hooks())
	defer s.cancel(nil)
	if err := srv.begin(conn, s); err != nil {
		srv.refused(conn, source, err)
		return
	}
	srv.metrics.active.Add(1)
	defer srv.metrics.active.Add(-1)
	began := time.Now()
	s.mu.Lock()
	s.watcher.start(began)
	s.mu.Unlock()
	err := srv.handle(s)
	s.finish(err)
	srv.metrics.ended(scriptLabel(s, err), resultOf(err), time.Since(began))
	if srv.Logger != nil {
		srv.tell(s, err, time.Since(began))
	}
}

// tell logs the end of a session.
func (srv *Server) tell(s *Session, err error, took time.Duration) {
	level, result := slog.LevelDebug, resultOf(err)
	if err != nil && result != "hangup" {
		level = slog.LevelWarn
	}
	srv.log().Log(s.ctx, level, "agi: session ended", "route", s.route, "uniqueid", s.env.Uniqueid, "channel", s.env.Channel,
		"result", result, "took", took, "error", err)
}

// begin reads the environment.
func (srv *Server) begin(conn net.Conn, s *Session) error {
	if err := srv.patient(conn); err != nil {
		return err
	}
	s.in.limit = maxEnvironmentBytes
	env, err := readEnvironment(&s.in)
	if err != nil {
		return err
	}
	s.in.limit = maxReplyLine
	s.env = env
	srv.mu.Lock()
	srv.sessions[conn] = s
	srv.mu.Unlock()
	if err := conn.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	return s.verify(srv.environmentTimeout())
}

// patient bounds how long the peer may take to send an environment. After Shutdown there is no time left.
func (srv *Server) patient(conn net.Conn) error {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	if srv.draining {
		return errDraining
	}
	return conn.SetReadDeadline(time.Now().Add(srv.environmentTimeout()))
}

func (srv *Server) environmentTimeout() time.Duration {
	if srv.EnvironmentTimeout > 0 {
		return srv.EnvironmentTimeout
	}
	return DefaultEnvironmentTimeout
}

var errDraining = errors.New("agi: the server shuts down")

// refused deals with a peer that has not sent an environment. One that connects and goes away, such as a health check,
// is no error.
func (srv *Server) refused(conn net.Conn, source netip.Addr, err error) {
	reason := "connection"
	var environment *EnvironmentError
	switch {
	case errors.As(err, &environment):
		reason = environment.Reason
	case errors.Is(err, errLineTooLong):
		reason = "size"
	case errors.Is(err, ErrDesync):
		reason = "tampered"
	case srv.isDraining():
		reason = "draining"
	case isTimeout(err):
		reason = "timeout"
	}
	srv.metrics.rejected(reason)
	if reason == "connection" {
		return
	}
	srv.log().Warn("agi: no session", "source", source, "reason", reason, "error", err)
	refuse(conn)
}

// handle calls the handler; a panic is an error.
func (srv *Server) handle(s *Session) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &panicError{value: p}
			srv.log().Error("agi: panic in a handler", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	if srv.Handler == nil {
		return ErrNoRoute
	}
	return srv.Handler.ServeAGI(s.ctx, s)
}

type panicError struct{ value any }

func (e *panicError) Error() string { return fmt.Sprintf("agi: the handler panicked: %v", e.value) }

func (srv *Server) log() *slog.Logger {
	if srv.Logger != nil {
		return srv.Logger
	}
	return slog.New(slog.DiscardHandler)
}
