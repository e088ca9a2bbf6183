package main

import (
	"bytes"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
)

// tracer can show every line of the sessions of one call, in the log, while they run.
type tracer struct {
	log *slog.Logger
	on  atomic.Bool // any call is traced

	mu    sync.Mutex
	calls map[string]bool // by uniqueid or caller's number
}

func newTracer(log *slog.Logger) *tracer { return &tracer{log: log, calls: map[string]bool{}} }

// set begins or ends to trace the calls with this uniqueid or caller's number.
func (t *tracer) set(call string, on bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if on {
		t.calls[call] = true
	} else {
		delete(t.calls, call)
	}
	t.on.Store(len(t.calls) > 0)
}

func (t *tracer) wants(uniqueid, caller string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.calls[uniqueid] || t.calls[caller]
}

// tapped is a listener whose connections can be traced.
type tapped struct {
	net.Listener
	tracer *tracer
}

// Accept implements [net.Listener].
func (l tapped) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &tap{Conn: conn, tracer: l.tracer}, nil
}

// maxTapped is how many bytes of an unfinished line, or of an environment, are kept to look at.
const maxTapped = 32 << 10

// tap is a connection that shows its lines if it is traced.
type tap struct {
	net.Conn
	tracer *tracer

	mu               sync.Mutex
	environment      []byte // until it is complete
	uniqueid, caller string
	in, out          []byte // lines that are not complete
	secret           bool   // the next reply may hold digits that the caller has pressed
}

// Read implements [net.Conn].
func (c *tap) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.read(p[:n])
	}
	return n, err
}

func (c *tap) read(p []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.uniqueid == "" {
		c.learn(p)
		return
	}
	if c.tracer.on.Load() {
		c.in = c.show("asterisk", append(c.in, p...))
	}
}

// learn finds out whose call it is.
func (c *tap) learn(p []byte) {
	if len(c.environment)+len(p) > maxTapped {
		return
	}
	c.environment = append(c.environment, p...)
	block, _, complete := bytes.Cut(c.environment, []byte("\n\n"))
	if !complete {
		return
	}
	for line := range strings.Lines(string(block)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case "agi_uniqueid":
			c.uniqueid = value
		case "agi_callerid":
			c.caller = value
		}
	}
	c.environment = nil
}

// Write implements [net.Conn].
func (c *tap) Write(p []byte) (int, error) {
	if c.tracer.on.Load() {
		c.mu.Lock()
		c.out = c.show("fastagid", append(c.out, p...))
		c.mu.Unlock()
	}
	return c.Conn.Write(p)
}

// CloseWrite closes the sending half, as of a TCP connection.
func (c *tap) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return c.Close()
}

// show logs the complete lines, if the call is traced, and returns what is left.
func (c *tap) show(from string, text []byte) []byte {
	wanted := c.tracer.wants(c.uniqueid, c.caller)
	for {
		line, rest, found := bytes.Cut(text, []byte("\n"))
		if !found {
			break
		}
		shown := c.redact(from, string(line))
		if wanted {
			c.tracer.log.Info("trace", "uniqueid", c.uniqueid, "from", from, "line", shown)
		}
		text = rest
	}
	if len(text) > maxTapped {
		text = nil
	}
	return bytes.Clone(text)
}

// keyed begin the commands whose replies tell what the caller has pressed: a PIN, a card number.
var keyed = []string{
	"GET DATA", "GET OPTION", "WAIT FOR DIGIT", "STREAM FILE", "CONTROL STREAM FILE", "RECORD FILE", "SAY ", "RECEIVE ", "SPEECH ",
}

// redact leaves out digits that the caller has pressed, and those that a command says back.
func (c *tap) redact(from, line string) string {
	if from == "fastagid" {
		c.secret = false
		for _, name := range keyed {
			c.secret = c.secret || strings.HasPrefix(line, name)
		}
		if strings.HasPrefix(line, "SAY ") {
			return strings.Join(strings.Fields(line)[:2], " ") + " ***"
		}
		return line
	}
	if !c.secret || !strings.HasPrefix(line, "200 result=") {
		return line
	}
	c.secret = false
	return "200 result=***"
}
