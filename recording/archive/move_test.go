package archive_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/asterism-go/asterism/recording"
	"github.com/asterism-go/asterism/recording/archive"
)

// TestMove moves recordings of all sizes around those of the chunks of age, in plain and encrypted.
func TestMove(t *testing.T) {
	for _, encrypted := range []bool{false, true} {
		s := newShelf(t)
		s.Keep = 24 * time.Hour
		if encrypted {
			s.encrypt()
		}
		for _, size := range []int{0, 1, 44, 65535, 65536, 65537, 200_000} {
			name, content := fmt.Sprintf("2026/%d.wav", size), sound(size)
			s.record(name, content)
			m := s.move(name)
			if m.Size != int64(size) || m.Encrypted != encrypted || m.Recorded.IsZero() || !m.KeepUntil.Equal(m.Recorded.Add(24*time.Hour)) {
				t.Errorf("%+v", m)
			}
			if _, err := s.source.Stat(t.Context(), name); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s is still there: %v", name, err)
			}
			s.holds(name, content)
			if data := s.content(m.Data); encrypted == bytes.Equal(data, content) || encrypted && size > 40 && bytes.Contains(data, content[:40]) {
				t.Errorf("%s lies there in plain, or is not what it was", name)
			}
			again := s.move(name)
			if *again != *m {
				t.Errorf("moved again: %+v", again)
			}
		}
		if found := s.findings(); found != "" {
			t.Error(found)
		}
	}
}

// TestMoveRefuses what is not finished, not there, not safe, and what would replace another.
func TestMoveRefuses(t *testing.T) {
	s := newShelf(t)
	refused := func(want error, name string) {
		t.Helper()
		before := len(s.entries)
		if _, err := s.Move(t.Context(), s.source, name); !errors.Is(err, want) {
			t.Errorf("%q: %v instead of %v", name, err, want)
		}
		if e := s.entries[before]; e.Op != "move" || e.Name != name || !errors.Is(e.Err, want) || e.At.IsZero() {
			t.Errorf("audited %+v", e)
		}
	}
	refused(fs.ErrNotExist, "nothing.wav")
	for _, name := range []string{"", "/etc/passwd", "../x.wav", "a/../../x", "a//b", `a\b`, "a\nb", "./x", strings.Repeat("x", 2000)} {
		refused(recording.ErrUnsafeName, name)
	}
	s.record(call, sound(100))
	refused(recording.ErrUnsafeName, "2026/11") // a folder
	s.Settle = 0
	refused(recording.ErrLive, call)
	s.now = s.now.Add(archive.DefaultSettle + time.Second)
	s.move(call)
	s.record(call, sound(101))
	s.now = s.now.Add(archive.DefaultSettle + time.Second)
	refused(archive.ErrExists, call)
	s.record(call, append(sound(100)[1:], 0))
	refused(archive.ErrExists, call)
	s.holds(call, sound(100))
	if _, err := s.source.Stat(t.Context(), call); err != nil {
		t.Errorf("what was refused is gone: %v", err)
	}
	if _, err := s.Delete(t.Context(), archive.Order{Name: call}); err != nil {
		t.Fatal(err)
	}
	refused(archive.ErrDeleted, call)
}

// TestSourceChanges at each step of a move: what is archived is what was deleted, or nothing is deleted.
func TestSourceChanges(t *testing.T) {
	for at := 1; ; at++ {
		s := newShelf(t)
		changed := sound(1001)[1:] // of the same size
		s.record(call, sound(1000))
		steps := 0
		source := stepped{s.source, func(string) error {
			if steps++; steps == at {
				s.record(call, changed)
			}
			return nil
		}}
		_, err := s.Move(t.Context(), source, call)
		if steps < at {
			break
		}
		left, gone := os.ReadFile(s.sourceDir + "/" + call)
		kept, _ := s.read(call)
		if gone != nil && kept == nil {
			t.Errorf("step %d: it is lost", at)
		}
		if err != nil && !bytes.Equal(left, changed) {
			t.Errorf("step %d: the source is gone, and %v", at, err)
		}
		// between the last look at the source and its deletion nothing can be seen
		if !bytes.Equal(kept, changed) && !bytes.Equal(left, changed) && at < steps-2 {
			t.Errorf("step %d of %d: what was recorded since is lost", at, steps)
		}
	}
}

