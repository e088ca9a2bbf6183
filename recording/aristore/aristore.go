// Package aristore is what an Asterisk has recorded for ARI as a store of recordings, read over HTTP: no access to its machine is
// needed.
//
//	store := aristore.New(&ari.Client{URL: "http://pbx:8088/ari", Username: "recordings", Password: secret})
//
// Asterisk calls a recording by its name and its format; here its name is both, with a dot: "support/2026-11-25-7.wav". It tells
// neither times nor, in lists, sizes. Files cannot be put. Recordings of MixMonitor lie in another folder, which ARI does not
// show.
//
// Names are confined, links are not: Asterisk follows a symbolic link that lies in a folder below that of its recordings to wherever it
// leads (seen with 22.10), and over HTTP nobody can tell. Who may lay links there may read what Asterisk may read.
//
// Costs: Asterisk has no ranges, so a range is read from the beginning on; Stat begins a download; List asks for all recordings, whatever
// the folder.
package aristore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/recording"
	"github.com/asterism-go/asterism/recording/internal/storeio"
)

// Store is the stored recordings of one Asterisk. It may be used by several goroutines at once.
type Store struct {
	name   string
	client *ari.Client
	closed atomic.Bool
}

var _ recording.Store = (*Store)(nil)

// New makes a store. The client stays the caller's.
func New(client *ari.Client) *Store {
	url := client.URL
	if url == "" {
		url = ari.DefaultURL
	}
	return &Store{name: "ari " + url, client: client}
}

// String names the store as its errors do.
func (s *Store) String() string { return s.name }

// Close makes further calls fail, and closes the client's idle connections.
func (s *Store) Close() error {
	s.closed.Store(true)
	return s.client.Close()
}

// split makes the name that Asterisk has for a recording, which must have this format.
func (s *Store) split(ctx context.Context, name string) (recordingName string, err error) {
	if err := recording.CheckName(name); err != nil {
		return "", err
	}
	if s.closed.Load() {
		return "", recording.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	format := path.Ext(name)
	recordingName = strings.TrimSuffix(name, format)
	if format == "" || recordingName == "" || strings.HasSuffix(recordingName, "/") {
		return "", fmt.Errorf("%w: it has no format", fs.ErrNotExist)
	}
	stored, err := s.client.Recordings().GetStored(ctx, recordingName)
	if err == nil && "."+stored.Format != format {
		err = fmt.Errorf("%w: the recording has the format %s", fs.ErrNotExist, stored.Format)
	}
	return recordingName, err
}

// Open reads a range of a file, all that is before it too.
func (s *Store) Open(ctx context.Context, name string, off, n int64) (io.ReadCloser, error) {
	body, size, err := s.open(ctx, name)
	if err != nil {
		return nil, s.fail("open", name, err)
	}
	if off < 0 {
		return nil, s.fail("open", name, errors.Join(fs.ErrInvalid, body.Close()))
	}
	if _, err := io.CopyN(io.Discard, body, min(off, size)); err != nil {
		return nil, s.fail("open", name, errors.Join(err, body.Close()))
	}
	return &reader{storeio.Exactly(body, storeio.Extent(size, off, n), recording.ErrConnection), s, name, ctx}, nil
}

// open begins a download.
func (s *Store) open(ctx context.Context, name string) (io.ReadCloser, int64, error) {
	recordingName, err := s.split(ctx, name)
	if err != nil {
		return nil, 0, err
	}
	body, err := s.client.Recordings().GetStoredFile(ctx, recordingName)
	if err != nil {
		return nil, 0, err
	}
	sized, ok := body.(interface{ Size() int64 })
	if !ok || sized.Size() < 0 {
		return nil, 0, errors.Join(fmt.Errorf("%w: Asterisk does not tell its size", recording.ErrSize), body.Close())
	}
	return body, sized.Size(), nil
}

// reader puts errors into the words that all stores have.
type reader struct {
	io.ReadCloser
	store *Store
	name  string
	ctx   context.Context //nolint:containedctx // it tells why reading has ended
}

func (r *reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, r.store.fail("read", r.name, err)
	}
	n, err := r.ReadCloser.Read(p)
	if err != nil && err != io.EOF { //nolint:errorlint // a reader's end is this very value
		if !errors.Is(err, recording.ErrConnection) && r.ctx.Err() == nil {
			err = fmt.Errorf("%w: %w", recording.ErrConnection, err)
		}
		err = r.store.fail("read", r.name, err)
	}
	return n, err
}

