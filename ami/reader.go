package ami

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// DefaultMaxMessageSize is the size of the largest message, in bytes, that a [Reader] takes unless it is told otherwise:
// 4 MiB. The largest seen are answers to Command and GetConfig, for which Asterisk has no bound.
const DefaultMaxMessageSize = 4 << 20

// bannerPrefix begins the line with which Asterisk greets (session_do in main/manager.c).
const bannerPrefix = "Asterisk Call Manager"

// Reader reads messages from a stream: a connection, or a recording of one. It takes no more from the stream than it needs
// to find the next message, in whatever pieces the stream comes. It is not safe for concurrent use.
type Reader struct {
	// MaxMessageSize is the largest message in bytes; a larger one is a [*ProtocolError]. Zero means
	// [DefaultMaxMessageSize].
	MaxMessageSize int

	src        io.Reader
	buf        []byte // what is read but not yet returned is buf[start:]
	start      int
	scan       scanner
	scratch    []byte // of the message that is borrowed
	pastBanner bool
}

// NewReader returns a Reader of src. If the stream starts with the banner of Asterisk, ReadMessage passes over it.
func NewReader(src io.Reader) *Reader { return &Reader{src: src} }

// ReadBanner reads the line with which Asterisk greets, such as "Asterisk Call Manager/11.0.0", and returns it without the
// line end. It must come before the first ReadMessage. A first line of any other kind is a [*ProtocolError].
func (r *Reader) ReadBanner() (string, error) {
	line, ok, err := r.banner()
	if err == nil && !ok {
		err = &ProtocolError{Problem: fmt.Sprintf("the first line is not Asterisk's banner but %q", line)}
	}
	return line, err
}

// ReadMessage returns the next message. At the end of the stream the error is [io.EOF], inside a message it wraps
// [io.ErrUnexpectedEOF]; other errors of the stream are returned as they are.
func (r *Reader) ReadMessage() (Message, error) {
	if err := r.next(); err != nil {
		return Message{}, err
	}
	m := r.scan.message(r.buf[r.start:])
	r.start += r.scan.pos
	return m, nil
}

// Borrow is [Reader.ReadMessage] without a copy of its own: the message and every string from it are valid until the next
// call only. Keep what is to stay with [Message.Clone]. It is for those who look at much and keep little.
func (r *Reader) Borrow() (Message, error) {
	if err := r.next(); err != nil {
		return Message{}, err
	}
	m := r.scan.borrow(r.buf[r.start:], &r.scratch)
	r.start += r.scan.pos
	return m, nil
}

// next finds the next message.
func (r *Reader) next() error {
	if !r.pastBanner {
		if _, _, err := r.banner(); err != nil {
			return err
		}
	}
	r.scan.reset()
	for !r.scan.scan(r.buf[r.start:]) {
		r.skip()
		if len(r.buf)-r.start-r.scan.begin > r.limit()+len("\r\n") { // blank lines around it do not count
			return errTooLarge(r.limit())
		}
		if err := r.fill(); err != nil {
			return r.atEnd(err)
		}
	}
	if r.scan.end-r.scan.begin > r.limit() {
		return errTooLarge(r.limit())
	}
	return nil
}

// skip forgets stray blank lines before a message, so that they cannot fill the buffer.
func (r *Reader) skip() {
	if len(r.scan.table) == 0 && r.scan.pos > 0 {
		r.start += r.scan.pos
		r.scan.reset()
	}
}

// atEnd makes an end inside a message an error of its own.
func (r *Reader) atEnd(err error) error {
	rest := bytes.Trim(r.buf[r.start:], "\r\n")
	if errors.Is(err, io.EOF) && len(rest) > 0 {
		return fmt.Errorf("ami: the stream ends inside a message: %w", io.ErrUnexpectedEOF)
	}
	return err
}

// bannerLimit is the longest first line in bytes.
const bannerLimit = 1024

// banner looks at the first line. If it is a banner, it is consumed.
func (r *Reader) banner() (line string, ok bool, err error) {
	for {
		buf := r.buf[r.start:]
		end := bytes.IndexByte(buf, '\n')
		if end > bannerLimit { // the same as if the rest had not come yet
			end = -1
		}
		if end >= 0 || len(buf) > bannerLimit {
			line = string(bytes.TrimRight(buf[:max(end, 0)], "\r"))
			break
		}
		if err := r.fill(); err != nil {
			if errors.Is(err, io.EOF) && len(buf) > 0 {
				break // no banner: let ReadMessage say what is wrong with it
			}
			return "", false, err
		}
	}
	r.pastBanner = true
	ok = len(line) >= len(bannerPrefix) && line[:len(bannerPrefix)] == bannerPrefix && strings.IndexByte(line, ':') < 0
	if ok {
		r.start += bytes.IndexByte(r.buf[r.start:], '\n') + 1
	}
	return line, ok, nil
}

// A Reader starts with a buffer of bufferSize, some thirty messages of the usual 500 bytes. Where reads fill it to the brim,
// as in a burst, it grows to busyBufferSize: fewer reads cost less.
const (
	bufferSize     = 16 << 10
	busyBufferSize = 1 << 20
)

// fill reads more from the stream behind what the buffer holds.
func (r *Reader) fill() error {
	switch {
	case r.buf == nil:
		r.buf = make([]byte, 0, bufferSize)
	case len(r.buf) == cap(r.buf):
		r.makeRoom()
	case r.start == len(r.buf):
		r.buf, r.start = r.buf[:0], 0
	}
	for range maxEmptyReads {
		n, err := r.src.Read(r.buf[len(r.buf):cap(r.buf)])
		r.buf = r.buf[:len(r.buf)+n]
		if n > 0 {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}

// maxEmptyReads is how often a stream may return nothing and no error in a row, as in package bufio.
const maxEmptyReads = 100

// makeRoom moves the message that is being read to the front of the buffer, which doubles if that is not enough or if it
// fills up quickly.
func (r *Reader) makeRoom() {
	kept := r.buf[r.start:]
	if len(kept) > cap(r.buf)/2 || cap(r.buf) < busyBufferSize {
		r.buf = append(make([]byte, 0, 2*cap(r.buf)), kept...)
	} else {
		r.buf = append(r.buf[:0], kept...)
	}
	r.start = 0
}

func (r *Reader) limit() int {
	if r.MaxMessageSize > 0 {
		return r.MaxMessageSize
	}
	return DefaultMaxMessageSize
}
