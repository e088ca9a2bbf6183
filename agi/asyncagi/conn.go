package asyncagi

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/asterism-go/asterism/ami"
)

// conn is one call as a connection: the session reads replies from it and writes commands to it.
type conn struct {
	net.Conn // the session's end of a pipe
	far      net.Conn
	listener *Listener
	id       string // the channel's Uniqueid
	nonce    string

	mu          sync.Mutex
	begun       bool   // the environment is complete
	failed      bool   // the handler has failed
	over        bool   // Asterisk takes no more commands for this session
	outstanding int    // commands whose result has not come
	sent        int    // commands at all
	held        string // what came of replies that are not complete
	out         string // for the session
	wake        chan struct{}
}

// The limits of Asterisk's side.
const (
	// longestCommand leaves room in a line of the Manager, which has 1,022 bytes, for the header's name.
	longestCommand = 1000
	// longestResult is what Asterisk reads of a reply at once (AGI_BUF_SIZE in res/res_agi.c).
	longestResult = 1024
	// longestEncoded is what it can send of that when it is encoded (AMI_BUF_SIZE there). The rest is lost for good.
	longestEncoded = 2040
)

// LongestCommand tells the session how long a command may be, and that commands are queued.
func (c *conn) LongestCommand() int { return longestCommand }

// RemoteAddr is the address of the Manager.
func (c *conn) RemoteAddr() net.Addr { return c.listener.Addr() }

func newConn(l *Listener, id string) *conn {
	near, far := net.Pipe()
	return &conn{Conn: near, far: far, listener: l, id: id, nonce: rand.Text(), wake: make(chan struct{}, 1)}
}

// start begins with the environment.
func (c *conn) start(env string) {
	c.mu.Lock()
	c.receive(env)
	c.mu.Unlock()
	c.listener.work.Go(c.feed)
	c.listener.work.Go(c.carry)
}

// fail says that the handler has failed.
func (c *conn) fail() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failed = true
}

// result takes the result of a command. Others may send commands to the channel too.
func (c *conn) result(command, encoded string) {
	if !strings.HasPrefix(command, c.nonce) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.outstanding--
	c.receive(encoded)
}

// receive puts together what Asterisk has read in pieces. What is left in its pipe comes only with the result of a further
// command, so one is sent if there is none on its way: a word that is echoed, and taken out here. The lock must be held.
func (c *conn) receive(encoded string) {
	text, err := url.PathUnescape(encoded)
	if err != nil || len(encoded) >= longestEncoded {
		c.endLocked("")
		return
	}
	c.held += text
	complete := strings.HasSuffix(c.held, "\n")
	if !c.begun {
		complete = strings.Contains(c.held, "\n\n")
	}
	if len(text) >= longestResult || !complete {
		if c.outstanding == 0 {
			c.listener.work.Go(func() { c.do(`GET FULL VARIABLE "`+c.flushWord()+`"`, true) })
			c.outstanding++
		}
		return
	}
	held := strings.ReplaceAll(c.held, "200 result=1 ("+c.flushWord()+")\n", "")
	c.held = ""
	if !c.begun {
		c.begun = true
		held = script(held) + held
	}
	c.put(held)
}

func (c *conn) flushWord() string { return "rest-" + c.nonce }

// script is the line of the environment that a FastAGI address would have caused: the first argument is the script.
func script(env string) string {
	_, after, found := strings.Cut(env, "\nagi_arg_1: ")
	if !found {
		return ""
	}
	argument, _, _ := strings.Cut(after, "\n")
	return "agi_network_script: " + argument + "\n"
}

// put passes on to the session. The lock must be held.
func (c *conn) put(text string) {
	c.out += text
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// end ends the session: Asterisk takes no more commands for it.
func (c *conn) end(last string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.endLocked(last)
}

func (c *conn) endLocked(last string) {
	if !c.over {
		c.over = true
		c.put(c.held + last)
	}
}

// feed writes to the session, so that the one who reads the events never waits.
func (c *conn) feed() {
	for range c.wake {
		c.mu.Lock()
		text, over := c.out, c.over
		c.out = ""
		c.mu.Unlock()
		if text != "" { // an empty write is an empty read at the other end
			if _, err := c.far.Write([]byte(text)); err != nil {
				return
			}
		}
		if over {
			c.far.Close()
			return
		}
	}
}

// carry sends the session's commands until the session is over, and then tells Asterisk.
func (c *conn) carry() {
	defer c.listener.forget(c)
	lines := bufio.NewScanner(c.far)
	lines.Buffer(nil, 2*longestCommand)
	for lines.Scan() {
		if lines.Text() == failure {
			c.fail()
			continue
		}
		c.do(lines.Text(), false)
	}
	c.far.Close()
	c.mu.Lock()
	over, status := c.over, success
	if c.failed {
		status = failure
	}
	c.over = true
	c.put("") // so that feed ends
	c.mu.Unlock()
	if !over {
		c.listener.leave(c.id, status) //nolint:errcheck // the call is over, or the connection is lost
	}
}

// do sends one command.
func (c *conn) do(command string, counted bool) {
	c.mu.Lock()
	if c.over {
		c.mu.Unlock()
		return
	}
	c.sent++
	if !counted {
		c.outstanding++
	}
	id := c.nonce + "-" + strconv.Itoa(c.sent)
	c.mu.Unlock()
	if err := c.listener.send(c.id, id, command); err != nil {
		last := ""
		var refused *ami.ResponseError
		if errors.As(err, &refused) { // there is no such channel
			last = "HANGUP\n"
		}
		c.end(last)
	}
}

// patience bounds how long the Manager may take to answer.
const patience = 10 * time.Second

// send sends one command to a channel.
func (l *Listener) send(channel, id, command string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, err := l.client.Do(ctx, ami.Action{Name: "AGI"}.With("Channel", channel).With("Command", command).With("CommandID", id))
	return err
}

// The ends of a session.
const (
	success = "success"
	failure = "failure"
)

// leave lets a call go on in the dialplan. Nothing may be sent after that: Asterisk would keep it for the next AGI(agi:async)
// of the channel.
func (l *Listener) leave(channel, status string) error {
	set := "SET VARIABLE ASYNCAGISTATUS " + strings.ToUpper(status)
	return errors.Join(l.send(channel, "end", set), l.send(channel, "end", "ASYNCAGI BREAK"))
}