// TestEncryption reads only with the right identity, and notices what was changed.
func TestEncryption(t *testing.T) {
	s := newShelf(t)
	s.encrypt()
	s.record(call, sound(100_000))
	m := s.move(call)
	right := s.Identities
	s.Identities = nil
	if _, err := s.read(call); !errors.Is(err, archive.ErrNoIdentity) {
		t.Error(err)
	}
	other, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	s.Identities = []age.Identity{other}
	if _, err := s.read(call); !errors.Is(err, archive.ErrNoIdentity) {
		t.Error(err)
	}
	s.Identities = right
	data := s.content(m.Data)
	data[len(data)-1000]++
	s.overwrite(m.Data, data)
	if _, err := s.read(call); err == nil {
		t.Error("what was changed is read")
	}
	s.Recipients = nil // in plain, where only the hash tells
	s.record("plain.wav", sound(1000))
	m = s.move("plain.wav")
	s.overwrite(m.Data, append(sound(1000)[1:], 0))
	if b, err := s.read("plain.wav"); !errors.Is(err, recording.ErrHash) {
		t.Errorf("%d, %v", len(b), err)
	}
	s.overwrite(m.Data, sound(1000)[:999])
	if _, err := s.read("plain.wav"); !errors.Is(err, recording.ErrSize) {
		t.Error(err)
	}
}

// lying is a store that changes the first byte of what it reads or writes, once.
type lying struct {
	recording.Store
	reads, writes bool
}

func (l *lying) change(r io.Reader) io.Reader {
	return readFunc(func(p []byte) (int, error) {
		n, err := r.Read(p)
		if n > 0 && l.reads != l.writes {
			p[0]++
			l.reads, l.writes = false, false
		}
		return n, err
	})
}

func (l *lying) Open(ctx context.Context, name string, off, n int64) (io.ReadCloser, error) {
	r, err := l.Store.Open(ctx, name, off, n)
	if err != nil || !l.reads {
		return r, err
	}
	return struct {
		io.Reader
		io.Closer
	}{l.change(r), r}, nil
}

func (l *lying) Put(ctx context.Context, name string, r io.Reader, size int64) error {
	if l.writes {
		r = l.change(r)
	}
	return l.Store.Put(ctx, name, r, size)
}

// TestLyingStores: a byte that a store changes is noticed before the source is deleted.
func TestLyingStores(t *testing.T) {
	for _, encrypted := range []bool{false, true} {
		for what, lie := range map[string]struct{ source, kept lying }{
			"the source is read wrong":  {source: lying{reads: true}},
			"the data is written wrong": {kept: lying{writes: true}},
			"the data is read wrong":    {kept: lying{reads: true}},
		} {
			s := newShelf(t)
			if encrypted {
				s.encrypt()
			}
			s.record(call, sound(1000))
			lie.source.Store, lie.kept.Store = s.source, s.kept
			s.Store = &lie.kept
			if _, err := s.Move(t.Context(), &lie.source, call); !errors.Is(err, recording.ErrHash) {
				t.Errorf("%s: %v", what, err)
			}
			checkWhole(t, s, sound(1000), what)
			s.move(call)
			s.holds(call, sound(1000))
		}
	}
}

// A plain recording whose name is that of another one's encrypted data stays where it is.
func TestMoveKeepsNamesApart(t *testing.T) {
	s := newShelf(t)
	s.record(call+".part", sound(100))
	if _, err := s.Move(t.Context(), s.source, call+".part"); !errors.Is(err, recording.ErrUnsafeName) {
		t.Errorf("a name that means a file is not whole: %v", err)
	}
	s.record(call+".age", sound(100))
	if _, err := s.Move(t.Context(), s.source, call+".age"); !errors.Is(err, recording.ErrUnsafeName) {
		t.Errorf("it is moved: %v", err)
	}
	if _, err := s.source.Stat(t.Context(), call+".age"); err != nil {
		t.Error(err)
	}
}
