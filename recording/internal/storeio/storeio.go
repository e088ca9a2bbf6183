// Package storeio has what the stores of recordings share: readers that hold a stream to its size, sequences of
// listings, and the making of their errors.
package storeio

import (
	"context"
	"fmt"
	"io"
	"iter"

	"github.com/asterism-go/asterism/recording"
)

// Fail makes the error of a store; nil stays nil. An error that is one already stays what it is.
func Fail(store, op, name string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := err.(*recording.StoreError); ok { //nolint:errorlint // only the outermost: one that is wrapped says more
		return err
	}
	return &recording.StoreError{Store: store, Op: op, Name: name, Err: err}
}

// Extent tells how many bytes the range off, n of a file of this size has: see recording.Store.
func Extent(size, off, n int64) int64 {
	left := max(size-off, 0)
	if n < 0 {
		return left
	}
	return min(n, left)
}

// Listed is what List of a store returns where a folder is listed at once, when the sequence is ranged over.
func Listed(list func() ([]recording.Info, error)) iter.Seq2[recording.Info, error] {
	return func(yield func(recording.Info, error) bool) {
		all, err := list()
		if err != nil {
			yield(recording.Info{}, err)
			return
		}
		for _, info := range all {
			if !yield(info, nil) {
				return
			}
		}
	}
}

// Sized holds a source to its size: giving more or less than size bytes is recording.ErrSize. Size -1 takes all. Reading ends
// when ctx does.
func Sized(ctx context.Context, r io.Reader, size int64) *SizedReader {
	return &SizedReader{ctx: ctx, r: r, size: size}
}

// SizedReader is made by Sized.
type SizedReader struct {
	ctx  context.Context //nolint:containedctx // an io.Reader has no other way to be cancelled
	r    io.Reader
	size int64
	// N is how many bytes were read.
	N int64
	// Err is the error that r has given, or that of a wrong size: it tells a bad source from a bad store.
	Err error
}

func (s *SizedReader) Read(p []byte) (int, error) {
	if s.Err != nil {
		return 0, s.Err
	}
	if err := s.ctx.Err(); err != nil {
		s.Err = err
		return 0, err
	}
	n, err := s.r.Read(p)
	s.N += int64(n)
	switch {
	case s.size >= 0 && s.N > s.size:
		err = fmt.Errorf("%w: the source gives more than %d bytes", recording.ErrSize, s.size)
	case err == io.EOF && s.size >= 0 && s.N < s.size: //nolint:errorlint // a reader's end is this very value
		err = fmt.Errorf("%w: the source gives %d bytes of %d", recording.ErrSize, s.N, s.size)
	}
	if err != nil && err != io.EOF { //nolint:errorlint // a reader's end is this very value
		s.Err = err
	}
	return n, err
}

// Exactly holds what a store gives to the size of the range: an end that comes too early is the error short, what comes
// after the range is not read. Close closes rc.
func Exactly(rc io.ReadCloser, want int64, short error) io.ReadCloser {
	return &exact{rc: rc, left: want, short: short}
}

type exact struct {
	rc    io.ReadCloser
	left  int64
	short error
}

func (e *exact) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	if int64(len(p)) > e.left {
		p = p[:e.left]
	}
	n, err := e.rc.Read(p)
	e.left -= int64(n)
	if err == io.EOF { //nolint:errorlint // a reader's end is this very value
		err = nil
		if e.left > 0 {
			err = fmt.Errorf("%w: %d bytes are missing", e.short, e.left)
		}
	}
	return n, err
}

func (e *exact) Close() error { return e.rc.Close() }
