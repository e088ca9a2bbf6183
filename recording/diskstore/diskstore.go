// Package diskstore is a folder of this machine as a store of recordings: where Asterisk runs on the same machine, where its
// folder is mounted, or as an archive.
//
//	store, err := diskstore.Open("/var/spool/asterisk/monitor")
//
// Names are confined by the operating system (os.Root): no "..", no absolute name and no symbolic link leads out of the folder,
// also while somebody exchanges folders against links. The folder itself may be a symbolic link.
package diskstore

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
	"syscall"

	"github.com/asterism-go/asterism/recording"
	"github.com/asterism-go/asterism/recording/internal/storeio"
)

// Store is a folder. It may be used by several goroutines at once.
type Store struct {
	name    string
	root    *os.Root
	escapes error // os.Root's word for a name that leads out, which the os package keeps to itself
}

var _ recording.Store = (*Store)(nil)

// Open opens the store in a folder, which must be there.
func Open(dir string) (*Store, error) {
	s := &Store{name: "disk " + dir}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, s.fail("connect", "", err)
	}
	s.root = root
	_, err = root.Lstat("..")
	s.escapes = bare(err)
	return s, nil
}

// String names the store as its errors do.
func (s *Store) String() string { return s.name }

// Open reads a range of a file.
func (s *Store) Open(ctx context.Context, name string, off, n int64) (io.ReadCloser, error) {
	rc, err := s.open(ctx, name, off, n)
	if err != nil {
		return nil, s.fail("open", name, err)
	}
	return rc, nil
}

func (s *Store) open(ctx context.Context, name string, off, n int64) (io.ReadCloser, error) {
	if err := cmpErr(recording.CheckName(name), ctx.Err()); err != nil {
		return nil, err
	}
	f, err := s.root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a pipe without a writer must not hold this up
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil {
		err = regular(info)
	}
	if err == nil {
		_, err = f.Seek(off, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return storeio.Exactly(file{ctx, f}, storeio.Extent(info.Size(), off, n), recording.ErrChanged), nil
}

// file is an open file that ends with its context.
type file struct {
	ctx context.Context //nolint:containedctx // an io.Reader has no other way to be cancelled
	f   *os.File
}

func (f file) Read(p []byte) (int, error) {
	if err := f.ctx.Err(); err != nil {
		return 0, err
	}
	return f.f.Read(p)
}

func (f file) Close() error { return f.f.Close() }

// Stat tells of a file or folder.
func (s *Store) Stat(ctx context.Context, name string) (recording.Info, error) {
	if err := cmpErr(recording.CheckName(name), ctx.Err()); err != nil {
		return recording.Info{}, s.fail("stat", name, err)
	}
	info, err := s.root.Stat(name)
	if err == nil && !info.IsDir() {
		err = regular(info)
	}
	if err != nil {
		return recording.Info{}, s.fail("stat", name, err)
	}
	return told(name, info), nil
}

// List tells of what is in a folder.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[recording.Info, error] {
	return func(yield func(recording.Info, error) bool) {
		folder, begins, err := recording.CheckPrefix(prefix)
		if err == nil {
			err = ctx.Err()
		}
		var names []string
		if err == nil {
			names, err = s.names(folder, begins)
		}
		if err != nil {
			if !errors.Is(err, fs.ErrNotExist) {
				yield(recording.Info{}, s.fail("list", prefix, err))
			}
			return
		}
		for _, name := range names {
			info, err := s.root.Stat(name)
			if err != nil || !info.IsDir() && regular(info) != nil {
				continue // deleted meanwhile, or a link that leads out
			}
			if err := ctx.Err(); err != nil {
				yield(recording.Info{}, s.fail("list", prefix, err))
				return
			}
			if !yield(told(name, info), nil) {
				return
			}
		}
	}
}

// names are the names in a folder, ordered, that begin with a text and are safe.
func (s *Store) names(folder, begins string) ([]string, error) {
	f, err := s.root.OpenFile(path.Join(".", folder), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	all, err := f.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	slices.Sort(all)
	var names []string
	for _, name := range all {
		full := recording.Join(folder, name)
		if strings.HasPrefix(name, begins) && recording.CheckName(full) == nil {
			names = append(names, full)
		}
	}
	return names, nil
}

// Put stores a file: written beside its place, flushed to the disk, then renamed.
func (s *Store) Put(ctx context.Context, name string, r io.Reader, size int64) error {
	if err := recording.CheckName(name); err != nil {
		return s.fail("put", name, err)
	}
	return s.fail("put", name, s.put(ctx, name, storeio.Sized(ctx, r, size)))
}

func (s *Store) put(ctx context.Context, name string, r *storeio.SizedReader) error {
	folder := path.Dir(name)
	if err := s.root.MkdirAll(folder, 0o750); err != nil {
		return err
	}
	if info, err := s.root.Stat(name); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%w: there is something with this name that is not a file", fs.ErrExist)
	}
	part := recording.PartName(name)
	if err := s.write(part, r); err != nil {
		return errors.Join(err, s.discard(part))
	}
	if err := ctx.Err(); err != nil {
		return errors.Join(err, s.discard(part))
	}
	if err := s.root.Rename(part, name); err != nil {
		return errors.Join(err, s.discard(part))
	}
	return s.syncFolder(folder)
}

func (s *Store) write(part string, r *storeio.SizedReader) error {
	f, err := s.root.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	if err == nil {
		err = f.Sync()
	}
	if err := cmpErr(err, f.Close()); err != nil {
		return err
	}
	info, err := s.root.Lstat(part)
	if err == nil && info.Size() != r.N {
		err = fmt.Errorf("%w: the disk has %d bytes of %d", recording.ErrSize, info.Size(), r.N)
	}
	return err
}

// discard removes a file that was not completed.
func (s *Store) discard(part string) error {
	if err := s.root.Remove(part); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// syncFolder makes a rename last over a power failure.
func (s *Store) syncFolder(folder string) error {
	f, err := s.root.Open(folder)
	if err != nil {
		return err
	}
	err = f.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrPermission) {
		err = nil // a file system, or Windows, that cannot do this for folders
	}
	return cmpErr(err, f.Close())
}

// Delete removes a file.
func (s *Store) Delete(ctx context.Context, name string) error {
	if err := cmpErr(recording.CheckName(name), ctx.Err()); err != nil {
		return s.fail("delete", name, err)
	}
	info, err := s.root.Lstat(name)
	if err == nil {
		err = regular(info)
	}
	if err == nil {
		err = s.root.Remove(name)
	}
	if err == nil {
		err = s.syncFolder(path.Dir(name))
	}
	return s.fail("delete", name, err)
}

// Close closes the folder.
func (s *Store) Close() error { return s.root.Close() }

// told makes an Info.
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
	}
	return fmt.Errorf("%w: it is neither a file nor a folder", recording.ErrOutside)
}

// cmpErr is the first of two errors.
func cmpErr(first, second error) error {
	if first != nil {
		return first
	}
	return second
}
