package archive

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"strings"

	"github.com/asterism-go/asterism/recording"
)

// mover moves one recording.
type mover struct {
	*Archive
	from recording.Store
	name string
	info recording.Info // of the source when it began
	made *Manifest
}

// Move moves a recording into the archive. The source is deleted when the recording is in the archive, was read back there and
// compared, and the source is still what it was. It can be repeated after any failure; what is missing in the archive while the
// source is still there is stored again. A recording that is archived and has no source any more is no error. A name that ends in ".age" is refused: it would be that of
// another recording's encrypted data; so is one that ends in ".part", which means here that a file is not whole.
func (a *Archive) Move(ctx context.Context, from recording.Store, name string) (*Manifest, error) {
	m := &mover{Archive: a, from: from, name: name, made: &Manifest{}}
	err := m.move(ctx)
	a.told(ctx, Entry{Op: "move", Name: name, SHA256: m.made.SHA256, Err: err}) //nolint:errcheck // it returns err
	if err != nil {
		return nil, err
	}
	return m.made, nil
}

func (m *mover) move(ctx context.Context) error {
	if err := checkName(m.name); err != nil {
		return &Error{Op: "move", Step: "check the name", Name: m.name, Err: err}
	}
	archived, err := m.Manifest(ctx, m.name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &Error{Op: "move", Step: "look for it in the archive", Name: m.name, Err: err}
	}
	if err == nil {
		m.made = archived
		return m.finish(ctx)
	}
	return steps("move", m.name, []step{
		{"look whether it was deleted", func() error { return m.notDeleted(ctx) }},
		{"look whether it is finished", func() error { return m.look(ctx) }},
		{"store the data", func() error { return m.store(ctx) }},
		{"read the data back", func() error { return m.check(ctx) }},
		{"compare the source", func() error { return m.compare(ctx) }},
		{"store the manifest", func() error { return m.write(ctx, manifestName(m.name), m.made) }},
		{"look whether it is tidied up", func() error { return m.notTidied(ctx) }},
		{"look at the source again", func() error { return m.unchanged(ctx) }},
		{"delete the source", func() error { return m.from.Delete(ctx, m.name) }},
	})
}

// checkName refuses names that mean something else in the archive.
func checkName(name string) error {
	if err := recording.CheckName(name); err != nil {
		return err
	}
	switch {
	case strings.HasSuffix(name, encryptedEnd):
		return fmt.Errorf("%w: a name with %s is that of what is encrypted here", recording.ErrUnsafeName, encryptedEnd)
	case recording.IsPart(name):
		return fmt.Errorf("%w: such a name means that a file is not whole", recording.ErrUnsafeName)
	}
	return nil
}

// finish does what is left for a recording that is in the archive: if the source is there too, it must be the same.
func (m *mover) finish(ctx context.Context) error {
	there, err := exists(ctx, m.from, m.name)
	if err != nil {
		return &Error{Op: "move", Step: "look for the source", Name: m.name, Err: err}
	}
	if !there {
		return nil
	}
	return steps("move", m.name, []step{
		{"look whether it was deleted", func() error { return m.notDeleted(ctx) }},
		{"look whether it is finished", func() error { return m.look(ctx) }},
		{"compare with what is archived", func() error {
			if err := m.compare(ctx); errors.Is(err, recording.ErrHash) || errors.Is(err, recording.ErrSize) {
				return fmt.Errorf("%w: %w", ErrExists, err)
			} else if err != nil {
				return err
			}
			return nil
		}},
		{"store the data if it is missing", func() error { return m.restore(ctx) }},
		{"read the data back", func() error { return m.check(ctx) }},
		{"look whether it is tidied up", func() error { return m.notTidied(ctx) }},
		{"look at the source again", func() error { return m.unchanged(ctx) }},
		{"delete the source", func() error { return m.from.Delete(ctx, m.name) }},
	})
}

// restore stores data that is missing, and the manifest of it. When it was archived and until when it is kept remain.
func (m *mover) restore(ctx context.Context) error {
	there, err := exists(ctx, m.Store, m.made.Data)
	if err != nil || there {
		return err
	}
	archived := *m.made
	if err := m.store(ctx); err != nil {
		return err
	}
	m.made.Recorded, m.made.Archived, m.made.KeepUntil = archived.Recorded, archived.Archived, archived.KeepUntil
	if m.made.SHA256 != archived.SHA256 {
		return recording.ErrChanged
	}
	return m.write(ctx, manifestName(m.name), m.made)
}

