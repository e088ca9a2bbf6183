package ftpstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"path"
	"slices"
	"strings"

	"github.com/jlaffaye/ftp"

	"github.com/asterism-go/asterism/recording"
	"github.com/asterism-go/asterism/recording/internal/storeio"
)

// Store is a folder on an FTP server. It may be used by several goroutines at once.
type Store struct {
	name string
	pool *pool
}

var _ recording.Store = (*Store)(nil)

// New makes a store. The first connection is made when it is needed.
func New(cfg Config) (*Store, error) {
	cfg, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	return &Store{name: "ftp " + cfg.Addr, pool: newPool(cfg)}, nil
}

// String names the store as its errors do.
func (s *Store) String() string { return s.name }

// Close ends all connections; what is in flight fails.
func (s *Store) Close() error {
	s.pool.Close()
	return nil
}

// hold makes a call on a connection of the pool, which it keeps if the call succeeds. If that connection turns out to have ended while
// it was idle, the call is made once more on a new one.
func (s *Store) hold(ctx context.Context, call func(c *conn) error) (*conn, error) {
	for fresh := false; ; fresh = true {
		c, reused, err := s.pool.Get(ctx, fresh)
		if err != nil {
			return nil, err
		}
		if err = c.do(ctx, func() error { return call(c) }); err == nil {
			return c, nil
		}
		s.pool.Put(c)
		if !reused || fresh || !recording.SafeToRetry(err) {
			return nil, err
		}
	}
}

// with makes a call on a connection of the pool.
func (s *Store) with(ctx context.Context, call func(c *conn) error) error {
	c, err := s.hold(ctx, call)
	if err == nil {
		s.pool.Put(c)
	}
	return err
}

// enter goes to a folder and tells where it really is, links resolved.
func (c *conn) enter(folder string) (string, error) {
	if err := c.ftp.ChangeDir(path.Join(c.root, folder)); err != nil {
		return "", err
	}
	where, err := c.ftp.CurrentDir()
	if err != nil {
		return "", err
	}
	if _, ok := below(c.root, where); !ok {
		return "", outside()
	}
	return where, nil
}

func outside() error { return fmt.Errorf("%w: a symbolic link leads there", recording.ErrOutside) }

// below tells the name that a path has below the root.
func below(root, full string) (string, bool) {
	if full == root {
		return "", true
	}
	return strings.CutPrefix(full, strings.TrimSuffix(root, "/")+"/")
}

// links is how many links may follow one another, as Linux has it.
const links = 40

// stat tells of a file or folder, and where it really is. Links to files are followed here, the server is not asked to.
func (c *conn) stat(name string, depth int) (where string, info recording.Info, err error) {
	folder, err := c.enter(parent(name))
	if err != nil {
		return "", info, err
	}
	where = path.Join(folder, path.Base(name))
	entry, err := c.entry(folder, path.Base(name), false)
	if err != nil {
		return "", info, err
	}
	if entry == nil || entry.Type == ftp.EntryTypeFolder {
		return c.statFolder(name)
	}
	if entry.Type == ftp.EntryTypeLink {
		return c.statLink(name, folder, entry.Target, depth)
	}
	info = recording.Info{Name: name}
	if info.Size, err = c.ftp.FileSize(where); err != nil { // a folder that has something of its own name in it
		return c.statFolder(name)
	}
	info.Time, err = c.ftp.GetTime(where)
	if errors.Is(translate(err), recording.ErrUnsupported) {
		info.Time, err = entry.Time, nil
	}
	return where, info, err
}

func (c *conn) statFolder(name string) (where string, info recording.Info, err error) {
	where, err = c.enter(name)
	return where, recording.Info{Name: name, Dir: true}, err
}

// statLink follows a link. A target that is a folder is told by going there.
func (c *conn) statLink(name, folder, target string, depth int) (where string, info recording.Info, err error) {
	if where, info, err = c.statFolder(name); err == nil || errors.Is(err, recording.ErrOutside) {
		return where, info, err
	}
	if !path.IsAbs(target) {
		target = path.Join(folder, target)
	}
	inside, ok := below(c.root, path.Clean(target))
	if !ok || depth == 0 {
		return "", info, outside()
	}
	where, info, err = c.stat(inside, depth-1)
	info.Name = name
	return where, info, err
}

// entry is what a folder has under a name; nil may also be a folder. The server is asked for this name only where that is safe, as names
// are patterns in LIST. vsftpd then leaves out links, because it compares with "name -> target" (ls.c): a name that has a
// size and is not told is looked up in the whole folder. certain does that for every name that is not told.
func (c *conn) entry(folder, name string, certain bool) (*ftp.Entry, error) {
	what := path.Join(folder, name)
	if !strings.ContainsAny(name, "*?{}[]") && !strings.HasPrefix(name, ".") && !strings.Contains(what, " ") {
		found, err := c.pick(what, name)
		if found != nil || err != nil {
			return found, err
		}
		if _, err := c.ftp.FileSize(what); err != nil && !certain {
			return nil, nil
		}
	}
	if err := c.ftp.ChangeDir(folder); err != nil {
		return nil, err
	}
	return c.pick("", name)
}

