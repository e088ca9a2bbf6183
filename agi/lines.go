package agi

import (
	"bytes"
	"errors"
	"io"
)

// lines reads lines from a connection. What was read before an error, such as a deadline, is kept for the next call.
type lines struct {
	src   io.Reader
	buf   []byte
	start int
	limit int // of one line in bytes
}

var errLineTooLong = errors.New("a line is longer than it may be")

// lineBuffer is what a session starts with: an environment, or most replies, in one piece.
const lineBuffer = 2 << 10

// buffered reports whether something has come that nobody has taken.
func (l *lines) buffered() bool { return l.start < len(l.buf) }

// rest is what has come that nobody has taken. It is good until the next call.
func (l *lines) rest() []byte { return l.buf[l.start:] }

// next returns the next line without its line feed. It is good until the next call. A carriage return belongs to a value.
func (l *lines) next() ([]byte, error) {
	seen := 0
	for {
		if i := bytes.IndexByte(l.buf[l.start+seen:], '\n'); i >= 0 {
			line := l.buf[l.start : l.start+seen+i]
			l.start += seen + i + 1
			return line, nil
		}
		seen = len(l.buf) - l.start
		if seen > l.limit {
			return nil, errLineTooLong
		}
		if err := l.fill(); err != nil {
			return nil, err
		}
	}
}

func (l *lines) fill() error {
	switch {
	case l.buf == nil:
		l.buf = make([]byte, 0, lineBuffer)
	case l.start == len(l.buf):
		l.buf, l.start = l.buf[:0], 0
	case len(l.buf) == cap(l.buf):
		kept := l.buf[l.start:]
		size := cap(l.buf)
		if len(kept) > size/2 {
			size *= 2
		}
		l.buf, l.start = append(make([]byte, 0, size), kept...), 0
	}
	n, err := l.src.Read(l.buf[len(l.buf):cap(l.buf)])
	l.buf = l.buf[:len(l.buf)+n]
	if n > 0 {
		return nil
	}
	if err == nil {
		return io.ErrNoProgress
	}
	return err
}
