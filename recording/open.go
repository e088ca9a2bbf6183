package recording

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"
)

// File is an open recording. It reads from the store when it is read, and goes on where it was if the connection breaks. One File
// is for one goroutine.
type File struct {
	// Candidate is the recording.
	Candidate
	// MediaType is that of its name.
	MediaType string

	ctx   context.Context //nolint:containedctx // an io.Reader has no other way to be cancelled
	store Store
	at    int64
	from  io.ReadCloser // open at byte at, nil if nothing is open
	err   error
}

var _ io.ReadSeekCloser = (*File)(nil)

// reopens is how often a broken connection is replaced while no byte comes.
const reopens = 3

// Open opens the likeliest recording of a call, if it is [Candidate.Certain]: one of which only time and numbers fit may be that of another
// caller in the same queue. If there is none the error is ErrNoRecording; who wants to choose among the others uses Find and
// OpenFile. The context bounds the reading too; the caller closes the file.
func (f *Finder) Open(ctx context.Context, call Call) (*File, error) {
	found, err := f.Find(ctx, call)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 || !found[0].Certain() {
		return nil, fmt.Errorf("recording: call %q: %w: of %d files that may be it none is certain", call.ID, ErrNoRecording, len(found))
	}
	return OpenFile(ctx, f.Store, found[0])
}

// OpenFile opens a candidate, or anything else that has a Name. How large it is, is asked for now.
func OpenFile(ctx context.Context, store Store, c Candidate) (*File, error) {
	info, err := store.Stat(ctx, c.Name)
	if err != nil {
		return nil, err
	}
	if info.Dir {
		return nil, fmt.Errorf("recording: %q: %w: it is a folder", c.Name, fs.ErrInvalid)
	}
	c.Info = info
	return &File{Candidate: c, MediaType: MediaType(c.Name), ctx: ctx, store: store}, nil
}

// Read reads on. A file that has become another one meanwhile is ErrChanged.
func (f *File) Read(p []byte) (int, error) {
	switch {
	case f.err != nil:
		return 0, f.err
	case f.at >= f.Size:
		return 0, io.EOF
	case len(p) == 0:
		return 0, nil
	}
	for try := 1; ; try++ {
		n, err := f.read(p)
		f.at += int64(n)
		switch {
		case n > 0:
			if err != nil {
				f.shut()
			}
			return n, nil
		case err == nil:
			return 0, nil
		case !SafeToRetry(err) || try == reopens:
			return 0, err
		}
		f.shut()
		if err := f.same(); err != nil {
			return 0, err
		}
	}
}

func (f *File) read(p []byte) (int, error) {
	if f.from == nil {
		from, err := f.store.Open(f.ctx, f.Name, f.at, f.Size-f.at)
		if err != nil {
			return 0, err
		}
		f.from = from
	}
	n, err := f.from.Read(p)
	if err == io.EOF && f.at+int64(n) < f.Size { //nolint:errorlint // a reader's end is this very value
		err = fmt.Errorf("recording: %q: %w: it ends at byte %d of %d", f.Name, ErrChanged, f.at+int64(n), f.Size)
	}
	return n, err
}

// same tells whether the file is still the one that was opened.
func (f *File) same() error {
	info, err := f.store.Stat(f.ctx, f.Name)
	if err != nil {
		return err
	}
	return same(f.Info, info)
}

// same is ErrChanged if a file has become another one. One that has grown is being recorded; what was of it is still the same.
func same(before, now Info) error {
	if before.Size == now.Size && before.Time.Equal(now.Time) && before.Tag == now.Tag {
		return nil
	}
	if now.Size > before.Size {
		return fmt.Errorf("recording: %q: %w: it has grown from %d to %d bytes", before.Name, ErrLive, before.Size, now.Size)
	}
	return fmt.Errorf("recording: %q: %w", before.Name, ErrChanged)
}

// Seek moves without asking the store.
func (f *File) Seek(offset int64, whence int) (int64, error) {
	if f.err != nil {
		return 0, f.err
	}
	switch whence {
	case io.SeekCurrent:
		offset += f.at
	case io.SeekEnd:
		offset += f.Size
	case io.SeekStart:
	default:
		return 0, fmt.Errorf("recording: seek: %w", fs.ErrInvalid)
	}
	if offset < 0 {
		return 0, fmt.Errorf("recording: seek before the beginning: %w", fs.ErrInvalid)
	}
	if offset != f.at {
		f.shut()
		f.at = offset
	}
	return offset, nil
}

func (f *File) shut() {
	if f.from != nil {
		_ = f.from.Close() // what was read is told already
		f.from = nil
	}
}

// Close closes it.
func (f *File) Close() error {
	f.shut()
	f.err = fs.ErrClosed
	return nil
}

// Quiet is for how long nothing may have been written to a file that is taken for complete.
const Quiet = 5 * time.Second

// Settled tells whether a file is complete: ErrLive if it is still being recorded. A file that has changed within Quiet, to the clock of
// this machine, is looked at once more after a second.
func Settled(ctx context.Context, store Store, info Info) (Info, error) {
	if info.Time.IsZero() || time.Since(info.Time) > Quiet {
		return info, nil
	}
	wait := time.NewTimer(time.Second)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-ctx.Done():
		return info, ctx.Err()
	}
	now, err := store.Stat(ctx, info.Name)
	if err != nil {
		return info, err
	}
	if err := same(info, now); err != nil && !errors.Is(err, ErrChanged) {
		return now, err
	} else if err != nil {
		return now, fmt.Errorf("recording: %q: %w", info.Name, ErrLive)
	}
	return now, nil
}
