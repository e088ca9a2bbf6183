package agi

import (
	"bufio"
	"errors"
	"io"
	"net"
	"strconv"
	"sync"
	"time"
)

// Transcribe returns a listener whose sessions are written down, byte for byte, each to a writer of its own: agitest.Replay
// makes a test of such a transcript. What open returns is closed at the end of the session; nil leaves a session out. A
// writer that fails ends the transcript and not the session.
//
// A transcript is a text. Each line is one piece as it was read or written: "<" for Asterisk or ">" for the session, a
// blank, and the bytes as a string of Go. It holds everything that was said over the session: the caller's number, and
// the digits that were pressed.
func Transcribe(listener net.Listener, open func() io.WriteCloser) net.Listener {
	return recordingListener{listener, open}
}

type recordingListener struct {
	net.Listener
	open func() io.WriteCloser
}

// Accept returns the next connection, which is written down.
func (l recordingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	to := l.open()
	if to == nil {
		return conn, nil
	}
	r := &recordedConn{Conn: conn, to: to, out: bufio.NewWriter(to)}
	if queue, ok := conn.(queuer); ok {
		return struct {
			*recordedConn
			queuer
		}{r, queue}, nil
	}
	return r, nil
}

// SetDeadline lets a server accept for a while longer when it shuts down, if the listener can do that.
func (l recordingListener) SetDeadline(t time.Time) error {
	if inner, ok := l.Listener.(interface{ SetDeadline(t time.Time) error }); ok {
		return inner.SetDeadline(t)
	}
	return errors.ErrUnsupported
}

// recordedConn is a connection that is written down.
type recordedConn struct {
	net.Conn
	mu  sync.Mutex
	to  io.Closer // nil when it is closed
	out *bufio.Writer
}

// Read reads, and writes down what came.
func (c *recordedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.note('<', p[:n])
	}
	return n, err
}

// Write writes down what goes, so that it is there before the answer.
func (c *recordedConn) Write(p []byte) (int, error) {
	c.note('>', p)
	return c.Conn.Write(p)
}

func (c *recordedConn) note(direction byte, text []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.to == nil {
		return
	}
	line := strconv.AppendQuote([]byte{direction, ' '}, string(text))
	c.out.Write(append(line, '\n')) //nolint:errcheck // a bufio.Writer keeps its first error, and the session goes on
}

// CloseWrite closes the sending half, as of a TCP connection.
func (c *recordedConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

// Close ends the transcript too.
func (c *recordedConn) Close() error {
	err := c.Conn.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.to != nil {
		c.out.Flush() // if that fails the transcript ends early, and the session was not disturbed
		c.to.Close()
		c.to = nil
	}
	return err
}
