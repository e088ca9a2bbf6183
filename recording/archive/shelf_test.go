package archive_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/asterism-go/asterism/recording"
	"github.com/asterism-go/asterism/recording/archive"
	"github.com/asterism-go/asterism/recording/diskstore"
)

// shelf is a folder of recordings, and an archive in another folder.
type shelf struct {
	*archive.Archive
	t            *testing.T
	source, kept recording.Store
	sourceDir    string
	keptDir      string
	now          time.Time
	entries      []archive.Entry
}

func newShelf(t *testing.T) *shelf {
	t.Helper()
	s := &shelf{t: t, sourceDir: t.TempDir(), keptDir: t.TempDir(), now: time.Now()}
	s.open()
	return s
}

// open opens both, as a program does that was started again.
func (s *shelf) open() {
	s.t.Helper()
	s.source, s.kept = openDisk(s.t, s.sourceDir), openDisk(s.t, s.keptDir)
	s.Archive = &archive.Archive{
		Store: s.kept, Settle: -1, Key: []byte("the key of the tests, of 32 bytes"), Now: func() time.Time { return s.now },
		Audit: func(e archive.Entry) { s.entries = append(s.entries, e) },
	}
}

func openDisk(t *testing.T, dir string) recording.Store {
	t.Helper()
	store, err := diskstore.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

const call = "2026/11/25/in-200-101.wav"

func sound(size int) []byte {
	b := make([]byte, size)
	random := rand.NewChaCha8([32]byte{byte(size)})
	_, _ = random.Read(b)
	return b
}

// record puts a recording into the source.
func (s *shelf) record(name string, content []byte) {
	s.t.Helper()
	if err := s.source.Put(s.t.Context(), name, bytes.NewReader(content), int64(len(content))); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shelf) move(name string) *archive.Manifest {
	s.t.Helper()
	m, err := s.Move(s.t.Context(), s.source, name)
	if err != nil {
		s.t.Fatal(err)
	}
	return m
}

func (s *shelf) read(name string) ([]byte, error) {
	r, _, err := s.Open(s.t.Context(), name)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(r)
	return b, errors.Join(err, r.Close())
}

// holds checks what a recording in the archive holds.
func (s *shelf) holds(name string, content []byte) {
	s.t.Helper()
	if b, err := s.read(name); err != nil || !bytes.Equal(b, content) {
		s.t.Fatalf("%s: %d bytes, %v", name, len(b), err)
	}
}

func (s *shelf) findings() string {
	s.t.Helper()
	report, err := s.Verify(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	var all []string
	for _, f := range report.Findings {
		all = append(all, string(f.Fault)+" "+f.Name)
	}
	return strings.Join(all, ", ")
}

// path is that of a file of the archive on the disk.
func (s *shelf) path(name string) string { return filepath.Join(s.keptDir, filepath.FromSlash(name)) }

func (s *shelf) overwrite(name string, content []byte) {
	s.t.Helper()
	if err := os.MkdirAll(filepath.Dir(s.path(name)), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(s.path(name), content, 0o644); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shelf) content(name string) []byte {
	s.t.Helper()
	b, err := os.ReadFile(s.path(name))
	if err != nil {
		s.t.Fatal(err)
	}
	return b
}

func (s *shelf) encrypt() *age.X25519Identity {
	s.t.Helper()
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		s.t.Fatal(err)
	}
	s.Recipients, s.Identities = []age.Recipient{identity.Recipient()}, []age.Identity{identity}
	return identity
}

// stepped is a store that calls step before and after all that it does, and with each piece that is read or written.
type stepped struct {
	recording.Store
	step func(what string) error
}

func (s stepped) around(what string, do func() error) error {
	if err := s.step("before " + what); err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	return s.step("after " + what)
}

func (s stepped) Open(ctx context.Context, name string, off, n int64) (r io.ReadCloser, err error) {
	err = s.around("open", func() error {
		r, err = s.Store.Open(ctx, name, off, n)
		return err
	})
	if err != nil {
		if r != nil {
			r.Close()
		}
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{s.reading("read", r), r}, nil
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

func (s stepped) reading(what string, r io.Reader) io.Reader {
	return readFunc(func(p []byte) (int, error) {
		if err := s.step(what); err != nil {
			return 0, err
		}
		return r.Read(p)
	})
}

func (s stepped) Stat(ctx context.Context, name string) (info recording.Info, err error) {
	return info, s.around("stat", func() error {
		info, err = s.Store.Stat(ctx, name)
		return err
	})
}

func (s stepped) List(ctx context.Context, prefix string) iter.Seq2[recording.Info, error] {
	return func(yield func(recording.Info, error) bool) {
		if err := s.step("before list"); err != nil {
			yield(recording.Info{}, err)
			return
		}
		s.Store.List(ctx, prefix)(yield)
	}
}

func (s stepped) Put(ctx context.Context, name string, r io.Reader, size int64) error {
	return s.around("put", func() error { return s.Store.Put(ctx, name, s.reading("write", r), size) })
}

func (s stepped) Delete(ctx context.Context, name string) error {
	return s.around("delete", func() error { return s.Store.Delete(ctx, name) })
}