func (r *reader) Close() error {
	if err := r.ReadCloser.Close(); r.ctx.Err() == nil {
		return err
	}
	return nil // it was broken off: there is nothing to close
}

// Stat tells the size of a recording. There are no times.
func (s *Store) Stat(ctx context.Context, name string) (recording.Info, error) {
	body, size, err := s.open(ctx, name)
	if err != nil && errors.Is(translate(err), fs.ErrNotExist) && recording.CheckName(name) == nil {
		return s.statFolder(ctx, name)
	}
	if err != nil {
		return recording.Info{}, s.fail("stat", name, err)
	}
	_ = body.Close() // it is not wanted
	return recording.Info{Name: name, Size: size}, nil
}

// statFolder tells whether there are recordings below a name.
func (s *Store) statFolder(ctx context.Context, name string) (recording.Info, error) {
	for info, err := range s.List(ctx, name+"/") {
		if err != nil {
			return recording.Info{}, s.fail("stat", name, err)
		}
		return recording.Info{Name: path.Dir(info.Name), Dir: true}, nil
	}
	return recording.Info{}, s.fail("stat", name, fs.ErrNotExist)
}

// List tells of what is in a folder, without sizes.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[recording.Info, error] {
	return storeio.Listed(func() ([]recording.Info, error) {
		all, err := s.list(ctx, prefix)
		return all, s.fail("list", prefix, err)
	})
}

func (s *Store) list(ctx context.Context, prefix string) ([]recording.Info, error) {
	folder, _, err := recording.CheckPrefix(prefix)
	switch {
	case err != nil:
		return nil, err
	case s.closed.Load():
		return nil, recording.ErrClosed
	}
	stored, err := s.client.Recordings().ListStored(ctx)
	if err != nil {
		return nil, err
	}
	var all []recording.Info
	for _, r := range stored {
		info := recording.Info{Name: r.Name + "." + r.Format, Size: -1}
		if !strings.HasPrefix(info.Name, prefix) || recording.CheckName(info.Name) != nil {
			continue
		}
		below := strings.TrimPrefix(strings.TrimPrefix(info.Name, folder), "/")
		if first, _, deeper := strings.Cut(below, "/"); deeper {
			info = recording.Info{Name: recording.Join(folder, first), Dir: true}
		}
		all = append(all, info)
	}
	slices.SortFunc(all, func(a, b recording.Info) int { return strings.Compare(a.Name, b.Name) })
	return slices.CompactFunc(all, func(a, b recording.Info) bool { return a.Name == b.Name }), nil
}

// Put is ErrUnsupported: ARI takes no files.
func (s *Store) Put(ctx context.Context, name string, _ io.Reader, _ int64) error {
	return s.fail("put", name, cmpErr(recording.CheckName(name), ctx.Err(), recording.ErrUnsupported))
}

// Delete removes a recording.
func (s *Store) Delete(ctx context.Context, name string) error {
	recordingName, err := s.split(ctx, name)
	if err == nil {
		err = s.client.Recordings().DeleteStored(ctx, recordingName)
	}
	return s.fail("delete", name, err)
}

// Busy tells whether a recording is still made, or paused. Give it to archive.Archive as its Busy, with a negative Settle: ARI tells no
// times. It does for files of the same names on a disk too.
func (s *Store) Busy(ctx context.Context, name string) (bool, error) {
	if err := recording.CheckName(name); err != nil {
		return false, s.fail("ask for", name, err)
	}
	_, err := s.client.Recordings().GetLive(ctx, strings.TrimSuffix(name, path.Ext(name)))
	if err != nil && errors.Is(translate(err), fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, s.fail("ask for", name, err)
}

func cmpErr(all ...error) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) fail(op, name string, err error) error {
	return storeio.Fail(s.name, op, name, translate(err))
}

// translate puts an error of ARI into the words that all stores have.
func translate(err error) error {
	var no *ari.Error
	var unanswered *ari.RequestError
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.Is(err, recording.ErrConnection):
		return err
	case errors.As(err, &no):
		return fmt.Errorf("%w: %w", meaning(no.Status), err)
	case errors.As(err, &unanswered), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: %w", recording.ErrConnection, err)
	}
	return err
}

// errRefused is a no of Asterisk for which there is no other word.
var errRefused = errors.New("Asterisk refuses")

func meaning(status int) error {
	switch status {
	case http.StatusNotFound:
		return fs.ErrNotExist
	case http.StatusUnauthorized:
		return recording.ErrAuth
	case http.StatusForbidden:
		return fs.ErrPermission
	case http.StatusServiceUnavailable:
		return recording.ErrConnection
	}
	return errRefused
}
