package sftpstore

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"

	"github.com/pkg/sftp"

	"github.com/asterism-go/asterism/recording"
	"github.com/asterism-go/asterism/recording/internal/storeio"
)

// Reading goes ahead: so many chunks are asked for before the first is there, which hides the way to the server and back.
// The first chunks are small: what is read of a range begins early, and what a bad connection has brought is kept.
const (
	smallest = 32 << 10
	chunk    = 256 << 10
	ahead    = 8
)

// packet is how much to ask for at once. Servers answer 32 KiB to everybody (draft-ietf-secsh-filexfer-02, section 3); OpenSSH 8.5 and
// later say with limits@openssh.com that they give 255 KiB, which makes a quarter of the work of it. The library asks before it
// hears that, so it is told by the version.
func packet(version string) sftp.ClientOption {
	var major, minor int
	_, after, _ := strings.Cut(version, "OpenSSH_")
	if n, _ := fmt.Sscanf(after, "%d.%d", &major, &minor); n == 2 && (major > 8 || major == 8 && minor >= 5) {
		return sftp.MaxPacketUnchecked(255 << 10)
	}
	return sftp.MaxPacketChecked(32 << 10)
}

// Open reads a range of a file. It asks for up to 2 MiB ahead of what is read.
func (s *Store) Open(ctx context.Context, name string, off, n int64) (io.ReadCloser, error) {
	err := recording.CheckName(name)
	var r *reader
	if err == nil {
		r, err = s.open(ctx, name)
	}
	if err != nil {
		return nil, s.fail("open", name, err)
	}
	r.begin(off, storeio.Extent(r.size, off, n))
	return r, nil
}

// open opens a file on a connection that it keeps, a new one if that of the pool has ended.
func (s *Store) open(ctx context.Context, name string) (*reader, error) {
	for fresh := false; ; fresh = true {
		c, reused, err := s.pool.Get(ctx, fresh)
		if err != nil {
			return nil, err
		}
		r := &reader{store: s, conn: c, name: name, ctx: ctx, stop: make(chan struct{})}
		err = c.do(ctx, func() error { return r.open(name) })
		if err == nil {
			return r, nil
		}
		s.pool.Put(c)
		if !reused || fresh || !recording.SafeToRetry(err) {
			return nil, err
		}
	}
}

// reader reads a range of a file, ahead.
type reader struct {
	store *Store
	conn  *conn
	name  string
	file  *sftp.File
	size  int64
	ctx   context.Context //nolint:containedctx // an io.Reader has no other way to be cancelled
	stop  chan struct{}   // closed when nothing more is to be asked for
	work  sync.WaitGroup

	chunks chan chan chunkRead // in the order of the file
	rest   []byte              // of the piece that is being read
	err    error
}

// chunkRead is a chunk that has come.
type chunkRead struct {
	data []byte
	err  error
}

// open opens the file; a pipe, whose opening would make the server wait, is seen before.
func (r *reader) open(name string) error {
	where, info, err := r.conn.stat(name)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return fmt.Errorf("%w: it is a folder", fs.ErrInvalid)
	}
	r.size = info.Size()
	r.file, err = r.conn.sftp.Open(where)
	return err
}

// begin starts to read n bytes from off on.
func (r *reader) begin(off, n int64) {
	r.chunks = make(chan chan chunkRead, ahead-1)
	r.work.Go(func() {
		defer close(r.chunks)
		for piece := int64(smallest); n > 0; piece = min(2*piece, chunk) {
			come := make(chan chunkRead, 1)
			select {
			case r.chunks <- come:
			case <-r.ctx.Done():
				return
			case <-r.stop:
				return
			}
			from, size := off, min(n, piece)
			r.work.Go(func() { come <- r.fetch(from, size) })
			off, n = off+size, n-size
		}
	})
}

// fetch reads one chunk.
func (r *reader) fetch(off, n int64) chunkRead {
	data := make([]byte, n)
	var got int
	err := r.conn.do(r.ctx, func() (err error) {
		got, err = r.file.ReadAt(data, off)
		if got < len(data) && err == io.EOF { //nolint:errorlint // a reader's end is this very value
			err = fmt.Errorf("%w: it has ended at byte %d of %d", recording.ErrChanged, off+int64(got), r.size)
		}
		return err
	})
	if got == len(data) {
		err = nil
	}
	return chunkRead{data[:got], err}
}

// next waits for the next piece.
func (r *reader) next() error {
	if r.err != nil {
		return r.err
	}
	come, ok := <-r.chunks
	if err := r.ctx.Err(); err != nil {
		r.err = r.store.fail("read", r.name, err)
		return r.err
	}
	if !ok {
		r.err = io.EOF
		return r.err
	}
	p := <-come
	r.rest = p.data
	if p.err != nil {
		r.err = r.store.fail("read", r.name, p.err)
	}
	if len(r.rest) == 0 {
		return r.err
	}
	return nil
}

func (r *reader) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		if err := r.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// WriteTo saves a copy.
func (r *reader) WriteTo(w io.Writer) (written int64, err error) {
	for {
		for len(r.rest) > 0 {
			n, err := w.Write(r.rest)
			written += int64(n)
			r.rest = r.rest[n:]
			if err != nil {
				return written, err
			}
		}
		switch err := r.next(); err {
		case nil:
		case io.EOF: //nolint:errorlint // a reader's end is this very value
			return written, nil
		default:
			return written, err
		}
	}
}

// Close waits for what was asked for, closes the file, and gives the connection back: nobody else uses it before
// (github.com/pkg/sftp, issue 424).
func (r *reader) Close() error {
	if r.file == nil {
		return nil
	}
	close(r.stop)
	r.work.Wait()
	err := r.conn.do(context.WithoutCancel(r.ctx), r.file.Close)
	r.store.pool.Put(r.conn)
	r.file, r.rest, r.err = nil, nil, r.store.fail("read", r.name, fs.ErrClosed)
	if r.conn.ended() {
		return nil // there is no file to close any more; the reading has told why
	}
	return r.store.fail("close", r.name, err)
}