// pick lists something and takes the entry with a name.
func (c *conn) pick(what, name string) (*ftp.Entry, error) {
	entries, err := c.ftp.List(what)
	if err != nil {
		if errors.Is(translate(err), fs.ErrNotExist) {
			err = nil
		}
		return nil, err
	}
	for _, entry := range entries {
		if entry.Name == name || entry.Name == what {
			return entry, nil
		}
	}
	return nil, nil
}

// Stat tells of a file or folder.
func (s *Store) Stat(ctx context.Context, name string) (info recording.Info, err error) {
	if err = recording.CheckName(name); err == nil {
		err = s.with(ctx, func(c *conn) (err error) {
			_, info, err = c.stat(name, links)
			return err
		})
	}
	if err != nil {
		return recording.Info{}, s.fail("stat", name, err)
	}
	return info, nil
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
	if _, err := c.enter(folder); err != nil {
		return nil, err
	}
	entries, err := c.ftp.List("")
	if err != nil {
		return nil, err
	}
	var all []recording.Info
	for _, entry := range entries {
		name := recording.Join(folder, entry.Name)
		if !strings.HasPrefix(entry.Name, begins) || recording.CheckName(name) != nil {
			continue
		}
		info := recording.Info{Name: name, Size: int64(entry.Size), Time: entry.Time, Dir: entry.Type == ftp.EntryTypeFolder} //nolint:gosec // sizes
		if entry.Type == ftp.EntryTypeLink {
			if _, info, err = c.stat(name, links); recording.SafeToRetry(translate(err)) {
				return nil, err
			}
			if err != nil {
				continue // it leads out, or nowhere
			}
		}
		all = append(all, info)
	}
	slices.SortFunc(all, func(a, b recording.Info) int { return strings.Compare(a.Name, b.Name) })
	// Some file systems tell a folder twice if they are asked again after its end.
	return slices.CompactFunc(all, func(a, b recording.Info) bool { return a.Name == b.Name }), nil
}

// Open reads a range of a file. FTP has no end of a range: one that is not read to the end of the file costs the connection.
func (s *Store) Open(ctx context.Context, name string, off, n int64) (io.ReadCloser, error) {
	if err := recording.CheckName(name); err != nil {
		return nil, s.fail("open", name, err)
	}
	r := &reader{store: s, name: name, ctx: ctx}
	conn, err := s.hold(ctx, func(c *conn) error {
		where, info, err := c.stat(name, links)
		if err == nil && info.Dir {
			err = fmt.Errorf("%w: it is a folder", fs.ErrInvalid)
		}
		if err != nil {
			return err
		}
		r.left = storeio.Extent(info.Size, off, n)
		r.whole = off+r.left >= info.Size
		if r.left == 0 {
			return nil
		}
		r.from, err = c.ftp.RetrFrom(where, uint64(off)) //nolint:gosec // off is not negative: it would have failed
		if errors.Is(translate(err), fs.ErrNotExist) {
			return fs.ErrPermission // it is there
		}
		return err
	})
	if err != nil {
		return nil, s.fail("open", name, err)
	}
	r.conn = conn
	return r, nil
}

// reader reads from a data connection.
type reader struct {
	store *Store
	conn  *conn
	name  string
	ctx   context.Context //nolint:containedctx // an io.Reader has no other way to be cancelled
	from  *ftp.Response
	left  int64
	whole bool // to the end of the file
	err   error
}

func (r *reader) Read(p []byte) (n int, err error) {
	switch {
	case r.err != nil:
		return 0, r.err
	case r.left == 0:
		return 0, io.EOF
	case int64(len(p)) > r.left:
		p = p[:r.left]
	}
	err = r.conn.do(r.ctx, func() (err error) {
		n, err = r.from.Read(p)
		if err == io.EOF && int64(n) == r.left { //nolint:errorlint // a reader's end is this very value
			err = nil
		}
		return err
	})
	r.left -= int64(n)
	if err == nil && r.ctx.Err() != nil {
		err = r.ctx.Err()
	}
	if err != nil {
		r.err = r.store.fail("read", r.name, err)
	}
	return n, r.err
}

// Close keeps the connection if all has come.
func (r *reader) Close() error {
	if r.conn == nil {
		return nil
	}
	conn := r.conn
	r.conn = nil
	var err error
	switch {
	case r.from == nil:
	case r.err == nil && r.left == 0 && r.whole:
		err = conn.do(r.ctx, func() error {
			if n, err := io.Copy(io.Discard, r.from); n > 0 && err == nil { // it has grown: no harm
				return nil
			}
			return r.from.Close()
		})
		if err != nil {
			conn.Kill(err)
		}
	default:
		conn.Kill(recording.ErrClosed)
		_ = r.from.Close() // the connection is closed
	}
	r.store.pool.Put(conn)
	if r.err == nil {
		r.err = r.store.fail("read", r.name, fs.ErrClosed)
	}
	return r.store.fail("close", r.name, err)
}

// parent is the folder of a name, empty for the root.
func parent(name string) string {
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		return name[:i]
	}
	return ""
}
