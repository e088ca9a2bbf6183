package sound

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// Reader yields the samples of a sound as they come. It is for one goroutine at a time.
type Reader struct {
	info          Info
	name          string
	in            io.Reader
	buf           []byte
	finish, close func() error // of a program that decodes
	fail          error
}

// NewReader reads the header of a sound and returns a Reader of its samples. Name is that of the file, size its size in bytes
// or -1 if that is not known. What takes a [Tool] to decode is an [*EncodedError].
func NewReader(r io.Reader, name string, size int64) (*Reader, error) {
	in := bufio.NewReader(r)
	info, err := inspect(in, name, size)
	if err != nil {
		return nil, err
	}
	if !info.Encoding.Decodable() {
		return nil, &EncodedError{Name: name, Encoding: info.Encoding}
	}
	return newReader(in, name, info), nil
}

func newReader(in io.Reader, name string, info Info) *Reader {
	if info.Size >= 0 {
		in = io.LimitReader(in, info.Size)
	}
	return &Reader{info: info, name: name, in: in}
}

// Info tells what is read.
func (r *Reader) Info() Info { return r.info }

// Close ends the [Tool] that decodes, if there is one, and returns its error if it has failed; else it does nothing. What the
// samples are read from is not closed.
func (r *Reader) Close() error {
	if r.close == nil {
		return nil
	}
	return r.close()
}

// maxSamples is how many samples are decoded at once.
const maxSamples = 16 << 10

// ReadSamples reads whole moments: as many samples as there are channels, or a multiple. It returns how many samples it has
// read; p must have room for a moment. At the end of the sound the error is [io.EOF]; a moment that is not whole there is
// left out, as while a file is being written.
func (r *Reader) ReadSamples(p []int16) (int, error) {
	channels := r.info.Channels
	want := min(len(p), maxSamples) / channels * channels
	if want == 0 {
		return 0, io.ErrShortBuffer
	}
	if r.fail != nil {
		return 0, r.fail
	}
	width, _ := r.info.Encoding.block()
	if r.buf == nil {
		r.buf = make([]byte, maxSamples*width)
	}
	got, err := io.ReadFull(r.in, r.buf[:want*int(width)])
	n := got / (int(width) * channels) * channels
	r.info.Encoding.decode(p[:n], r.buf)
	switch {
	case err == nil:
		return n, nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		r.fail = io.EOF
	default:
		r.fail = fmt.Errorf("sound: %s: %w", r.name, err)
	}
	if r.fail == io.EOF && r.finish != nil { //nolint:errorlint // it was set here
		if err := r.finish(); err != nil {
			r.fail = err
		}
	}
	if n > 0 {
		return n, nil
	}
	return 0, r.fail
}
