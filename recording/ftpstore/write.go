package ftpstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"

	"github.com/jlaffaye/ftp"

	"github.com/asterism-go/asterism/recording"
	"github.com/asterism-go/asterism/recording/internal/storeio"
)

// Put stores a file: written beside its place, its size asked for, then renamed. A connection on which a transfer has failed is not
// used again, and what has come through is not renamed.
func (s *Store) Put(ctx context.Context, name string, r io.Reader, size int64) error {
	if err := recording.CheckName(name); err != nil {
		return s.fail("put", name, err)
	}
	return s.fail("put", name, s.put(ctx, name, storeio.Sized(ctx, r, size)))
}

func (s *Store) put(ctx context.Context, name string, r *storeio.SizedReader) error {
	var part, final string
	c, err := s.hold(ctx, func(c *conn) error { // a connection that has ended is seen here, before r is read
		folder, err := c.makeFolder(parent(name))
		if err != nil {
			return err
		}
		final, part = path.Join(folder, path.Base(name)), path.Join(folder, recording.PartName(path.Base(name)))
		if c.ftp.ChangeDir(final) == nil {
			return fmt.Errorf("%w: there is a folder with this name", fs.ErrExist)
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = c.do(ctx, func() error { return c.write(part, final, r) })
	if r.Err != nil {
		err = r.Err
	}
	if err != nil {
		c.Kill(err)
	}
	s.pool.Put(c)
	if err != nil {
		s.discard(ctx, part)
	}
	return err
}

func (c *conn) write(part, final string, r *storeio.SizedReader) error {
	if err := c.ftp.Stor(part, r); err != nil || r.Err != nil {
		return err
	}
	size, err := c.ftp.FileSize(part)
	if err == nil && size != r.N {
		err = fmt.Errorf("%w: the server has %d bytes of %d", recording.ErrSize, size, r.N)
	}
	if err != nil {
		return err
	}
	return c.ftp.Rename(part, final)
}

// discard removes what a Put has left, also if the call was cancelled.
func (s *Store) discard(ctx context.Context, part string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.pool.cfg.Timeout)
	defer cancel()
	err := s.with(ctx, func(c *conn) error { return c.ftp.Delete(part) })
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.pool.cfg.Logger.Warn("ftp: a part stays", "addr", s.pool.cfg.Addr, "file", part, "err", err)
	}
}

// makeFolder makes a folder and those above it, and tells where it really is.
func (c *conn) makeFolder(folder string) (string, error) {
	where, err := c.enter(folder)
	if folder == "" || !errors.Is(translate(err), fs.ErrNotExist) {
		return where, err
	}
	above, err := c.makeFolder(parent(folder))
	if err != nil {
		return "", err
	}
	making := c.ftp.MakeDir(path.Join(above, path.Base(folder)))
	if where, err = c.enter(folder); err != nil && making != nil {
		return "", making // it was not made by another one either
	}
	return where, err
}

// Delete removes a file.
func (s *Store) Delete(ctx context.Context, name string) error {
	err := recording.CheckName(name)
	if err == nil {
		err = s.with(ctx, func(c *conn) error {
			folder, err := c.enter(parent(name))
			if err != nil {
				return err
			}
			entry, err := c.entry(folder, path.Base(name), true)
			if err == nil && entry != nil && entry.Type == ftp.EntryTypeLink {
				err = fmt.Errorf("%w: it is a symbolic link", fs.ErrInvalid)
			}
			if err != nil {
				return err
			}
			return c.ftp.Delete(path.Join(folder, path.Base(name)))
		})
	}
	return s.fail("delete", name, err)
}
