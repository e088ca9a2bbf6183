package sftpstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/pkg/sftp"

	"github.com/asterism-go/asterism/recording"
	"github.com/asterism-go/asterism/recording/internal/storeio"
)

// Store is a folder on an SFTP server. It may be used by several goroutines at once.
type Store struct {
	name string
	pool *pool
}

var _ recording.Store = (*Store)(nil)

// New makes a store. The first connection is made when it is needed.
func New(cfg Config) (*Store, error) {
	cfg, err := cfg.complete()
	if err != nil {
		return nil, fmt.Errorf("recording: sftp: %w", err)
	}
	return &Store{name: "sftp " + cfg.Addr, pool: newPool(cfg)}, nil
}

// String names the store as its errors do.
func (s *Store) String() string { return s.name }

// Close ends all connections; what is in flight fails with ErrClosed. It returns when nothing is left.
func (s *Store) Close() error {
	s.pool.close()
	return nil
}

// with makes a call on a connection of the pool. If that connection turns out to have ended while it was idle, the call is made once
// more on a new one.
func (s *Store) with(ctx context.Context, call func(c *conn) error) error {
	c, reused, err := s.pool.Get(ctx, false)
	if err != nil {
		return err
	}
	err = c.do(ctx, func() error { return call(c) })
	s.pool.Put(c)
	if !reused || !recording.SafeToRetry(err) {
		return err
	}
	c, _, err = s.pool.Get(ctx, true)
	if err != nil {
		return err
	}
	defer s.pool.Put(c)
	return c.do(ctx, func() error { return call(c) })
}

// resolve makes the server tell what a name means, links resolved. It may be something that is not there, if its folder is.
// Between this and what is done next somebody who may write on the server can put a link there: SFTP has no way to forbid it.
func (c *conn) resolve(name string) (string, error) {
	where, err := c.sftp.RealPath(path.Join(c.root, name))
	if err != nil {
		return "", err
	}
	if where != c.root && !strings.HasPrefix(where, strings.TrimSuffix(c.root, "/")+"/") {
		return "", fmt.Errorf("%w: a symbolic link leads there", recording.ErrOutside)
	}
	return where, nil
}

// stat tells of a name, and where it really is.
func (c *conn) stat(name string) (where string, info fs.FileInfo, err error) {
	if where, err = c.resolve(name); err == nil {
		info, err = c.sftp.Stat(where)
	}
	if err == nil && !info.IsDir() {
		err = regular(info)
	}
	return where, info, err
}

// Stat tells of a file or folder.
func (s *Store) Stat(ctx context.Context, name string) (recording.Info, error) {
	err := recording.CheckName(name)
	var info fs.FileInfo
	if err == nil {
		err = s.with(ctx, func(c *conn) (err error) {
			_, info, err = c.stat(name)
			return err
		})
	}
	if err != nil {
		return recording.Info{}, s.fail("stat", name, err)
	}
	return told(name, info), nil
}

// List tells of what is in a folder.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[recording.Info, error] {
	return storeio.Listed(func() (all []recording.Info, err error) {
		folder, begins, err := recording.CheckPrefix(prefix)
		if err == nil {
			err = s.with(ctx, func(c *conn) (err error) {
				all, err = c.list(folder, begins)
				return err
			})
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		return all, s.fail("list", prefix, err)
	})
}

