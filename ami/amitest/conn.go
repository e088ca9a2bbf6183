package amitest

import (
	"bytes"
	"errors"
	"net"
	"strings"

	"github.com/asterism-go/asterism/ami"
)

// Conn is Asterisk's side of one connection, for steps that are functions of their own. It is not safe for concurrent use.
type Conn struct {
	net.Conn
	// Action is the last action that was read.
	Action ami.Message

	reader *ami.Reader
	// closing is closed when the Manager is; nil if there is none.
	closing <-chan struct{}
}

// errClosing ends a script that waits while its Manager is closed.
var errClosing = errors.New("the Manager was closed")

// Next reads the next action. The error is io.EOF when the client has closed the connection.
func (c *Conn) Next() (ami.Message, error) {
	m, err := c.reader.ReadMessage()
	if err == nil {
		c.Action = m
	}
	return m, err
}

// Reply writes a message made of lines, with the ActionID of the last action as its second line.
func (c *Conn) Reply(lines ...string) error {
	if id, ok := c.Action.Lookup("ActionID"); ok && len(lines) > 0 {
		lines = append([]string{lines[0], "ActionID: " + id}, lines[1:]...)
	}
	return c.Send(lines...)
}

// Send writes a message made of lines.
func (c *Conn) Send(lines ...string) error {
	var b bytes.Buffer
	for _, line := range lines {
		b.WriteString(line)
		b.WriteString("\r\n")
	}
	b.WriteString("\r\n")
	_, err := c.Write(b.Bytes())
	return err
}

// name returns the name of an action.
func name(action ami.Message) string { return action.Get("Action") }

// hasLine reports whether an action has the header "Key: value".
func hasLine(action ami.Message, line string) bool {
	key, value, _ := strings.Cut(line, ": ")
	for _, v := range action.Values(key) {
		if v == value {
			return true
		}
	}
	return false
}
