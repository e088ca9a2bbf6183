package agi

import (
	"context"
	"io"
	"net"
	"time"
)

// Shutdown lets the server end: it closes the listeners, so that Asterisk is refused and the dialplan goes on with
// AGISTATUS=FAILURE, and waits until the sessions have ended by themselves, and Serve has returned. If ctx ends first, it
// ends them as Close does and returns the cause.
func (srv *Server) Shutdown(ctx context.Context) error {
	srv.drain(lastCall)
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
// are closed; AGISTATUS is FAILURE then. It returns when the handlers have returned.
func (srv *Server) Close() error {
	srv.drain(0)
	srv.cut()
	srv.running.Wait()
	return nil
}

// lastCall is how long Shutdown still accepts connections. They are told that there is no room: a connection that waits to
// be accepted when its listener is closed would be reset, and AGISTATUS=SUCCESS.
const lastCall = 20 * time.Millisecond

// drain closes the listeners, and ends the connections that have no session yet.
func (srv *Server) drain(patience time.Duration) {
	srv.setup()
	srv.mu.Lock()
	defer srv.mu.Unlock()
	srv.draining = true
	for listener := range srv.listeners {
		l, ok := (*listener).(interface{ SetDeadline(t time.Time) error })
		if patience == 0 || !ok || l.SetDeadline(time.Now().Add(patience)) != nil {
			(*listener).Close()
		}
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

// cutSession tells Asterisk that the script has failed, and closes the connection. A command that runs ends before that is
// read.
func cutSession(conn net.Conn, s *Session) {
	if s != nil {
		s.cancel(ErrServerClosed)
	}
	conn.SetWriteDeadline(time.Now().Add(lastCall)) //nolint:errcheck // closed already, perhaps
	io.WriteString(conn, "failure\n")               //nolint:errcheck // so it is then
	conn.Close()
}

// Sessions returns how many sessions are being served.
func (srv *Server) Sessions() int { return int(srv.metrics.active.Load()) }

// Draining reports whether Shutdown or Close was called.
func (srv *Server) Draining() bool { return srv.isDraining() }
