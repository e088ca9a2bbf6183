package agi

import (
	"context"
	"net"
)

// Shutdown lets the server end: it closes the listeners, so that Asterisk is refused and the dialplan goes on with
// AGISTATUS=FAILURE, and waits until the sessions have ended by themselves. If ctx ends first, it ends them as Close does
// and returns the cause.
func (srv *Server) Shutdown(ctx context.Context) error {
	srv.drain()
	done := make(chan struct{})
	go func() {
		defer close(done)
		srv.running.Wait()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		srv.cut()
		<-done
		return context.Cause(ctx)
	}
}

// Close ends the server at once: the contexts of all sessions end with the cause [ErrServerClosed], and their connections
// are closed. It returns when the handlers have returned.
func (srv *Server) Close() error {
	srv.drain()
	srv.cut()
	srv.running.Wait()
	return nil
}

// drain closes the listeners, and the connections that have no session yet.
func (srv *Server) drain() {
	srv.setup()
	srv.mu.Lock()
	defer srv.mu.Unlock()
	srv.draining = true
	for listener := range srv.listeners {
		listener.Close()
	}
	for conn, s := range srv.sessions {
		if s == nil {
			conn.SetReadDeadline(past) //nolint:errcheck // closed already, perhaps
		}
	}
}

// cut ends the sessions.
func (srv *Server) cut() {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	select {
	case <-srv.ended:
	default:
		close(srv.ended)
	}
	for conn, s := range srv.sessions {
		cutSession(conn, s)
	}
}

func cutSession(conn net.Conn, s *Session) {
	if s != nil {
		s.cancel(ErrServerClosed)
	}
	conn.Close()
}

// Sessions returns how many sessions are being served.
func (srv *Server) Sessions() int { return int(srv.metrics.active.Load()) }

// Draining reports whether Shutdown or Close was called.
func (srv *Server) Draining() bool { return srv.isDraining() }
