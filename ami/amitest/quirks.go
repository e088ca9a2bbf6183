package amitest

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/asterism-go/asterism/ami"
)

// Split has the steps write in pieces of so many bytes, as Asterisk before 16.6 writes one line at a time and later ones cut
// where they like.
func Split(size int, steps ...Step) Step {
	return onConn(func(conn net.Conn) net.Conn { return splitting{conn, size} }, steps)
}

type splitting struct {
	net.Conn
	size int
}

func (c splitting) Write(p []byte) (int, error) {
	written := 0
	for written < len(p) {
		n, err := c.Conn.Write(p[written:min(len(p), written+c.size)])
		written += n
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

// WriteTimeout has the steps end the connection if the client does not read for so long, as Asterisk does after 100 ms
// unless writetimeout in manager.conf says otherwise (ast_iostream_write in main/iostream.c). That is no error of the
// script; the steps that are left are not played.
func WriteTimeout(d time.Duration, steps ...Step) Step {
	play := onConn(func(conn net.Conn) net.Conn { return impatient{conn, d} }, steps)
	return func(c *Conn) error {
		err := play(c)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return errHungUp
		}
		return err
	}
}

// errHungUp ends a script in which Asterisk has hung up.
var errHungUp = errors.New("Asterisk ended the connection")

type impatient struct {
	net.Conn
	patience time.Duration
}

func (c impatient) Write(p []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.patience)); err != nil {
		return 0, err
	}
	n, err := c.Conn.Write(p)
	if err != nil {
		return n, err
	}
	return n, c.SetWriteDeadline(time.Time{})
}

// onConn plays steps on another connection.
func onConn(wrap func(net.Conn) net.Conn, steps []Step) Step {
	return func(c *Conn) error {
		conn := c.Conn
		c.Conn = wrap(conn)
		defer func() { c.Conn = conn }()
		return firstOf(steps...)(c)
	}
}

// StrayBlankLine writes what a TestEvent of app_confbridge.c leaves behind.
func StrayBlankLine() Step { return Raw("\r\n") }

// Forge sends a genuine event whose data, which a caller chose, looks like another event made of these lines: Asterisk does
// not escape the arguments of applications.
func Forge(lines ...string) Step {
	return Send("Event: Newexten", "Privilege: dialplan,all", "Channel: PJSIP/caller-00000001", "Extension: s", "Application: NoOp",
		"AppData: harmless\r\n\r\n"+strings.Join(lines, "\r\n"), "Uniqueid: 1.1", "Linkedid: 1.1")
}

// Replay sends the messages of a recording, as [ami.Recorder] and any capture of a connection hold them. With speed 1 it takes
// the time that the events' headers Timestamp tell (timestampevents in manager.conf), with 10 a tenth of it; with 0 it sends
// as fast as it can.
func Replay(recording io.Reader, speed float64) Step {
	return func(c *Conn) error {
		reader := ami.NewReader(recording)
		pace := pacer{speed: speed}
		for {
			m, err := reader.Borrow()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return fmt.Errorf("the recording: %w", err)
			}
			if err := pace.wait(c, m.Get("Timestamp")); err != nil {
				return err
			}
			if _, err := io.WriteString(c, strings.TrimRight(m.String(), "\r\n")+"\r\n\r\n"); err != nil {
				return err
			}
		}
	}
}

// pacer waits until it is time.
type pacer struct {
	speed float64
	began time.Time
	first float64
}

func (p *pacer) wait(c *Conn, timestamp string) error {
	if p.speed <= 0 || timestamp == "" {
		return nil
	}
	at, err := strconv.ParseFloat(timestamp, 64)
	if err != nil {
		return fmt.Errorf("the recording: Timestamp %q", timestamp)
	}
	if p.began.IsZero() {
		p.began, p.first = time.Now(), at
	}
	due := p.began.Add(time.Duration((at - p.first) / p.speed * float64(time.Second)))
	return Pause(time.Until(due))(c)
}