func (m *mover) notDeleted(ctx context.Context) error {
	there, err := exists(ctx, m.Store, deletedName(m.name))
	if err == nil && there {
		return ErrDeleted
	}
	return err
}

// look makes sure that nobody writes the source any more, as far as its time tells.
func (m *mover) look(ctx context.Context) error {
	var err error
	if m.info, err = m.from.Stat(ctx, m.name); err != nil {
		return err
	}
	if m.info.Dir {
		return fmt.Errorf("%w: it is a folder", recording.ErrUnsafeName)
	}
	settle := m.settle()
	switch {
	case settle > 0 && m.info.Time.IsZero():
		return fmt.Errorf("%w: the source does not tell when it was changed, only a negative Settle takes that", recording.ErrLive)
	case settle > 0 && m.now().Sub(m.info.Time) < settle:
		return fmt.Errorf("%w: it was changed within the last %v", recording.ErrLive, settle)
	case m.Busy == nil:
		return nil
	}
	busy, err := m.Busy(ctx, m.name)
	if err == nil && busy {
		err = fmt.Errorf("%w: it is paused, or is just being begun", recording.ErrLive)
	}
	return err
}

// unchanged makes sure that the source is still what it was.
func (m *mover) unchanged(ctx context.Context) error {
	now, err := m.from.Stat(ctx, m.name)
	if err != nil {
		return err
	}
	if now.Size != m.info.Size || !now.Time.Equal(m.info.Time) || now.Tag != m.info.Tag {
		return recording.ErrChanged
	}
	return nil
}

// summed counts and sums what is read.
type summed struct {
	io.Reader
	n   int64
	sum hash.Hash
}

func newSummed(r io.Reader) *summed { return &summed{Reader: r, sum: sha256.New()} }

func (s *summed) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	s.n += int64(n)
	s.sum.Write(p[:n])
	return n, err
}

func (s *summed) hex() string { return hex.EncodeToString(s.sum.Sum(nil)) }

// store writes the data, and fills in the manifest.
func (m *mover) store(ctx context.Context) error {
	source, err := m.from.Open(ctx, m.name, 0, -1)
	if err != nil {
		return err
	}
	defer source.Close()
	plain := newSummed(source)
	data, size, done := io.Reader(plain), m.info.Size, func() {}
	if len(m.Recipients) > 0 {
		if data, size, done, err = encrypt(plain, size, m.Recipients); err != nil {
			return err
		}
	}
	defer done()
	stored := newSummed(data)
	to := m.dataName(m.name)
	if err := m.Store.Put(ctx, to, stored, size); err != nil {
		return err
	}
	if m.info.Size >= 0 && plain.n != m.info.Size {
		return fmt.Errorf("%w: %d bytes of %d", recording.ErrChanged, plain.n, m.info.Size)
	}
	*m.made = Manifest{
		Version: 1, Name: m.name, Size: plain.n, SHA256: plain.hex(), Data: to, DataSize: stored.n, DataSHA256: stored.hex(),
		Encrypted: len(m.Recipients) > 0, Recorded: m.info.Time.UTC(), Archived: m.now().UTC(),
	}
	if m.Keep > 0 {
		begin := m.made.Recorded
		if begin.IsZero() {
			begin = m.made.Archived
		}
		m.made.KeepUntil = begin.Add(m.Keep)
	}
	return nil
}

// check reads back what is stored.
func (m *mover) check(ctx context.Context) error { return m.checkData(ctx, m.made) }

// checkData compares what is stored with the manifest.
func (a *Archive) checkData(ctx context.Context, m *Manifest) error {
	return compare(ctx, a.Store, m.Data, want{m.DataSize, m.DataSHA256})
}

// compare reads the source once more: what was archived is what it holds.
func (m *mover) compare(ctx context.Context) error {
	return compare(ctx, m.from, m.name, want{m.made.Size, m.made.SHA256})
}

type want struct {
	size int64
	sum  string
}

func compare(ctx context.Context, s recording.Store, name string, w want) error {
	r, err := s.Open(ctx, name, 0, -1)
	if err != nil {
		return err
	}
	defer r.Close()
	read := newSummed(r)
	if _, err := io.Copy(io.Discard, read); err != nil {
		return err
	}
	if read.n != w.size {
		return fmt.Errorf("%w: %d bytes instead of %d", recording.ErrSize, read.n, w.size)
	}
	if read.hex() != w.sum {
		return fmt.Errorf("%w: SHA-256 %s instead of %s", recording.ErrHash, read.hex(), w.sum)
	}
	return nil
}