func (c *conn) list(folder, begins string) ([]recording.Info, error) {
	where, err := c.resolve(folder)
	if err != nil {
		return nil, err
	}
	entries, err := c.sftp.ReadDir(where)
	if err != nil {
		return nil, err
	}
	var all []recording.Info
	for _, info := range entries {
		name := recording.Join(folder, info.Name())
		if !strings.HasPrefix(info.Name(), begins) || recording.CheckName(name) != nil {
			continue
		}
		if info.Mode()&fs.ModeSymlink != 0 {
			if _, info, err = c.stat(name); recording.SafeToRetry(c.translate(err)) {
				return nil, err
			}
			if err != nil {
				continue // it leads out, or nowhere
			}
		}
		if info.IsDir() || info.Mode().IsRegular() {
			all = append(all, told(name, info))
		}
	}
	slices.SortFunc(all, func(a, b recording.Info) int { return strings.Compare(a.Name, b.Name) })
	// sftp-server asks the system once more after the end of a folder, and some file systems (overlayfs) then begin again.
	return slices.CompactFunc(all, func(a, b recording.Info) bool { return a.Name == b.Name }), nil
}

// Delete removes a file.
func (s *Store) Delete(ctx context.Context, name string) error {
	err := recording.CheckName(name)
	if err == nil {
		err = s.with(ctx, func(c *conn) error {
			folder, err := c.resolve(parent(name))
			if err != nil {
				return err
			}
			target := path.Join(folder, path.Base(name))
			info, err := c.sftp.Lstat(target)
			if err == nil {
				err = regular(info)
			}
			if err == nil {
				err = c.sftp.Remove(target)
			}
			return err
		})
	}
	return s.fail("delete", name, err)
}

// Put stores a file: written beside its place, flushed, its size asked for, then renamed. Where a file is already, it needs a server that can
// replace it in one step, as OpenSSH's can; another one is ErrUnsupported, and the file stays as it was.
func (s *Store) Put(ctx context.Context, name string, r io.Reader, size int64) error {
	if err := recording.CheckName(name); err != nil {
		return s.fail("put", name, err)
	}
	return s.fail("put", name, s.put(ctx, name, storeio.Sized(ctx, r, size)))
}

func (s *Store) put(ctx context.Context, name string, r *storeio.SizedReader) error {
	var folder string
	if err := s.with(ctx, func(c *conn) (err error) { // a connection that has ended is seen here, before r is read
		folder, err = c.makeFolder(parent(name))
		return err
	}); err != nil {
		return err
	}
	part := path.Join(folder, recording.PartName(path.Base(name)))
	opened, err := s.place(ctx, part, path.Join(folder, path.Base(name)), r)
	if err != nil && opened {
		s.discard(ctx, part) // takes a connection: that of place is given back, there may be no other
	}
	return err
}

// place writes the part and gives it its name. It tells whether it came to writing.
func (s *Store) place(ctx context.Context, part, to string, r *storeio.SizedReader) (opened bool, err error) {
	c, _, err := s.pool.Get(ctx, false)
	if err != nil {
		return false, err
	}
	defer s.pool.Put(c)
	if err := c.write(ctx, part, r); err != nil {
		return true, err
	}
	return true, c.do(ctx, func() error { return c.rename(part, to) })
}

// discard removes what a Put has left, on another connection if need be, and also if the call was cancelled.
func (s *Store) discard(ctx context.Context, part string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.pool.cfg.Timeout)
	defer cancel()
	c, _, err := s.pool.Get(ctx, false)
	if err != nil {
		s.pool.cfg.Logger.Warn("sftp: a part stays", "addr", s.pool.cfg.Addr, "file", part, "err", err)
		return
	}
	defer s.pool.Put(c)
	if err := c.do(ctx, func() error { return c.sftp.Remove(part) }); err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.pool.cfg.Logger.Warn("sftp: a part stays", "addr", s.pool.cfg.Addr, "file", part, "err", err)
	}
}

// makeFolder makes a folder and those above it, and tells where it really is.
func (c *conn) makeFolder(folder string) (string, error) {
	_, info, err := c.stat(folder)
	switch {
	case folder == "" || err == nil && info.IsDir():
		return c.resolve(folder)
	case err == nil:
		return "", fmt.Errorf("%w: %q is a file", fs.ErrExist, folder)
	case !errors.Is(err, fs.ErrNotExist):
		return "", err
	}
	above, err := c.makeFolder(parent(folder))
	if err != nil {
		return "", err
	}
	where := path.Join(above, path.Base(folder))
	err = c.sftp.Mkdir(where)
	if info, statErr := c.sftp.Lstat(where); statErr == nil && info.IsDir() {
		err = nil // made by another one
	}
	return where, err
}

