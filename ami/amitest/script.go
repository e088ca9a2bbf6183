package amitest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/asterism-go/asterism/ami"
)

// Step is one thing that Asterisk does in a connection, or expects.
type Step func(*Conn) error

// Script is what happens in a connection, step by step.
type Script []Step

// Run plays the script on a connection and closes it. Use it to play on one end of a [net.Pipe]; [Start] and [NewManager]
// call it for every connection they take.
func (s Script) Run(conn net.Conn) error { return s.run(conn, nil) }

func (s Script) run(conn net.Conn, closing <-chan struct{}) error {
	defer conn.Close()
	c := &Conn{Conn: conn, reader: ami.NewReader(conn), closing: closing}
	for i, step := range s {
		err := step(c)
		if errors.Is(err, errHungUp) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("amitest: step %d: %w", i+1, err)
		}
	}
	return nil
}

// Expect reads the next action. It must have this name and contain these headers, written as "Key: value".
func Expect(action string, headers ...string) Step {
	return func(c *Conn) error {
		m, err := c.Next()
		if err != nil {
			return fmt.Errorf("waiting for %s: %w", action, err)
		}
		if name(m) != action {
			return fmt.Errorf("got %s instead of %s", name(m), action)
		}
		for _, h := range headers {
			if !hasLine(m, h) {
				return fmt.Errorf("%s has no %q but is\n%s", action, h, m)
			}
		}
		return nil
	}
}

// Reply answers the action that was expected last: it writes the lines as one message, with the action's ActionID second.
// The items of a list and the event that completes it are written with it too.
func Reply(lines ...string) Step {
	return func(c *Conn) error { return c.Reply(lines...) }
}

// Send writes the lines as one message: an event.
func Send(lines ...string) Step {
	return func(c *Conn) error { return c.Send(lines...) }
}

// Raw writes bytes as they are, each segment with a write of its own. On loopback segments may still arrive as one.
func Raw(segments ...string) Step {
	return func(c *Conn) error {
		for _, s := range segments {
			if _, err := io.WriteString(c, s); err != nil {
				return err
			}
		}
		return nil
	}
}

// Cork gathers what the steps write and sends it in one segment.
func Cork(steps ...Step) Step {
	return func(c *Conn) error {
		var buf bytes.Buffer
		conn := c.Conn
		c.Conn = corked{conn, &buf}
		defer func() { c.Conn = conn }()
		for _, step := range steps {
			if err := step(c); err != nil {
				return err
			}
		}
		_, err := conn.Write(buf.Bytes())
		return err
	}
}

// corked is a connection whose writes go elsewhere.
type corked struct {
	net.Conn
	buf *bytes.Buffer
}

func (c corked) Write(p []byte) (int, error) { return c.buf.Write(p) }

// Pause lets time pass, for an Asterisk that is slow.
func Pause(d time.Duration) Step {
	return func(c *Conn) error {
		select {
		case <-time.After(d):
			return nil
		case <-c.closing:
			return errClosing
		}
	}
}

// WaitFor waits until the test closes the channel.
func WaitFor(ch <-chan struct{}) Step {
	return func(c *Conn) error {
		select {
		case <-ch:
			return nil
		case <-c.closing:
			return errClosing
		}
	}
}

// ExpectClose waits until the client closes the connection.
func ExpectClose() Step {
	return func(c *Conn) error {
		m, err := c.Next()
		if err == nil {
			return fmt.Errorf("got %s instead of the end of the connection", name(m))
		}
		if errors.Is(err, io.EOF) || isReset(err) {
			return nil
		}
		return err
	}
}