// rename puts a file in its place. A server without the rename that replaces (posix-rename@openssh.com) may refuse to do that where a file
// is already: then it is ErrUnsupported, and that file stays. Removing it first would leave neither if the connection breaks.
func (c *conn) rename(from, to string) error {
	if _, ok := c.sftp.HasExtension("posix-rename@openssh.com"); ok {
		return c.sftp.PosixRename(from, to)
	}
	err := c.sftp.Rename(from, to)
	if err == nil {
		return nil
	}
	if info, statErr := c.sftp.Lstat(to); statErr == nil && !info.IsDir() {
		return fmt.Errorf("%w: the server does not replace a file: %w", recording.ErrUnsupported, err)
	}
	return err
}

// write writes a file that is not there yet, and asks for its size.
func (c *conn) write(ctx context.Context, part string, r *storeio.SizedReader) error {
	var f *sftp.File
	if err := c.do(ctx, func() (err error) {
		f, err = c.sftp.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL)
		return err
	}); err != nil {
		return err
	}
	err := c.fill(ctx, f, r)
	return c.do(ctx, func() error {
		if _, ok := c.sftp.HasExtension("fsync@openssh.com"); ok && err == nil {
			err = f.Sync()
		}
		if closing := f.Close(); err == nil {
			err = closing
		}
		if err != nil {
			return c.full(err, part)
		}
		info, err := c.sftp.Lstat(part)
		if err == nil && info.Size() != r.N {
			err = fmt.Errorf("%w: the server has %d bytes of %d", recording.ErrSize, info.Size(), r.N)
		}
		return err
	})
}

// fill writes what r gives. Waiting for r is not waiting for the server.
func (c *conn) fill(ctx context.Context, f *sftp.File, r *storeio.SizedReader) error {
	buffer := make([]byte, ahead*chunk)
	off, ended := int64(0), false
	for !ended {
		n, err := io.ReadFull(r, buffer)
		ended = err != nil
		if r.Err != nil {
			return r.Err
		}
		if n > 0 {
			writing := c.do(ctx, func() error {
				_, err := f.WriteAt(buffer[:n], off)
				return err
			})
			if writing != nil {
				return writing
			}
		}
		off += int64(n)
	}
	return nil
}

// full makes ErrNoSpace of a failure to write if the server's disk is full. The server says "Failure" only (sftp-server.c,
// errno_to_portable).
func (c *conn) full(err error, part string) error {
	var status *sftp.StatusError
	if !errors.As(err, &status) {
		return err
	}
	disk, statErr := c.sftp.StatVFS(path.Dir(part))
	if statErr == nil && disk.Bavail*disk.Frsize < ahead*chunk {
		return fmt.Errorf("%w: %w", recording.ErrNoSpace, err)
	}
	return err
}

func told(name string, info fs.FileInfo) recording.Info {
	return recording.Info{Name: name, Size: info.Size(), Time: info.ModTime(), Dir: info.IsDir()}
}

// regular is the error of what is not a file.
func regular(info fs.FileInfo) error {
	switch {
	case info.Mode().IsRegular():
		return nil
	case info.IsDir():
		return fmt.Errorf("%w: it is a folder", fs.ErrInvalid)
	case info.Mode()&fs.ModeSymlink != 0:
		return fmt.Errorf("%w: it is a symbolic link", fs.ErrInvalid)
	}
	return fmt.Errorf("%w: it is neither a file nor a folder", recording.ErrOutside)
}

// parent is the folder of a name, empty for the root.
func parent(name string) string {
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		return name[:i]
	}
	return ""
}
